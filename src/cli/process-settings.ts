/** Settings that can only be made when a process starts. A program that benefits from them restarts itself. */
import { spawn } from 'node:child_process';

/**
 * glibc asks for large pages (malloc.hugetlb of https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html),
 * so that passes over large tensors look up fewer of them: a training step takes up to 5% less.
 */
const TUNABLE = 'glibc.malloc.hugetlb';

/** Set in the restarted process. */
const MARK = 'AGEWISE_PROCESS_SETTINGS';

/** A terminal sends these to every process in its foreground group. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT', 'SIGHUP'] as const;
const FROM_PROCESSES = ['SIGTERM', 'SIGUSR2'] as const;

/** The environment with the settings for training added; unchanged if it already sets them. */
export function trainingEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const tunables = environment.GLIBC_TUNABLES ?? '';
  if (tunables.includes(TUNABLE)) return environment;
  const all = [...(tunables === '' ? [] : [tunables]), `${TUNABLE}=1`].join(':');
  return { ...environment, GLIBC_TUNABLES: all };
}

/**
 * Runs `main` in a process with the settings for training: in this process if they are set already or do not exist
 * (they are glibc's, on Linux), otherwise in a child process with the same program and arguments. The child shares
 * this process's input, output and signals and ends with it; this process exits with the child's code or signal.
 */
export async function withProcessSettings(main: () => void | Promise<void>): Promise<void> {
  if (process.env[MARK] !== undefined) {
    delete process.env[MARK];
    endWithParent();
    return main();
  }
  const environment = trainingEnvironment(process.env);
  if (environment === process.env || !hasGlibc()) return main();
  await startAgain({ ...environment, [MARK]: '1' });
}

function hasGlibc(): boolean {
  if (process.platform !== 'linux') return false;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

/** A killed parent cannot pass a signal on, but its end of the channel closes. */
function endWithParent(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}

async function startAgain(env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const atTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  const pass = (signal: NodeJS.Signals) => {
    child.kill(signal);
  };
  const wait = () => {};
  for (const signal of FROM_PROCESSES) process.on(signal, pass);
  for (const signal of FROM_TERMINAL) process.on(signal, atTerminal ? wait : pass);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...ended) => resolve(ended));
  });
  for (const name of [...FROM_PROCESSES, ...FROM_TERMINAL]) process.removeAllListeners(name);
  if (signal === null) process.exitCode = code ?? 0;
  else process.kill(process.pid, signal);
}
