/** Starts and stops a server: its child processes and its application. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { DestinationStream } from 'pino';
import { reasonOf } from '../files/index.js';
import { type Settings, variableOf } from './about.js';
import { createApp } from './app.js';
import { Metrics } from './metrics.js';
import { servedModels } from './models.js';
import { MemoryBudget } from './requests/index.js';
import { checkAddresses, checkExposure, SettingsError, shownSettings } from './settings/index.js';
import { type ChildOptions, startEstimatingPool } from './workers/index.js';

const MEGABYTE = 1e6;
/** The share of a picture's time after which the decoder stops itself, which spares the child process. */
const DECODE_SHARE = 0.5;
/**
 * Pictures that a child process has at a time: the next are decoded while one is estimated, and faces of several are
 * estimated together.
 */
const PICTURES_AT_ONCE = 4;
/** The built web page. */
const PAGE = {
  folder: fileURLToPath(new URL('../../dist/web/', import.meta.url)),
  models: fileURLToPath(new URL('../../models/', import.meta.url)),
};

export interface ServerOptions {
  /** Where logs go; standard output by default. */
  readonly log?: DestinationStream;
  /** The environment of the child processes. Default: that of this process. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface Server {
  /** For example `http://127.0.0.1:8080`. */
  readonly address: string;
  /** The child processes' ids. */
  readonly pids: readonly number[];
  /** Refuses new requests, finishes those accepted, and ends the child processes. Further calls return the same promise. */
  close(): Promise<void>;
}

/**
 * Starts a server. It accepts requests once this resolves.
 *
 * @example
 * const server = await startServer(await readSettings({ flags: { port: '0' } }));
 * server.address; // http://127.0.0.1:41235
 * await server.close();
 *
 * @throws an error of one sentence if a model cannot be loaded, the address is not available, or other machines could send
 * requests without a token
 */
export async function startServer(
  settings: Settings,
  { log, environment }: ServerOptions = {},
): Promise<Server> {
  checkExposure(settings);
  checkAddresses(settings);
  const models = await servedModels(settings);
  const metrics = new Metrics();
  const bodies = new MemoryBudget(settings.maxHeldMegabytes * MEGABYTE);
  let onLost = (_reason: string, _error?: Error) => {};
  const pool = await startEstimatingPool(
    {
      settings: childOptions(settings),
      workers: settings.workers ?? availableParallelism(),
      atOnce: PICTURES_AT_ONCE,
      queue: settings.queue,
      taskMs: settings.pictureSeconds * 1000,
      memory: settings.workerMegabytes * MEGABYTE,
      onLost: (reason, error) => onLost(reason, error),
    },
    withoutSecrets(environment ?? process.env),
  );
  try {
    const services = { settings, pool, models, metrics, bodies };
    const page = settings.page && existsSync(PAGE.folder) ? PAGE : undefined;
    const app = await createApp({
      services,
      version: version(),
      ...(page !== undefined && { page }),
      ...(log !== undefined && { log }),
    });
    onLost = (reason, error) => {
      metrics.workerLost(reason);
      app.log.warn({ reason, ...(error && { err: error }) }, 'a child process ended and is replaced');
    };
    app.log.info({ settings: shownSettings(settings) }, 'settings');
    const address = await app.listen({ host: settings.host, port: settings.port }).catch((error: Error) => {
      const place = `${settings.host}:${settings.port}`;
      throw new SettingsError(`${place}: it cannot be listened on: ${reasonOf(error)}`, { cause: error });
    });
    const end = async () => {
      const end = performance.now() + settings.endSeconds * 1000;
      const left = () => Math.max(0, end - performance.now());
      app.log.info({ ...pool.state }, 'ending');
      // Requests that are not answered by then are given up.
      const timer = setTimeout(() => app.server.closeAllConnections(), settings.endSeconds * 1000);
      await app.close();
      clearTimeout(timer);
      await pool.close(left());
      metrics.registry.clear();
    };
    let closing: Promise<void> | undefined;
    return {
      address,
      get pids() {
        return pool.pids;
      },
      close() {
        closing ??= end();
        return closing;
      },
    };
  } catch (error) {
    await pool.close(0);
    throw error;
  }
}

function childOptions(settings: Settings): ChildOptions {
  const { models, gender, turn, flip, cropped, maxMegapixels, pictureSeconds } = settings;
  const decodeSeconds = Math.floor(pictureSeconds * DECODE_SHARE);
  return {
    gender,
    turn,
    flip,
    cropped,
    maxPixels: Math.floor(maxMegapixels * 1e6),
    // The decoder counts whole seconds; shorter limits are enforced only by killing the process.
    ...(decodeSeconds > 0 && { maxDecodeSeconds: decodeSeconds }),
    ...(models.length > 0 && { models }),
  };
}

/** The environment without the token, which child processes do not need. */
function withoutSecrets({ [variableOf('token')]: _, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environment;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
