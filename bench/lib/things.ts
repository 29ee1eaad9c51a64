/**
 * Things that have no face but something of one: two windows above a door, the holes of a button, the lamps of a car. Each is
 * drawn about the origin, some two units across.
 */
import { anyColour, around, box, circle, hsl, outline, type Pen, polygon, repeat, stroke } from './pen.js';

type Thing = (pen: Pen) => string;

/** Two colours of some contrast, the ground and what is on it; dark spots on a light or warm ground are seen as eyes. */
function colours(pen: Pen): [string, string] {
  const hue = pen.chance(0.5) ? pen.between(10, 50) : pen.between(0, 360);
  const dark = hsl(hue + pen.between(-180, 180), pen.between(5, 60), pen.between(3, 35));
  const light = hsl(hue, pen.between(5, 80), pen.between(45, 92));
  return pen.chance(0.2) ? [dark, light] : [light, dark];
}

const dark = (pen: Pen) => hsl(pen.between(0, 360), pen.between(0, 40), pen.between(2, 30));

/** Spots at places of a 3 × 3 grid of some pitch. */
const SPOTS = [[], [4], [0, 8], [0, 4, 8], [0, 2, 6, 8], [0, 2, 4, 6, 8], [0, 2, 3, 5, 6, 8]] as const;
const spots = (count: number, pitch: number, r: number, fill: string) =>
  SPOTS[count]!.map((at) => circle(((at % 3) - 1) * pitch, (Math.floor(at / 3) - 1) * pitch, r, fill)).join(
    '',
  );

