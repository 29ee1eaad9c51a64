/** The numbers beside an axis. */
import { describe, expect, it } from 'vitest';
import { formatShare } from './format.js';
import { type NumberAxis, plot } from './frame.js';

/** The texts beside the vertical axis of a plot of such a height, from the bottom up. */
function numbers(axis: Omit<NumberAxis, 'label'>, height: number): string[] {
  const x = { label: '', domain: [0, 1] as const };
  const { text } = plot({ caption: '', height }, { x, y: { label: '', ...axis } }, () => []);
  return [...text.matchAll(/text-anchor="end">([^<]+)<\/text><path class="grid"|text-anchor="end">([^<]+)</g)]
    .map((found) => found[1] ?? found[2]!)
    .filter((found) => found !== '');
}

it('keeps the last number of the horizontal axis inside the drawing in wide fonts', () => {
  const share = { label: '', domain: [0, 1] as const, format: formatShare };
  const { text } = plot({ caption: '', width: 440 }, { x: share, y: share }, () => []);
  const [, x] = /<text x="([\d.]+)" y="[\d.]+" text-anchor="middle">100%</.exec(text)!;
  // In DejaVu Sans at 12 pixels a digit takes 7.6 and the percent sign 11.4.
  expect(Number(x) + (3 * 7.6 + 11.4) / 2).toBeLessThanOrEqual(440);
});

describe('the numbers of an axis', () => {
  it('differ from each other, however narrow the axis is', () => {
    const found = numbers({ domain: [12.3405, 12.3445] }, 280);
    expect(found).toEqual(['12.341', '12.342', '12.343', '12.344']);
  });

  it('are two at least if the axis is short', () => {
    expect(numbers({ domain: [0.3, 0.9] }, 90).length).toBeGreaterThan(1);
    expect(numbers({ domain: [1.5, 2.9] }, 70)).toEqual(['1.5', '2', '2.5']);
  });

  it('are left out where their own format writes them alike', () => {
    const coarse = (value: number) => `${(100 * value).toFixed(0)}%`;
    expect(numbers({ domain: [0.991, 0.996], format: coarse }, 280)).toEqual(['99%', '100%']);
  });

  it('have as many digits as it takes to distinguish them, as percentages too', () => {
    const found = numbers({ domain: [0.9951, 0.9955], format: formatShare }, 280);
    expect(found).toEqual(['99.51%', '99.52%', '99.53%', '99.54%', '99.55%']);
    expect(numbers({ domain: [0, 1], format: formatShare }, 280)).toEqual(['0%', '50%', '100%']);
  });

  it('are whole if that is requested, even if there is only one', () => {
    expect(numbers({ domain: [0.6, 1.4], whole: true }, 280)).toEqual(['1']);
    expect(numbers({ domain: [1, 4], whole: true }, 280)).toEqual(['1', '2', '3', '4']);
  });
});
