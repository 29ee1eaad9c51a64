/** The settings of a server as plain data: flags, environment, file, help and documents are all made from this table. */

interface Described {
  /** As help says it. */
  readonly meaning: string;
  /** What a value left out means, where no default says it. */
  readonly otherwise?: string;
  /** The flag's name, where it is not the setting's; null for what must not stand on a command line. */
  readonly flag?: string | null;
  /** What a flag's value is. Default: `text`, or `n` for numbers. */
  readonly value?: string;
}

export interface TextSetting extends Described {
  readonly kind: 'text';
  readonly default: string | undefined;
  readonly choices?: readonly string[];
}
/** Several texts; a comma sets them off in the environment. */
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
    // Every user of a machine sees the command lines of all.
    flag: null,
    meaning: 'the token itself',
  },
  cors: {
    kind: 'texts',
    default: [],
    otherwise: 'none',
    value: 'origin',
    meaning: 'an origin whose pages may ask, such as https://example.org',
  },
  trustProxy: {
    kind: 'texts',
    default: [],
    otherwise: 'none',
    value: 'address',
    meaning: 'a proxy whose X-Forwarded-For is believed: an address or a range',
  },
  rateLimit: {
    kind: 'whole',
    least: 0,
    most: 1_000_000,
    default: 0,
    meaning: 'requests a minute for each client address; 0 sets no limit',
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
    meaning: 'child processes that estimate',
  },
  workerMegabytes: {
    kind: 'whole',
    least: 256,
    most: 1_000_000,
    default: 2048,
    meaning: 'megabytes that a child process may take; one that takes more is replaced',
  },
  queue: {
    kind: 'whole',
    least: 0,
    most: 1_000_000,
    default: 64,
    meaning: 'pictures that may wait; requests with more are answered 503',
  },
  maxBodyMegabytes: {
    kind: 'number',
    least: 0.001,
    most: 1024,
    default: 20,
    meaning: 'megabytes that a request may have',
  },
  maxHeldMegabytes: {
    kind: 'number',
    least: 0.001,
    most: 1_000_000,
    default: 512,
    meaning: 'megabytes that all requests may have that are held at once',
  },
  maxMegapixels: {
    kind: 'number',
    least: 0.001,
    most: 1000,
    default: 50,
    meaning: 'megapixels that a picture may have',
  },
  maxImages: {
    kind: 'whole',
    least: 1,
    most: 10_000,
    default: 16,
    meaning: 'pictures that a request may have',
  },
  maxFaces: {
    kind: 'whole',
    least: 1,
    most: 10_000,
    default: 100,
    meaning: 'faces of a picture that are estimated',
  },
  maxConnections: {
    kind: 'whole',
    least: 1,
    most: 1_000_000,
    default: 1024,
    meaning: 'connections that there may be at once',
  },
  headSeconds: {
    kind: 'number',
    least: 0.1,
    most: DAY,
    default: 10,
    meaning: "how long a request's head may take to arrive",
  },
  receiveSeconds: {
    kind: 'number',
    least: 0.1,
    most: DAY,
    default: 30,
    meaning: 'how long a whole request may take to arrive',
  },
  pictureSeconds: {
    kind: 'number',
    least: 0.1,
    most: DAY,
    default: 20,
    meaning: 'how long a picture may be worked on',
  },
  answerSeconds: {
    kind: 'number',
    least: 0.1,
    most: DAY,
    default: 60,
    meaning: 'how long a request that has arrived may take, with its wait',
  },
  endSeconds: {
    kind: 'number',
    least: 0,
    most: DAY,
    default: 30,
    meaning: 'how long requests may take to finish when the server ends',
  },
  logLevel: {
    kind: 'text',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    value: 'level',
    default: 'info',
    meaning: 'the least level of what is logged',
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

/** Every setting; undefined where it was left out and has no default. */
export type Settings = {
  readonly [K in SettingName]: undefined extends (typeof SETTINGS)[K]['default']
    ? ValueOf<(typeof SETTINGS)[K]> | undefined
    : ValueOf<(typeof SETTINGS)[K]>;
};

/** `maxImages` → `max-images`. */
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A setting's flag without its dashes; undefined where it has none. */
export function flagOf(name: SettingName): string | undefined {
  const { flag = kebab(name) }: Setting = SETTINGS[name];
  return flag ?? undefined;
}

export const ENVIRONMENT_PREFIX = 'AGEWISE_SERVE_';

/** `maxImages` → `AGEWISE_SERVE_MAX_IMAGES`. */
export const variableOf = (name: SettingName): string =>
  ENVIRONMENT_PREFIX + kebab(name).replaceAll('-', '_').toUpperCase();

/** Such as `20` or `one per core`. */
export function defaultOf(name: SettingName): string {
  const setting: Setting = SETTINGS[name];
  return setting.otherwise ?? String(setting.default);
}