export const THINGS = {
  buttons(pen) {
    const [ground, hole] = colours(pen);
    const holes = pen.pick([2, 2, 3, 4, 4]);
    const rim = pen.chance(0.7) ? circle(0, 0, pen.between(0.6, 0.9), 'none', outline(0.05, hole)) : '';
    const thread = pen.chance(0.2) ? stroke('M-0.25 0H0.25', 0.06, anyColour(pen)) : '';
    const r = pen.between(0.07, 0.18);
    return `${circle(0, 0, 1, ground)}${rim}${around(holes, pen.between(0.2, 0.4), (x, y) => circle(x, y, r, hole), holes === 4 ? Math.PI / 4 : 0)}${thread}`;
  },
  houses(pen) {
    const [wall, pane] = colours(pen);
    const wide = pen.between(0.6, 1);
    const top = pen.between(-0.45, -0.2);
    const roof = pen.chance(0.7)
      ? polygon([-wide - 0.15, top, 0, pen.between(-1.1, -0.7), wide + 0.15, top], anyColour(pen))
      : '';
    const size = pen.between(0.25, 0.5);
    const [x, y] = [wide * pen.between(0.4, 0.6), top + pen.between(0.3, 0.55)];
    const bars = pen.chance(0.3);
    const window = (at: number) =>
      box(at, y, size, size * 1.1, pane) +
      (bars ? box(at, y, 0.05, size * 1.1, wall) + box(at, y, size, 0.05, wall) : '');
    const door = pen.chance(0.7)
      ? box(
          pen.chance(0.8) ? 0 : pen.between(-0.3, 0.3),
          0.75,
          pen.between(0.25, 0.9),
          pen.between(0.2, 0.5),
          pen.chance(0.5) ? pane : anyColour(pen),
        )
      : '';
    return `${box(0, (top + 1) / 2, 2 * wide, 1 - top, wall)}${roof}${window(-x)}${window(x)}${door}`;
  },
  fronts(pen) {
    const [ground, detail] = colours(pen);
    const shape = pen.pick([
      circle(0, 0, 1, ground),
      box(0, 0, 1.8, 2, ground, pen.between(0, 0.9)),
      box(0, 0, 2, 1.5, ground, 0.2),
    ]);
    const [x, y, r] = [pen.between(0.25, 0.6), pen.between(-0.5, 0.1), pen.between(0.08, 0.25)];
    const round = pen.chance(0.6);
    const spot = (at: number) =>
      round ? circle(at, y, r, detail) : box(at, y, 2 * r, pen.pick([1, 2]) * r, detail);
    const below = y + pen.between(0.4, 0.8);
    const third = pen.pick([
      '',
      circle(0, below, r * pen.between(0.5, 1.5), detail),
      box(0, below, pen.between(0.2, 1.1), pen.between(0.06, 0.3), detail, 0.05),
      polygon([0, y + 0.1, -0.15, below, 0.15, below], detail),
    ]);
    return `${shape}${spot(-x)}${spot(x)}${third}`;
  },
  sockets(pen) {
    const plate = hsl(pen.between(0, 60), pen.between(0, 30), pen.between(60, 97));
    const hole = dark(pen);
    const shape = pen.pick(['round', 'slots', 'three']);
    const well = pen.chance(0.7)
      ? circle(0, 0, 0.72, hsl(0, 0, pen.between(55, 90)), outline(0.04, hsl(0, 0, 50)))
      : '';
    const pins = {
      round:
        circle(-0.3, 0, 0.1, hole) +
        circle(0.3, 0, 0.1, hole) +
        (pen.chance(0.5) ? box(0, 0.62, 0.12, 0.15, hole) + box(0, -0.62, 0.12, 0.15, hole) : ''),
      slots:
        box(-0.25, -0.15, 0.09, 0.35, hole) + box(0.25, -0.15, 0.09, 0.35, hole) + circle(0, 0.3, 0.12, hole),
      three:
        box(-0.35, 0.25, 0.3, 0.12, hole) + box(0.35, 0.25, 0.3, 0.12, hole) + box(0, -0.3, 0.13, 0.35, hole),
    }[shape];
    return box(0, 0, 2, 2, plate, pen.between(0, 0.3)) + well + pins;
  },
  cars(pen) {
    const [body, glass] = [anyColour(pen), hsl(210, pen.between(5, 40), pen.between(8, 70))];
    const lamp = hsl(pen.between(30, 60), pen.between(10, 90), pen.between(70, 97));
    const [r, y] = [pen.between(0.12, 0.22), pen.between(0.1, 0.25)];
    const lamps = pen.chance(0.6)
      ? circle(-0.7, y, r, lamp) + circle(0.7, y, r, lamp)
      : box(-0.68, y, 0.4, 0.18, lamp, 0.06) + box(0.68, y, 0.4, 0.18, lamp, 0.06);
    const grille = pen.chance(0.8)
      ? box(0, y + pen.between(0, 0.2), pen.between(0.5, 0.9), pen.between(0.1, 0.3), dark(pen), 0.08)
      : '';
    return `${box(-0.7, 0.7, 0.3, 0.4, '#111')}${box(0.7, 0.7, 0.3, 0.4, '#111')}${polygon([-0.65, -0.75, 0.65, -0.75, 0.9, -0.1, -0.9, -0.1], body)}${polygon([-0.55, -0.66, 0.55, -0.66, 0.75, -0.15, -0.75, -0.15], glass)}${box(0, 0.3, 2, 0.85, body, 0.15)}${lamps}${grille}${pen.chance(0.6) ? box(0, 0.6, 0.45, 0.13, '#eee') : ''}`;
  },
  washers(pen) {
    const front = hsl(pen.between(0, 360), pen.between(0, 20), pen.between(55, 97));
    const door = circle(
      0,
      0.2,
      pen.between(0.5, 0.65),
      dark(pen),
      outline(0.1, hsl(0, 0, pen.between(40, 85))),
    );
    const knobs = repeat(pen.between(1, 4), () => circle(pen.between(-0.7, 0.8), -0.72, 0.1, anyColour(pen)));
    return box(0, 0, 1.8, 2, front, 0.05) + box(-0.5, -0.72, 0.6, 0.2, anyColour(pen)) + door + knobs;
  },
  clocks(pen) {
    const [dial, hand] = colours(pen);
    const marks = around(12, 0.8, (x, y) => circle(x, y, 0.05, hand));
    const hands = [0.5, 0.75].map((l) => {
      const a = pen.between(0, 6.3);
      return stroke(`M0 0L${l * Math.cos(a)} ${l * Math.sin(a)}`, 0.06, hand);
    });
    const bells = pen.chance(0.2) ? circle(-0.7, -0.85, 0.3, hand) + circle(0.7, -0.85, 0.3, hand) : '';
    return bells + circle(0, 0, 1, dial, outline(0.1, hand)) + marks + hands.join('');
  },
  wheels(pen) {
    const rim = hsl(0, 0, pen.between(50, 90));
    const count = pen.pick([3, 4, 5, 6, 8]);
    const spokes = pen.chance(0.5)
      ? around(count, 0.38, (x, y) => circle(x, y, pen.between(0.1, 0.16), '#333'))
      : around(count, 0.7, (x, y) => stroke(`M0 0L${x} ${y}`, 0.1, '#444'));
    return (
      circle(0, 0, 1, dark(pen)) +
      circle(0, 0, pen.between(0.55, 0.75), rim) +
      spokes +
      circle(0, 0, 0.15, dark(pen))
    );
  },
  flowers(pen) {
    const petal = anyColour(pen);
    const r = pen.between(0.25, 0.42);
    return (
      around(Math.floor(pen.between(5, 12)), 0.6, (x, y) => circle(x, y, r, petal)) +
      circle(0, 0, pen.between(0.2, 0.4), anyColour(pen))
    );
  },
  facades(pen) {
    const [wall, pane] = colours(pen);
    const [columns, rows] = [Math.floor(pen.between(2, 6)), Math.floor(pen.between(2, 6))];
    const [w, h] = [(2 / columns) * pen.between(0.3, 0.7), (2 / rows) * pen.between(0.4, 0.8)];
    const all = repeat(columns * rows, (i) =>
      box(
        -1 + ((i % columns) + 0.5) * (2 / columns),
        -1 + (Math.floor(i / columns) + 0.5) * (2 / rows),
        w,
        h,
        pen.chance(0.2) ? anyColour(pen) : pane,
      ),
    );
    return box(0, 0, 2, 2, wall) + all;
  },
  coins(pen) {
    const hue = pen.between(20, 55);
    const metal = (light: number) => hsl(hue, pen.between(5, 60), light);
    const light = pen.between(35, 75);
    const sign = `<text x="0" y="0.35" font-size="1" text-anchor="middle" fill="${metal(light - 20)}">${pen.pick(['1', '2', '5', '10', '50', '€', '$'])}</text>`;
    return (
      circle(0, 0, 1, metal(light), outline(0.06, metal(light - 20))) +
      (pen.chance(0.5) ? circle(0, 0, 0.75, metal(light + 15)) : '') +
      sign
    );
  },
  dominoes(pen) {
    const [tile, spot] = pen.chance(0.7) ? ['#f4f0e4', '#151515'] : colours(pen);
    const half = (y: number) =>
      `<g transform="translate(0 ${y})">${spots(Math.floor(pen.between(0, 7)), 0.27, 0.09, spot)}</g>`;
    return box(0, 0, 1, 2, tile, 0.1) + box(0, 0, 0.8, 0.04, spot) + half(-0.5) + half(0.5);
  },
  dice(pen) {
    const [side, spot] = colours(pen);
    return (
      box(0, 0, 2, 2, side, pen.between(0.1, 0.4)) +
      spots(Math.floor(pen.between(1, 7)), pen.between(0.45, 0.6), pen.between(0.12, 0.22), spot)
    );
  },
  signs(pen) {
    const edge = pen.pick(['#c4161c', '#1b4fa0', '#f5c518', '#222']);
    const middle = pen.pick(['#fff', '#ffd', '#f5c518', '#1b4fa0', '#c4161c']);
    const shape = (s: number, fill: string, kind: number) =>
      [
        circle(0, 0, s, fill),
        polygon([0, -s, 0.95 * s, 0.7 * s, -0.95 * s, 0.7 * s], fill),
        box(0, 0, 1.8 * s, 1.8 * s, fill, 0.1),
        polygon([0, -s, s, 0, 0, s, -s, 0], fill),
      ][kind]!;
    const kind = Math.floor(pen.between(0, 4));
    const content = pen.pick([
      () => box(0, 0, 1.1, 0.3, '#fff'),
      () =>
        `<text x="0" y="0.3" font-size="0.8" text-anchor="middle">${Math.floor(pen.between(1, 13)) * 10}</text>`,
      () => stroke('M0 0.4V-0.35M-0.25 -0.1L0 -0.4L0.25 -0.1', 0.14, '#111'),
      () => box(0, -0.05, 0.13, 0.5, '#111') + circle(0, 0.38, 0.09, '#111'),
      () => '',
    ])();
    return box(0, 1, 0.1, 0.8, '#888') + shape(1, edge, kind) + shape(0.78, middle, kind) + content;
  },
  targets(pen) {
    const [a, b] = colours(pen);
    const rings = Math.floor(pen.between(2, 7));
    return repeat(rings, (i) => circle(0, 0, 1 - i / rings, i % 2 === 0 ? a : b));
  },
  bowling(pen) {
    const hue = pen.between(0, 360);
    const r = pen.between(0.09, 0.16);
    const hole = (x: number, y: number) => circle(x, y, r, dark(pen));
    return (
      circle(0, 0, 1, hsl(hue, 70, pen.between(20, 70))) +
      circle(-0.4, -0.5, 0.2, hsl(hue, 40, 88)) +
      hole(-0.22, -0.1) +
      hole(0.22, -0.1) +
      hole(0, 0.3)
    );
  },
  speakers(pen) {
    const cone = (y: number, r: number) =>
      circle(0, y, r, dark(pen), outline(0.06, hsl(0, 0, pen.between(30, 80)))) +
      circle(0, y, r * 0.35, hsl(0, 0, pen.between(10, 70)));
    return box(0, 0, 1.2, 2, anyColour(pen), 0.05) + cone(0.4, 0.45) + cone(-0.5, pen.between(0.2, 0.35));
  },
  cassettes(pen) {
    const [shell, label] = colours(pen);
    const reel = (x: number) =>
      circle(x, 0.05, 0.2, '#eee', outline(0.05, '#111')) +
      around(6, 0.15, (dx, dy) => circle(x + dx, 0.05 + dy, 0.03, '#111'));
    return (
      box(0, 0, 2, 1.3, shell, 0.08) +
      box(0, -0.08, 1.7, 0.8, label, 0.05) +
      box(0, 0.05, 1.1, 0.4, dark(pen), 0.15) +
      reel(-0.38) +
      reel(0.38) +
      polygon([-0.6, 0.65, -0.5, 0.42, 0.5, 0.42, 0.6, 0.65], dark(pen))
    );
  },
  radios(pen) {
    const [shell, detail] = colours(pen);
    const knob = (x: number) => circle(x, 0.35, 0.16, detail);
    return (
      box(0, 0, 2, 1.3, shell, 0.15) +
      box(0, -0.3, pen.between(0.8, 1.6), 0.35, detail, 0.05) +
      knob(-0.6) +
      knob(0.6) +
      repeat(4, (i) => box(0, 0.1 + i * 0.13, 0.6, 0.05, detail)) +
      stroke('M0.7 -0.65L1 -1.1', 0.05, detail)
    );
  },
  fruit(pen) {
    const hue = pen.pick([0, 10, 30, 50, 90, 300]);
    const skin = hsl(hue, pen.between(50, 95), pen.between(30, 65));
    const shine = circle(-0.35, -0.35, pen.between(0.1, 0.25), hsl(hue, 80, 85));
    return (
      stroke('M0 -0.8Q0.1 -1.1 0.25 -1.2', 0.08, '#4a3018') +
      circle(0, 0, 0.9, skin) +
      (pen.chance(0.4) ? circle(0.5, 0, 0.75, skin) : '') +
      shine
    );
  },
  lamps(pen) {
    const lamp = (y: number, hue: number, on: boolean) =>
      circle(0, y, 0.27, hsl(hue, on ? 95 : 40, on ? 55 : 18));
    const on = pen.pick([0, 1, 2]);
    return (
      box(0, 0, 0.8, 2, dark(pen), pen.between(0, 0.3)) +
      [0, 45, 130].map((hue, i) => lamp(-0.63 + 0.63 * i, hue, i === on || pen.chance(0.3))).join('')
    );
  },
  hobs(pen) {
    const [plate, ring] = colours(pen);
    return (
      box(0, 0, 2, 2, plate, 0.1) +
      around(
        4,
        0.68,
        (x, y) => {
          const r = pen.between(0.22, 0.38);
          return circle(x, y, r, 'none', outline(0.07, ring)) + circle(x, y, r * 0.5, ring);
        },
        Math.PI / 4,
      )
    );
  },
  letters(pen) {
    const text = repeat(pen.between(1, 4), () =>
      pen.pick([...'ABOQgeadB8069&%@RSÖÄü:oO']).replace('&', '&amp;'),
    );
    return `<text x="0" y="0.6" font-size="1.8" text-anchor="middle" font-family="${pen.pick(['sans-serif', 'serif', 'monospace'])}" fill="${anyColour(pen)}">${text}</text>`;
  },
  balloons(pen) {
    const hue = pen.between(0, 360);
    return (
      stroke('M0 0.9Q0.3 1.5 0 2.2', 0.03, '#666') +
      `<ellipse cx="0" cy="0" rx="0.75" ry="0.95" fill="${hsl(hue, 80, pen.between(35, 70))}"/>` +
      circle(-0.25, -0.4, 0.15, hsl(hue, 80, 90))
    );
  },
  mugs(pen) {
    const [cup, print] = colours(pen);
    const marks = pen.chance(0.5)
      ? circle(-0.3, -0.1, 0.12, print) + circle(0.3, -0.1, 0.12, print)
      : box(0, 0, 1.4, 0.3, print);
    return (
      stroke('M0.7 -0.4Q1.3 -0.4 1.2 0.1Q1.1 0.5 0.7 0.5', 0.15, cup) +
      box(0, 0, 1.5, 1.8, cup, 0.15) +
      marks +
      (pen.chance(0.5) ? box(0, -0.75, 1.4, 0.2, dark(pen), 0.1) : '')
    );
  },
  pebbles(pen) {
    const hue = pen.between(0, 360);
    const corners = around(
      9,
      1,
      (x, y) => `${(x * pen.between(0.6, 1)).toFixed(2)} ${(y * pen.between(0.6, 1)).toFixed(2)} `,
    );
    return (
      `<polygon points="${corners}" fill="${hsl(hue, pen.between(0, 40), pen.between(15, 85))}" stroke="${hsl(hue, 10, 40)}" stroke-width="0.04" stroke-linejoin="round"/>` +
      (pen.chance(0.4) ? circle(pen.between(-0.4, 0.4), pen.between(-0.4, 0.4), 0.15, dark(pen)) : '')
    );
  },
  locks(pen) {
    const [body, hole] = colours(pen);
    return (
      stroke('M-0.5 0V-0.5A0.5 0.5 0 0 1 0.5 -0.5V0', 0.18, hsl(0, 0, pen.between(40, 80))) +
      box(0, 0.4, 1.5, 1.2, body, 0.15) +
      circle(0, 0.3, 0.15, hole) +
      polygon([-0.08, 0.3, 0.08, 0.3, 0.13, 0.75, -0.13, 0.75], hole)
    );
  },
  mushrooms(pen) {
    const cap = anyColour(pen);
    const dots = repeat(pen.between(2, 7), () =>
      circle(pen.between(-0.6, 0.6), pen.between(-0.6, -0.15), pen.between(0.07, 0.18), '#f6f2ea'),
    );
    return (
      box(0, 0.45, 0.6, 1.1, '#e8dfc8', 0.2) +
      `<path d="M-1 0A1 0.95 0 0 1 1 0Q0 0.25 -1 0Z" fill="${cap}"/>` +
      dots
    );
  },
  buses(pen) {
    const [body, glass] = [anyColour(pen), hsl(210, pen.between(5, 50), pen.between(15, 75))];
    const lamp = pen.pick(['#fffbe0', '#f5c518', '#c22']);
    return (
      box(0, 0, 1.6, 2, body, 0.15) +
      box(0, -0.3, 1.35, 0.8, glass, 0.08) +
      (pen.chance(0.5) ? box(0, -0.3, 0.06, 0.8, body) : '') +
      box(0, -0.83, 0.8, 0.15, dark(pen)) +
      circle(-0.55, 0.6, 0.13, lamp) +
      circle(0.55, 0.6, 0.13, lamp) +
      box(0, 0.62, 0.5, 0.14, pen.chance(0.5) ? '#eee' : dark(pen))
    );
  },
  cameras(pen) {
    const [body, trim] = colours(pen);
    return (
      box(0, 0, 2, 1.3, body, 0.12) +
      box(-0.6, -0.72, 0.4, 0.2, trim) +
      box(0, -0.3, 2, 0.3, trim) +
      circle(0, 0.1, 0.5, dark(pen), outline(0.08, trim)) +
      circle(0, 0.1, 0.25, hsl(220, 50, pen.between(15, 60))) +
      circle(0.7, -0.45, 0.1, '#ddd')
    );
  },
  pizzas(pen) {
    const slices = repeat(pen.between(3, 9), () => {
      const [a, r] = [pen.between(0, 6.3), pen.between(0.1, 0.65)];
      return circle(r * Math.cos(a), r * Math.sin(a), 0.17, hsl(pen.between(0, 15), 70, 40));
    });
    return (
      circle(0, 0, 1, hsl(30, 60, pen.between(40, 60))) +
      circle(0, 0, 0.85, hsl(45, 85, pen.between(55, 75))) +
      slices
    );
  },
  drawers(pen) {
    const [wood, knob] = colours(pen);
    const rows = Math.floor(pen.between(2, 5));
    const h = 2 / rows;
    return (
      box(0, 0, 2, 2.1, knob) +
      repeat(rows, (i) => {
        const y = -1 + (i + 0.5) * h;
        return box(0, y, 1.9, h * 0.9, wood) + circle(-0.5, y, 0.09, knob) + circle(0.5, y, 0.09, knob);
      })
    );
  },
  gamepads(pen) {
    const [shell, key] = colours(pen);
    return (
      box(0, 0, 2, 1, shell, 0.45) +
      box(-0.55, -0.05, 0.5, 0.15, key) +
      box(-0.55, -0.05, 0.15, 0.5, key) +
      around(4, 0.2, (x, y) => circle(0.55 + x, -0.05 + y, 0.1, anyColour(pen))) +
      circle(-0.25, 0.25, 0.14, key) +
      circle(0.25, 0.25, 0.14, key)
    );
  },
  stars(pen) {
    const points = Array.from({ length: 10 }, (_, i) => {
      const r = i % 2 === 0 ? 1 : 0.42;
      return [r * Math.sin((i * Math.PI) / 5), -r * Math.cos((i * Math.PI) / 5)];
    }).flat();
    return polygon(points, anyColour(pen));
  },
  hearts(pen) {
    return `<path d="M0 0.9L-0.9 -0.1A0.5 0.5 0 0 1 0 -0.5A0.5 0.5 0 0 1 0.9 -0.1Z" fill="${anyColour(pen)}"/>`;
  },
} satisfies Record<string, Thing>;
