/** Runs `agewise estimate` on videos: frames → tracked faces → a row for each person. */
import { basename, extname, join } from 'node:path';
import type { ClipRecord, PersonRecord } from '../bulk/index.js';
import type { BulkPicture, IndexedRecord } from '../bulk/node.js';
import {
  type AgeEstimator,
  type Box,
  type FaceDetails,
  type FaceEstimate,
  faceRecord,
  type TrackedFace,
} from '../estimate/index.js';
import { isRefusal, reasonOf, writeWhole, writeWholeFile } from '../files/index.js';
import { cropImage, type PixelImage } from '../vision/index.js';
import {
  annotateImage,
  CLIP_ENDINGS,
  ClipError,
  clipRate,
  drawOn,
  readClip,
  writeClip,
} from '../vision/node.js';
import { label } from './annotations.js';
import { clipCsv, clipTable } from './clip-formats.js';
import type { Console } from './console.js';
import type { EstimateFlags } from './flags.js';
import type { OutputFacts } from './output-facts.js';
import { fileKeys } from './paths.js';
import { jsonText, lookOf } from './text.js';
import { EXIT, UsageError } from './usage.js';

export interface ClipOptions {
  /** Seconds between the frames that are estimated. */
  readonly every: number;
  /** The path of the annotated copy and the thumbnails, up to their endings. */
  readonly annotate: string | undefined;
  readonly details: FaceDetails;
  readonly signal: AbortSignal;
}

/** A face seen once must be this certain to count as a person. */
const CERTAIN_AT_ONCE = 0.75;
/** A gap of so many frames interrupts the box in the annotated copy. */
const LONGEST_GAP = 4;

const AGE_ALONE: FaceDetails = { atLeast: [], distribution: false };

/** The square around a face in its thumbnail. */
const THUMBNAIL = {
  width: 256,
  height: 256,
  margin: 0.35,
  crop: 'square',
  alignment: 'none',
  color: 'RGB',
  layout: 'NHWC',
  mean: [0, 0, 0],
  scale: [1, 1, 1],
} as const;

interface Sighting {
  readonly time: number;
  readonly box: Box;
  readonly label: string;
}

interface Person {
  readonly sightings: Sighting[];
  best: number;
  score: number;
  thumbnail: PixelImage | undefined;
  face: FaceEstimate;
}

/** The default distance of the frames that are estimated, in seconds. */
export const EVERY = 0.2;

const isClip = (file: string): boolean => CLIP_ENDINGS.includes(extname(file).slice(1).toLowerCase());

/**
 * Whether the inputs are videos.
 * @throws UsageError if they are mixed with pictures, since their rows differ, or if only a video takes a flag
 */
export function areClips(files: readonly string[], { every, cropped }: EstimateFlags): boolean {
  const clips = files.filter(isClip);
  if (clips.length === 0) {
    if (every !== undefined) throw new UsageError('--every: expected a video, found pictures only');
    return false;
  }
  if (clips.length < files.length) {
    throw new UsageError(
      `inputs: expected videos alone or pictures alone, found '${clips[0]}' among pictures`,
    );
  }
  if (cropped) throw new UsageError('--cropped: expected pictures, found a video');
  return true;
}

/**
 * The path of each video's annotated copy and thumbnails, without an ending, by the video. Of several videos of one name the
 * later ones get a number.
 * @throws UsageError if a copy would overwrite one of the videos, even through links
 */
export async function planClips(files: readonly string[], folder: string): Promise<Map<string, string>> {
  const videos = new Set<string>();
  for (const file of files) for (const key of await fileKeys(file)) videos.add(key);
  const plan = new Map<string, string>();
  const taken = new Set<string>();
  for (const file of files) {
    const name = basename(file, extname(file));
    let path = join(folder, name);
    for (let n = 2; taken.has(path.toLowerCase()); n++) path = join(folder, `${name}-${n}`);
    taken.add(path.toLowerCase());
    const copy = copyAt(path);
    if ((await fileKeys(copy)).some((key) => videos.has(key))) {
      throw new UsageError(
        `--annotate ${folder} would overwrite the video '${copy}'; name a folder without videos`,
      );
    }
    plan.set(file, path);
  }
  return plan;
}

const copyAt = (path: string): string => `${path}.mp4`;

/** @returns the exit code */
export async function runClips(
  estimator: AgeEstimator,
  files: readonly string[],
  { flags, outputs }: { readonly flags: EstimateFlags; readonly outputs: OutputFacts },
  console: Console,
  signal: AbortSignal,
): Promise<number> {
  const { every = EVERY, annotate, json, atLeast = [], distribution = false } = flags;
  const plan = annotate === undefined ? undefined : await planClips(files, annotate);
  const options = { every, details: { atLeast, distribution }, signal };
  const format = { atLeast, outputs, look: lookOf(process.stdout) };
  const csv = clipCsv(format);
  if (flags.csv) await console.print(csv.head);
  let failed = 0;
  for (const file of files) {
    if (signal.aborted) break;
    try {
      const record = await estimateClip(estimator, file, { ...options, annotate: plan?.get(file) });
      const table = () => clipTable(record, format);
      await console.print(json ? jsonText(record) : flags.csv ? csv.rows(record) : table());
      if (record.annotated !== undefined && !json && !flags.csv)
        await console.note(`annotated: ${record.annotated}`);
    } catch (error) {
      // Without ffmpeg no video can be read.
      const unreadable = error instanceof ClipError && error.kind !== 'unsupported';
      if (!unreadable && !isRefusal(error)) throw error;
      failed++;
      const message = unreadable
        ? error.message
        : `${file}: cannot write its annotated copy: ${reasonOf(error)}`;
      if (json) await console.print(jsonText({ file, error: message }));
      else {
        if (flags.csv) await console.print(csv.failure(file, message));
        await console.complain(message);
      }
    }
  }
  return failed > 0 ? EXIT.inputsFailed : EXIT.done;
}

