/**
 * Face tracking: matches the faces of a frame with those of earlier frames by predicted position, overlap and appearance.
 * Pure: it works on boxes and descriptors, not on pixels.
 */
import { assign } from './assignment.js';
import { overlap } from './merge.js';
import type { Box, Landmarks, Point } from './types.js';

/** A face of a frame. */
export interface Sighted {
  readonly box: Box;
  readonly landmarks?: Landmarks | null;
  /** Its descriptor, see `FaceView`; without it, only positions are compared. */
  readonly appearance?: ArrayLike<number> | undefined;
  /** Whether it may continue a track but not start one. */
  readonly doubtful?: boolean;
}

/** The place of a tracked face, detected or predicted. */
export interface TrackPlace {
  readonly id: number;
  readonly box: Box;
  readonly landmarks: Landmarks | null;
  /** Whether it overlaps another tracked face, so that these pixels may show the other. */
  readonly covered: boolean;
  /** The time of its last detection, in seconds. */
  readonly sighted: number;
}

export interface TrackerOptions {
  /** How many seconds a face may be missing and still keep its id. Default 1.5. */
  readonly memory?: number;
}

const MEMORY = 1.5;

/** A track lives at least this many intervals between frames. */
const RARE_FRAMES = 2.5;

/** The maximum distance from the predicted position, in face sizes, and its growth per second without a detection. */
const REACH = 0.6;
const REACH_PER_SECOND = 1.5;
const FARTHEST = 2.2;

/** The weight of appearance against distance in face sizes: lower while positions are unambiguous. */
const LOOKS = 0.5;
const LOOKS_AFTER_COVER = 3;

/**
 * The difference of appearance from which it is another face, as after a cut: 0.1 is a correlation of 0.8. Within `AT_ONCE`
 * seconds a face hardly changes; later it may have turned or be lit differently.
 */
const AT_ONCE = 0.15;
const ANOTHER_AT_ONCE = 0.1;
const ANOTHER = 0.3;

/** Tracks whose boxes have a larger intersection over union cover each other. */
const COVERING = 0.12;

/** After being covered, a track stays ambiguous for this many uncovered detections. */
const CLEAR_SIGHTINGS = 3;

/** Gains of the running means of velocity and appearance. */
const VELOCITY_GAIN = 0.4;
const LOOK_GAIN = 0.15;
/** The gain of position while covered: the rest is the prediction. */
const COVERED_GAIN = 0.35;

/** The time constant in seconds with which a missing face is assumed to slow down. */
const COASTING = 0.4;

interface Track {
  readonly id: number;
  box: Box;
  landmarks: Landmarks | null;
  /** Pixels a second, and the change of the logarithm of its size a second. */
  velocity: { x: number; y: number; size: number };
  sighted: number;
  sightings: number;
  /** Its running mean, and that of the last detection. */
  appearance: Float64Array | undefined;
  latest: ArrayLike<number> | undefined;
  covered: boolean;
  /** The number of detections since it was last covered. */
  clear: number;
}

export class FaceTracker {
  private tracks: Track[] = [];
  private nextId = 1;
  private updated = Number.NEGATIVE_INFINITY;
  /** Seconds between the last two updates. */
  private interval = 0;
  private readonly memory: number;

  constructor({ memory = MEMORY }: TrackerOptions = {}) {
    this.memory = memory;
  }

  /** The predicted places at a time, in seconds, of all tracks within the memory. */
  predict(time: number): TrackPlace[] {
    const living = this.tracks.filter((track) => this.lives(track, time));
    const places = living.map((track) => predicted(track, time));
    return living.map((track, i) => ({
      id: track.id,
      ...places[i]!,
      covered: covers(places, i),
      sighted: track.sighted,
    }));
  }

  /**
   * Matches the faces of a frame with the tracks, and starts tracks for the rest.
   * @param time in seconds, later than that of the frame before
   * @returns each face's place and track id, in the order of `faces`; undefined for a doubtful face without a track
   */
  update(time: number, faces: readonly Sighted[]): (TrackPlace | undefined)[] {
    this.tracks = this.tracks.filter((track) => this.lives(track, time));
    this.interval = time - this.updated;
    this.updated = time;
    const { tracks } = this;
    const places = tracks.map((track) => predicted(track, time));
    places.forEach((_, i) => {
      const track = tracks[i]!;
      track.covered = covers(places, i);
      if (track.covered) track.clear = 0;
    });
    const costs = tracks.map((track, i) => faces.map((face) => pairCost(track, places[i]!.box, face, time)));
    const taken = new Map<number, Track>();
    assign(costs, FARTHEST + LOOKS_AFTER_COVER).forEach((face, i) => {
      if (face >= 0) taken.set(face, tracks[i]!);
    });
    return faces.map((face, i) => {
      const track = taken.get(i);
      if (track === undefined) return face.doubtful ? undefined : placeOf(this.begin(face, time));
      sight(track, face, places[tracks.indexOf(track)]!, time);
      return placeOf(track);
    });
  }

  /** Where frames are rare, a track outlives two of them, however long that takes. */
  private lives({ sighted }: Track, time: number): boolean {
    const rare = Number.isFinite(this.interval) ? RARE_FRAMES * this.interval : 0;
    return time - sighted <= Math.max(this.memory, rare);
  }

