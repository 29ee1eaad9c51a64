/** The arguments of `agewise serve`, made of the table of settings. run-serve.ts runs it and is loaded only when needed. */
import { type Command, Option } from 'commander';
import { defaultOf, flagOf, SETTINGS, type Setting, type SettingName } from '../serve/about.js';
import { collect } from './arguments.js';
import type { ServeFlags } from './serve-flags.js';

const AFTER = `
Every setting can also be given as an environment variable, such as
AGEWISE_SERVE_MAX_FACES for --max-faces, and in the file of --config, as maxFaces.
Flags override the environment, which overrides the file. Give the token in
AGEWISE_SERVE_TOKEN or in a file, never on a command line.

The first Ctrl-C or SIGTERM ends the server when it has answered its requests; the
second ends it at once.

Examples:
  agewise serve
  agewise serve --port 80 --host 0.0.0.0 --token-file /run/secrets/agewise
  agewise serve --config agewise.yaml --check
  curl --data-binary @photo.jpg http://127.0.0.1:8080/v1/estimate

Exit codes:
  0    ended by a signal, every accepted request answered; or, with --check, all is well
  1    it could not be carried on
  2    wrong usage or settings, or a model that cannot be loaded
`;

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('estimate ages over HTTP')
    .description('Answers HTTP requests with the ages of the faces in their pictures.')
    .option('--config <file>', 'a YAML file with settings')
    .option('--check', 'check the settings and the models, print the settings, and end');
  const names = (Object.keys(SETTINGS) as SettingName[]).filter((name) => flagOf(name) !== undefined);
  for (const name of names) command.addOption(option(name));
  command.addHelpText('after', AFTER).action(async (all: Record<string, unknown>) => {
    const given = names.filter(
      (name) => command.getOptionValueSource(option(name).attributeName()) === 'cli',
    );
    const flags: ServeFlags = {
      ...(all.config !== undefined && { config: all.config as string }),
      check: all.check === true,
      settings: Object.fromEntries(
        given.map((name) => [name, all[option(name).attributeName()]]),
      ) as ServeFlags['settings'],
    };
    const { runServe } = await import('./run-serve.js');
    process.exitCode = await runServe(flags);
  });
}

function option(name: SettingName): Option {
  const setting: Setting = SETTINGS[name];
  const flag = flagOf(name)!;
  if (setting.kind === 'switch') {
    return setting.default
      ? new Option(`--no-${flag}`, `do not ${setting.meaning}`)
      : new Option(`--${flag}`, setting.meaning);
  }
  const isText = setting.kind === 'text' || setting.kind === 'texts';
  const { value = isText ? 'text' : 'n' } = setting;
  const repeat = setting.kind === 'texts' ? '; can be repeated' : '';
  const made = new Option(
    `--${flag} <${value}>`,
    `${setting.meaning}${repeat} (default: ${defaultOf(name)})`,
  );
  return setting.kind === 'texts' ? made.argParser(collect) : made;
}
