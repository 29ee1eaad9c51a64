/** Settings from the command line, the environment and a file, in this order of precedence. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { foundInstead, isMissing, isRefusal } from '../../files/index.js';
import { suggestion } from '../../names/index.js';
import {
  ENVIRONMENT_PREFIX,
  flagOf,
  SETTINGS,
  type Setting,
  type SettingName,
  type Settings,
  variableOf,
} from '../about.js';
import { SettingsError } from './error.js';

export interface SettingsSources {
  /** Values from the command line, by setting. */
  readonly flags?: Readonly<Record<string, string | boolean | readonly string[]>>;
  readonly environment?: NodeJS.ProcessEnv;
  /** The path of a YAML file. */
  readonly file?: string | undefined;
}

const NAMES = Object.keys(SETTINGS) as SettingName[];
const settingOf = (name: SettingName): Setting => SETTINGS[name];

/**
 * @throws SettingsError for an unknown setting or an invalid value, with its place
 */
export async function readSettings({
  flags = {},
  environment = {},
  file,
}: SettingsSources): Promise<Settings> {
  const fromFile = file === undefined ? {} : await readFileSettings(file);
  const fromEnvironment = readEnvironment(environment);
  const entries = NAMES.map((name) => {
    if (Object.hasOwn(flags, name)) return [name, checked(name, flags[name], `--${flagOf(name)}`, true)];
    if (Object.hasOwn(fromEnvironment, name)) return [name, fromEnvironment[name]];
    if (Object.hasOwn(fromFile, name)) return [name, fromFile[name]];
    return [name, settingOf(name).default];
  });
  const settings = await withTokenFile(Object.fromEntries(entries) as Settings);
  return { ...settings, workers: settings.workers ?? availableParallelism() };
}

/** Settings as YAML, without secrets. */
export function settingsText(settings: Settings): string {
  return stringify(shownSettings(settings));
}

/** Settings without secrets, for a log. */
export function shownSettings({ token, ...settings }: Settings): Record<string, unknown> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(token !== undefined && { token: '(set)' }) };
}

async function withTokenFile(settings: Settings): Promise<Settings> {
  const { token, tokenFile } = settings;
  if (tokenFile === undefined) return settings;
  if (token !== undefined) throw new SettingsError('token: expected a token or a file with one, found both');
  let text: string;
  try {
    text = (await readFile(tokenFile, 'utf8')).trim();
  } catch (error) {
    throw new SettingsError(
      { subject: tokenFile, expected: 'a file with a token', found: foundInstead(error, tokenFile) },
      { cause: error },
    );
  }
  return { ...settings, token: checkedToken(text, tokenFile) };
}

/** RFC 6750, section 2.1: the characters of a bearer token. */
const TOKEN = /^[\w.~+/-]+=*$/;
/** Shorter tokens could be guessed. */
const SHORTEST_TOKEN = 16;

function checkedToken(token: string, source: string): string {
  if (token.length < SHORTEST_TOKEN) {
    throw new SettingsError({
      subject: source,
      expected: `a token of at least ${SHORTEST_TOKEN} characters`,
      found: `one of ${token.length}`,
    });
  }
  if (!TOKEN.test(token)) {
    throw new SettingsError({
      subject: source,
      expected: 'a token of letters, digits and -._~+/',
      found: 'other characters in it',
    });
  }
  return token;
}

async function readFileSettings(file: string): Promise<Record<string, unknown>> {
  let document: unknown;
  try {
    document = parse(await readFile(file, 'utf8')) ?? {};
  } catch (error) {
    if (isRefusal(error) || isMissing(error)) {
      const found = foundInstead(error, file);
      throw new SettingsError({ subject: file, expected: 'a YAML file', found }, { cause: error });
    }
    const problem = (error as Error).message.split('\n')[0]!.replace(/:$/, '');
    throw new SettingsError({ subject: file, problem }, { cause: error });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new SettingsError({ subject: file, expected: 'a mapping of settings', found: shown(document) });
  }
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => {
      const name = known(key, `${file}: `, NAMES, (name) => name);
      return [name, checked(name, value, `${file}: ${key}`, false)];
    }),
  );
}

function readEnvironment(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const given = Object.entries(environment).filter(
    ([variable, value]) => variable.startsWith(ENVIRONMENT_PREFIX) && value !== undefined,
  );
  return Object.fromEntries(
    given.map(([variable, value]) => {
      const name = known(variable, '', NAMES, variableOf);
      return [name, checked(name, value, variable, true)];
    }),
  );
}

function known(
  key: string,
  place: string,
  names: readonly SettingName[],
  form: (name: SettingName) => string,
): SettingName {
  const name = names.find((each) => form(each) === key);
  if (name !== undefined) return name;
  throw new SettingsError(`${place}there is no setting '${key}'${suggestion(key, names.map(form))}`);
}

/** @param asText whether numbers, switches and lists are given as text */
function checked(name: SettingName, given: unknown, source: string, asText: boolean): unknown {
  const setting = settingOf(name);
  const value = asText ? fromText(setting, given) : given;
  const result = schemaOf(setting).safeParse(value);
  if (!result.success) {
    // A token must not be shown, even an invalid one.
    const found = name === 'token' ? 'something else' : shown(given);
    throw new SettingsError({ subject: source, expected: expectation(setting), found });
  }
  return name === 'token' ? checkedToken(result.data as string, source) : result.data;
}

function schemaOf(setting: Setting): z.ZodType {
  switch (setting.kind) {
    case 'text':
      return setting.choices === undefined ? z.string().min(1) : z.enum(setting.choices);
    case 'texts':
      return z.array(z.string().min(1));
    case 'switch':
      return z.boolean();
    case 'whole':
      return z.number().int().min(setting.least).max(setting.most);
    case 'number':
      return z.number().min(setting.least).max(setting.most);
  }
}

function expectation(setting: Setting): string {
  switch (setting.kind) {
    case 'text':
      return setting.choices === undefined ? 'a text' : `one of ${setting.choices.join(', ')}`;
    case 'texts':
      return 'a list of texts';
    case 'switch':
      return 'true or false';
    case 'whole':
      return `a whole number from ${setting.least} to ${setting.most}`;
    case 'number':
      return `a number from ${setting.least} to ${setting.most}`;
  }
}

const DECIMAL = /^-?\d+(\.\d+)?$/;

function fromText(setting: Setting, given: unknown): unknown {
  if (typeof given !== 'string') return given;
  switch (setting.kind) {
    case 'text':
      return given;
    case 'texts':
      return given.split(',').flatMap((text) => (text.trim() === '' ? [] : [text.trim()]));
    case 'switch':
      return given === 'true' || given === '1' ? true : given === 'false' || given === '0' ? false : given;
    default:
      return DECIMAL.test(given) ? Number(given) : given;
  }
}

const LONGEST_SHOWN = 60;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? 'nothing');
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
