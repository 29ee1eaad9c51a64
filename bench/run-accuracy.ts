/**
 * The figures of a run's best weights on a part of its store, such as the test part, which was not used for any choice:
 *
 *     npx tsx bench/run-accuracy.ts RUN [PART]
 */
import { evaluate, openRun, reopenRunData, startLoaders } from '../src/train/index.js';

const [folder, part = 'test'] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: run-accuracy.ts RUN [PART]');

const { facts, assembled, weights } = await openRun(folder);
const data = await reopenRunData(facts, { part });
const loaders = await startLoaders(facts.recipe, assembled, data);
const spread = facts.recipe.heads.age?.spread ?? 0;
const { figures } = await evaluate(assembled, weights, loaders.validation, { spread, session: {} });
console.log(`${folder}: ${data.validation.length} faces of part '${part}'`);
for (const [name, value] of Object.entries(figures)) console.log(`  ${name}  ${value.toFixed(4)}`);
await loaders.close();
await data.stores.close();
