/** The token that a client must show (RFC 6750). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestError } from './error.js';

const BEARER = /^bearer +(\S+) *$/i;

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * A check of an `Authorization` header. Digests of one length are compared, in a time that does not tell where they differ.
 * @throws RequestError where the token is missing or another
 */
export function tokenCheck(token: string): (authorization: string | undefined) => void {
  const expected = digest(token);
  return (authorization) => {
    const given = BEARER.exec(authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    const found = given === undefined ? 'none' : 'another';
    throw new RequestError(
      401,
      { subject: 'Authorization', expected: 'a bearer token', found },
      { close: true },
    );
  };
}
