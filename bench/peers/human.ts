/** `@vladmandic/human`: face detection (BlazeFace), age and gender (HSE-FaceRes), nothing else. */
import { type Human, loadHuman } from '../../src/evaluate/index.js';
import { describeEngine } from './engine.js';
import { estimateEach, type Picture } from './pictures.js';
import { type Peer, type PeerFace, serve } from './worker.js';

/** How much larger than the face human makes its boxes by default; undone where boxes are compared. */
const BOX_SCALE = 1.4;

serve(async (): Promise<Peer> => {
  const human = await loadHuman();
  return {
    description: `human ${human.version} on ${await describeEngine(human.tf)}`,
    estimate: (files) => estimateEach(files, (picture) => estimate(human, picture)),
  };
});

async function estimate(human: Human, { width, height, data }: Picture): Promise<PeerFace[]> {
  const tensor = human.tf.tensor(data, [1, height, width, 3], 'float32');
  const result = await human.detect(tensor);
  human.tf.dispose(tensor);
  if (result.error) throw new Error(result.error);
  return result.face.map((face) => {
    const [x, y, w, h] = face.boxRaw;
    const box = { width: (w * width) / BOX_SCALE, height: (h * height) / BOX_SCALE };
    return {
      box: { x: (x + w / 2) * width - box.width / 2, y: (y + h / 2) * height - box.height / 2, ...box },
      age: face.age ?? Number.NaN,
      gender: face.gender === undefined || face.gender === 'unknown' ? null : face.gender,
    };
  });
}
