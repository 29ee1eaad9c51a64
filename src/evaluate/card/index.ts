/** Model cards. */
export { countTable, markdownTable, modelCardText } from './markdown.js';
export {
  CARD_VERSION,
  type CardFigure,
  type CardGroups,
  type CardModel,
  type ModelCard,
  modelCard,
} from './model-card.js';
