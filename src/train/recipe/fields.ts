/** Every field of a recipe, listed from the schema. */
import { alternatives, choices, expectation, recipeShape, type Shape } from './shape.js';

export interface RecipeField {
  /** The path: `stages.N.rate`, where N counts from 0. */
  readonly path: string;
  /** The kind with this field, if not all have it: `kind: cosine`. */
  readonly when?: string;
  /** The expected value, such as `a number above 0`. */
  readonly type: string;
  readonly required: boolean;
  /** The default as plain data; undefined if there is no fixed one (see the description). */
  readonly default?: unknown;
  readonly description: string;
  /** Whether it has no nested fields. */
  readonly leaf: boolean;
}

/** In document order; a field comes before its nested fields. */
export function recipeFields(): RecipeField[] {
  return fieldsIn(recipeShape(), '');
}

function fieldsIn(shape: Shape, prefix: string): RecipeField[] {
  const options = alternatives(shape).filter(({ properties }) => properties !== undefined);
  const names = [...new Set(options.flatMap(({ properties }) => Object.keys(properties!)))];
  return names.flatMap((name) => {
    const having = options.filter(({ properties }) => properties![name] !== undefined);
    // The discriminating field of the alternatives is one field with all of their values.
    const discriminates = having.length > 1 && having.every((option) => choices(option.properties![name]!));
    if (discriminates) return described(`${prefix}${name}`, united(having, name), true);
    const form = ({ properties, required }: Shape) =>
      JSON.stringify([properties![name], required?.includes(name) ?? false]);
    const forms = [...new Set(having.map(form))];
    return forms.flatMap((own) => {
      const alike = having.filter((option) => form(option) === own);
      const when = alike.length === options.length ? undefined : kindsOf(alike);
      const [{ properties, required }] = alike as [Shape];
      const fields = described(`${prefix}${name}`, properties![name]!, required?.includes(name) ?? false);
      return when === undefined ? fields : fields.map((field) => ({ ...field, when }));
    });
  });
}

function described(path: string, shape: Shape, required: boolean): RecipeField[] {
  const inner = [
    ...fieldsIn(shape, `${path}.`),
    ...alternatives(shape).flatMap(({ items }) => (items ? fieldsIn(items, `${path}.N.`) : [])),
  ];
  return [
    {
      path,
      type: expectation(alternatives(shape)),
      required,
      ...('default' in shape && { default: shape.default }),
      description: shape.description ?? '',
      leaf: inner.length === 0,
    },
    ...inner,
  ];
}

function united(options: readonly Shape[], name: string): Shape {
  const each = options.map(({ properties }) => properties![name]!);
  const text = each.map((shape) => `${choices(shape)!.join(', ')}: ${shape.description}`).join('; ');
  return {
    enum: each.flatMap((shape) => choices(shape)!),
    ...(each.every((s) => s.description) && { description: text }),
  };
}

/** `kind: adam, adamw`; undefined if no field distinguishes these alternatives. */
function kindsOf(options: readonly Shape[]): string | undefined {
  const found = options.map(({ properties = {}, required = [] }) =>
    Object.entries(properties).find(([name, shape]) => choices(shape) && required.includes(name)),
  );
  if (found.some((field) => field === undefined)) return undefined;
  return `${found[0]![0]}: ${found.flatMap((field) => choices(field![1])!).join(', ')}`;
}
