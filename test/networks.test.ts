/** `agewise networks`. */
import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../src/networks/index.js';
import { agewise } from './support/command.js';

const cwd = import.meta.dirname;

describe('agewise networks', () => {
  it('lists all, with parameters, multiply-adds and who counted', async () => {
    const { code, stdout } = await agewise(['networks'], { cwd });
    expect(code).toBe(0);
    const rows = stdout.split('\n').slice(1, 1 + NETWORKS.length);
    expect(rows.map((row) => row.split(' ')[0])).toEqual(NETWORKS.map(({ name }) => name));
    expect(stdout).toMatch(
      /^resnet50 +ResNet-50 v1\.5 +224×224 +25,557,032 +4,089 M +25,557,032 \(torchvision\)$/m,
    );
    expect(stdout).toMatch(/^mobilenet .* 4,253,864 with statistics \(Keras Applications\)$/m);
    expect(stdout).toMatch(/^lenet-5 .* 62,006 at 32 pixels/m);
    expect(stdout).toMatch(/^al-resnet .* none; without a head$/m);
    expect(stdout).toMatch(/^softmax-regression .* 0 .* none; without a head, which holds all of them$/m);
  });

  it('lists them as JSON lines', async () => {
    const { code, stdout } = await agewise(['networks', '--json'], { cwd });
    expect(code).toBe(0);
    const networks = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(networks.map(({ name }) => name)).toEqual(NETWORKS.map(({ name }) => name));
    const found = networks.find(({ name }) => name === 'efficientnet-b0');
    expect(found).toMatchObject({ parameters: 5_288_548, input: { width: 224, color: 'RGB' } });
    expect(found.multiplyAdds).toBeGreaterThan(380e6);
  });

  it('shows one, part by part', async () => {
    const { code, stdout } = await agewise(['networks', 'al-resnet'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^AL-ResNet\n {2}source +https:/);
    expect(stdout).toMatch(/^ {2}parameters +25,684,347 without a head$/m);
    expect(stdout).toMatch(/^ {2}published +none$/m);
    // 4 gates of 128 that read 1 feature, 128 outputs and a bias.
    expect(stdout).toMatch(/^ {2}local\.lstm +66,560$/m);
  });

  it('lists wide ResNets of any shape, whose parts sum up to the whole', async () => {
    const { stdout } = await agewise(['networks', 'wrn-10-1', '--json'], { cwd });
    const { parameters, parts } = JSON.parse(stdout);
    const sum = Object.values<number>(parts).reduce((a, b) => a + b, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBe(parameters);
  });

  it('suggests a name for a misspelled one', async () => {
    const { code, stdout, stderr } = await agewise(['networks', 'mobilenetv2'], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^agewise: 'mobilenetv2' is not a network; did you mean 'mobilenet-v2'\?/);
  });
});
