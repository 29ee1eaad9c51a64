/**
 * Outputs written to given tensors only. ONNX Runtime's binding for Node (1.30) copies every output of a run into new
 * JavaScript memory, even if a tensor was passed for it; for the state of a training step that takes a tenth of
 * ResNet-18's step. It converts outputs in the graph's order and throws at the first that is not a tensor. By then all
 * outputs are computed and written to the tensors passed. So the first output is made an empty sequence, and the error
 * is ignored.
 */
import type { Model } from '../onnx/index.js';

/** The output that stops the conversion. */
const END = 'agewise.end';

/** The binding's error message for it. */
const COMPLAINT = 'Non tensor type is temporarily not supported.';

/** The same model, for runs that write their outputs to given tensors (`Session.run`). */
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

/** What to request in addition to these outputs, so that none of them is copied. */
export const endOf = (outputNames: readonly string[]): Record<string, null> =>
  outputNames[0] === END ? { [END]: null } : {};

/** Whether an error is the one that `outputsInPlace` causes. */
export const isEnd = (error: unknown, outputNames: readonly string[]): boolean =>
  outputNames[0] === END && (error as Error).message === COMPLAINT;
