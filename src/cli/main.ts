#!/usr/bin/env node
/**
 * The `agewise` command. Each subcommand is a file that declares its arguments; its implementation is loaded when it is
 * called, so that help and usage errors appear at once.
 */
import { existsSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { nearest, suggestion } from '../names/index.js';
import { addCalibrate } from './calibrate.js';
import { addCompare } from './compare.js';
import { addData } from './data/index.js';
import { addEstimate } from './estimate.js';
import { addEvaluate } from './evaluate.js';
import { addExport } from './export.js';
import { reportFailure, reportOutputFailure } from './failure.js';
import { addImportWeights } from './import-weights.js';
import { addJobs, addWorker } from './jobs/index.js';
import { addModels } from './models.js';
import { addNetworks } from './networks.js';
import { packageVersion } from './package-version.js';
import { addRecipes } from './recipes.js';
import { addRuns } from './runs.js';
import { addServe } from './serve.js';
import { messageLine } from './text.js';
import { addTrain } from './train.js';
import { EXIT } from './usage.js';
import { addVerify } from './verify.js';

const AFTER = `
Examples:
  agewise estimate photo.jpg
  agewise estimate photos --annotate marked
  agewise models
  agewise data import utkface UTKFace utkface.store

agewise help <command> explains a command. Estimates are of apparent age; they
are no proof of how old anybody is.
`;

function program(): Command {
  const agewise = new Command('agewise')
    .description(
      'Estimates the age of every face in photographs; prepares data, trains and evaluates models for it.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError(false)
    // Usage errors are worded by `usageProblem` below.
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', AFTER);
  addEstimate(agewise);
  addModels(agewise);
  addData(agewise);
  addNetworks(agewise);
  addRecipes(agewise);
  addTrain(agewise);
  addRuns(agewise);
  addExport(agewise);
  addImportWeights(agewise);
  addServe(agewise);
  addEvaluate(agewise);
  addCompare(agewise);
  addCalibrate(agewise);
  addVerify(agewise);
  addJobs(agewise);
  addWorker(agewise);
  return agewise;
}

/** What is wrong with a command line, in one sentence. */
function usageProblem(error: CommanderError, command: Command, root: Command): string {
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .replace(/\. ([A-Z])/g, (_, first: string) => `: ${first.toLowerCase()}`);
  const given = /'(.*)'/s.exec(message)?.[1] ?? '';
  const line = (c: Command): string => (c.parent ? `${line(c.parent)} ${c.name()}` : c.name());
  switch (error.code) {
    case 'commander.unknownOption': {
      return `${message}${suggestion(given, flagsOf(command))} (${line(command)} --help lists them)`;
    }
    case 'commander.unknownCommand': {
      const names = command.commands.map((c) => c.name());
      const meant = command === root && existsSync(given) ? `estimate ${given}` : nearest(given, names);
      if (meant !== undefined) return `${message}; did you mean '${line(command)} ${meant}'?`;
      return `${message}; ${line(command)} --help lists them`;
    }
    default:
      return `${message}; see '${line(command)} --help'`;
  }
}

/** The innermost command that the arguments name, one group after another. */
function commandOf(root: Command, args: readonly string[]): Command {
  const [name, ...rest] = args;
  const inner = root.commands.find((c) => c.name() === name);
  return inner ? commandOf(inner, rest) : root;
}

function flagsOf(command: Command): string[] {
  const options = command.createHelp().visibleOptions(command);
  return options.flatMap(({ long, short }) => [long, short]).filter((name) => name != null);
}

/** Help may go to a full stream, or one whose reader is gone: that is not a bug. */
function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.exitCode = reportOutputFailure(error);
  });
  process.stderr.on('error', () => {});
}

/** `agewise help data import` and `agewise data help import` ask for the help of that command. */
function helpArguments(root: Command, args: readonly string[]): string[] {
  const at = args.indexOf('help');
  const before = args.slice(0, at);
  const group = commandOf(root, before);
  const names = before.every((name) => !name.startsWith('-')) && depth(group) === before.length;
  if (at < 0 || !names || (group !== root && group.commands.length === 0)) return [...args];
  const words = [...before, ...args.slice(at + 1)].filter((word) => word !== 'help');
  const command = commandOf(root, words);
  // An unknown command of a group is reported as unknown, instead of showing the group's help.
  const unknown = command.commands.length > 0 && depth(command) < words.length;
  return unknown ? words : [...words, '--help'];
}

const depth = (command: Command): number => (command.parent ? 1 + depth(command.parent) : 0);

async function main(): Promise<void> {
  watchOutput();
  const root = program();
  try {
    await root.parseAsync(helpArguments(root, process.argv.slice(2)), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return;
      process.exitCode = EXIT.usage;
      // Without a command, the help has been printed.
      if (error.code === 'commander.help') return;
      const command = commandOf(root, helpArguments(root, process.argv.slice(2)));
      process.stderr.write(`agewise: ${messageLine(usageProblem(error, command, root))}\n`);
      return;
    }
    process.exitCode = reportFailure(error);
  }
}

await main();
