/**
 * Losses as functions over graphs: each gives one value a sample, `[N]`, which `totalLoss` averages over the samples
 * that have the label and sums up.
 */
export { binaryCrossEntropy } from './binary.js';
export { coralDistribution, coralLoss } from './coral.js';
export { crossEntropy } from './cross-entropy.js';
export { type AgeRange, absoluteLoss, ageError, expectedAge, huberLoss } from './expectation.js';
export { genderCrossEntropy } from './gender.js';
export { meanLoss, varianceLoss } from './mean-variance.js';
export { type LossTerm, totalLoss, weightedMean } from './total.js';
