/** The child process that estimates: an estimator, and the single networks for tensors, all on one thread. */
import sharp from 'sharp';
import {
  AgeEstimator,
  type AgeModel,
  faceRecord,
  loadAgeNetwork,
  verificationRecord,
  verifyAge,
} from '../../estimate/node.js';
import { AGE_MODEL } from '../../registry/index.js';
import { ImageError, PixelBudget, type PixelImage } from '../../vision/index.js';
import { decodeImage } from '../../vision/node.js';
import { readInference } from '../inference/index.js';
import { runChild } from './child-main.js';
import type {
  ChildAnswer,
  ChildOptions,
  ChildTask,
  EstimateTask,
  NetworkAnswer,
  NetworkTask,
  VerifyTask,
} from './protocol.js';

/** The name of a picture in errors; the server adds its index. */
const NAME = 'image';

class Child {
  /** Loaded on first use, since most servers receive only pictures. */
  private readonly networks = new Map<number, Promise<AgeModel>>();
  /** All pictures in memory together have at most as many pixels as a single one may. */
  private readonly pixels: PixelBudget;

  private constructor(
    private readonly options: ChildOptions,
    private readonly estimator: AgeEstimator,
  ) {
    this.pixels = new PixelBudget(options.maxPixels);
  }

  static async load(options: ChildOptions): Promise<Child> {
    // Pictures rarely repeat, and there is one process per core.
    sharp.cache(false);
    sharp.concurrency(1);
    const { maxDecodeSeconds: _, ...rest } = options;
    return new Child(options, await AgeEstimator.load({ threads: 1, ...rest }));
  }

  async run(task: ChildTask, signal: AbortSignal): Promise<ChildAnswer> {
    switch (task.do) {
      case 'estimate':
        return this.decoded(task.picture, signal, (image) => this.estimate(image, task, signal));
      case 'verify':
        return this.decoded(task.picture, signal, (image) => this.verify(image, task, signal));
      case 'run':
        return this.runNetwork(task);
      case 'read':
        return readInference(task.body, task.jsonBytes, task.signature);
    }
  }

  async end(): Promise<void> {
    const networks = await Promise.all(this.networks.values());
    await Promise.all([this.estimator.dispose(), ...networks.map((network) => network.dispose())]);
  }

  private async estimate(
    image: PixelImage,
    { faces: options, details }: EstimateTask,
    signal: AbortSignal,
  ): Promise<ChildAnswer> {
    const { width, height, faces } = await this.estimator.estimate(image, { ...options, signal });
    return { width, height, faces: faces.map((face) => faceRecord(face, details)) };
  }

  private async verify(image: PixelImage, { rule }: VerifyTask, signal: AbortSignal): Promise<ChildAnswer> {
    const { faces } = await this.estimator.estimate(image, { signal });
    return verificationRecord(verifyAge(image, faces, rule));
  }

  private async runNetwork({ model, image, count }: NetworkTask): Promise<NetworkAnswer> {
    const network = await this.network(model);
    const outputs = await network.outputs(image, count);
    if (![...(outputs.age ?? []), ...(outputs.gender ?? [])].every(Number.isFinite)) {
      throw new ImageError(
        NAME,
        'numbers as described by the metadata of the model',
        'numbers without a finite result',
      );
    }
    return outputs;
  }

  /** Decodes a picture once there is room for its pixels, and works on it. */
  private async decoded<T>(
    picture: Uint8Array,
    signal: AbortSignal,
    work: (image: PixelImage) => Promise<T>,
  ): Promise<T> {
    const { maxPixels, maxDecodeSeconds: maxSeconds } = this.options;
    let release = () => {};
    const admit = async (pixels: number) => {
      release = await this.pixels.take(pixels);
      signal.throwIfAborted();
    };
    try {
      const seconds = maxSeconds !== undefined && { maxSeconds };
      return await work(await decodeImage(picture, { name: NAME, maxPixels, admit, ...seconds }));
    } finally {
      release();
    }
  }

  private network(model: number): Promise<AgeModel> {
    const { models = [AGE_MODEL], gender = true } = this.options;
    let network = this.networks.get(model);
    if (network === undefined) {
      network = loadAgeNetwork(models[model]!, { gender, threads: 1 });
      this.networks.set(model, network);
      network.catch(() => this.networks.delete(model));
    }
    return network;
  }
}

runChild<ChildOptions, ChildTask, ChildAnswer>({ load: (options) => Child.load(options) });
