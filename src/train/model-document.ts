/** The metadata document of the model of a run, or of several. */
import { type AgeClass, GENDERS } from '../age/index.js';
import { FORMAT_VERSION, type InputSpec, type ModelMetadataDocument } from '../metadata/index.js';
import { AGE, GENDER } from './graph/index.js';

/** What differs between the models trained here. */
export interface ModelFacts
  extends Pick<ModelMetadataDocument, 'name' | 'provenance' | 'metrics' | 'trainedOn'> {
  readonly input: InputSpec;
  /** Undefined if it does not predict ages. */
  readonly classes: readonly AgeClass[] | undefined;
  /** The outputs of the networks that it averages, if it has outputs for them. */
  readonly members?: readonly string[] | undefined;
  /** Whether it has an output for gender. */
  readonly gender: boolean;
}

/** The document of a model with outputs `age`, probabilities `[N, K]`, and `gender`, `[N, 2]`, or one of both. */
export const modelDocument = (facts: ModelFacts): ModelMetadataDocument => ({
  formatVersion: FORMAT_VERSION,
  name: facts.name,
  input: facts.input,
  age: facts.classes
    ? {
        name: AGE,
        activation: 'probabilities',
        classes: facts.classes.map(({ from, to }) => (from === to ? from : [from, to])),
        ...(facts.members && { members: [...facts.members] }),
      }
    : null,
  gender: facts.gender ? { name: GENDER, activation: 'probabilities', labels: [...GENDERS] } : null,
  provenance: facts.provenance,
  metrics: facts.metrics,
  ...(facts.trainedOn && { trainedOn: facts.trainedOn }),
});
