/** Training: recipes, the loop, runs and their results. */

export type { Figures } from '../metrics/index.js';
export { type Checkpoint, CheckpointError, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
export { type Evaluation, evaluate } from './evaluate.js';
export { ExportError, type Exported, type ExportOptions, exportRuns, type Measured } from './export/index.js';
export { type Assembled, assemble, GraphFileError } from './graph/index.js';
export type { ImportedFacts } from './import-card.js';
export { type ImportedWeights, type ImportWeightsOptions, importWeights } from './import-weights.js';
export type {
  ConfusionEntry,
  EpochEntry,
  LogEntry,
  NoticeEntry,
  SeparationEntry,
  StepEntry,
} from './log/index.js';
export {
  type FigureKind,
  figureNames,
  isCommon,
  isRun,
  kindOf,
  LogError,
  type RunFacts,
  readHistory,
  readRunFacts,
} from './log/index.js';
export type { StepReport } from './loop.js';
export { type OpenedRun, openRun, runFolders, runModel, runOutputs } from './open-run.js';
export {
  checkRecipe,
  loadRecipe,
  type Recipe,
  type RecipeDocument,
  RecipeError,
  type RecipeField,
  readRecipe,
  recipeFields,
  recipeText,
  type Stage,
  shippedRecipes,
  smokeForm,
} from './recipe/index.js';
export { openRunData, type RunData, reopenRunData } from './run-data.js';
export { startLoaders } from './run-loaders.js';
export { type RunSummary, type SummedUpRuns, summarizeRuns } from './run-summaries.js';
export { readSafetensors, SafetensorsError, writeSafetensors } from './safetensors.js';
export { type StepResult, StepRunner, type UpdateOptions } from './step-runner.js';
export { chooseTarget } from './target.js';
export { type Taught, TEACHER_YEARS, Teacher, writeTeacher } from './teacher.js';
export { resume, train } from './train.js';
export type { RunOutcome, RunStart, TrainOptions } from './train-options.js';
export { TrainingError } from './training-error.js';
export { type Backbone, type BackboneOptions, loadBackbone, WeightsError } from './weights/index.js';
