/** Patterns with two equal halves, as faces have them. */
import {
  anyColour,
  around,
  box,
  circle,
  colours,
  ellipse,
  hsl,
  mirrored,
  outline,
  type Pen,
  polygon,
  repeat,
  SHADE,
  stroke,
  type Thing,
} from './pen.js';

/** A mark of some shape. */
function mark(pen: Pen, x: number, y: number, size: number, colour: string): string {
  const long = size * pen.between(0.5, 1.8);
  return pen.pick([
    () => circle(x, y, size, colour),
    () => ellipse(x, y, size, long, colour),
    () => box(x, y, 2 * size, 2 * long, colour, pen.pick([0, 0, size * 0.4])),
    () => circle(x, y, size, 'none', outline(size * pen.between(0.2, 0.6), colour)),
    () => circle(x, y, size, colour) + circle(x, y, size * pen.between(0.3, 0.7), anyColour(pen)),
    () => polygon([x, y - size, x + long, y + size, x - long, y + size], colour),
    () => polygon([x, y - size, x + long, y, x, y + size, x - long, y], colour),
    () => stroke(`M${x - size} ${y}Q${x} ${y + long} ${x + size} ${y}`, size * 0.4, colour),
    () => stroke(`M${x - size} ${y - long}L${x + size} ${y + long}`, size * 0.4, colour),
  ])();
}

export const ORNAMENTS = {
  /** Marks in pairs and on the middle line, on a ground of some shape. */
  ornaments(pen) {
    const [ground, one] = pen.chance(0.6) ? colours(pen) : [anyColour(pen), anyColour(pen)];
    const shape = pen.pick([
      () => circle(0, 0, 1, ground),
      () => ellipse(0, 0, pen.between(0.6, 1), pen.between(0.8, 1.1), ground),
      () => box(0, 0, pen.between(1.3, 2), pen.between(1.3, 2), ground, pen.between(0, 0.5)),
      () => polygon([0, -1.1, 1, 0.9, -1, 0.9], ground),
      () => polygon([0, 1.1, 1, -0.8, -1, -0.8], ground),
      () => polygon([-0.5, -1, 0.5, -1, 1, 0, 0.5, 1, -0.5, 1, -1, 0], ground),
      () => '',
    ])();
    const colour = () => (pen.chance(0.7) ? one : anyColour(pen));
    const pairs = repeat(pen.between(1, 5), () =>
      mirrored(mark(pen, pen.between(0.15, 0.7), pen.between(-0.7, 0.7), pen.between(0.05, 0.25), colour())),
    );
    const middle = repeat(pen.between(0, 4), () =>
      mark(pen, 0, pen.between(-0.75, 0.75), pen.between(0.05, 0.35), colour()),
    );
    return shape + (pen.chance(0.3) ? circle(0, 0, 1, SHADE) : '') + pairs + middle;
  },
  /** Ink on folded paper. */
  blots(pen) {
    const ink = pen.chance(0.5)
      ? hsl(pen.between(0, 360), pen.between(0, 40), pen.between(3, 30))
      : anyColour(pen);
    const paper = pen.chance(0.5) ? box(0, 0, 2.2, 2.2, hsl(40, 20, pen.between(70, 97))) : '';
    const blot = () =>
      `<g transform="translate(${pen.between(0, 0.8).toFixed(2)} ${pen.between(-0.9, 0.9).toFixed(2)}) rotate(${pen.between(0, 180).toFixed(0)})">${ellipse(0, 0, pen.between(0.05, 0.45), pen.between(0.05, 0.35), pen.chance(0.8) ? ink : anyColour(pen))}</g>`;
    return paper + mirrored(repeat(pen.between(3, 14), blot));
  },
  /** Rings of marks, as on rosettes, doilies and tiles. */
  rosettes(pen) {
    const rings = Math.floor(pen.between(1, 4));
    const count = pen.pick([3, 4, 4, 5, 6, 8]);
    const all = repeat(rings, (i) => {
      const [away, size, colour] = [pen.between(0.2, 0.8), pen.between(0.06, 0.25), anyColour(pen)];
      return around(count, away, (x, y) => circle(x, y, size, colour), i * pen.between(0, 1));
    });
    const ground = pen.chance(0.5)
      ? circle(0, 0, 1, anyColour(pen))
      : box(0, 0, 1.9, 1.9, anyColour(pen), pen.pick([0, 0.2]));
    return ground + all + circle(0, 0, pen.between(0, 0.25), anyColour(pen));
  },
} satisfies Record<string, Thing>;
