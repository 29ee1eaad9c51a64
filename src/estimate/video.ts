/**
 * Ages in a video: faces are tracked from frame to frame and each track's distributions are averaged over time, so that its
 * age settles. Sharp, frontal and large views weigh more. Pure: the caller supplies the faces of each frame.
 */
import {
  type AgeClass,
  type AgeDistribution,
  ageStatistics,
  areGroups,
  likeliestGroup,
  OLDEST,
  YOUNGEST,
  yearClasses,
  yearProbabilities,
} from '../age/index.js';
import { type FaceQuality, FaceTracker, type TrackPlace } from '../vision/index.js';
import { FaceEstimate, likelierGender } from './face.js';
import type { FaceData, FacePlace } from './face-data.js';
import type { FollowOptions } from './options.js';
import type { FrameOptions } from './pipeline.js';

/** A tracked face in a frame. */
export interface TrackedFace {
  /** Identifies the face across frames; counts from 1. */
  readonly id: number;
  /** The average over all its views, at its place in this frame. */
  readonly face: FaceEstimate;
  /** The estimate from this frame alone. */
  readonly single: FaceEstimate;
  /** The weight of this frame's view: 1 for a sharp, large, frontal one, 0 if another face covers it. */
  readonly weight: number;
  /** The time of the frame in which it was first found, in seconds. */
  readonly since: number;
}

export interface FrameEstimate {
  /** In seconds, as given. */
  readonly time: number;
  /** The upright frame's size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly TrackedFace[];
}

/** Detection takes several times as long as following faces: at 20 frames a second, a new face waits 0.25 s for it. */
const DETECT_EVERY = 5;

/** The minimum score that starts a track; less is enough to continue one. */
const NEW_SCORE = 0.6;

/** Seconds after which faces are detected anew, however few frames there were: on a slow machine motion leads astray. */
const LONGEST_EXTRAPOLATION = 0.4;

/** The time constant in seconds with which old views lose weight, so that an error of tracking does not last. */
const FORGETTING = 20;

export class FaceFollower {
  private readonly tracker: FaceTracker;
  private readonly detectEvery: number;
  private readonly quick: boolean;
  private readonly people = new Map<number, Person>();
  /** The number of frames since the last detection. */
  private frames = Number.POSITIVE_INFINITY;
  private detected = Number.NEGATIVE_INFINITY;
  /** The tracks whose places the current frame was given; undefined if it was detected. */
  private asked: readonly TrackPlace[] | undefined;

  constructor({ detectEvery = DETECT_EVERY, memory, thorough = false }: FollowOptions = {}) {
    this.tracker = new FaceTracker(memory === undefined ? {} : { memory });
    this.detectEvery = detectEvery;
    this.quick = !thorough;
  }

  /** How to process the frame of that time. Call `take` with its faces before the next frame. */
  next(time: number): FrameOptions {
    this.frames++;
    const known = this.tracker.predict(time).filter(({ sighted }) => sighted === this.detected);
    const due = this.frames >= this.detectEvery || time - this.detected > LONGEST_EXTRAPOLATION;
    this.asked = !due && known.length > 0 ? known : undefined;
    if (this.asked === undefined) {
      this.frames = 0;
      return { quick: this.quick };
    }
    const places = this.asked.map(({ id, box, landmarks }): FacePlace => {
      return { box, landmarks, score: this.people.get(id)?.score ?? null };
    });
    return { quick: this.quick, faces: places };
  }

  /** Adds the frame's faces to their tracks and returns the averages so far. */
  take(time: number, faces: readonly FaceData[]): TrackedFace[] {
    const places = this.asked ?? this.detect(time, faces);
    const found: TrackedFace[] = [];
    faces.forEach((face, i) => {
      const place = places[i];
      if (place !== undefined) found.push(this.person(place.id, time).see(face, place.covered, time));
    });
    return found;
  }

  private detect(time: number, faces: readonly FaceData[]): (TrackPlace | undefined)[] {
    this.detected = time;
    const sighted = faces.map(({ box, landmarks, view, score }) => ({
      box,
      landmarks,
      appearance: view?.appearance,
      doubtful: score !== null && score < NEW_SCORE,
    }));
    const places = this.tracker.update(time, sighted);
    const living = new Set(this.tracker.predict(time).map(({ id }) => id));
    for (const id of this.people.keys()) if (!living.has(id)) this.people.delete(id);
    return places;
  }

