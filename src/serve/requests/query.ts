/** Validates a request's query. */
import type { z } from 'zod';
import { suggestion } from '../../names/index.js';
import { RequestError } from './error.js';

/**
 * @param schema each field's metadata has what is `expected`
 * @throws RequestError for an unknown parameter or an invalid value
 */
export function checkedQuery<S extends z.ZodObject>(schema: S, query: unknown): z.output<S> {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const issue =
    result.error.issues.find(({ code }) => code === 'unrecognized_keys') ?? result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    throw new RequestError(
      400,
      `query: there is no parameter '${key}'${suggestion(key!, Object.keys(schema.shape))}`,
    );
  }
  const name = String(issue.path[0]);
  throw new RequestError(400, {
    subject: name,
    expected: String((schema.shape[name] as z.ZodType).meta()?.expected ?? 'another value'),
    found: `'${String((query as Record<string, unknown>)[name])}'`,
  });
}
