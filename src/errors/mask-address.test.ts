import { describe, expect, it } from 'vitest';
import { maskAddress, maskAddressesIn } from './mask-address.js';

describe('maskAddress', () => {
  it.each([
    ['https://anna:geheim@example.org/a.onnx', 'https://***@example.org/a.onnx'],
    ['https://token@example.org/a.onnx', 'https://***@example.org/a.onnx'],
    ['https://anna:p@ss@example.org', 'https://***@example.org'],
    [
      'https://example.org/a?id=7&sig=ab%3D=&raw#sha256=00',
      'https://example.org/a?id=***&sig=***&raw#sha256=00',
    ],
    ['redis://anna:ge#h/e?im@example.org', 'redis://***@example.org'],
    ['redis://:/geheim@example.org', 'redis://***@example.org'],
    ['https://example.org/a@b/c.onnx', 'https://example.org/a@b/c.onnx'],
    ['https://example.org:80/a@b/c.onnx', 'https://example.org:80/a@b/c.onnx'],
    ['https://[::1]:80/a@b/c.onnx', 'https://[::1]:80/a@b/c.onnx'],
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
  [
    'https://example.org/a.jpg?token=secret: expected a file, found none',
    'https://example.org/a.jpg?token=***: expected a file, found none',
  ],
])('maskAddressesIn of %s', (text, shown) => expect(maskAddressesIn(text)).toBe(shown));
