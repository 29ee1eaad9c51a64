/** Threads and child processes of Node. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

export { type ExitState, exitState, guarded, holdExit } from './exit-guard.js';

/**
 * Starts a module as a thread. TypeScript sources run through tsx.
 * @param module its path from `base`, without its ending
 * @param base the `import.meta.url` of the module that starts it
 */
export function startThread(module: string, base: string, workerData: unknown): Worker {
  // Options of a program given as text (`--eval`) must not reach the thread, which would apply them to its own module.
  const asText = process.execArgv.some((argument) => argument.startsWith('--input-type'));
  const options = { workerData, ...(asText && { execArgv: [] }) };
  if (!base.endsWith('.ts')) return new Worker(new URL(`${module}.js`, base), options);
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const source = JSON.stringify(new URL(`${module}.ts`, base).href);
  const code = `import(${tsx}).then((tsx) => { tsx.register(); return import(${source}); })`;
  return new Worker(code, { ...options, eval: true });
}

/**
 * Starts a module as a child process that exchanges structured clones, including typed arrays. It shares this process's
 * standard error and has no standard input or output. TypeScript sources run through tsx.
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
