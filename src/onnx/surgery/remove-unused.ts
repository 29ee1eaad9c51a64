import type { Model } from '../graph.js';
import { prune } from '../traverse.js';

/** The model without nodes, constants and notes that its outputs do not depend on. All its inputs stay. */
export const removeUnused = (model: Model): Model => ({ ...model, graph: prune(model.graph) });
