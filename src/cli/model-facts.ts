/** `--facts`: what a model without metadata of ours wants to see and what it says, in a YAML file. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { GENDERS } from '../age/index.js';
import { isMissing, reasonOf } from '../files/index.js';
import { ALIGNMENTS, type ModelMetadataDocument, metadataSchema } from '../metadata/index.js';
import { UsageError } from './usage.js';

const pixels = z.int().positive();
const triple = (value: z.ZodType<number>) => z.union([value, z.tuple([value, value, value])]);
const channels = triple(z.number());
const factors = triple(z.number().positive());
const output = { output: z.string(), activation: z.enum(['probabilities', 'logits']).default('logits') };

/** Field by field as docs/MODELS.md has it. */
const schema = z.strictObject({
  /** Width and height in pixels, or one number for both. */
  size: z.union([pixels, z.tuple([pixels, pixels])]),
  layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
  color: z.enum(['RGB', 'BGR']).default('RGB'),
  /** Of values in 0..255: (value − mean) / std, in the order of `color`; one number stands for all channels. */
  mean: channels.default(0),
  std: factors.default(1),
  margin: z.number().default(0.4),
  offset: z.tuple([z.number(), z.number()]).optional(),
  crop: z.enum(['square', 'stretch']).default('square'),
  alignment: z.enum(ALIGNMENTS).default('none'),
  age: z
    .strictObject({
      ...output,
      /** First and last of classes that are a year each. */
      years: z.tuple([z.int(), z.int()]).optional(),
      /** Each a year or its first and last one. */
      classes: z.array(z.union([z.int(), z.tuple([z.int(), z.int()])])).optional(),
    })
    .refine(({ years, classes }) => (years === undefined) !== (classes === undefined), {
      message: 'expected either years or classes',
    })
    .optional(),
  gender: z.strictObject({ ...output, labels: z.tuple([z.enum(GENDERS), z.enum(GENDERS)]) }).optional(),
  data: z.string().default('unknown'),
  licence: z.string().default('unknown'),
  source: z.string().default('unknown'),
});

/**
 * The metadata document that a file of facts stands for.
 * @throws UsageError that names the file and the first bad field
 */
export async function readModelFacts(path: string): Promise<ModelMetadataDocument> {
  const found = schema.safeParse(parsed(await textOf(path), path));
  if (!found.success) throw complaint(path, found.error);
  const document = documentOf(found.data, basename(path));
  const checked = metadataSchema.safeParse(document);
  if (!checked.success) throw complaint(path, checked.error);
  return document;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--facts ${path}: ${isMissing(error) ? 'no such file' : reasonOf(error)}`);
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`--facts ${path}: expected YAML: ${(error as Error).message.split('\n')[0]}`);
  }
}

function complaint(path: string, { issues }: z.ZodError): UsageError {
  const [issue] = issues;
  const field = issue!.path.join('.');
  return new UsageError(`--facts ${path}${field === '' ? '' : ` at '${field}'`}: ${issue!.message}`);
}

function documentOf(facts: z.output<typeof schema>, name: string): ModelMetadataDocument {
  const { size, layout, color, mean, std, margin, offset, crop, alignment, age, gender, ...origin } = facts;
  const three = (value: number | readonly [number, number, number]): [number, number, number] =>
    typeof value === 'number' ? [value, value, value] : [...value];
  const [width, height] = typeof size === 'number' ? [size, size] : size;
  return {
    formatVersion: 1,
    name,
    input: {
      width,
      height,
      layout,
      color,
      mean: three(mean),
      scale: three(std).map((value) => 1 / value) as [number, number, number],
      margin,
      ...(offset && { offset }),
      crop,
      alignment,
    },
    age: age === undefined ? null : { ...outputOf(age), classes: age.classes ?? yearsFrom(age.years!) },
    gender: gender === undefined ? null : { ...outputOf(gender), labels: gender.labels },
    provenance: { backbone: 'unknown', recipe: 'none', ...origin },
    metrics: {},
  };
}

const outputOf = ({
  output: name,
  activation,
}: {
  output: string;
  activation: 'probabilities' | 'logits';
}) => ({
  name,
  activation,
});

const yearsFrom = ([first, last]: readonly [number, number]): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => first + k);
