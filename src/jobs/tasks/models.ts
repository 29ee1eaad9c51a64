/** The models of a run, as every worker must have them. */
import { type NamedModel, readNamedModel } from '../../bulk/node.js';
import { JobsError } from '../error.js';
import type { ModelFacts } from '../schemas.js';

/**
 * @throws JobsError where a file is another than when the run was submitted; ModelFileError where it is not there
 */
export async function readRunModels(models: readonly ModelFacts[]): Promise<NamedModel[]> {
  return Promise.all(
    models.map(async ({ name, source, sha256 }) => {
      const model = await readNamedModel(source);
      if (model.sha256 === sha256) return { ...model, name };
      throw new JobsError(
        {
          subject: `Model '${name}'`,
          expected: `the file that the run was submitted with (SHA-256 ${sha256.slice(0, 12)}…)`,
          found: `another at '${source}'`,
        },
        { kind: 'input' },
      );
    }),
  );
}
