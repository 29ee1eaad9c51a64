/**
 * In a process of its own, on WebGPU: trains the small ResNet and runs operators that the provider has trouble with.
 * Says as JSON what came of it and what ran on the CPU: `tsx test/support/train-on-webgpu.ts FOLDER`, a folder for
 * profiles.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lower } from '../../src/lowering/index.js';
import { tensorValues, writeModel } from '../../src/onnx/index.js';
import { floatData, floatTensor } from '../../src/runtime/index.js';
import { createSession } from '../../src/runtime/node.js';
import { chooseTarget } from '../../src/train/index.js';
import { type Course, type OptimizerName, trainSmallResNet } from './small-resnet.js';
import { webGpuOperators } from './webgpu-operators.js';

/** What ran on the CPU. */
export interface FallenBack {
  readonly op: string;
  /** The element types of what went in and came out. */
  readonly types: readonly string[];
}

export interface WebGpuCourse extends Course {
  readonly onGpu: number;
  readonly onCpu: readonly FallenBack[];
}

export interface WebGpuFindings {
  readonly courses: Readonly<Record<OptimizerName, WebGpuCourse>>;
  /** The outputs of `webGpuOperators` by name. */
  readonly operators: Readonly<Record<string, readonly number[]>>;
}

/** An event of a profile of ONNX Runtime, as far as it is read here. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args?: {
    readonly provider?: string;
    readonly op_name: string;
    readonly input_type_shape: readonly Readonly<Record<string, unknown>>[];
    readonly output_type_shape: readonly Readonly<Record<string, unknown>>[];
  };
}

async function course(name: OptimizerName, folder: string): Promise<WebGpuCourse> {
  const profile = join(folder, name);
  const found = await trainSmallResNet(name, await chooseTarget('webgpu'), { device: 'webgpu', profile });
  const file = (await readdir(folder)).find((entry) => entry.startsWith(name))!;
  const events = JSON.parse(await readFile(join(folder, file), 'utf8')) as ProfileEvent[];
  const kernels = events.flatMap(({ cat, args }) => (cat === 'Node' && args?.provider ? [args] : []));
  const onCpu = kernels
    .filter((kernel) => kernel.provider === 'CPUExecutionProvider')
    .map(({ op_name: op, input_type_shape: inputs, output_type_shape: outputs }) => ({
      op,
      types: [...inputs, ...outputs].flatMap(Object.keys),
    }));
  return { ...found, onGpu: kernels.length - onCpu.length, onCpu };
}

async function operators(): Promise<WebGpuFindings['operators']> {
  const { model, inputs } = webGpuOperators();
  const session = await createSession(writeModel(lower(model, { target: 'webgpu' })), 'operators', {
    device: 'webgpu',
  });
  const fed = inputs.map((t) => [t.name, floatTensor(tensorValues(t) as Float32Array, t.dims)]);
  const found = await session.run(Object.fromEntries(fed));
  await session.dispose();
  return Object.fromEntries(Object.entries(found).map(([name, t]) => [name, [...floatData(t)]]));
}

const folder = process.argv[2]!;
const courses = { sgd: await course('sgd', folder), adamw: await course('adamw', folder) };
const findings: WebGpuFindings = { courses, operators: await operators() };
console.log(JSON.stringify(findings));
