/** Age checks of a live camera: a verdict about one person, once their age has settled. */
import { type AgeRule, type AgeVerification, JUDGEABLE, type TrackedFace, verifyFace } from './agewise.js';

/** How long a person must have been in view, and how long a verdict must stay the same, in seconds. */
const SETTLING = 1;
const STEADY = 0.5;

/** The number of good views that a verdict needs. */
const NEEDED_VIEWS = 5;

export interface Decision extends AgeVerification {
  /** The id of the face in the events of faces. */
  readonly id: number;
}

export class Decider {
  private id: number | undefined;
  private views = 0;
  private pending: { readonly decision: Decision; readonly since: number } | undefined;
  private decided: Decision['verdict'] | undefined;

  constructor(private readonly rule: AgeRule) {}

  /** @returns a decision if there is a new one */
  take(time: number, faces: readonly TrackedFace[]): Decision | undefined {
    const [person] = faces;
    if (person === undefined || faces.length > 1) {
      this.pending = undefined;
      return undefined;
    }
    if (person.id !== this.id) {
      this.id = person.id;
      this.views = 0;
      this.pending = undefined;
      this.decided = undefined;
    }
    const quality = person.single.view?.quality ?? null;
    if (quality === null || isJudgeable(quality)) this.views++;
    if (time - person.since < SETTLING) return undefined;
    // With enough good views the average is judged, even if the current view is bad.
    const judged = verifyFace(person.face, this.views >= NEEDED_VIEWS ? null : quality, this.rule);
    if (this.pending?.decision.verdict !== judged.verdict) {
      this.pending = { decision: { ...judged, id: person.id }, since: time };
    }
    if (time - this.pending.since < STEADY || judged.verdict === this.decided) return undefined;
    this.decided = judged.verdict;
    return { ...judged, id: person.id };
  }
}

const isJudgeable = ({ size, sharpness, turn }: { size: number; sharpness: number; turn: number }): boolean =>
  size >= JUDGEABLE.size && sharpness >= JUDGEABLE.sharpness && turn <= JUDGEABLE.turn;
