/** An estimator's networks as one: faces in, each network's prediction for each face out. */
import type { Prediction } from '../metadata/index.js';
import { type FaceRegion, flipTensor, type PixelImage, preprocess } from '../vision/index.js';
import type { AgeModel } from './age-model.js';

/** Prepared faces: for each network an array with the faces' tensors one after another. */
export type Crops = readonly Float32Array[];

export class Predictor {
  /**
   * @param models several make an ensemble
   * @param flip whether to predict each face's mirror image too, in twice the time
   */
  constructor(
    private readonly models: readonly AgeModel[],
    private readonly flip: boolean,
  ) {}

  /** Memory for `count` faces. */
  allocate(count: number): Crops {
    return this.models.map((model) => new Float32Array(count * model.inputSize));
  }

  /**
   * Crops a face for each network, according to its metadata.
   * @param region null if the whole picture is the face
   * @param place which of the faces in `crops` it becomes
   */
  prepare(image: PixelImage, region: FaceRegion | null, crops: Crops, place: number): void {
    this.models.forEach((model, m) => {
      preprocess(image, region, model.metadata.input, crops[m]!, place * model.inputSize);
    });
  }

  /**
   * Each network's predictions for the first `count` faces, and for their mirror images. `crops` cannot be used again.
   * @throws MetadataError if an output contradicts the metadata, RuntimeError if a network fails
   */
  async predict(crops: Crops, count: number): Promise<Prediction[][]> {
    const views: Prediction[][] = [];
    for (const [m, model] of this.models.entries()) {
      const predict = async () =>
        (await model.predict(crops[m]!, count)).map(
          (prediction): Prediction => ({ ...prediction, model: m }),
        );
      views.push(await predict());
      if (this.flip) {
        for (let i = 0; i < count; i++) flipTensor(crops[m]!, i * model.inputSize, model.metadata.input);
        views.push(await predict());
      }
    }
    return Array.from({ length: count }, (_, i) => views.map((view) => view[i]!));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.models.map((model) => model.dispose()));
  }
}
