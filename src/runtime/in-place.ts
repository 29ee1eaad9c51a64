/**
 * Outputs that a run leaves where it is told to, and nowhere else. ONNX Runtime's binding for Node (1.30) copies every
 * output of a run into new memory of JavaScript's, those too for which it was given memory: with the state of a
 * training step among them, a tenth of ResNet-18's step. It hands outputs over in the graph's order and ends with an
 * error at the first that is no tensor, which by then concerns nobody: all are computed and lie where they were meant
 * to. So the first output is made a sequence, of nothing.
 */
import type { Model } from '../onnx/index.js';

/** The output that ends the handing over. */
const END = 'agewise.end';

/** What the binding says when it comes to it. */
const COMPLAINT = 'Non tensor type is temporarily not supported.';

/** The same model, for runs that leave their outputs in tensors given (`Session.run`). */
export function outputsInPlace(model: Model): Model {
  const { graph } = model;
  const end = {
    name: END,
    domain: '',
    op: 'SequenceEmpty',
    inputs: [],
    outputs: [END],
    attributes: new Map(),
  };
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...graph.nodes, end],
      outputs: [{ name: END, type: undefined }, ...graph.outputs],
    },
  };
}

/** What to ask a session of these outputs for besides, so that none of the others is copied. */
export const endOf = (outputNames: readonly string[]): Record<string, null> =>
  outputNames[0] === END ? { [END]: null } : {};

/** Whether an error is the one that `outputsInPlace` provokes. */
export const isEnd = (error: unknown, outputNames: readonly string[]): boolean =>
  outputNames[0] === END && (error as Error).message === COMPLAINT;
