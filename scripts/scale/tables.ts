/** Prints the tables of docs/SCALE.md: `npx tsx scripts/scale/tables.ts`. */
import { costsTable } from './costs.js';
import { simulationTables } from './simulate.js';

console.log([costsTable(), ...simulationTables()].join('\n\n'));
