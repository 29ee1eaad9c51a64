/** The work of a training in a browser: pictures become features, features train the head. */
import { readModel, writeModel } from '../onnx/index.js';
import { FACE_DETECTOR } from '../registry/index.js';
import { fileFetcher, modelFetcher } from '../registry/web.js';
import type { CreateSession, Device, Session } from '../runtime/index.js';
import { availableDevice, fastestThreads, webSessions } from '../runtime/web.js';
import {
  FaceDetector,
  findFaces,
  flipTensor,
  ImageError,
  inputSize,
  labelledFace,
  preprocess,
} from '../vision/index.js';
import { decodeImage, type WebImage } from '../vision/web.js';
import {
  type HeadEpoch,
  type HeadNetwork,
  type HeadOptions,
  type HeadSample,
  headNetwork,
  headViews,
  trainHead,
  withHead,
} from './heads/index.js';

/** Cloneable settings of a training. URLs are absolute. */
export interface TrainerSettings {
  readonly base: string;
  readonly modelsUrl: string;
  readonly wasmUrl: string;
  readonly workerUrl: string;
  readonly cache: boolean;
  readonly model: string | Uint8Array;
  readonly device: Device | undefined;
  readonly threads: number | undefined;
  readonly cropped: boolean;
}

export type SentPicture = Blob | Uint8Array | WebImage;

/** The spread of a labelled age in years: nobody can guess an adult's to the year, but anybody a newborn's. */
const SPREAD = { atBirth: 0.4, grown: 2, from: 5 } as const;

export class WebTrainer {
  private readonly samples: HeadSample[] = [];

  private constructor(
    private readonly network: HeadNetwork,
    private readonly backbone: Session,
    private readonly detector: FaceDetector | undefined,
    private readonly createSession: CreateSession,
    private readonly device: Device,
    private readonly threads: number,
  ) {}

  static async load(settings: TrainerSettings): Promise<WebTrainer> {
    const { base, modelsUrl, wasmUrl, workerUrl, cache, model, cropped } = settings;
    const fetchFile = fileFetcher({ cache });
    const device = settings.device ?? (await availableDevice());
    const startWorker = (name: string) => new Worker(workerUrl, { type: 'module', name });
    const threads = settings.threads ?? (await fastestThreads({ startWorker }));
    const createSession = webSessions({ files: new URL(wasmUrl), fetchFile });
    const readSource = modelFetcher({ folder: new URL(modelsUrl), base, fetchFile });
    const source =
      typeof model === 'string' ? await readSource(model) : { bytes: model, name: 'given as bytes' };
    const network = headNetwork(readModel(source.bytes), source.name);
    const on = { device, threads };
    const backbone = await createSession(writeModel(network.backbone), source.name, on);
    let detector: FaceDetector | undefined;
    if (!cropped) {
      const { bytes, name } = await readSource(FACE_DETECTOR);
      detector = new FaceDetector(await createSession(bytes, name, on));
    }
    return new WebTrainer(network, backbone, detector, createSession, device, threads);
  }

  /** Computes and keeps the features of a picture's largest face. @throws ImageError if there is none */
  async add(picture: SentPicture, name: string, age: number): Promise<void> {
    const input = picture instanceof Blob ? new Uint8Array(await picture.arrayBuffer()) : picture;
    const image = await decodeImage(input, { name });
    const found =
      this.detector && labelledFace(await findFaces(this.detector, image, { turn: true }), undefined);
    if (this.detector && found === undefined) throw new ImageError(name, 'a face', 'none');
    const spec = this.network.metadata.input;
    const size = inputSize(spec);
    const crops = new Float32Array(2 * size);
    preprocess(found?.turned ?? image, found?.region ?? null, spec, crops);
    crops.copyWithin(size, 0, size);
    flipTensor(crops, size, spec);
    const [view, mirrored] = await headViews(this.network, this.backbone, crops, 2);
    this.samples.push({ ...view!, mirrored: mirrored!, label: { age, std: spreadOf(age) } });
  }

  /** @returns the model's file, and the curve */
  async train(
    { validationShare, ...options }: HeadOptions & { readonly validationShare: number },
    onEpoch: (record: HeadEpoch) => boolean | Promise<boolean>,
  ): Promise<{
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly epoch: number;
    readonly history: readonly HeadEpoch[];
  }> {
    const { samples, network, createSession, device, threads } = this;
    const held = heldOut(samples.length, validationShare);
    const parts = {
      training: samples.filter((_, i) => !held.has(i)),
      validation: samples.filter((_, i) => held.has(i)),
    };
    const settings = { ...options, device, threads };
    const { layer, epoch, history } = await trainHead(network, createSession, parts, settings, onEpoch);
    const data = `its age head on ${parts.training.length} pictures of a user`;
    return { bytes: new Uint8Array(writeModel(withHead(network, layer, data))), epoch, history };
  }
}

function spreadOf(age: number): number {
  const { atBirth, grown, from } = SPREAD;
  return Math.min(grown, atBirth + ((grown - atBirth) * age) / from);
}

/** Evenly spaced samples, so that a folder sorted by age gives both parts all ages. */
function heldOut(count: number, share: number): Set<number> {
  const held = Math.max(0, Math.min(count - 1, Math.round(count * share)));
  return new Set(Array.from({ length: held }, (_, i) => Math.floor(((i + 0.5) * count) / held)));
}
