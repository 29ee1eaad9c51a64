/** Threads and child processes of Node. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Starts a module as a thread. From sources, which Node cannot run by itself, it runs by way of tsx.
 * @param module its path from `base`, without its ending
 * @param base the `import.meta.url` of the module that starts it
 */
export function startThread(module: string, base: string, workerData: unknown): Worker {
  // What a program is that was given as text says nothing of a file, and a thread would take it for its own.
  const asText = process.execArgv.some((argument) => argument.startsWith('--input-type'));
  const options = { workerData, ...(asText && { execArgv: [] }) };
  if (!base.endsWith('.ts')) return new Worker(new URL(`${module}.js`, base), options);
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const source = JSON.stringify(new URL(`${module}.ts`, base).href);
  const code = `import(${tsx}).then((tsx) => { tsx.register(); return import(${source}); })`;
  return new Worker(code, { ...options, eval: true });
}

/**
 * Starts a module as a child process that is sent and sends structured clones, typed arrays among them. Its standard
 * error is this process's; it has no input and no output. From sources it runs by way of tsx.
 * @param module its path from `base`, without its ending
 * @param base the `import.meta.url` of the module that starts it
 */
export function startProcess(module: string, base: string, env: NodeJS.ProcessEnv): ChildProcess {
  const fromSource = base.endsWith('.ts');
  return fork(fileURLToPath(new URL(`${module}.${fromSource ? 'ts' : 'js'}`, base)), [], {
    env,
    execArgv: fromSource ? ['--import', import.meta.resolve('tsx')] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}
