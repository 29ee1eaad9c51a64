/** Reads and checks requests. */
export { RETRY_SECONDS, readBody } from './body.js';
export { clientGone, RequestError } from './error.js';
export { MemoryBudget } from './memory-budget.js';
export { isMultipart, multipartFiles } from './multipart.js';
export { checkedQuery } from './query.js';
export { tokenCheck } from './token.js';
