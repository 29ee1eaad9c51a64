import { Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { readerOf } from '../../data/about.js';
import { addImport } from './import.js';
import type { ImportFlags } from './import-flags.js';

/** The flags as they are parsed; what the command does is left out. */
async function parse(...args: string[]): Promise<ImportFlags> {
  const program = new Command().exitOverride();
  addImport(program);
  const command = program.commands[0]!;
  command.exitOverride().configureOutput({ writeErr: () => {} });
  let flags: ImportFlags | undefined;
  command.action((_set, _source, _out, parsed: ImportFlags) => {
    flags = parsed;
  });
  await program.parseAsync(['import', 'utkface', 'source', 'out', ...args], { from: 'user' });
  return flags!;
}

async function help(...args: string[]): Promise<string> {
  let text = '';
  const program = new Command().exitOverride();
  addImport(program);
  program.commands[0]!.exitOverride().configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  await expect(program.parseAsync(['import', ...args, '--help'], { from: 'user' })).rejects.toThrow();
  return text;
}

describe('agewise data import', () => {
  it('shows what the rules of cleaning are', async () => {
    expect(await help()).toContain(
      '  dex          ages 10 to 99\n  wide-resnet  face score from 1, one face, ages 0 to 100, gender known\n',
    );
  });

  it('changes nothing unless requested', async () => {
    expect(await parse()).toEqual({ clean: 'none', duplicates: true });
  });

  it('reads every flag', async () => {
    const given = [
      '--size 128 --quality 85 --detect --margin 0.25 --align --clean dex --min-age 5 --max-age 90 --need-gender',
      '--min-face-score -1.5 --single-face --min-size 40 --no-duplicates --option a=1 --option b=x=y --overwrite --json',
    ];
    expect(await parse(...given.join(' ').split(' '))).toEqual({
      size: 128,
      quality: 85,
      detect: true,
      margin: 0.25,
      align: true,
      clean: 'dex',
      minAge: 5,
      maxAge: 90,
      needGender: true,
      minFaceScore: -1.5,
      singleFace: true,
      minSize: 40,
      duplicates: false,
      option: { a: '1', b: 'x=y' },
      overwrite: true,
      json: true,
    });
  });

  it('lists the options of a set in its help', async () => {
    expect(await help('wiki')).toContain(
      'Options of wiki (--option key=value):\n  age: mid-year (default), year\n',
    );
    expect(await help('utkface')).not.toContain('Options of utkface');
    expect(await help()).toMatch(/agewise\s+data\s+import\s+SET\s+--help/);
  });

  it('gives no example of an option that does not exist', async () => {
    const [example] = /data import csv .*/.exec(await help())!;
    const names = [...example.matchAll(/--option (\w+)=/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(Object.keys(readerOf('csv').options)).toEqual(expect.arrayContaining(names));
  });

  it.each([
    [['--size', '0']],
    [['--size', '12.5']],
    [['--quality', '101']],
    [['--margin', 'wide']],
    [['--clean', 'soap']],
    [['--option', 'novalue']],
    [['--crop', '--detect']],
  ])('refuses %j', async (args) => {
    await expect(parse(...args)).rejects.toBeInstanceOf(CommanderError);
  });
});
