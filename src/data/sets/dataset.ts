import { suggestion } from '../../names/index.js';
import { DataError, type DatasetReader, type ReaderOptions, type Reading } from '../types.js';

type Options = DatasetReader['options'];

/** The chosen options: defaults for omitted ones, undefined if there is no default. */
type Chosen<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { readonly values: readonly (infer V)[] } ? V : string | undefined;
};

interface Definition<O extends Options> extends Omit<DatasetReader, 'options' | 'read'> {
  readonly options: O;
  /** Loads the reader, which is needed only for reading. */
  load(): Promise<{ read(source: string, chosen: Chosen<O>): AsyncIterable<Reading> }>;
}

/**
 * A data set: a description as plain data, and a reader that is loaded on use. Unknown options and values throw a
 * DataError.
 */
export function dataset<const O extends Options>({ load, ...about }: Definition<O>): DatasetReader {
  return {
    ...about,
    async *read(source, given = {}) {
      const { isAddress, NOT_DOWNLOADED } = await import('../../files/index.js');
      if (isAddress(source)) {
        throw new DataError(
          `${about.id}: expected a folder or a file on this machine, found ${NOT_DOWNLOADED}`,
        );
      }
      const chosen = choose(about.id, given, about.options);
      const { read } = await load();
      yield* read(source, chosen);
    },
  };
}

function choose<O extends Options>(reader: string, given: ReaderOptions, options: O): Chosen<O> {
  for (const [name, value] of Object.entries(given)) {
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) throw new DataError(`${reader}: ${unknownOption(name, Object.keys(options))}`);
    if (option.values && !option.values.includes(value)) {
      const expected = option.values.join(' or ');
      throw new DataError(`${reader}: the option ${name} must be ${expected}, found '${value}'`);
    }
  }
  const chosen = Object.entries(options).map(([name, { values }]) => [name, given[name] ?? values?.[0]]);
  return Object.fromEntries(chosen) as Chosen<O>;
}

function unknownOption(name: string, names: readonly string[]): string {
  if (names.length === 0) return `takes no options, found '${name}'`;
  return `unknown option '${name}'${suggestion(name, names)}`;
}
