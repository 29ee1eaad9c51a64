/** The interface of each kind of task, and what a worker passes to it. */
import type { OpenedStore } from '../../bulk/node.js';
import type { AgeEstimator } from '../../estimate/index.js';
import type { FaceNetworks } from '../../estimate/node.js';
import type { StorePictures } from '../../evaluate/index.js';
import type { LastLoaded } from '../last-loaded.js';
import type { Job, RunOf, Task } from '../schemas.js';

export interface JobContext {
  /** Aborted when this worker loses the job or ends. */
  readonly signal: AbortSignal;
  /** Threads on the CPU; undefined for one per core. */
  readonly threads: number | undefined;
  readonly estimators: LastLoaded<AgeEstimator>;
  readonly networks: LastLoaded<FaceNetworks>;
  /** Stay open, since opening a store reads the positions of all its pictures. */
  readonly stores: LastLoaded<OpenedStore>;
  readonly labelled: LastLoaded<StorePictures>;
}

export interface TaskKind<Kind extends Task['kind']> {
  /** All jobs of a run: always the same ones, even if the inputs have grown. */
  jobs(run: RunOf<Kind>): AsyncIterable<Job>;
  /**
   * Does one job. It writes its output whole under its own name, so that a job done twice, even by two workers at once, has
   * the effect of one.
   */
  runJob(run: RunOf<Kind>, job: Job & { readonly number: number }, context: JobContext): Promise<void>;
  /** Joins the outputs of all jobs. May also be done twice. */
  join(run: RunOf<Kind>, context: JobContext): Promise<void>;
}
