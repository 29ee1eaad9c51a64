/** The outputs of a stage's frozen part for each face, computed once and kept in a file of the run's folder. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from '../data/index.js';
import { exists } from '../files/index.js';
import { elementCount, writeModel } from '../onnx/index.js';
import { floatData, floatTensor, type Session, type SessionOptions } from '../runtime/index.js';
import { createSession } from '../runtime/node.js';
import type { FrozenPart } from './frozen-part.js';
import type { Assembled } from './graph/index.js';

/** The batch size of the frozen part, limited by the memory of a large network's maps. */
const AT_ONCE = 16;
const PREFIX = 'features-';
const BYTES = Float32Array.BYTES_PER_ELEMENT;

type Faces = Pick<Batch, 'images' | 'rows'>;

export class KeptFeatures {
  /** The index of each row in the file. */
  private readonly places: ReadonlyMap<number, number>;
  private readonly known = new Set<number>();
  /** Numbers of one face. */
  private readonly size: number;

  private constructor(
    private readonly part: FrozenPart,
    private readonly session: Session,
    private readonly images: string,
    rows: Iterable<number>,
    /** The values of all faces, one after another, and the rows that are there, in the order in which they came. */
    private readonly files: { readonly values: number; readonly rows: number },
  ) {
    this.places = new Map([...new Set(rows)].map((row, place) => [row, place]));
    this.size = part.values.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  }

  /**
   * Opens the file in a run's folder, and continues one of the same network. Rows are numbered over all parts in use.
   * @param images the name of the input of pictures
   */
  static async open(
    folder: string,
    part: FrozenPart,
    images: string,
    rows: Iterable<number>,
    options: SessionOptions,
  ): Promise<KeptFeatures> {
    const bytes = writeModel(part.stem);
    // Where rows lie follows from the run, whose split does not change.
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const path = join(folder, `${PREFIX}${digest}`);
    const there = await exists(`${path}.rows`);
    if (!there) await removeKept(folder);
    const session = await createSession(bytes, 'frozen part', options);
    const files = {
      values: openSync(`${path}.bin`, there ? 'r+' : 'w+'),
      rows: openSync(`${path}.rows`, 'a'),
    };
    const kept = new KeptFeatures(part, session, images, rows, files);
    if (there) {
      const stored = readFileSync(`${path}.rows`);
      for (let at = 0; at + 4 <= stored.length; at += 4) kept.known.add(stored.readUInt32LE(at));
    }
    return kept;
  }

  /** The graph that reads the values. */
  get assembled(): Assembled {
    return this.part.rest;
  }

  /** Whether all of these rows are in the file, so that their pictures are not needed. */
  has(rows: Uint32Array): boolean {
    return this.known.size >= rows.length && rows.every((row) => this.known.has(row));
  }

  /** The values of a batch's faces by name, each `[N, …]`; missing ones are computed from its pictures. */
  async of({ images, rows }: Faces): Promise<Map<string, Float32Array>> {
    const missing = [...rows.keys()].filter((i) => !this.known.has(rows[i]!));
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      await this.compute(images, rows, missing.slice(at, at + AT_ONCE));
    }
    const all = new Map(
      this.part.values.map(({ name, shape }) => [name, new Float32Array(rows.length * elementCount(shape))]),
    );
    const face = new Float32Array(this.size);
    rows.forEach((row, i) => {
      readSync(this.files.values, face, 0, this.size * BYTES, this.places.get(row)! * this.size * BYTES);
      let at = 0;
      for (const values of all.values()) {
        const count = values.length / rows.length;
        values.set(face.subarray(at, at + count), i * count);
        at += count;
      }
    });
    return all;
  }

  async close(): Promise<void> {
    closeSync(this.files.values);
    closeSync(this.files.rows);
    await this.session.dispose();
  }

  private async compute(images: Float32Array, rows: Uint32Array, chosen: readonly number[]): Promise<void> {
    const size = images.length / rows.length;
    const [input] = this.part.stem.graph.inputs;
    const pictures = new Float32Array(chosen.length * size);
    chosen.forEach((i, n) => {
      pictures.set(images.subarray(i * size, (i + 1) * size), n * size);
    });
    const dims = [chosen.length, ...(input!.type!.shape!.slice(1) as number[])];
    const found = await this.session.run({ [this.images]: floatTensor(pictures, dims) });
    const face = new Float32Array(this.size);
    chosen.forEach((i, n) => {
      let at = 0;
      for (const { name, shape } of this.part.values) {
        const count = elementCount(shape);
        face.set(floatData(found[name]!).subarray(n * count, (n + 1) * count), at);
        at += count;
      }
      writeSync(
        this.files.values,
        face,
        0,
        this.size * BYTES,
        this.places.get(rows[i]!)! * this.size * BYTES,
      );
    });
    // A row is listed only after its values are written.
    writeSync(
      this.files.rows,
      Uint32Array.from(chosen, (i) => rows[i]!),
    );
    for (const i of chosen) this.known.add(rows[i]!);
  }
}

/** Removes the file from a run's folder. */
export async function removeKept(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(PREFIX)) await rm(join(folder, name));
  }
}
