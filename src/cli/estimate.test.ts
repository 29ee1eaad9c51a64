import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { OLDEST } from '../age/index.js';
import { DEVICES } from '../runtime/index.js';
import { addEstimate } from './estimate.js';

const program = new Command();
addEstimate(program);
const option = (name: string) => program.commands[0]!.options.find(({ long }) => long === name)!;

describe('the flags of agewise estimate', () => {
  it('offer all devices', () => {
    expect(option('--device').argChoices).toEqual([...DEVICES]);
  });

  it('take ages up to the oldest one', () => {
    const parse = (text: string) => option('--at-least').parseArg!(text, undefined);
    expect(parse(`25, 18,${OLDEST},18`)).toEqual([18, 25, OLDEST]);
    expect(() => parse(`${OLDEST + 1}`)).toThrow(`from 0 to ${OLDEST},`);
  });
});
