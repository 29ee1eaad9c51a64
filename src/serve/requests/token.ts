/** The bearer token of clients (RFC 6750). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestError } from './error.js';

const BEARER = /^bearer +(\S+) *$/i;

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * A comparison with a token. Digests of equal length are compared in constant time, so that timing does not reveal whether
 * or where two texts differ.
 */
export function comparison(token: string): (given: string) => boolean {
  const expected = digest(token);
  return (given) => timingSafeEqual(digest(given), expected);
}

/**
 * A check of an `Authorization` header.
 * @throws RequestError if the token is missing or wrong
 */
export function tokenCheck(token: string): (authorization: string | undefined) => void {
  const isToken = comparison(token);
  return (authorization) => {
    const given = BEARER.exec(authorization ?? '')?.[1];
    if (given !== undefined && isToken(given)) return;
    const found = given === undefined ? 'none' : 'another';
    throw new RequestError(
      401,
      { subject: 'Authorization', expected: 'a bearer token', found },
      { close: true },
    );
  };
}
