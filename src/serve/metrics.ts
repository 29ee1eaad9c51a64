/** The server's metrics for Prometheus. The only figure about a picture's content is its number of faces. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MemoryBudget } from './requests/index.js';
import type { EstimatingPool } from './workers/index.js';

/** Seconds. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const COUNTS = [1, 2, 4, 8, 16, 32, 64];

/** The phases of a request: its body arrives, a picture waits, a picture is processed. */
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
    help: 'Number of pictures in a request',
    buckets: COUNTS,
    registers: [this.registry],
  });
  private readonly faces = new Histogram({
    name: 'agewise_faces_per_image',
    help: 'Number of faces estimated in a picture',
    buckets: [0, ...COUNTS],
    registers: [this.registry],
  });
  private readonly failures = new Counter({
    name: 'agewise_failures_total',
    help: 'Requests and pictures that failed, by error code',
    labelNames: ['code'],
    registers: [this.registry],
  });
  private readonly lost = new Counter({
    name: 'agewise_workers_lost_total',
    help: 'Child processes that ended and were replaced, by reason',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  constructor() {
    // These include the delay of the event loop.
    collectDefaultMetrics({ register: this.registry });
  }

  /** Adds gauges that are read on each scrape. */
  watch(pool: EstimatingPool, bodies: MemoryBudget): void {
    const registers = [this.registry];
    new Gauge({
      name: 'agewise_workers',
      help: 'Child processes that are ready, by state',
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
      help: 'Bytes of request bodies in memory',
      registers,
      collect() {
        this.set(bodies.used);
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
