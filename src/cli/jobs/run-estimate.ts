/** Runs `agewise jobs estimate`: inputs → a list that all workers see → a run in the queue. */
import { resolve } from 'node:path';
import { isStore, openStore } from '../../bulk/node.js';
import { exists } from '../../files/index.js';
import { SHARD_PICTURES, type TaskOf, workFolder, writeList } from '../../jobs/index.js';
import { AGE_MODEL } from '../../registry/index.js';
import { findInputs, isList, LIST, STANDARD_INPUT } from '../inputs.js';
import { estimateOptions } from '../load-estimator.js';
import { outputFacts, requireGroups } from '../output-facts.js';
import { packageVersion } from '../package-version.js';
import { UsageError } from '../usage.js';
import type { JobsEstimateFlags } from './flags.js';
import { modelReferences } from './models.js';
import { submitted } from './submitted.js';

/** @returns the exit code */
export async function submitEstimate(given: readonly string[], flags: JobsEstimateFlags): Promise<number> {
  if (given.includes(STANDARD_INPUT)) throw new UsageError('standard input (-) cannot be read by workers');
  await mustBeFree(flags.out);
  return submitted(flags, async () => {
    const models = await modelReferences(flags.model ?? [AGE_MODEL]);
    if (flags.groups)
      requireGroups(
        await outputFacts(
          models.map(({ source }) => source),
          flags.gender,
        ),
      );
    const { source, names } = await sourceOf(given, flags.out);
    return {
      kind: 'estimate',
      request: {
        version: packageVersion(),
        models: models.map(({ name, sha256 }) => ({ name, sha256 })),
        options: estimateOptions(flags),
        details: { distribution: flags.distribution ?? false, atLeast: [...(flags.atLeast ?? [])] },
        inputs: names,
      },
      models,
      source,
      size: flags.shardSize ?? SHARD_PICTURES,
    };
  });
}

/** @throws UsageError if the output exists and does not belong to a run */
export async function mustBeFree(out: string): Promise<void> {
  if ((await exists(out)) && !(await exists(workFolder(out)))) {
    throw new UsageError(`${out}: expected a new name, found an existing file or folder`);
  }
}

async function sourceOf(
  given: readonly string[],
  out: string,
): Promise<{ readonly source: TaskOf<'estimate'>['source']; readonly names: string[] }> {
  const [only] = given;
  if (given.length === 1 && (await isList(only!))) {
    const path = resolve(only!.slice(LIST.length));
    return { source: { kind: 'list', path }, names: [path] };
  }
  if (given.length === 1 && (await isStore(only!))) {
    const folder = resolve(only!);
    const store = await openStore(folder);
    await store.close();
    const { fingerprint } = store;
    return { source: { kind: 'store', folder, fingerprint }, names: [`${folder} ${fingerprint}`] };
  }
  const path = await writeList(out, pictures(given));
  return { source: { kind: 'list', path }, names: given.map((name) => resolve(name)) };
}

async function* pictures(given: readonly string[]) {
  for (const name of given) {
    if (!(await isStore(name))) continue;
    throw new UsageError(`${name}: expected a store by itself, found it beside other inputs`);
  }
  for await (const input of findInputs(given)) {
    // A worker reports each video among pictures.
    if ('error' in input && !input.isVideo) throw new UsageError(input.error);
    yield input;
  }
}
