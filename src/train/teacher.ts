/**
 * Distillation (Hinton et al., Distilling the Knowledge in a Neural Network, 2015): a teacher's (one network's or
 * several networks') predicted distributions, learnt by a student in addition to labels, also if a label is only a
 * group.
 *
 * The file is safetensors of N faces: `hash` uint32 `[N, 2]`, the first 8 bytes of the MD5 of a picture's file name, big
 * end first; `age` uint8 `[N, 101]`, the probabilities of 0..100 over the largest of them, times 255; `male` uint8 `[N]`,
 * the probability times 255. 52,600 faces take 5.8 MB.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type AgeLabel, GENDERS } from '../age/index.js';
import { DataError, type Gender, type RowSource } from '../data/index.js';
import { writeWholeFile } from '../files/index.js';
import { type Tensor, tensor } from '../onnx/index.js';
import { type Recipe, RecipeError } from './recipe/index.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

/** The years 0..100. */
export const TEACHER_YEARS = 101;
const LEVELS = 255;
/** A teacher with less probability than this inside an interval says nothing about the age within it. */
const LEAST_INSIDE = 0.01;

/** A teacher's prediction for one face. */
export interface Taught {
  /** The path or name of its picture's file. */
  readonly path: string;
  /** Probabilities of 0..100, `[101]`. */
  readonly age: ArrayLike<number>;
  /** The probability of male. */
  readonly male: number;
}

/** By file name, since folders differ between machines. */
function hashOf(path: string): readonly [high: number, low: number] {
  const digest = createHash('md5').update(basename(path)).digest();
  return [digest.readUInt32BE(0), digest.readUInt32BE(4)];
}

const keyOf = (high: number, low: number): string => `${high}:${low}`;

/**
 * Writes a teacher's file.
 * @throws DataError if two pictures have the same name.
 */
export async function writeTeacher(path: string, faces: readonly Taught[]): Promise<void> {
  const hash = new Uint32Array(2 * faces.length);
  const age = new Uint8Array(TEACHER_YEARS * faces.length);
  const male = new Uint8Array(faces.length);
  const names = new Map<string, string>();
  faces.forEach((face, i) => {
    const [high, low] = hashOf(face.path);
    const other = names.get(keyOf(high, low));
    if (other !== undefined) {
      throw new DataError(
        `${path}: expected pictures with different names, found '${other}' and '${face.path}'`,
      );
    }
    names.set(keyOf(high, low), face.path);
    hash.set([high, low], 2 * i);
    const values = Array.from(face.age);
    const largest = Math.max(...values);
    age.set(
      values.map((p) => Math.round((LEVELS * p) / largest)),
      TEACHER_YEARS * i,
    );
    male[i] = Math.round(LEVELS * face.male);
  });
  const count = faces.length;
  await writeWholeFile(
    path,
    writeSafetensors([
      tensor('hash', 'uint32', [count, 2], hash),
      tensor('age', 'uint8', [count, TEACHER_YEARS], age),
      tensor('male', 'uint8', [count], male),
    ]),
  );
}

/** The recipe with the path of its teacher's file absolute. */
export function withTeacherFile(recipe: Recipe): Recipe {
  const { age } = recipe.heads;
  if (age?.teacher === undefined) return recipe;
  const teacher = { ...age.teacher, file: resolve(age.teacher.file) };
  return { ...recipe, heads: { ...recipe.heads, age: { ...age, teacher } } };
}

/** Mixes a teacher's predictions into the targets of a run. */
export class Teacher {
  private constructor(
    private readonly share: number,
    private readonly ages: Uint8Array,
    private readonly males: Uint8Array,
    /** For each row of the stores, its index in the file, or -1. */
    private readonly places: Int32Array,
  ) {}

  /**
   * The teacher of a recipe for the rows of its stores; undefined if it names none.
   * @throws RecipeError if the recipe's classes are not the years 0..100, which teachers predict; DataError if the file is not a teacher's, or has no predictions for any row.
   */
  static async open(recipe: Recipe, stores: RowSource): Promise<Teacher | undefined> {
    const { teacher, classes } = recipe.heads.age ?? {};
    if (teacher === undefined) return undefined;
    if (classes !== '0-100') {
      throw new RecipeError(
        `Recipe '${recipe.name}': heads.age.teacher: expected the classes '0-100', found others`,
      );
    }
    const { hashes, ages, males } = await readTables(teacher.file);
    const known = new Map(Array.from(males, (_, i) => [keyOf(hashes[2 * i]!, hashes[2 * i + 1]!), i]));
    const places = new Int32Array(stores.length).fill(-1);
    let found = 0;
    for await (const { index, path } of stores.rows()) {
      const place = known.get(keyOf(...hashOf(path)));
      if (place === undefined) continue;
      places[index] = place;
      found++;
    }
    if (found === 0) {
      throw new DataError(`${teacher.file}: expected faces of ${stores.folder}, found none of them`);
    }
    return new Teacher(teacher.share, ages, males, places);
  }

  /**
   * The target of an age: for an exact age (1 − share) · label + share · teacher; for an interval the teacher's
   * distribution inside it, or the plain interval if the teacher has less than 1% there.
   * @param target the label's own, `[101]` (see age/targets.ts)
   */
  ageTarget(row: number, label: AgeLabel, target: Float32Array): Float32Array {
    const place = this.places[row]!;
    if (place < 0) return target;
    const levels = this.ages.subarray(TEACHER_YEARS * place, TEACHER_YEARS * (place + 1));
    const total = levels.reduce((a, b) => a + b, 0);
    if (!('from' in label)) {
      return target.map((w, k) => (1 - this.share) * w + (this.share * levels[k]!) / total);
    }
    const inside = target.map((w, k) => w * levels[k]!);
    const sum = inside.reduce((a, b) => a + b, 0);
    return sum < LEAST_INSIDE * total ? target : inside.map((v) => v / sum);
  }

  /**
   * The target probability of male, mixed like that of an exact age.
   * @param known the label's own, 0 or 1 unless it is smoothed
   */
  male(row: number, label: Gender, known: number = Number(label === GENDERS[1])): number {
    const place = this.places[row]!;
    return place < 0 ? known : (1 - this.share) * known + (this.share * this.males[place]!) / LEVELS;
  }
}

async function readTables(file: string) {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new DataError(`${file}: expected a teacher's file, found ${error.message}`, { cause: error });
  });
  const { tensors } = parsed(file, bytes);
  const [hash, age, male] = ['hash', 'age', 'male'].map((name) => tensors.get(name));
  const count = male?.dims[0];
  const fits = (t: Tensor | undefined, dtype: string, dims: readonly unknown[]): t is Tensor =>
    t?.dtype === dtype && t.dims.join() === dims.join();
  if (
    !fits(male, 'uint8', [count]) ||
    !fits(hash, 'uint32', [count, 2]) ||
    !fits(age, 'uint8', [count, TEACHER_YEARS])
  ) {
    throw new DataError(
      `${file}: expected the tensors hash [N, 2], age [N, ${TEACHER_YEARS}] and male [N] of a teacher, found ${[...tensors.keys()].join(', ') || 'none'}`,
    );
  }
  const view = new DataView(hash.data.buffer, hash.data.byteOffset, hash.data.length);
  const hashes = Uint32Array.from({ length: hash.data.length / 4 }, (_, i) => view.getUint32(4 * i, true));
  return { hashes, ages: age.data, males: male.data };
}

function parsed(file: string, bytes: Uint8Array) {
  try {
    return readSafetensors(bytes);
  } catch (error) {
    throw new DataError(`${file}: expected a teacher's file, found another: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
