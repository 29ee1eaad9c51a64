/** What estimates of some models hold, known before the first picture: a table and a CSV need their columns. */
import { areGroups, averageDistributions } from '../age/index.js';
import { readMetadata } from '../metadata/index.js';
import { readModel } from '../onnx/index.js';
import { readModelSource } from '../registry/node.js';
import { UsageError } from './usage.js';

export interface ToldFacts {
  /** Whether any model tells ages, by years or by groups. */
  readonly ages: boolean;
  /** Whether what they tell together is an age group. */
  readonly groups: boolean;
  /** How many networks tell ages, where several do; else 0. */
  readonly members: number;
}

/** What the model that is taken where none is named tells. */
const USUAL: ToldFacts = { ages: true, groups: false, members: 0 };

/** @param models names, paths or bytes; the usual model if left out */
export async function toldFacts(models: readonly (string | Uint8Array)[] | undefined): Promise<ToldFacts> {
  if (models === undefined) return USUAL;
  const facts = await Promise.all(
    models.map(async (model) => {
      const source =
        typeof model === 'string' ? await readModelSource(model) : { bytes: model, name: 'a run' };
      const graph = 'model' in source && source.model ? source.model : readModel(source.bytes);
      return readMetadata(graph, source.name).age;
    }),
  );
  const ages = facts.filter((age) => age !== null);
  const even = ages.map(({ classes }) => ({ classes, probabilities: classes.map(() => 1 / classes.length) }));
  return {
    ages: ages.length > 0,
    groups: even.length > 0 && areGroups(averageDistributions(even).classes),
    members: ages.length > 1 ? ages.length : (ages[0]?.members?.length ?? 0),
  };
}

/** @throws UsageError where groups are asked of models that tell none */
export function mustTellGroups({ ages, groups }: ToldFacts): void {
  if (groups) return;
  throw new UsageError(
    `--groups: expected a model of age groups (--model), found ${ages ? 'one that tells ages by years' : 'one that tells gender alone'}`,
  );
}
