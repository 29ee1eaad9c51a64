/** Training steps of ResNet-18 in TensorFlow.js: `tensorflow.ts BATCH SIZE CLASSES MATERIAL`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { ROOT } from '../lib/paths.js';
import { serveSteps } from './serve.js';
import { convolve, type Images, type Kernel } from './tensorflow-convolution.js';

const [RATE, MOMENTUM, EPSILON] = [0.0001, 0.9, 1e-5];

/** Reads a file's float32 values one array after the other. */
class Material {
  private readonly bytes: Buffer;
  private offset = 0;

  constructor(file: string) {
    this.bytes = readFileSync(file);
  }

  read(...shape: number[]): tf.Tensor {
    const length = tf.util.sizeFromShape(shape) * Float32Array.BYTES_PER_ELEMENT;
    const start = this.bytes.byteOffset + this.offset;
    this.offset += length;
    return tf.tensor(new Float32Array(this.bytes.buffer.slice(start, start + length) as ArrayBuffer), shape);
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }
}

type Layer = (x: Images) => Images;

/** A convolution, kept in ONNX's layout in the file, and batch norm behind it. */
function convNorm(material: Material, inputs: number, outputs: number, size: number, stride = 1): Layer {
  const first = inputs === 3;
  const kernel = tf.variable(tf.transpose(material.read(outputs, inputs, size, size), [2, 3, 1, 0]));
  const [scale, offset] = [tf.variable(material.read(outputs)), tf.variable(material.read(outputs))];
  return (x) => {
    const y = convolve(x, kernel as tf.Tensor as Kernel, stride, !first);
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    return tf.batchNorm(
      y,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      offset as tf.Tensor1D,
      scale as tf.Tensor1D,
      EPSILON,
    ) as Images;
  };
}

function residual(material: Material, inputs: number, outputs: number, stride: number): Layer {
  const [first, second] = [
    convNorm(material, inputs, outputs, 3, stride),
    convNorm(material, outputs, outputs, 3),
  ];
  const shortcut = stride === 1 ? undefined : convNorm(material, inputs, outputs, 1, stride);
  return (x) => tf.relu(tf.add(second(tf.relu(first(x))), shortcut?.(x) ?? x));
}

/** Images to logits `[N, classes]`. */
function resnet18(material: Material, classes: number): (images: Images) => tf.Tensor2D {
  const stem = convNorm(material, 3, 64, 7, 2);
  const blocks = [64, 128, 256, 512].flatMap((width, stage) => [
    residual(material, stage === 0 ? width : width / 2, width, stage === 0 ? 1 : 2),
    residual(material, width, width, 1),
  ]);
  const [dense, bias] = [tf.variable(material.read(512, classes)), tf.variable(material.read(classes))];
  return (images) => {
    const pooled = tf.maxPool(tf.relu(stem(images)), 3, 2, 1);
    const features = blocks.reduce((x, block) => block(x), pooled);
    return tf.add(
      tf.matMul(tf.mean(features, [1, 2]) as tf.Tensor2D, dense as tf.Tensor as tf.Tensor2D),
      bias,
    );
  };
}

const [batch, size, classes] = process.argv.slice(2, 5).map(Number) as [number, number, number];
setWasmPaths(`${path.join(ROOT, 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`);
await tf.setBackend('wasm');
const material = new Material(process.argv[5]!);
const images = tf.transpose(material.read(batch, 3, size, size), [0, 2, 3, 1]) as Images;
const target = material.read(batch, classes) as tf.Tensor2D;
const network = resnet18(material, classes);
if (material.remaining > 0) throw new Error(`${material.remaining} bytes of the weights were not taken`);
const optimizer = tf.train.momentum(RATE, MOMENTUM);

const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'SIMD' : 'no SIMD';
const threads = (await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'))
  ? 'several threads'
  : 'one thread, in Node it has no more';
await serveSteps(
  { description: `TensorFlow.js ${tf.version_core} ${tf.getBackend()}, ${simd}, ${threads}` },
  async () => {
    const start = performance.now();
    const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(target, network(images)), true)!;
    const [value] = await loss.data();
    const milliseconds = performance.now() - start;
    loss.dispose();
    return { milliseconds, loss: value! };
  },
);
