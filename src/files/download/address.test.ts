import { describe, expect, it } from 'vitest';
import { requestOf } from './address.js';

describe('requestOf', () => {
  it('moves user and password into the header of RFC 7617', () => {
    // The example of its section 2.
    expect(requestOf('https://Aladdin:open%20sesame@example.org/a?b=c')).toEqual({
      url: 'https://example.org/a?b=c',
      headers: { authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' },
    });
  });

  it('leaves other addresses unchanged', () => {
    expect(requestOf('https://example.org/a b')).toEqual({ url: 'https://example.org/a b', headers: {} });
  });
});
