import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder.js';
import { everyName, Names } from './names.js';
import { node } from './node.js';

describe('names', () => {
  it('are as wished if they are free, and have the next free number where not', () => {
    const names = new Names(['x', 'y', 'y_2']);
    expect(['z', 'x', 'x', 'y', 'z'].map((name) => names.claim(name))).toEqual([
      'z',
      'x_2',
      'x_3',
      'y_3',
      'z_2',
    ]);
    expect(names.has('y_3')).toBe(true);
  });

  it('of a graph are those inside its bodies too', () => {
    const inner = new GraphBuilder();
    inner.output(inner.op('Neg', [inner.input('turn', 'float32', [])]), 'kept');
    const g = new GraphBuilder();
    g.output(g.input('x', 'float32', [1]));
    const { graph } = g.build();
    const branch = node('If', ['x'], ['y'], { then_branch: inner.build().graph });
    const names = everyName({ ...graph, nodes: [branch] });
    expect([...names].sort()).toEqual(['kept', 'turn', 'x', 'y']);
  });
});
