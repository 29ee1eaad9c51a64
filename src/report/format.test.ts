import { expect, it } from 'vitest';
import { formatBytes, formatDuration, formatNumber, formatShare } from './format.js';

it.each([
  [0, '0'],
  [1234, '1234'],
  [12_345, '12\u202f345'],
  [1_234_567.891, '1\u202f234\u202f567.89'],
  [-3.456, '−3.46'],
  [0.00012, '0.00012'],
  [-0.00012, '−0.00012'],
  [Number.NaN, '–'],
])('formatNumber %s', (value, text) => expect(formatNumber(value)).toBe(text));

it.each([
  [0, '0%'],
  [0.0001, '< 0.1%'],
  [0.034, '3.4%'],
  [0.5, '50%'],
  [0.9999, '> 99.9%'],
  [1, '100%'],
])('formatShare %s', (share, text) => expect(formatShare(share)).toBe(text));

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [7_012_000_000, '7.01 GB'],
  [2.7e14, '270 TB'],
])('formatBytes %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [3570, '1 h'],
  [3600 * 2 + 300, '2 h 5 min'],
])('formatDuration %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
