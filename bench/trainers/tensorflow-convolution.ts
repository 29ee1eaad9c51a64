/**
 * A convolution of TensorFlow.js with gradients made of convolutions. The WASM backend has no kernel for the gradient
 * for the weights, and its kernel for that for the input is a plain loop, several times slower than its convolution.
 */
import * as tf from '@tensorflow/tfjs';

/** `[N, H, W, C]`. */
export type Images = tf.Tensor4D;
/** `[height, width, in, out]`. */
export type Kernel = tf.Tensor4D;

interface Convolution {
  readonly stride: number;
  /** On each side, so that the size is kept at stride 1. */
  readonly pad: number;
  /** Whether the images need a gradient: those of the first layer do not. */
  readonly inner: boolean;
}

export function convolve(x: Images, kernel: Kernel, stride: number, inner: boolean): Images {
  const one: Convolution = { stride, pad: (kernel.shape[0] - 1) / 2, inner };
  return tf.customGrad((...parameters) => {
    const [images, weights, save] = parameters as unknown as [Images, Kernel, tf.GradSaveFunc];
    save([images, weights]);
    return {
      value: tf.conv2d(images, weights, stride, one.pad),
      gradFunc: (dy, saved) => gradients(one, dy as Images, saved as [Images, Kernel]),
    };
  })(x, kernel) as Images;
}

function gradients(one: Convolution, dy: Images, [x, kernel]: [Images, Kernel]): tf.Tensor[] {
  const dx = one.inner ? inputGradient(one, dy, kernel, x.shape[1]) : tf.zerosLike(x);
  return [dx, weightGradient(one, dy, x, kernel.shape[0])];
}

/** dy, its pixels a stride apart, under the weights turned by 180 degrees. */
function inputGradient({ stride, pad }: Convolution, dy: Images, kernel: Kernel, size: number): Images {
  const reach = kernel.shape[0] - 1;
  const wide = spread(dy, stride);
  const before = reach - pad;
  const after = size + reach - wide.shape[1] - before;
  const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(padded(wide, before, after), turned, 1, 'valid');
}

/** The images as channels and the channels as images, under dy as a kernel whose places are a stride apart. */
function weightGradient({ stride, pad }: Convolution, dy: Images, x: Images, size: number): Kernel {
  const [batch, count] = dy.shape;
  const seen = size + stride * (count - 1);
  const part = tf.slice(padded(x, pad, pad), [0, 0, 0, 0], [batch, seen, seen, x.shape[3]]);
  const found = tf.conv2d(
    tf.transpose(part, [3, 1, 2, 0]),
    tf.transpose(dy, [1, 2, 0, 3]),
    1,
    'valid',
    'NHWC',
    stride,
  );
  return tf.transpose(found, [1, 2, 0, 3]);
}

function padded(x: Images, before: number, after: number): Images {
  if (before === 0 && after === 0) return x;
  const none: [number, number] = [0, 0];
  return tf.pad4d(x, [none, [before, after], [before, after], none]);
}

/** Zeros behind each pixel, so that the next is `step` away. */
function spread(x: Images, step: number): Images {
  if (step === 1) return x;
  const [n, h, w, c] = x.shape;
  const behind = (rows: number, length: number) =>
    tf.pad3d(tf.reshape(x, [rows, 1, length]), [
      [0, 0],
      [0, step - 1],
      [0, 0],
    ]);
  x = tf.reshape(behind(n * h * w, c), [n, h, step * w, c]);
  return tf.reshape(behind(n * h, step * w * c), [n, step * h, step * w, c]);
}