  private person(id: number, time: number): Person {
    const known = this.people.get(id) ?? new Person(id, time);
    this.people.set(id, known);
    return known;
  }
}

/** The weighted sums over a track's views. */
class Person {
  score: number | null = null;
  private last: number;
  private weight = 0;
  /** The classes of all its views: groups if the model predicts groups, otherwise years. */
  private classes: readonly AgeClass[] = [];
  private sums = new Float64Array(0);
  /** The interval's ends relative to the age. */
  private readonly interval: [below: number, above: number] = [0, 0];
  private female = 0;

  constructor(
    private readonly id: number,
    private readonly since: number,
  ) {
    this.last = since;
  }

  see(face: FaceData, covered: boolean, time: number): TrackedFace {
    const weight = covered ? 0 : viewWeight(face.view?.quality);
    this.score = face.score;
    this.forget(time);
    if (weight > 0) this.add(face, weight);
    const single = new FaceEstimate(face);
    const shown = this.weight > 0 ? this.average(face) : single;
    return { id: this.id, face: shown, single, weight, since: this.since };
  }

  private forget(time: number): void {
    const kept = Math.exp((this.last - time) / FORGETTING);
    this.last = time;
    this.weight *= kept;
    this.female *= kept;
    this.interval[0] *= kept;
    this.interval[1] *= kept;
    for (let k = 0; k < this.sums.length; k++) this.sums[k]! *= kept;
  }

  private add(face: FaceData, weight: number): void {
    this.weight += weight;
    const { classes, probabilities } = averageable(face.distribution);
    if (this.sums.length !== classes.length) {
      this.classes = classes;
      this.sums = new Float64Array(classes.length);
    }
    for (let k = 0; k < classes.length; k++) this.sums[k]! += weight * probabilities[k]!;
    this.interval[0] += weight * (face.interval[0] - face.age);
    this.interval[1] += weight * (face.interval[1] - face.age);
    if (face.gender !== undefined) this.female += weight * femaleOf(face.gender);
  }

  private average(face: FaceData): FaceEstimate {
    const { box, landmarks, score, gender, view } = face;
    const distribution = { classes: this.classes, probabilities: this.sums.map((p) => p / this.weight) };
    const { mean, median, std } = ageStatistics(distribution);
    const group = likeliestGroup(distribution);
    const end = (offset: number) => Math.min(OLDEST, Math.max(YOUNGEST, mean + offset / this.weight));
    return new FaceEstimate({
      box,
      landmarks,
      score,
      age: mean,
      median,
      std,
      interval: [end(this.interval[0]), end(this.interval[1])],
      distribution,
      ...(group && { group }),
      ...(gender && { gender: likelierGender(this.female / this.weight) }),
      ...(view && { view }),
    });
  }
}

/** Over years, but groups stay groups; empty for a model that predicts only gender. */
const averageable = (distribution: AgeDistribution): AgeDistribution =>
  distribution.classes.length === 0 || areGroups(distribution.classes)
    ? distribution
    : { classes: yearClasses(), probabilities: yearProbabilities(distribution) };

const femaleOf = ({ label, probability }: NonNullable<FaceData['gender']>): number =>
  label === 'female' ? probability : 1 - probability;

/** From these a view has full weight; at `halfTurn` it has half. See `FaceQuality`. */
const FULL = { sharpness: 0.06, size: 80, halfTurn: 0.4 } as const;
/** The minimum weight, so that a face without better views has an age too. */
const LEAST_WEIGHT = 0.01;

/**
 * The weight of a view, in 0..1: roughly the inverse of the squared error that its flaws add (see the figures of
 * `JUDGEABLE`). It is 1 if the quality is unknown.
 */
export function viewWeight(quality: FaceQuality | undefined): number {
  if (quality === undefined) return 1;
  const sharp = Math.min(1, quality.sharpness / FULL.sharpness) ** 2;
  const large = Math.min(1, quality.size / FULL.size);
  const frontal = 1 / (1 + (quality.turn / FULL.halfTurn) ** 2);
  return Math.max(LEAST_WEIGHT, sharp * large * frontal);
}
