/**
 * The floor of a pipeline on ONNX Runtime: the time of its network executions alone. Each execution in a pass over some
 * pictures is recorded with its session and inputs, and repeated by itself.
 */
import { InferenceSession } from 'onnxruntime-node';

type Execution = () => Promise<unknown>;

/** Runs the work once and returns the network executions that it made in this process, ready to be repeated. */
export async function recordExecutions(work: () => Promise<unknown>): Promise<Execution[]> {
  const executions: Execution[] = [];
  // The types call it a factory; it is the class of every session.
  const { prototype } = InferenceSession as unknown as { prototype: Pick<InferenceSession, 'run'> };
  const run = prototype.run;
  prototype.run = function (this: InferenceSession, ...parameters: unknown[]) {
    const execution = () => Reflect.apply(run, this, parameters);
    executions.push(execution);
    return execution();
  };
  try {
    await work();
  } finally {
    prototype.run = run;
  }
  if (executions.length === 0) throw new Error('the pipeline ran no network in this process');
  return executions;
}

/** Milliseconds of the executions one after another. */
export async function timeExecutions(executions: readonly Execution[]): Promise<number> {
  const start = performance.now();
  for (const execution of executions) await execution();
  return performance.now() - start;
}
