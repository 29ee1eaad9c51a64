/** Things that have no face but something of one: the holes of a button, the lamps of a car. */
import {
  anyColour,
  around,
  box,
  circle,
  colours,
  dark,
  ellipse,
  hsl,
  mirrored,
  outline,
  polygon,
  repeat,
  SHADE,
  stroke,
  type Thing,
} from './pen.js';

/** Spots at places of a 3 × 3 grid of some pitch. */
const SPOTS = [[], [4], [0, 8], [0, 4, 8], [0, 2, 6, 8], [0, 2, 4, 6, 8], [0, 2, 3, 5, 6, 8]] as const;
const spots = (count: number, pitch: number, r: number, fill: string) =>
  SPOTS[count]!.map((at) => circle(((at % 3) - 1) * pitch, (Math.floor(at / 3) - 1) * pitch, r, fill)).join(
    '',
  );

export const THINGS = {
  buttons(pen) {
    const [ground, hole] = pen.chance(0.7) ? colours(pen) : [anyColour(pen), anyColour(pen)];
    const holes = pen.pick([2, 2, 3, 4, 4, 4]);
    const [away, r] = [pen.between(0.17, 0.45), pen.between(0.05, 0.2)];
    const start = pen.pick([0, Math.PI / 4, Math.PI / 2, pen.between(0, 2 * Math.PI)]);
    const shadow = pen.chance(0.4)
      ? ellipse(0.08, 0.12, 1.03, 1.03, `rgba(0,0,0,${pen.between(0.1, 0.6).toFixed(2)})`)
      : '';
    const disc = pen.chance(0.9)
      ? circle(0, 0, 1, ground, pen.chance(0.4) ? outline(pen.between(0.02, 0.12), hole) : '')
      : box(0, 0, 1.8, 1.8, ground, pen.between(0.2, 0.8));
    const dish = pen.pick([
      '',
      circle(0, 0, pen.between(0.55, 0.9), 'none', outline(pen.between(0.03, 0.1), hole)),
      circle(0, 0, pen.between(0.55, 0.8), anyColour(pen)),
      circle(0, 0, pen.between(0.55, 0.8), 'rgba(0,0,0,0.18)'),
    ]);
    const bored = around(
      holes,
      away,
      (x, y) =>
        circle(x, y, r, hole) +
        (pen.chance(0.1) ? circle(x + 0.2 * r, y + 0.2 * r, 0.7 * r, anyColour(pen)) : ''),
      start,
    );
    const thread = pen.chance(0.25)
      ? around(
          holes,
          away,
          (x, y) => stroke(`M${x} ${y}L${-x} ${-y}`, pen.between(0.04, 0.12), anyColour(pen)),
          start,
        )
      : '';
    return shadow + disc + dish + (pen.chance(0.4) ? circle(0, 0, 1, SHADE) : '') + bored + thread;
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
  spectacles(pen) {
    const [, frame] = colours(pen);
    const [x, r] = [pen.between(0.45, 0.6), pen.between(0.28, 0.42)];
    const glass = pen.pick(['none', 'rgba(200,220,240,0.4)', dark(pen)]);
    const line = outline(pen.between(0.04, 0.12), frame);
    const lens = pen.chance(0.6)
      ? circle(x, 0, r, glass, line)
      : `<rect x="${x - r}" y="${-0.7 * r}" width="${2 * r}" height="${1.4 * r}" rx="0.1" fill="${glass}"${line}/>`;
    return (
      mirrored(lens + stroke(`M${x + r} -0.05L1.1 ${pen.between(-0.3, 0.3)}`, 0.08, frame)) +
      stroke(`M${r - x} 0Q0 -0.2 ${x - r} 0`, 0.07, frame)
    );
  },
  headphones(pen) {
    const [pad, band] = colours(pen);
    return (
      stroke('M-0.75 0.2A0.75 0.85 0 0 1 0.75 0.2', pen.between(0.08, 0.2), band) +
      mirrored(box(0.75, 0.35, 0.4, 0.7, pad, 0.18) + box(0.62, 0.35, 0.12, 0.6, dark(pen), 0.06))
    );
  },
  ovens(pen) {
    const [front, knob] = colours(pen);
    const count = Math.floor(pen.between(2, 6));
    return (
      box(0, 0, 1.8, 2, front, 0.06) +
      repeat(count, (i) => circle(-0.7 + (1.4 * i) / (count - 1), -0.75, 0.12, knob)) +
      box(0, 0.15, 1.4, pen.between(0.6, 1), dark(pen), 0.06) +
      box(0, -0.42, 1.2, 0.09, pen.chance(0.5) ? '#ccc' : knob, 0.04)
    );
  },
  trains(pen) {
    const [body, trim] = [anyColour(pen), anyColour(pen)];
    const glass = hsl(210, pen.between(5, 50), pen.between(8, 70));
    const [y, lamp] = [pen.between(0.3, 0.6), pen.pick(['#fffbe0', '#f5c518', '#fff', '#c22'])];
    const panes = pen.chance(0.5)
      ? mirrored(box(0.38, -0.3, 0.6, pen.between(0.4, 0.7), glass, 0.08))
      : box(0, -0.3, 1.3, pen.between(0.4, 0.7), glass, 0.1);
    return (
      box(0, 0, 1.7, 2, body, pen.between(0.1, 0.6)) +
      box(0, y, 1.7, pen.between(0.1, 0.3), trim) +
      panes +
      mirrored(circle(pen.between(0.45, 0.65), y, pen.between(0.08, 0.16), lamp)) +
      (pen.chance(0.4) ? circle(0, -0.8, 0.12, lamp) : '') +
      box(0, 0.9, pen.between(0.4, 1.2), 0.16, dark(pen))
    );
  },
  ladybirds(pen) {
    const spot = () =>
      circle(pen.between(0.2, 0.65), pen.between(-0.5, 0.6), pen.between(0.08, 0.2), '#151515');
    return (
      circle(0, -0.75, 0.35, '#151515') +
      circle(0, 0.1, 0.9, hsl(pen.pick([5, 20, 50]), 85, pen.between(35, 55))) +
      stroke('M0 -0.75V1', 0.05, '#151515') +
      mirrored(repeat(pen.between(1, 5), spot)) +
      (pen.chance(0.3) ? circle(0, 0.1, 0.9, SHADE) : '')
    );
  },
  planets(pen) {
    const hue = pen.between(0, 360);
    const ground = hsl(hue, pen.between(0, 70), pen.between(35, 80));
    const mark = hsl(hue + pen.between(-30, 30), pen.between(0, 60), pen.between(20, 85));
    const craters = repeat(pen.between(2, 10), () => {
      const [a, d] = [pen.between(0, 6.3), pen.between(0, 0.75)];
      return circle(d * Math.cos(a), d * Math.sin(a), pen.between(0.06, 0.25), mark);
    });
    return (
      circle(0, 0, 1, ground) +
      craters +
      (pen.chance(0.6) ? circle(0, 0, 1, SHADE) : '') +
      (pen.chance(0.2) ? stroke('M-1.4 0.3Q0 0.7 1.4 -0.3', 0.1, mark) : '')
    );
  },
  plates(pen) {
    const [china, food] = colours(pen);
    const cutlery = pen.chance(0.5)
      ? box(-1.2, 0, 0.07, 1.6, '#aaa') + box(1.2, 0, 0.09, 1.6, '#bbb', 0.04)
      : '';
    const eggs = repeat(pen.between(0, 4), () => {
      const [x, y] = [pen.between(-0.45, 0.45), pen.between(-0.45, 0.45)];
      return ellipse(x, y, 0.33, 0.28, '#fdfcf5') + circle(x, y, 0.13, hsl(pen.between(35, 50), 95, 55));
    });
    const sides = repeat(pen.between(0, 4), () =>
      ellipse(
        pen.between(-0.5, 0.5),
        pen.between(-0.5, 0.5),
        pen.between(0.1, 0.4),
        pen.between(0.06, 0.25),
        anyColour(pen),
      ),
    );
    return (
      cutlery +
      circle(0, 0, 1, china) +
      circle(0, 0, 0.7, 'none', outline(0.04, food)) +
      (pen.chance(0.5) ? circle(0, 0, 1, SHADE) : '') +
      eggs +
      sides
    );
  },
  doughnuts(pen) {
    const icing = anyColour(pen);
    const sprinkles = repeat(pen.between(0, 20), () => {
      const [a, d] = [pen.between(0, 6.3), pen.between(0.4, 0.8)];
      return box(d * Math.cos(a), d * Math.sin(a), 0.12, 0.05, anyColour(pen), 0.02);
    });
    return (
      circle(0, 0, 1, hsl(30, 60, 50)) +
      circle(0, 0, 0.9, icing) +
      sprinkles +
      circle(0, 0, 0.28, hsl(30, 60, 60)) +
      circle(0, 0, 0.22, dark(pen))
    );
  },
  shirts(pen) {
    const [cloth, button] = colours(pen);
    const count = Math.floor(pen.between(2, 6));
    const r = pen.between(0.06, 0.12);
    const closed = (y: number) =>
      circle(0, y, r, button) +
      around(pen.pick([2, 4]), r * 0.4, (dx, dy) => circle(dx, y + dy, r * 0.15, cloth), Math.PI / 4);
    return (
      polygon(
        [
          -0.6, -1, -1.1, -0.6, -0.9, -0.2, -0.7, -0.35, -0.7, 1, 0.7, 1, 0.7, -0.35, 0.9, -0.2, 1.1, -0.6,
          0.6, -1,
        ],
        cloth,
      ) +
      mirrored(polygon([0, -0.65, 0.35, -1, 0.45, -0.75, 0.2, -0.5], pen.chance(0.5) ? button : '#eee')) +
      stroke('M0 -0.65V1', 0.03, button) +
      repeat(count, (i) => closed(-0.45 + (1.3 * i) / count)) +
      (pen.chance(0.4) ? mirrored(box(0.4, 0, 0.4, 0.35, button, 0.04)) : '')
    );
  },
  bags(pen) {
    const [leather, clasp] = colours(pen);
    const pockets = pen.chance(0.5)
      ? mirrored(box(0.42, 0.55, 0.55, 0.5, clasp, 0.06))
      : box(0, 0.6, 1, 0.45, clasp, 0.06);
    return (
      stroke('M-0.4 -0.5Q0 -1.5 0.4 -0.5', 0.1, clasp) +
      box(0, 0.2, 1.9, 1.5, leather, pen.between(0.05, 0.3)) +
      box(0, -0.15, 1.9, 0.7, anyColour(pen), 0.15) +
      mirrored(box(pen.between(0.3, 0.6), 0.2, 0.16, 0.28, '#d8c070', 0.04)) +
      pockets
    );
  },
  switches(pen) {
    const plate = hsl(pen.between(0, 60), pen.between(0, 30), pen.between(60, 97));
    const edge = outline(0.03, hsl(0, 0, pen.between(30, 70)));
    const key = hsl(0, 0, pen.between(40, 98));
    const keys = pen.pick([
      `<rect x="-0.6" y="-0.7" width="1.2" height="1.4" rx="0.05" fill="${key}"${edge}/>`,
      mirrored(`<rect x="0.05" y="-0.6" width="0.6" height="1.2" rx="0.05" fill="${key}"${edge}/>`),
      box(0, 0, 0.28, 0.6, dark(pen)) + box(0, -0.12, 0.2, 0.3, key),
      mirrored(box(0.4, 0, 0.22, 0.5, dark(pen)) + box(0.4, 0.1, 0.16, 0.25, key)),
      circle(0, 0, 0.6, key, edge) + box(0, -0.3, 0.08, 0.35, dark(pen)),
    ]);
    const screws = pen.chance(0.5) ? circle(0, -0.82, 0.06, '#888') + circle(0, 0.82, 0.06, '#888') : '';
    return box(0, 0, 2, 2, plate, pen.between(0, 0.3)) + keys + screws;
  },
  boats(pen) {
    const [hull, port] = colours(pen);
    const count = Math.floor(pen.between(2, 6));
    return (
      box(0, -0.25, 1.1, 0.6, anyColour(pen)) +
      repeat(count - 1, (i) =>
        box(-0.4 + (0.8 * (i + 0.5)) / (count - 1), -0.28, 0.5 / count, 0.25, dark(pen)),
      ) +
      polygon([-1.1, 0, 1.1, 0, 0.75, 0.8, -0.75, 0.8], hull) +
      repeat(count, (i) => circle(-0.65 + (1.3 * (i + 0.5)) / count, 0.3, pen.between(0.08, 0.13), port)) +
      (pen.chance(0.5) ? box(0, -0.75, 0.25, 0.5, anyColour(pen)) : '')
    );
  },
  trees(pen) {
    const green = pen.pick([30, 80, 110, 130]);
    const fruit = repeat(pen.between(0, 9), () =>
      circle(pen.between(-0.6, 0.6), pen.between(-0.8, 0.2), pen.between(0.06, 0.13), anyColour(pen)),
    );
    const crown = repeat(pen.between(3, 9), () =>
      circle(
        pen.between(-0.6, 0.6),
        pen.between(-0.7, 0.1),
        pen.between(0.3, 0.55),
        hsl(green + pen.between(-12, 12), pen.between(20, 70), pen.between(15, 50)),
      ),
    );
    return box(0, 0.7, pen.between(0.15, 0.35), 0.9, '#5a3b22') + crown + fruit;
  },
} satisfies Record<string, Thing>;
