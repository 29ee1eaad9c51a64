/** What comes in, checked before anything is done with it. */
export { type BodyLimits, RETRY_SECONDS, readBody } from './body.js';
export { clientGone, RequestError } from './error.js';
export { HeldBytes } from './held.js';
export { isMultipart, multipartFiles } from './multipart.js';
export { checkedQuery } from './query.js';
export { tokenCheck } from './token.js';
