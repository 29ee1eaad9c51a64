/** What a server measures of itself, for Prometheus. No figure tells anything of a picture but its number of faces. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HeldBytes } from './requests/index.js';
import type { EstimatingPool } from './workers/index.js';

/** Seconds. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const COUNTS = [1, 2, 4, 8, 16, 32, 64];

/** A request's phases: its body arrives, a picture waits, a picture is worked on. */
export type Phase = 'receive' | 'wait' | 'work';

export class Metrics {
  readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'agewise_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATIONS,
    registers: [this.registry],
  });
  private readonly phases = new Histogram({
    name: 'agewise_phase_duration_seconds',
    help: 'Time of each phase: receive (of a request), wait and work (of a picture)',
    labelNames: ['phase'],
    buckets: DURATIONS,
    registers: [this.registry],
  });
  private readonly images = new Histogram({
    name: 'agewise_images_per_request',
    help: 'Pictures of a request',
    buckets: COUNTS,
    registers: [this.registry],
  });
  private readonly faces = new Histogram({
    name: 'agewise_faces_per_image',
    help: 'Faces estimated in a picture',
    buckets: [0, ...COUNTS],
    registers: [this.registry],
  });
  private readonly failures = new Counter({
    name: 'agewise_failures_total',
    help: 'Requests and pictures that failed, by what went wrong',
    labelNames: ['code'],
    registers: [this.registry],
  });
  private readonly lost = new Counter({
    name: 'agewise_workers_lost_total',
    help: 'Child processes that ended and were replaced, by why',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  constructor() {
    // Among them the delay of the event loop.
    collectDefaultMetrics({ register: this.registry });
  }

  /** Figures that are read when they are asked for. */
  watch(pool: EstimatingPool, held: HeldBytes): void {
    const registers = [this.registry];
    new Gauge({
      name: 'agewise_workers',
      help: 'Child processes that can estimate, by what they do',
      labelNames: ['state'],
      registers,
      collect() {
        const { ready, busy } = pool.state;
        this.set({ state: 'idle' }, ready - busy);
        this.set({ state: 'busy' }, busy);
      },
    });
    new Gauge({
      name: 'agewise_queue_images',
      help: 'Pictures that wait for a child process',
      registers,
      collect() {
        this.set(pool.state.waiting);
      },
    });
    new Gauge({
      name: 'agewise_workers_memory_bytes',
      help: 'Memory of all child processes',
      registers,
      async collect() {
        this.set(await pool.memory());
      },
    });
    new Gauge({
      name: 'agewise_held_bytes',
      help: 'Bytes of requests that are held',
      registers,
      collect() {
        this.set(held.bytes);
      },
    });
  }

  request(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status }, seconds);
  }

  phase(phase: Phase, seconds: number): void {
    this.phases.observe({ phase }, seconds);
  }

  pictures(count: number): void {
    this.images.observe(count);
  }

  found(faces: number): void {
    this.faces.observe(faces);
  }

  failed(code: string): void {
    this.failures.inc({ code });
  }

  workerLost(reason: string): void {
    this.lost.inc({ reason });
  }
}
