/** Buildings: two windows above a door have something of a face. */
import {
  anyColour,
  box,
  circle,
  colours,
  dark,
  hsl,
  mirrored,
  type Pen,
  polygon,
  repeat,
  type Thing,
} from './pen.js';

/** What draws windows of one make: with their centre, width and height, and a thing to be seen in some. */
type Windows = (x: number, y: number, width: number, height: number) => string;

function windows(pen: Pen, wall: string, pane: string): Windows {
  const frame = pen.chance(0.4) ? pen.pick(['#fff', dark(pen), anyColour(pen)]) : undefined;
  const bars = pen.pick(['none', 'none', 'cross', 'upright', 'grid']);
  const shape = pen.pick(['box', 'box', 'box', 'arch', 'round']);
  const shutters = pen.chance(0.2) ? anyColour(pen) : undefined;
  const sill = pen.chance(0.3) ? pen.pick(['#ddd', dark(pen)]) : undefined;
  const brow = pen.chance(0.2) ? anyColour(pen) : undefined;
  const of = (x: number, y: number, w: number, h: number, fill: string) =>
    shape === 'round'
      ? circle(x, y, Math.min(w, h) / 2, fill)
      : box(x, y, w, h, fill) + (shape === 'arch' ? circle(x, y - h / 2, w / 2, fill) : '');
  return (x, y, w, h) => {
    const lines = {
      none: '',
      cross: box(x, y, w * 0.08, h, frame ?? wall) + box(x, y, w, h * 0.08, frame ?? wall),
      upright: box(x, y, w * 0.08, h, frame ?? wall),
      grid:
        repeat(2, (i) => box(x + (i - 0.5) * w * 0.33, y, w * 0.06, h, frame ?? wall)) +
        box(x, y, w, h * 0.06, frame ?? wall),
    }[bars];
    return (
      (frame === undefined ? '' : of(x, y, w * 1.25, h * 1.2, frame)) +
      of(x, y, w, h, pen.chance(0.1) ? anyColour(pen) : pane) +
      lines +
      (shutters === undefined
        ? ''
        : box(x - 0.75 * w, y, w * 0.4, h, shutters) + box(x + 0.75 * w, y, w * 0.4, h, shutters)) +
      (sill === undefined ? '' : box(x, y + h * 0.58, w * 1.4, h * 0.14, sill)) +
      (brow === undefined ? '' : box(x, y - h * 0.7, w * 1.4, h * 0.16, brow))
    );
  };
}

function door(pen: Pen, x: number, width: number, height: number, fill: string): string {
  const y = 1 - height / 2;
  return (
    (pen.chance(0.3) ? box(x, y - 0.03, width * 1.25, height + 0.06, anyColour(pen)) : '') +
    box(x, y, width, height, fill) +
    (pen.chance(0.35) ? circle(x, 1 - height, width / 2, fill) : '') +
    (pen.chance(0.3) ? circle(x + width * 0.3, y, 0.03, '#d8c070') : '') +
    (pen.chance(0.2) ? box(x, 1, width * 1.8, 0.08, '#999') : '') +
    (pen.chance(0.2) ? box(x, 1 - height - 0.1, width * 1.7, 0.1, anyColour(pen)) : '')
  );
}

/** A roof over a wall whose upper edge is at `top`. */
function roof(pen: Pen, wide: number, top: number): string {
  const colour = anyColour(pen);
  const high = pen.between(0.25, 0.7);
  return pen.pick([
    '',
    polygon([-wide - 0.12, top, 0, top - high, wide + 0.12, top], colour),
    polygon([-wide - 0.12, top, 0, top - high, wide + 0.12, top], colour),
    polygon([-wide - 0.1, top, -wide * 0.6, top - high, wide * 0.6, top - high, wide + 0.1, top], colour),
    box(0, top, 2 * wide + 0.2, 0.14, colour),
  ]);
}

