import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flagOf, SETTINGS, type SettingName, variableOf } from '../about.js';
import { checkAddresses, checkExposure, readSettings, SettingsError, settingsText } from './index.js';

const TOKEN = 'correct-horse-battery';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-settings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(text: string): Promise<string> {
  const path = join(folder, 'serve.yaml');
  await writeFile(path, text);
  return path;
}

describe('settings', () => {
  it('have defaults', async () => {
    const defaults = Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]);
    const workers = availableParallelism();
    expect(await readSettings({})).toEqual({ ...Object.fromEntries(defaults), workers });
  });

  it('come from flags before the environment before the file', async () => {
    const file = await fileOf('port: 1\nqueue: 1\nmaxFaces: 1\nmodels: [a, b]\n');
    const environment = { AGEWISE_SERVE_PORT: '2', AGEWISE_SERVE_QUEUE: '2', AGEWISE_SERVE_GENDER: 'false' };
    const settings = await readSettings({ file, environment, flags: { port: '3' } });
    expect(settings).toMatchObject({ port: 3, queue: 2, maxFaces: 1, gender: false, models: ['a', 'b'] });
  });

  it.each<[string, Parameters<typeof readSettings>[0] | string, string]>([
    ['an unknown key of the file', 'prot: 1', "there is no setting 'prot'; did you mean 'port'?"],
    [
      'an unknown variable',
      { environment: { AGEWISE_SERVE_PROT: '1' } },
      "there is no setting 'AGEWISE_SERVE_PROT'; did you mean 'AGEWISE_SERVE_PORT'?",
    ],
    [
      'a number that is none',
      { flags: { port: 'x' } },
      "--port: expected a whole number from 0 to 65535, found 'x'",
    ],
    ['a number in quotes', "port: '80'", "port: expected a whole number from 0 to 65535, found '80'"],
    ['a number out of range', 'maxImages: 0', 'maxImages: expected a whole number from 1 to 10000, found 0'],
    [
      'a switch that is none',
      { environment: { AGEWISE_SERVE_TURN: 'maybe' } },
      "AGEWISE_SERVE_TURN: expected true or false, found 'maybe'",
    ],
    [
      'a choice that is none',
      'logLevel: loud',
      "logLevel: expected one of trace, debug, info, warn, error, fatal, silent, found 'loud'",
    ],
    ['a list that is none', 'models: agewise-base', "models: expected a list of texts, found 'agewise-base'"],
    ['a file that is no mapping', '- 1', 'expected a mapping of settings, found [1]'],
    ['a file that is no YAML', 'a: [', 'serve.yaml: '],
    [
      'a file that is not there',
      { file: '/no/such.yaml' },
      '/no/such.yaml: expected a YAML file, found no such file',
    ],
    [
      'a short token',
      { environment: { AGEWISE_SERVE_TOKEN: 'short' } },
      'AGEWISE_SERVE_TOKEN: expected a token of at least 16 characters, found one of 5',
    ],
  ])('refuse %s in a sentence', async (_, source, sentence) => {
    const sources = typeof source === 'string' ? { file: await fileOf(source) } : source;
    const error = await readSettings(sources).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as Error).message).toContain(sentence);
    expect((error as Error).message).not.toContain('\n');
  });

  it('take the token from a file, and never show it', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, `${TOKEN}\n`);
    const settings = await readSettings({ flags: { tokenFile } });
    expect(settings.token).toBe(TOKEN);
    expect(settingsText(settings)).not.toContain(TOKEN);
    expect(settingsText(settings)).toContain('token: (set)');
    await expect(
      readSettings({ flags: { tokenFile }, environment: { AGEWISE_SERVE_TOKEN: TOKEN } }),
    ).rejects.toThrow('found both');
  });

  it('can be read back from the YAML that shows them', async () => {
    const settings = await readSettings({ flags: { port: '81', models: ['a', 'b'] } });
    expect(await readSettings({ file: await fileOf(settingsText(settings)) })).toEqual(settings);
  });

  it('have unique names, and no flag for the token', () => {
    const names = Object.keys(SETTINGS) as SettingName[];
    expect(new Set(names.map(variableOf)).size).toBe(names.length);
    expect(names.filter((name) => flagOf(name) === undefined)).toEqual(['token']);
  });
});

describe('what deploy/ sets', () => {
  const DEPLOY = join(import.meta.dirname, '../../../deploy');

  it('are known settings', async () => {
    const known = (Object.keys(SETTINGS) as SettingName[]).map(variableOf);
    const texts = await Promise.all(
      (await readdir(DEPLOY)).map((file) => readFile(join(DEPLOY, file), 'utf8')),
    );
    const used = texts.flatMap((text) => text.match(/AGEWISE_SERVE_\w+/g) ?? []);
    expect(used.length).toBeGreaterThan(3);
    expect(known).toEqual(expect.arrayContaining(used));
  });

  it('says in its first line where it was never tried', async () => {
    const untried = ['Dockerfile', 'agewise.service', 'kubernetes.yaml', 'kubernetes-jobs.yaml'];
    for (const file of untried) {
      expect(await readFile(join(DEPLOY, file), 'utf8'), file).toMatch(/^# Never (built|run|applied): /);
    }
  });
});

describe('a server without a token', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('may listen on %s', async (host) => {
    const settings = await readSettings({ flags: { host } });
    expect(() => checkExposure(settings)).not.toThrow();
  });

  it.each(['0.0.0.0', '::', '192.168.0.1', '127.example.org'])(
    'may listen on %s only with withoutToken',
    async (host) => {
      const settings = await readSettings({ flags: { host } });
      expect(() => checkExposure(settings)).toThrow(
        `expected a token since other machines can reach ${host}`,
      );
      expect(() => checkExposure({ ...settings, withoutToken: true })).not.toThrow();
      expect(() => checkExposure({ ...settings, token: TOKEN })).not.toThrow();
    },
  );
});

describe('addresses', () => {
  it.each(['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', 'loopback', 'uniquelocal'])(
    'may be a proxy: %s',
    (address) => {
      expect(() => checkAddresses({ trustProxy: [address], cors: [] })).not.toThrow();
    },
  );

  it.each([
    '10.0.0',
    'proxy.example.org',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '::/129',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '*',
    'true',
  ])('are refused as a proxy: %s', (address) => {
    expect(() => checkAddresses({ trustProxy: ['10.0.0.1', address], cors: [] })).toThrow(
      `trustProxy: expected an IP address, a range such as 10.0.0.0/8, or one of loopback, linklocal, uniquelocal, found '${address}'`,
    );
  });

  it('of pages must be origins', () => {
    const check = (origin: string) => checkAddresses({ trustProxy: [], cors: [origin] });
    for (const origin of ['https://example.org', 'http://localhost:5173'])
      expect(() => check(origin)).not.toThrow();
    for (const origin of ['https://example.org/', 'example.org', '*', 'https://EXAMPLE.org']) {
      expect(() => check(origin)).toThrow(
        `cors: expected an origin without a path, such as https://example.org, found '${origin}'`,
      );
    }
  });
});
