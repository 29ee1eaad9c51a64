/** All networks by name. */
import { suggestion } from '../names/index.js';
import { AL_RESNET } from './al-resnet.js';
import { ALEXNET } from './alexnet.js';
import {
  DEEP_AGE_4C2F,
  DEEP_AGE_4C2F_MOD,
  DEEP_AGE_ALEXNET,
  DEEP_AGE_CNN,
  DEEP_AGE_DNN,
  DEEP_AGE_LENET,
  DEEP_AGE_RESNET50_V2,
  DEEP_AGE_SOFTMAX,
  DEEP_AGE_VGG19,
} from './deep-age.js';
import { EFFICIENTNET_B0 } from './efficientnet.js';
import { NetworkError } from './error.js';
import { INCEPTION_V3, INCEPTION_V3_KERAS } from './inception.js';
import { LENET } from './lenet.js';
import { FOUR_CONVOLUTIONS, LEVI_HASSNER } from './levi-hassner.js';
import { MOBILENET } from './mobilenet.js';
import { MOBILENET_V2 } from './mobilenet-v2.js';
import { MOBILENET_V3_LARGE, MOBILENET_V3_SMALL } from './mobilenet-v3.js';
import { DENSE_NETWORK, SMALL_CNN, SOFTMAX_REGRESSION } from './plain.js';
import { RESNET18, RESNET34, RESNET50, RESNET50_V1, RESNET50_V2 } from './resnet.js';
import { ROW_RNN } from './row-rnn.js';
import { refusingSmallPictures } from './size.js';
import { SSR_NET } from './ssr-net.js';
import type { Network } from './types.js';
import { VGG_FACE, VGG16, VGG19 } from './vgg.js';
import { WRN_16_8, wideResNetNamed } from './wide-resnet.js';

/** In listing order: by family, large before small. */
export const NETWORKS: readonly Network[] = [
  VGG16,
  VGG19,
  VGG_FACE,
  RESNET18,
  RESNET34,
  RESNET50,
  RESNET50_V1,
  RESNET50_V2,
  AL_RESNET,
  DEEP_AGE_RESNET50_V2,
  DEEP_AGE_VGG19,
  DEEP_AGE_ALEXNET,
  DEEP_AGE_4C2F,
  DEEP_AGE_4C2F_MOD,
  DEEP_AGE_CNN,
  DEEP_AGE_DNN,
  DEEP_AGE_LENET,
  DEEP_AGE_SOFTMAX,
  WRN_16_8,
  INCEPTION_V3,
  INCEPTION_V3_KERAS,
  EFFICIENTNET_B0,
  MOBILENET,
  MOBILENET_V2,
  MOBILENET_V3_LARGE,
  MOBILENET_V3_SMALL,
  ALEXNET,
  LEVI_HASSNER,
  FOUR_CONVOLUTIONS,
  LENET,
  SSR_NET,
  SMALL_CNN,
  DENSE_NETWORK,
  ROW_RNN,
  SOFTMAX_REGRESSION,
].map(refusingSmallPictures);

/**
 * The network of that name: one of `NETWORKS`, or a wide ResNet of any depth and width, such as `wrn-28-10`.
 * @throws NetworkError if there is none, with a suggestion if a name is near.
 */
export function networkOf(name: string): Network {
  const network = NETWORKS.find((candidate) => candidate.name === name) ?? wideResNetNamed(name);
  if (network) return network;
  const advice = suggestion(
    name,
    NETWORKS.map((candidate) => candidate.name),
  );
  throw new NetworkError(`'${name}' is not a network${advice} ('agewise networks' lists them)`);
}
