/** The settings of a server as plain data, from which flags, environment variables, the file format and help are made. */

interface Described {
  /** The text in help. */
  readonly meaning: string;
  /** The default in words, if there is no default value. */
  readonly otherwise?: string;
  /** The flag's name, if it differs from the setting's; null if it must not be given on a command line. */
  readonly flag?: string | null;
  /** The flag's placeholder in help. Default: `text`, or `n` for numbers. */
  readonly value?: string;
}

export interface TextSetting extends Described {
  readonly kind: 'text';
  readonly default: string | undefined;
  readonly choices?: readonly string[];
}
/** A list of texts, separated by commas in the environment. */
export interface TextsSetting extends Described {
  readonly kind: 'texts';
  readonly default: readonly string[];
}
export interface NumberSetting extends Described {
  readonly kind: 'whole' | 'number';
  readonly default: number | undefined;
  readonly least: number;
  readonly most: number;
}
export interface SwitchSetting extends Described {
  readonly kind: 'switch';
  readonly default: boolean;
}
export type Setting = TextSetting | TextsSetting | NumberSetting | SwitchSetting;

const DAY = 86_400;

export const SETTINGS = {
  host: { kind: 'text', value: 'address', default: '127.0.0.1', meaning: 'the address to listen on' },
  port: { kind: 'whole', least: 0, most: 65_535, default: 8080, meaning: 'the port; 0 takes a free one' },
  withoutToken: {
    kind: 'switch',
    default: false,
    meaning: 'serve other machines without a token',
  },
  tokenFile: {
    kind: 'text',
    default: undefined,
    otherwise: 'none',
    value: 'file',
    meaning: 'a file with the token that clients must send',
  },
  token: {
    kind: 'text',
    default: undefined,
    otherwise: 'none',
    // All users of a machine can see its command lines.
    flag: null,
    meaning: 'the token itself',
  },
  cors: {
    kind: 'texts',
    default: [],
    otherwise: 'none',
    value: 'origin',
    meaning: 'an origin whose pages may send requests, such as https://example.org',
  },
  trustProxy: {
    kind: 'texts',
    default: [],
    otherwise: 'none',
    value: 'address',
    meaning: 'a proxy whose X-Forwarded-For is trusted: an address or a range',
  },
  rateLimit: {
    kind: 'whole',
    least: 0,
    most: 1_000_000,
    default: 0,
    meaning: 'the limit on requests per minute and client address; 0 for none',
  },
  models: {
    kind: 'texts',
    default: [],
    otherwise: 'agewise-base',
    flag: 'model',
    value: 'model',
    meaning: 'a shipped model or an .onnx file; several are averaged',
  },
  gender: { kind: 'switch', default: true, meaning: 'estimate gender' },
  turn: { kind: 'switch', default: true, meaning: 'look for sideways and upside-down faces' },
  flip: { kind: 'switch', default: false, meaning: 'average over each face and its mirror image; slower' },
  cropped: {
    kind: 'switch',
    default: false,
    meaning: 'treat each picture as a single face, already cropped',
  },
  page: { kind: 'switch', default: true, meaning: 'serve the web page at /' },
  workers: {
    kind: 'whole',
    least: 1,
    most: 1024,
    default: undefined,
    otherwise: 'one per core',
    meaning: 'the number of child processes that estimate',
  },
  workerMegabytes: {
    kind: 'whole',
    least: 256,
    most: 1_000_000,
    default: 2048,
    meaning: 'the memory of a child process in megabytes; one that takes more is replaced',
  },
  queue: {
    kind: 'whole',
    least: 0,
    most: 1_000_000,
    default: 64,
    meaning: 'the number of pictures that may wait; beyond it requests get 503',
  },
  maxBodyMegabytes: {
    kind: 'number',
    least: 0.001,
    most: 1024,
    default: 20,
    meaning: 'the size limit of a request in megabytes',
  },
  maxHeldMegabytes: {
    kind: 'number',
    least: 0.001,
    most: 1_000_000,
    default: 512,
    meaning: 'the limit on all request bodies in memory together, in megabytes',
  },
  maxMegapixels: {
    kind: 'number',
    least: 0.001,
    most: 1000,
    default: 50,
    meaning: 'the size limit of a picture in megapixels',
  },
  maxImages: {
    kind: 'whole',
    least: 1,
    most: 10_000,
    default: 16,
    meaning: 'the number of pictures that a request may have',
  },
  maxFaces: {
    kind: 'whole',
    least: 1,
    most: 10_000,
    default: 100,
    meaning: 'the number of faces estimated per picture',
  },
  maxConnections: {
    kind: 'whole',
    least: 1,
    most: 1_000_000,
    default: 1024,
    meaning: 'the number of connections that may be open at once',
  },
  headSeconds: {
    kind: 'number',
    least: 0.1,
    most: DAY,
    default: 10,
    meaning: "the seconds in which a request's head must arrive",
  },
  receiveSeconds: {
    kind: 'number',
    least: 0.1,
    most: DAY,
    default: 30,
    meaning: 'the seconds in which a whole request must arrive',
  },
  pictureSeconds: {
    kind: 'number',
    least: 0.1,
    most: DAY,
    default: 20,
    meaning: 'the seconds that a child process may spend on a picture',
  },
  answerSeconds: {
    kind: 'number',
    least: 0.1,
    most: DAY,
    default: 60,
    meaning: 'the seconds from the arrival of a request to its answer, waiting included',
  },
  endSeconds: {
    kind: 'number',
    least: 0,
    most: DAY,
    default: 30,
    meaning: 'the seconds that requests have to finish when the server ends',
  },
  logLevel: {
    kind: 'text',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    value: 'level',
    default: 'info',
    meaning: 'the minimum level of log lines',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;

type ValueOf<S extends Setting> = S['kind'] extends 'text'
  ? string
  : S['kind'] extends 'texts'
    ? readonly string[]
    : S['kind'] extends 'switch'
      ? boolean
      : number;

/** All settings; undefined if left out and without a default. */
export type Settings = {
  readonly [K in SettingName]: undefined extends (typeof SETTINGS)[K]['default']
    ? ValueOf<(typeof SETTINGS)[K]> | undefined
    : ValueOf<(typeof SETTINGS)[K]>;
};

/** `maxImages` → `max-images`. */
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A setting's flag without its dashes; undefined if it has none. */
export function flagOf(name: SettingName): string | undefined {
  const { flag = kebab(name) }: Setting = SETTINGS[name];
  return flag ?? undefined;
}

export const ENVIRONMENT_PREFIX = 'AGEWISE_SERVE_';

/** `maxImages` → `AGEWISE_SERVE_MAX_IMAGES`. */
export const variableOf = (name: SettingName): string =>
  ENVIRONMENT_PREFIX + kebab(name).replaceAll('-', '_').toUpperCase();

/** The default as text, such as `20` or `one per core`. */
export function defaultOf(name: SettingName): string {
  const setting: Setting = SETTINGS[name];
  return setting.otherwise ?? String(setting.default);
}
