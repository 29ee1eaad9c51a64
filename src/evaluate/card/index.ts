/** Model cards. */
export { modelCardText } from './markdown.js';
export {
  CARD_VERSION,
  type CardFigure,
  type CardGroups,
  type CardModel,
  type ModelCard,
  type CardMetadata,
  modelCard,
} from './model-card.js';
