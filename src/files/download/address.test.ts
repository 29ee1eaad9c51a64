import { describe, expect, it } from 'vitest';
import { maskAddress, maskAddressesIn, requestOf } from './address.js';

describe('maskAddress', () => {
  it.each([
    ['https://anna:geheim@example.org/a.onnx', 'https://***@example.org/a.onnx'],
    ['https://token@example.org/a.onnx', 'https://***@example.org/a.onnx'],
    ['https://anna:p@ss@example.org', 'https://***@example.org'],
    [
      'https://example.org/a?id=7&sig=ab%3D=&raw#sha256=00',
      'https://example.org/a?id=***&sig=***&raw#sha256=00',
    ],
    ['https://example.org/a@b/c.onnx', 'https://example.org/a@b/c.onnx'],
    ['models/what?a=b.onnx', 'models/what?a=b.onnx'],
    ['shipped:agewise-base', 'shipped:agewise-base'],
  ])('of %s', (address, shown) => expect(maskAddress(address)).toBe(shown));
});

it.each([
  [
    'network.weights=https://anna:geheim@example.org/a.h5?t=1',
    'network.weights=https://***@example.org/a.h5?t=***',
  ],
  ["data={ a: 'https://x@example.org' }", "data={ a: 'https://***@example.org' }"],
  ['runs/first', 'runs/first'],
])('maskAddressesIn of %s', (text, shown) => expect(maskAddressesIn(text)).toBe(shown));

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