export interface EstimateClipsOptions {
  /** Seconds between the frames that are estimated. */
  readonly every: number;
  readonly details: FaceDetails;
  /** Aborted, it ends; the video in progress has no record. */
  readonly stop: AbortSignal;
}

/** The record of each video, in order. One that cannot be read does not affect the others. */
export async function* estimateClips(
  estimator: AgeEstimator,
  videos: AsyncIterable<BulkPicture>,
  { every, details, stop }: EstimateClipsOptions,
): AsyncGenerator<IndexedRecord, void, undefined> {
  const options = { every, annotate: undefined, details, signal: stop };
  for await (const video of videos) {
    if (stop.aborted) return;
    const { index, file } = video;
    if ('error' in video || typeof video.picture !== 'string' || !isClip(file)) {
      const error =
        'error' in video ? video.error : `${file}: expected a video among videos, found another file`;
      yield { index, record: { file, error } };
      continue;
    }
    let record: ClipRecord | { readonly file: string; readonly error: string };
    try {
      record = { ...(await estimateClip(estimator, video.picture, options)), file };
    } catch (error) {
      if (!(error instanceof ClipError) || error.kind === 'unsupported') throw error;
      record = { file, error: error.message };
    }
    // What an interrupt cut short is not whole.
    if (stop.aborted) return;
    yield { index, record };
  }
}

/** @throws ClipError if the video cannot be read, or its copy not be written */
async function estimateClip(
  estimator: AgeEstimator,
  file: string,
  { every, annotate, details, signal }: ClipOptions,
): Promise<ClipRecord> {
  const people = new Map<number, Person>();
  let size = { width: 0, height: 0 };
  let image: PixelImage | undefined;
  const frames = async function* () {
    for await (const frame of readClip(file, every)) {
      if (signal.aborted) return;
      ({ image } = frame);
      yield frame;
    }
  };
  // Tracks survive a missed detection or two, however far apart the frames are.
  const memory = Math.max(1.5, 2.5 * every);
  for await (const { time, width, height, faces } of estimator.follow(frames(), {
    detectEvery: 1,
    thorough: true,
    memory,
  })) {
    size = { width, height };
    for (const tracked of faces) see(people, tracked, time, annotate === undefined ? undefined : image);
  }
  const counted = [...people.values()].filter(
    ({ sightings, score }) => sightings.length > 1 || score >= CERTAIN_AT_ONCE,
  );
  const rows: PersonRecord[] = [];
  for (const [i, person] of counted.entries()) {
    const { sightings, face, thumbnail } = person;
    const path = annotate && thumbnail ? `${annotate}-person-${i + 1}.jpg` : undefined;
    if (path !== undefined) await writeWholeFile(path, await annotateImage(thumbnail!, []));
    const seconds = (time: number) => Number(time.toFixed(3));
    rows.push({
      person: i + 1,
      from: seconds(sightings[0]!.time),
      to: seconds(sightings.at(-1)!.time),
      seconds: seconds(sightings.length * every),
      ...(path !== undefined && { thumbnail: path }),
      ...faceRecord(face, details),
    });
  }
  const annotated = annotate === undefined ? undefined : copyAt(annotate);
  if (annotated !== undefined) {
    const tracks = counted.map(({ sightings }) => sightings);
    await annotateClip(file, annotated, tracks, LONGEST_GAP * every);
  }
  return { file, ...size, faces: rows, ...(annotated !== undefined && { annotated }) };
}

function see(
  people: Map<number, Person>,
  { id, face, weight }: TrackedFace,
  time: number,
  image: PixelImage | undefined,
): void {
  const person = people.get(id) ?? { sightings: [], best: -1, score: 0, thumbnail: undefined, face };
  people.set(id, person);
  person.sightings.push({ time, box: face.box, label: label(faceRecord(face, AGE_ALONE)) });
  person.face = face;
  person.score = Math.max(person.score, face.score ?? 0);
  if (weight > person.best) {
    person.best = weight;
    person.thumbnail = image && cropImage(image, { box: face.box }, THUMBNAIL);
  }
}

/** Writes a copy of the video with the faces marked in every frame, by interpolation between the estimated ones. */
async function annotateClip(
  file: string,
  path: string,
  tracks: readonly (readonly Sighting[])[],
  gap: number,
): Promise<void> {
  const rate = await clipRate(file);
  const frames = async function* () {
    for await (const { image, time } of readClip(file, 1 / rate, 'near')) {
      const marked = tracks.flatMap((track) => placeAt(track, time, gap) ?? []);
      yield marked.length === 0 ? image : await drawOn(image, marked);
    }
  };
  await writeWhole(path, (partial) => writeClip(partial, file, rate, frames()));
}

/** Where a tracked face is at a time, linear between its sightings; undefined where it is not in view. */
function placeAt(track: readonly Sighting[], time: number, gap: number): Omit<Sighting, 'time'> | undefined {
  const next = track.findIndex((sighting) => sighting.time >= time);
  const after = track[next];
  if (after === undefined) return undefined;
  const before = track[next - 1];
  if (after.time === time) return after;
  if (before === undefined || after.time - before.time > gap) return undefined;
  const share = (time - before.time) / (after.time - before.time);
  const between = (of: (box: Box) => number) => of(before.box) + share * (of(after.box) - of(before.box));
  const box = {
    x: between(({ x }) => x),
    y: between(({ y }) => y),
    width: between(({ width }) => width),
    height: between(({ height }) => height),
  };
  return { box, label: before.label };
}
