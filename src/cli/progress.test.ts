import { describe, expect, it } from 'vitest';
import { BYTES } from './byte-unit.js';
import { progressLine } from './progress.js';

describe('progressLine', () => {
  it('shows share, count, speed and the time that is left', () => {
    expect(progressLine(50, 200, 10_000)).toBe(
      `${'█'.repeat(6)}${'░'.repeat(18)}  50/200   5.0/s  0:30 left`,
    );
  });

  it('predicts nothing before the first picture', () => {
    expect(progressLine(0, 3, 1000)).toBe(`${'░'.repeat(24)}  0/3`);
  });

  it('writes bytes in units', () => {
    expect(progressLine(2_500_000_000, 10_000_000_000, 100_000, BYTES)).toBe(
      `${'█'.repeat(6)}${'░'.repeat(18)}  2.5 GB/10 GB  25 MB/s  5:00 left`,
    );
  });

  it('counts hours', () => {
    expect(progressLine(1, 3601, 1000)).toMatch(/1\.0\/s {2}1:00:00 left$/);
  });
});
