import { describe, expect, it } from 'vitest';
import { BYTES } from './byte-unit.js';
import { progressLine } from './progress.js';

describe('progressLine', () => {
  it('shows share, count, speed and the time that is left', () => {
    expect(progressLine({ done: 50, total: 200, elapsed: 10_000 })).toBe(
      `${'█'.repeat(6)}${'░'.repeat(18)}  50/200   5.0/s  0:30 left`,
    );
  });

  it('predicts nothing before the first picture', () => {
    expect(progressLine({ done: 0, total: 3, elapsed: 1000 })).toBe(`${'░'.repeat(24)}  0/3`);
  });

  it('predicts by what was done since the start alone', () => {
    expect(progressLine({ done: 150, total: 200, before: 100, elapsed: 10_000 })).toBe(
      `${'█'.repeat(18)}${'░'.repeat(6)}  150/200  5.0/s  0:10 left`,
    );
    expect(progressLine({ done: 100, total: 200, before: 100, elapsed: 10_000 })).toBe(
      `${'█'.repeat(12)}${'░'.repeat(12)}  100/200`,
    );
  });

  it('writes bytes in units', () => {
    expect(progressLine({ done: 2.5e9, total: 10e9, elapsed: 100_000, unit: BYTES })).toBe(
      `${'█'.repeat(6)}${'░'.repeat(18)}  2.5 GB/10 GB  25 MB/s  5:00 left`,
    );
  });

  it('counts hours', () => {
    expect(progressLine({ done: 1, total: 3601, elapsed: 1000 })).toMatch(/1\.0\/s {2}1:00:00 left$/);
  });
});
