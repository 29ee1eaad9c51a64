/** The reckonings of docs/SCALE.md follow from the figures in scripts/scale/figures.ts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { costsTable } from '../scripts/scale/costs.js';
import { MEASURED } from '../scripts/scale/figures.js';
import { simulationTables } from '../scripts/scale/simulate.js';

const page = await readFile(join(import.meta.dirname, '../docs/SCALE.md'), 'utf8');

it('has the costs of a hundred million photographs', () => {
  expect(page).toContain(`\n\n${costsTable()}\n\n`);
});

it('has the tables of the simulation', () => {
  for (const table of simulationTables()) expect(page).toContain(`\n\n${table}\n\n`);
});

it('states the measured figures that they are made of', () => {
  expect(page).toContain(`\`r\` = ${MEASURED.portraits};`);
  expect(page).toContain(`\`q\`: ${(1000 * MEASURED.queueSeconds).toFixed(1)} ms`);
  expect(page).toContain(`${MEASURED.waitingBytes} bytes a waiting job\n`);
});
