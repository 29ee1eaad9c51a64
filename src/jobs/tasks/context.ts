/** What a worker gives to the work on a job, and the form of each kind of work. */
import type { AgeEstimator } from '../../estimate/index.js';
import type { FaceNetworks } from '../../estimate/node.js';
import type { Live } from '../live.js';
import type { Job, RunOf, Task } from '../schemas.js';

export interface JobContext {
  /** Aborted when the job is no longer this worker's, or the worker ends. */
  readonly signal: AbortSignal;
  /** Threads on the CPU; undefined for one for each core. */
  readonly threads: number | undefined;
  readonly estimators: Live<AgeEstimator>;
  readonly networks: Live<FaceNetworks>;
}

export interface TaskKind<Kind extends Task['kind']> {
  /** All jobs of a run, always the same ones: only what the inputs have gained since is not among them. */
  jobs(run: RunOf<Kind>): AsyncIterable<Job>;
  /**
   * Does one job. Its output appears as a whole under its own name, so that a job which is done twice, one after the other
   * or by two workers at once, is done once.
   */
  work(run: RunOf<Kind>, job: Job & { readonly number: number }, context: JobContext): Promise<void>;
  /** Joins what the jobs made. May be done twice, too. */
  join(run: RunOf<Kind>, context: JobContext): Promise<void>;
}
