/**
 * Losses as functions over graphs: each returns one value per sample, `[N]`; `totalLoss` averages these over the
 * labelled samples and sums the means.
 */
export { binaryCrossEntropy } from './binary.js';
export { coralDistribution, coralLoss } from './coral.js';
export { crossEntropy } from './cross-entropy.js';
export { type AgeRange, absoluteLoss, ageError, expectedAge, huberLoss } from './expectation.js';
export { genderCrossEntropy } from './gender.js';
export { meanLoss, varianceLoss } from './mean-variance.js';
export { type LossTerm, totalLoss, weightedMean } from './total.js';
