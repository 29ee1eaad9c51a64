/** The outputs of models, known before the first picture: a table and a CSV need their columns. */
import { areGroups, averageDistributions } from '../age/index.js';
import { readModelSource } from '../registry/node.js';
import { UsageError } from './usage.js';

export interface OutputFacts {
  /** Whether any model predicts ages, by years or by groups. */
  readonly ages: boolean;
  /** Whether their average is over age groups. */
  readonly groups: boolean;
  /** Whether any model predicts gender and it was not left out. */
  readonly gender: boolean;
  /** The number of networks that predict ages, if several do; otherwise 0. */
  readonly members: number;
}

/**
 * @param models names, paths or bytes; the default model if left out
 * @param gender whether gender is wanted
 */
export async function outputFacts(
  models: readonly (string | Uint8Array)[] | undefined,
  gender: boolean,
): Promise<OutputFacts> {
  if (models === undefined) return { ages: true, groups: false, gender, members: 0 };
  // Loaded only if needed: they take as long to load as a portrait takes to estimate.
  const [{ readMetadata }, { readModel }] = await Promise.all([
    import('../metadata/index.js'),
    import('../onnx/index.js'),
  ]);
  const facts = await Promise.all(
    models.map(async (model) => {
      const source =
        typeof model === 'string' ? await readModelSource(model) : { bytes: model, name: 'a run' };
      const graph = 'model' in source && source.model ? source.model : readModel(source.bytes);
      return readMetadata(graph, source.name);
    }),
  );
  const ages = facts.flatMap(({ age }) => age ?? []);
  const even = ages.map(({ classes }) => ({ classes, probabilities: classes.map(() => 1 / classes.length) }));
  return {
    ages: ages.length > 0,
    groups: even.length > 0 && areGroups(averageDistributions(even).classes),
    gender: gender && facts.some((each) => each.gender !== null),
    members: ages.length > 1 ? ages.length : (ages[0]?.members?.length ?? 0),
  };
}

/** @throws UsageError if the models predict no groups */
export function requireGroups({ ages, groups }: OutputFacts): void {
  if (groups) return;
  throw new UsageError(
    `--groups: expected a model of age groups (--model), found ${ages ? 'one of years' : 'one of only gender'}`,
  );
}