  private begin({ box, landmarks = null, appearance }: Sighted, time: number): Track {
    const track: Track = {
      id: this.nextId++,
      box,
      landmarks,
      velocity: { x: 0, y: 0, size: 0 },
      sighted: time,
      sightings: 1,
      appearance: appearance && Float64Array.from(appearance),
      latest: appearance,
      covered: this.tracks.some((other) => overlap(other.box, box).iou > COVERING),
      clear: CLEAR_SIGHTINGS,
    };
    this.tracks.push(track);
    return track;
  }
}

const placeOf = ({ id, box, landmarks, covered, sighted }: Track): TrackPlace => ({
  id,
  box,
  landmarks,
  covered,
  sighted,
});

const sizeOf = ({ width, height }: Box): number => Math.sqrt(width * height);
const centreOf = ({ x, y, width, height }: Box): Point => ({ x: x + width / 2, y: y + height / 2 });

interface Place {
  readonly box: Box;
  readonly landmarks: Landmarks | null;
}

/** Whether one of the places overlaps another. */
const covers = (places: readonly Place[], one: number): boolean =>
  places.some((other, j) => j !== one && overlap(other.box, places[one]!.box).iou > COVERING);

function predicted(track: Track, time: number): Place {
  const gap = time - track.sighted;
  // While covered it is assumed to keep its velocity.
  const going = track.covered ? gap : COASTING * (1 - Math.exp(-gap / COASTING));
  const { x, y, size } = track.velocity;
  return moved(track, { x: x * going, y: y * going }, Math.exp(size * Math.min(going, COASTING)));
}

/** A place moved by an offset in pixels and scaled about its centre. */
function moved({ box, landmarks }: Place, by: Point, growth: number): Place {
  const from = centreOf(box);
  const to = { x: from.x + by.x, y: from.y + by.y };
  const [width, height] = [box.width * growth, box.height * growth];
  const point = ({ x, y }: Point): Point => ({
    x: to.x + (x - from.x) * growth,
    y: to.y + (y - from.y) * growth,
  });
  return {
    box: { x: to.x - width / 2, y: to.y - height / 2, width, height },
    landmarks: landmarks && {
      rightEye: point(landmarks.rightEye),
      leftEye: point(landmarks.leftEye),
      nose: point(landmarks.nose),
      mouth: point(landmarks.mouth),
    },
  };
}

/** The cost of matching a face with a track; Infinity if it cannot be the same. */
function pairCost(track: Track, expected: Box, face: Sighted, time: number): number {
  const size = sizeOf(expected);
  const [from, to] = [centreOf(expected), centreOf(face.box)];
  const way = Math.hypot(to.x - from.x, to.y - from.y) / size;
  const growth = Math.abs(Math.log(sizeOf(face.box) / size));
  const distance = Math.hypot(way, growth);
  const reach = Math.min(FARTHEST, REACH + REACH_PER_SECOND * (time - track.sighted));
  if (distance > reach && overlap(expected, face.box).iou < 0.3) return Number.POSITIVE_INFINITY;
  const unlike = Math.min(
    difference(track.appearance, face.appearance),
    difference(track.latest, face.appearance),
  );
  if (unlike > (time - track.sighted <= AT_ONCE ? ANOTHER_AT_ONCE : ANOTHER)) return Number.POSITIVE_INFINITY;
  const weight = track.clear < CLEAR_SIGHTINGS ? LOOKS_AFTER_COVER : LOOKS;
  return distance + weight * difference(track.appearance, face.appearance);
}

/** The difference of two descriptors, in 0..1: (1 − correlation) / 2; 0 if one is missing. */
function difference(a: ArrayLike<number> | undefined, b: ArrayLike<number> | undefined): number {
  if (a === undefined || b === undefined) return 0;
  let [product, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return aa > 0 && bb > 0 ? (1 - product / Math.sqrt(aa * bb)) / 2 : 0;
}

function sight(track: Track, face: Sighted, expected: Place, time: number): void {
  // While covered, trust a detection only if its appearance fits.
  const certain = !track.covered || looksAlike(track.appearance, face.appearance);
  const gap = time - track.sighted;
  const [from, to] = [centreOf(track.box), centreOf(face.box)];
  if (certain) {
    const gain = track.sightings === 1 ? 1 : VELOCITY_GAIN;
    const follow = (old: number, change: number) => (gap > 0 ? old + gain * (change / gap - old) : old);
    track.velocity = {
      x: follow(track.velocity.x, to.x - from.x),
      y: follow(track.velocity.y, to.y - from.y),
      size: follow(track.velocity.size, Math.log(sizeOf(face.box) / sizeOf(track.box))),
    };
    track.box = face.box;
    track.landmarks = face.landmarks ?? null;
    track.latest = face.appearance;
  } else {
    const centre = centreOf(expected.box);
    const by = { x: COVERED_GAIN * (to.x - centre.x), y: COVERED_GAIN * (to.y - centre.y) };
    Object.assign(track, moved(expected, by, 1));
  }
  if (!track.covered && ++track.clear >= CLEAR_SIGHTINGS) learn(track, face.appearance);
  track.sighted = time;
  track.sightings++;
}

const looksAlike = (a: ArrayLike<number> | undefined, b: ArrayLike<number> | undefined): boolean =>
  a !== undefined && b !== undefined && difference(a, b) < ANOTHER_AT_ONCE;

function learn(track: Track, look: ArrayLike<number> | undefined): void {
  if (look === undefined) return;
  track.appearance ??= Float64Array.from(look);
  for (let i = 0; i < look.length; i++) track.appearance[i]! += LOOK_GAIN * (look[i]! - track.appearance[i]!);
}
