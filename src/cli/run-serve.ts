/** Runs `agewise serve`: settings → server, until a signal. */
import cluster from 'node:cluster';
import { checkExposure, readSettings, settingsText, startServer } from '../serve/index.js';
import { Console } from './console.js';
import type { ServeFlags } from './serve-flags.js';
import { EXIT } from './usage.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** @returns the exit code */
export async function runServe({ config, check, settings: flags }: ServeFlags): Promise<number> {
  const settings = await readSettings({ flags, environment: process.env, file: config });
  if (check) {
    checkExposure(settings);
    const aside = { host: '127.0.0.1', port: 0, workers: 1, logLevel: 'silent' };
    const server = await startServer({ ...settings, ...aside });
    await server.close();
    await new Console().print(settingsText(settings));
    return EXIT.done;
  }
  // A signal during the start ends it: nothing has been accepted.
  const server = await startServer(settings);
  await firstSignal();
  await server.close();
  // Under node:cluster the process would live on for its primary.
  cluster.worker?.disconnect();
  return EXIT.done;
}

/** Waits for a signal to end. The second is not caught. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    const take = () => {
      for (const signal of SIGNALS) process.off(signal, take);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, take);
  });
}
