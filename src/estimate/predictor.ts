/** The networks of an estimator, taken for one: faces in, what each network says of each face out. */
import type { Prediction } from '../metadata/index.js';
import { type FaceRegion, flipTensor, type PixelImage, preprocess } from '../vision/index.js';
import type { AgeModel } from './age-model.js';

/** Faces side by side, prepared for each of the networks: an array for each, of a face's numbers after another's. */
export type Crops = readonly Float32Array[];

export class Predictor {
  /**
   * @param models several make an ensemble
   * @param flip whether each face's mirror image is looked at as well, which takes twice the time
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
   * Cuts a face out of its picture, for each network as that wants it.
   * @param region null where the whole picture is the face
   * @param place which of the faces in `crops` it becomes
   */
  prepare(image: PixelImage, region: FaceRegion | null, crops: Crops, place: number): void {
    this.models.forEach((model, m) => {
      preprocess(image, region, model.metadata.input, crops[m]!, place * model.inputSize);
    });
  }

  /**
   * What each network says, and says of the mirror images, of the first `count` faces. `crops` cannot be used again.
   * @throws MetadataError where an answer is not what the metadata say, RuntimeError where a network fails
   */
  async predict(crops: Crops, count: number): Promise<Prediction[][]> {
    const views: Prediction[][] = [];
    for (const [m, model] of this.models.entries()) {
      views.push(await model.predict(crops[m]!, count));
      if (this.flip) {
        for (let i = 0; i < count; i++) flipTensor(crops[m]!, i * model.inputSize, model.metadata.input);
        views.push(await model.predict(crops[m]!, count));
      }
    }
    return Array.from({ length: count }, (_, i) => views.map((view) => view[i]!));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.models.map((model) => model.dispose()));
  }
}
