/** Reads the models of a run, which must be the same files for every worker. */
import { type NamedModel, readNamedModel } from '../../bulk/node.js';
import { JobsError } from '../error.js';
import type { ModelReference } from '../schemas.js';

/** @throws JobsError if a file has changed since the run was submitted; ModelFileError if it is missing */
export async function readRunModels(models: readonly ModelReference[]): Promise<NamedModel[]> {
  return Promise.all(
    models.map(async ({ name, source, sha256 }) => {
      const model = await readNamedModel(source);
      if (model.sha256 === sha256) return { ...model, name };
      throw new JobsError(
        {
          subject: `Model '${name}'`,
          expected: `the file that the run was submitted with (SHA-256 ${sha256.slice(0, 12)}…)`,
          found: `another file at '${source}'`,
        },
        { kind: 'input' },
      );
    }),
  );
}
