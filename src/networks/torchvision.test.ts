/** Forward passes against torchvision's, with the same weights and pictures. */
import { describe, expect, it } from 'vitest';
import fixture from '../../test/fixtures/torchvision.json' with { type: 'json' };
import { logitsOf } from '../../test/support/forward.js';
import { namedValues, namedWeights } from '../../test/support/named-values.js';
import { elementCount } from '../onnx/index.js';
import { networkOf } from './registry.js';

/** Of the largest logit. */
const TOLERANCE = 1e-4;

describe(`the logits of torchvision ${fixture.torchvision}`, () => {
  it.each(Object.entries(fixture.networks))('%s', async (name, { height, width, logits }) => {
    const network = networkOf(name);
    const dims = [fixture.batch, 3, height, width];
    const pictures = { dims, values: namedValues('images', elementCount(dims)) };
    const heads = { [network.classifier]: fixture.classes };
    const ours = (await logitsOf(network, pictures, heads, namedWeights)).get(network.classifier)!;
    expect(ours).toHaveLength(logits.length);
    const largest = Math.max(...logits.map(Math.abs));
    const difference = Math.max(...logits.map((value, i) => Math.abs(value - ours[i]!)));
    expect(difference / largest).toBeLessThan(TOLERANCE);
  });
});
