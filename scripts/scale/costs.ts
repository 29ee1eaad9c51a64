/** The costs of a hundred million photographs, as docs/SCALE.md works them out. */
import { MOST_TAKEOVERS } from '../../src/jobs/index.js';
import { ASSUMED, MEASURED } from './figures.js';

interface Kind {
  readonly rate: number;
  readonly bytes: number;
}

const KINDS: readonly Kind[] = [
  { rate: MEASURED.portraits, bytes: ASSUMED.portraitBytes },
  { rate: MEASURED.groups, bytes: ASSUMED.groupBytes },
];

/** A Markdown table. */
export function costsTable(): string {
  const { pictures, shardPictures, coresPerMachine, machines, useful, machineHour, spotShare } = ASSUMED;
  const { queueSeconds, waitingBytes } = MEASURED;
  const shards = pictures / shardPictures;
  const machineHours = ({ rate }: Kind) => pictures / (3600 * rate * coresPerMachine);
  const wallHours = (kind: Kind) => machineHours(kind) / (machines * useful);
  const losses = ({ rate }: Kind) => ((ASSUMED.spotLosses / 3600) * shardPictures) / rate;
  const rows: readonly (readonly [string, string, (kind: Kind) => string])[] = [
    ['core hours', '`N / (3600 r)`', (kind) => rounded(coresPerMachine * machineHours(kind))],
    [`machine hours, C = ${coresPerMachine}`, '`N / (3600 r C)`', (kind) => rounded(machineHours(kind))],
    [
      `wall time, M = ${machines}, u = ${useful}`,
      '`N / (3600 r C M u)`',
      (kind) => `${rounded(wallHours(kind))} h`,
    ],
    [
      `price at p = $${machineHour.toFixed(2)} (on demand)`,
      '`p N / (3600 r C)`',
      (kind) => `$${rounded(machineHour * machineHours(kind))}`,
    ],
    [
      'price on spot machines, at a third',
      '`p N / (10800 r C)`',
      (kind) => `$${rounded(spotShare * machineHour * machineHours(kind))}`,
    ],
    [`shards, s = ${shardPictures}`, '`N / s`', () => rounded(shards)],
    [
      'shards a second',
      '`r C M / s`',
      ({ rate }) => rounded((rate * coresPerMachine * machines) / shardPictures),
    ],
    [
      `queue's share of a core's time, q = ${queueSeconds} s`,
      '`q r / s`',
      ({ rate }) => `${((100 * queueSeconds * rate) / shardPictures).toFixed(2)}%`,
    ],
    [
      `queue's memory, ${waitingBytes} bytes a waiting job`,
      `\`${waitingBytes} N / s\``,
      () => `${rounded((waitingBytes * shards) / 1e6)} MB`,
    ],
    [
      `shards lost ${MOST_TAKEOVERS + 1} times in a run, f = ${ASSUMED.spotLosses} s / (3600 r)`,
      '`f⁴ N / s`',
      (kind) => (shards * losses(kind) ** (MOST_TAKEOVERS + 1)).toPrecision(1),
    ],
    ['reads of an object store', '`N`', () => '10⁸'],
    [
      `their price at $${ASSUMED.millionReads.toFixed(2)} a million`,
      '`0.4 N / 10⁶`',
      () => `$${rounded((ASSUMED.millionReads * pictures) / 1e6)}`,
    ],
    [
      `bytes read, at ${KINDS.map(({ bytes }) => bytes / 1e6).join(' and ')} MB a picture`,
      '`N` bytes',
      ({ bytes }) => `${rounded((bytes * pictures) / 1e12)} TB`,
    ],
    [
      'reading rate',
      'bytes / wall time',
      (kind) => `${((kind.bytes * pictures) / (3.6e12 * wallHours(kind))).toFixed(1)} GB/s`,
    ],
  ];
  return [
    `| | formula | portraits, r = ${MEASURED.portraits} | group photographs of 3 megapixels, r = ${MEASURED.groups} |`,
    '|---|---|---:|---:|',
    ...rows.map(([name, formula, of]) => `| ${name} | ${formula} | ${KINDS.map(of).join(' | ')} |`),
  ].join('\n');
}

/** Two significant digits, or three from 100 on. */
const rounded = (value: number): string =>
  Number(value.toPrecision(value < 100 ? 2 : 3)).toLocaleString('en-US');