export const BUILDINGS = {
  houses(pen) {
    const [wall, pane] = colours(pen);
    const wide = pen.between(0.55, 1);
    const top = pen.between(-0.5, -0.15);
    const size = pen.between(0.2, 0.5);
    const [x, y] = [wide * pen.between(0.38, 0.62), top + pen.between(0.25, 0.6)];
    const window = windows(pen, wall, pane);
    const panes =
      window(-x, y, size, size * pen.between(0.8, 1.5)) + window(x, y, size, size * pen.between(0.8, 1.5));
    const chimney = pen.chance(0.3) ? box(wide * 0.5, top - 0.3, 0.18, 0.5, anyColour(pen)) : '';
    const gable = pen.chance(0.3) ? window(0, top - 0.12, 0.2, 0.2) : '';
    const entry = pen.chance(0.8)
      ? door(
          pen,
          pen.chance(0.8) ? 0 : pen.between(-0.3, 0.3),
          pen.between(0.2, 0.8),
          pen.between(0.2, 0.6),
          pen.chance(0.5) ? pane : anyColour(pen),
        )
      : '';
    return (
      chimney + box(0, (top + 1) / 2, 2 * wide, 1 - top, wall) + roof(pen, wide, top) + gable + panes + entry
    );
  },
  facades(pen) {
    const [wall, pane] = colours(pen);
    const [columns, rows] = [Math.floor(pen.between(2, 6)), Math.floor(pen.between(1, 6))];
    const entered = pen.chance(0.5);
    const below = entered ? pen.between(0.2, 0.8) : 0;
    const [stepX, stepY] = [2 / columns, (2 - below) / rows];
    const [w, h] = [stepX * pen.between(0.3, 0.7), stepY * pen.between(0.35, 0.75)];
    const window = windows(pen, wall, pane);
    const all = repeat(columns * rows, (i) =>
      window(-1 + ((i % columns) + 0.5) * stepX, -1 + (Math.floor(i / columns) + 0.5) * stepY, w, h),
    );
    const ledges = pen.chance(0.3)
      ? repeat(rows, (i) => box(0, -1 + (i + 1) * stepY, 2, stepY * 0.06, anyColour(pen)))
      : '';
    const entry = entered
      ? door(pen, 0, pen.between(0.2, 0.7), below * pen.between(0.6, 0.95), anyColour(pen))
      : '';
    const sides =
      entered && pen.chance(0.4) ? mirrored(box(0.65, 1 - below / 2, 0.4, below * 0.5, pane)) : '';
    return box(0, 0, 2, 2, wall) + roof(pen, 1, -1) + all + ledges + sides + entry;
  },
  churches(pen) {
    const [wall, pane] = colours(pen);
    const window = windows(pen, wall, pane);
    const [y, r] = [pen.between(-0.5, -0.1), pen.between(0.12, 0.28)];
    const tower = pen.chance(0.5);
    const spires = tower
      ? mirrored(box(0.75, 0.1, 0.4, 1.8, wall) + polygon([0.5, -0.8, 0.75, -1.5, 1, -0.8], anyColour(pen))) +
        mirrored(window(0.75, -0.3, 0.15, 0.35))
      : polygon([-0.95, -0.5, 0, -1.4, 0.95, -0.5], anyColour(pen));
    return (
      box(0, 0.25, tower ? 1.4 : 1.8, 1.5, wall) +
      spires +
      circle(0, y, r, pane) +
      (pen.chance(0.6) ? mirrored(window(0.38, pen.between(0.1, 0.4), 0.2, 0.5)) : '') +
      door(pen, 0, pen.between(0.25, 0.5), pen.between(0.3, 0.5), dark(pen))
    );
  },
  castles(pen) {
    const [wall, pane] = colours(pen);
    const window = windows(pen, wall, pane);
    const merlons = Math.floor(pen.between(3, 7));
    const teeth = (x: number, y: number, width: number) =>
      repeat(merlons, (i) =>
        box(x + (i + 0.5 - merlons / 2) * (width / merlons), y, (0.55 * width) / merlons, 0.18, wall),
      );
    return (
      box(0, 0.3, 1.6, 1.4, wall) +
      teeth(0, -0.42, 1.6) +
      mirrored(box(0.85, 0.05, 0.45, 1.9, wall) + teeth(0.85, -0.95, 0.45)) +
      mirrored(window(pen.between(0.3, 0.5), pen.between(-0.1, 0.2), 0.22, 0.32)) +
      mirrored(window(0.85, -0.4, 0.13, 0.3)) +
      door(pen, 0, pen.between(0.35, 0.6), pen.between(0.4, 0.7), dark(pen))
    );
  },
  /** From inside or near by: panes, curtains, what stands on the sill. */
  casements(pen) {
    const [frame, glass] = [anyColour(pen), hsl(210, pen.between(5, 60), pen.between(10, 90))];
    const curtain = anyColour(pen);
    const panes = pen.chance(0.5)
      ? mirrored(box(0.43, 0, 0.74, 1.6, glass))
      : mirrored(box(0.43, -0.4, 0.74, 0.72, glass) + box(0.43, 0.4, 0.74, 0.72, glass));
    const curtains = pen.chance(0.5)
      ? mirrored(polygon([0.2, -0.95, 1, -0.95, 1, 0.9, 0.75, 0.9, 0.6, 0], curtain))
      : '';
    const sill = repeat(pen.between(0, 4), () => {
      const x = pen.between(-0.7, 0.7);
      return box(x, 0.75, 0.22, 0.25, anyColour(pen)) + circle(x, 0.5, pen.between(0.1, 0.2), anyColour(pen));
    });
    return box(0, 0, 1.9, 1.9, frame) + panes + curtains + box(0, 0.95, 2.1, 0.12, frame) + sill;
  },
  garages(pen) {
    const [wall, gate] = colours(pen);
    const count = pen.pick([1, 2, 2, 3]);
    const slats = Math.floor(pen.between(0, 7));
    const width = 1.7 / count;
    const gates = repeat(count, (i) => {
      const x = -0.85 + (i + 0.5) * width;
      return (
        box(x, 0.4, width * 0.85, 1.1, gate) +
        repeat(slats, (j) => box(x, -0.1 + (j * 1.1) / slats, width * 0.85, 0.03, dark(pen))) +
        (pen.chance(0.3) ? box(x, 0, width * 0.6, 0.2, hsl(210, 30, pen.between(20, 80))) : '')
      );
    });
    const window = windows(pen, wall, dark(pen));
    const upper = pen.chance(0.5) ? mirrored(window(pen.between(0.3, 0.6), -0.55, 0.3, 0.3)) : '';
    return box(0, 0.1, 2, 1.8, wall) + roof(pen, 1, -0.8) + upper + gates;
  },
} satisfies Record<string, Thing>;
