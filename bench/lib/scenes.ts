/** Pictures without a face that fill their whole frame: walls and streets, pages and boards, patterns and noise. */
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
  type Pen,
  placed,
  polygon,
  repeat,
  soft,
  stroke,
} from './pen.js';

/** Draws on the whole ground, in pixels. */
export type Scene = (pen: Pen) => string;

const sideOf = ({ width, height }: Pen) => Math.min(width, height);

/** Cells of a grid that covers the picture, each by its centre and its place. */
function grid(
  { width, height }: Pen,
  stepX: number,
  stepY: number,
  cell: (x: number, y: number, column: number, row: number) => string,
): string {
  const columns = Math.ceil(width / stepX);
  return repeat(columns * Math.ceil(height / stepY), (i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    return cell((column + 0.5) * stepX, (row + 0.5) * stepY, column, row);
  });
}

/** A motif in one place of a cell and its three mirror images, about the origin. */
const fourfold = (elements: string) => mirrored(`${elements}<g transform="scale(1 -1)">${elements}</g>`);

/** Some number of the circles, boxes and strokes that patterns are made of, within one unit of the origin. */
function motif(pen: Pen): string {
  return repeat(pen.between(1, 4), () => {
    const [x, y, size] = [pen.between(0, 0.9), pen.between(0, 0.9), pen.between(0.08, 0.5)];
    const colour = anyColour(pen);
    return pen.pick([
      () => circle(x, y, size, colour),
      () => circle(x, y, size, 'none', outline(size * 0.3, colour)),
      () => box(x, y, size, size * pen.between(0.4, 2.5), colour),
      () => polygon([x, y - size, x + size, y, x, y + size, x - size, y], colour),
      () => stroke(`M0 ${y}Q${x} ${y} ${x} 0`, size * 0.3, colour),
    ])();
  });
}

/** A smooth turbulence of some scale as a filter's first result. */
const turbulence = (pen: Pen, type: string, x: number, y: number, octaves: number) =>
  `<feTurbulence type="${type}" baseFrequency="${x.toFixed(4)} ${y.toFixed(4)}" numOctaves="${octaves}" seed="${Math.floor(pen.between(0, 1e6))}"/>`;

export const SCENES = {
  /** One wall with the same window all over, or lit and dark ones at night. */
  walls(pen) {
    const side = sideOf(pen);
    const [wall, pane] = pen.chance(0.6) ? colours(pen) : [anyColour(pen), anyColour(pen)];
    const lit = pen.chance(0.4) ? hsl(pen.between(35, 60), 80, pen.between(55, 85)) : pane;
    const step = side * pen.between(0.07, 0.45);
    const [stepX, stepY] = [step, step * pen.between(0.7, 1.6)];
    const [w, h] = [stepX * pen.between(0.3, 0.75), stepY * pen.between(0.3, 0.8)];
    const bar = pen.pick(['none', 'none', 'upright', 'across', 'both']);
    const balcony = pen.chance(0.3) ? anyColour(pen) : undefined;
    const lintel = pen.chance(0.3) ? anyColour(pen) : undefined;
    const frame = pen.chance(0.4) ? pen.pick(['#eee', '#222', anyColour(pen)]) : undefined;
    const ledge = pen.chance(0.3) ? dark(pen) : undefined;
    const shadow = pen.chance(0.3);
    return (
      box(pen.width / 2, pen.height / 2, pen.width, pen.height, wall) +
      grid(pen, stepX, stepY, (x, y) => {
        const glass = pen.chance(0.35) ? lit : pane;
        return (
          (shadow ? box(x + w * 0.08, y + h * 0.08, w * 1.15, h * 1.1, 'rgba(0,0,0,0.35)') : '') +
          (frame ? box(x, y, w * 1.18, h * 1.14, frame) : '') +
          box(x, y, w, h, glass) +
          (bar === 'upright' || bar === 'both' ? box(x, y, w * 0.07, h, frame ?? wall) : '') +
          (bar === 'across' || bar === 'both' ? box(x, y, w, h * 0.06, frame ?? wall) : '') +
          (lintel ? box(x, y - h * 0.62, w * 1.3, h * 0.1, lintel) : '') +
          (balcony ? box(x, y + h * 0.45, w * 1.5, h * 0.3, balcony) : '') +
          (ledge ? box(x, y + stepY / 2, stepX, stepY * 0.05, ledge) : '')
        );
      })
    );
  },
  /** Houses of different heights before the sky, with windows. */
  streets(pen) {
    const horizon = pen.height * pen.between(0.8, 1);
    let x = 0;
    let houses = '';
    while (x < pen.width) {
      const wide = sideOf(pen) * pen.between(0.12, 0.5);
      const high = horizon * pen.between(0.3, 0.95);
      const [wall, pane] = colours(pen);
      const [columns, rows] = [Math.floor(pen.between(1, 6)), Math.floor(pen.between(1, 9))];
      const [stepX, stepY] = [wide / columns, high / (rows + 1)];
      const [w, h] = [stepX * pen.between(0.25, 0.7), stepY * pen.between(0.3, 0.8)];
      const left = x;
      houses +=
        box(x + wide / 2, horizon - high / 2, wide, high, wall) +
        (pen.chance(0.4)
          ? polygon(
              [
                x,
                horizon - high,
                x + wide / 2,
                horizon - high - wide * pen.between(0.2, 0.6),
                x + wide,
                horizon - high,
              ],
              anyColour(pen),
            )
          : '') +
        repeat(columns * rows, (i) =>
          pen.chance(0.1)
            ? ''
            : box(
                left + ((i % columns) + 0.5) * stepX,
                horizon - high + (Math.floor(i / columns) + 0.6) * stepY,
                w,
                h,
                pen.chance(0.15) ? '#ffe9a0' : pane,
              ),
        ) +
        (pen.chance(0.6)
          ? box(x + wide / 2, horizon - stepY * 0.35, wide * pen.between(0.15, 0.4), stepY * 0.7, dark(pen))
          : '');
      x += wide * pen.between(1, 1.15);
    }
    return houses;
  },
  /** Windows with blinds, curtains or shutters half down. */
  blinds(pen) {
    const side = sideOf(pen);
    const [stepX, stepY] = [side * pen.between(0.15, 0.9), side * pen.between(0.2, 0.9)];
    const [frame, slat, glass] = [anyColour(pen), anyColour(pen), dark(pen)];
    const slats = Math.floor(pen.between(4, 24));
    const gap = pen.between(0.15, 0.6);
    return grid(pen, stepX, stepY, (x, y) => {
      const [w, h] = [stepX * 0.7, stepY * 0.75];
      const down = Math.ceil(slats * pen.between(0.1, 1));
      return (
        box(x, y, w * 1.12, h * 1.1, frame) +
        box(x, y, w, h, glass) +
        repeat(down, (i) => box(x, y - h / 2 + ((i + 0.5) * h) / slats, w, ((1 - gap) * h) / slats, slat)) +
        (pen.chance(0.5) ? box(x, y, w * 0.04, h, frame) : '')
      );
    });
  },
  /** Tiles with a mirrored motif. */
  tiles(pen) {
    const step = sideOf(pen) * pen.between(0.06, 0.5);
    const [ground, grout] = [anyColour(pen), anyColour(pen)];
    const one = fourfold(motif(pen));
    const other = pen.chance(0.3) ? fourfold(motif(pen)) : one;
    return grid(
      pen,
      step,
      step,
      (x, y, column, row) =>
        box(x, y, step, step, grout) +
        placed(x, y, 0, step * 0.48, box(0, 0, 2, 2, ground) + ((column + row) % 2 === 0 ? one : other)),
    );
  },
  bricks(pen) {
    const high = sideOf(pen) * pen.between(0.02, 0.15);
    const wide = high * pen.between(1.5, 3.5);
    const joint = pen.between(0.04, 0.2) * high;
    const hue = pen.between(0, 50);
    return grid(pen, wide, high, (x, y, _, row) =>
      box(
        x + (row % 2) * wide * 0.5 - wide * 0.25,
        y,
        wide - joint,
        high - joint,
        hsl(hue + pen.between(-8, 8), pen.between(10, 60), pen.between(25, 60)),
        pen.pick([0, joint]),
      ),
    );
  },
  /** Boards for games, with men on them. */
  boards(pen) {
    const fields = pen.pick([8, 8, 10, 5, 12]);
    const step = (sideOf(pen) / fields) * pen.between(0.6, 1.3);
    const [light, dim] = colours(pen);
    const men = [anyColour(pen), anyColour(pen)] as const;
    const share = pen.pick([0, 0.2, 0.5]);
    return grid(pen, step, step, (x, y, column, row) => {
      const man = pen.chance(share) ? pen.pick(men) : undefined;
      return (
        box(x, y, step, step, (column + row) % 2 === 0 ? light : dim) +
        (man
          ? circle(x, y, step * 0.38, man, outline(step * 0.04, dark(pen))) +
            (pen.chance(0.5) ? circle(x, y, step * 0.2, 'none', outline(step * 0.05, anyColour(pen))) : '')
          : '')
      );
    });
  },
  /** Words as bars and strokes, in lines and columns, with pictures between. */
  pages(pen) {
    const side = sideOf(pen);
    const [paper, ink] = pen.chance(0.7) ? ['#f4f1e8', dark(pen)] : colours(pen);
    const line = side * pen.between(0.015, 0.07);
    const columns = pen.pick([1, 1, 2, 3]);
    const wide = pen.width / columns;
    const scrawled = pen.chance(0.4);
    const word = (x: number, y: number, length: number) =>
      scrawled
        ? stroke(
            `M${x} ${y}${repeat(length / line / 0.4, () => `q${line * 0.2} ${line * pen.between(-0.8, 0.8)} ${line * 0.4} 0`)}`,
            line * 0.1,
            ink,
          )
        : box(x + length / 2, y, length, line * 0.5, ink);
    return (
      box(pen.width / 2, pen.height / 2, pen.width, pen.height, paper) +
      repeat(columns, (column) => {
        let page = '';
        for (let y = line; y < pen.height; y += line * pen.pick([1, 1, 1, 1.6])) {
          let x = (column + 0.08) * wide;
          const end = (column + pen.pick([0.92, 0.92, 0.5])) * wide;
          while (x < end) {
            const length = Math.min(line * pen.between(0.5, 3.5), end - x);
            page += word(x, y, length);
            x += length + line * 0.4;
          }
          if (pen.chance(0.06)) {
            const high = line * pen.between(3, 8);
            page += box((column + 0.5) * wide, y + high / 2 + line, wide * 0.7, high, anyColour(pen));
            y += high + line;
          }
        }
        return page;
      })
    );
  },
  keyboards(pen) {
    const step = sideOf(pen) * pen.between(0.05, 0.25);
    const [board, key] = pen.chance(0.5) ? colours(pen) : [dark(pen), anyColour(pen)];
    const ink = anyColour(pen);
    const corner = step * pen.between(0, 0.25);
    const gap = pen.between(0.05, 0.3) * step;
    const shift = pen.pick([0, 0.25, 0.5]);
    return (
      box(pen.width / 2, pen.height / 2, pen.width, pen.height, board) +
      grid(pen, step, step, (x, y, _, row) => {
        const at = x + row * shift * step * 0.5;
        const [dx, dy] = [pen.between(-0.2, 0.2) * step, pen.between(-0.2, 0.2) * step];
        return (
          box(at, y, step - gap, step - gap, key, corner) +
          box(at, y - gap * 0.3, step - 2 * gap, step - 2 * gap, 'rgba(255,255,255,0.15)', corner) +
          pen.pick([
            () => box(at + dx, y + dy, step * 0.25, step * 0.06, ink),
            () => circle(at + dx, y + dy, step * 0.1, 'none', outline(step * 0.04, ink)),
            () =>
              stroke(
                `M${at + dx} ${y + dy}l${step * 0.12} ${step * 0.2}l${step * 0.1} ${-step * 0.2}`,
                step * 0.04,
                ink,
              ),
          ])()
        );
      })
    );
  },
  /** Town maps: blocks, roads, water, marks. */
  maps(pen) {
    const side = sideOf(pen);
    const land = hsl(pen.between(30, 130), pen.between(10, 50), pen.between(60, 92));
    const any = () => [pen.between(0, pen.width), pen.between(0, pen.height)] as const;
    const blob = (size: number, colour: string) => {
      const [x, y] = any();
      const corners = Math.floor(pen.between(5, 12));
      return polygon(
        Array.from({ length: corners }, (_, i) => {
          const [a, r] = [(2 * Math.PI * i) / corners, size * pen.between(0.4, 1)];
          return [x + r * Math.cos(a), y + r * Math.sin(a)];
        }).flat(),
        colour,
      );
    };
    const road = (width: number, colour: string) => {
      const [[a, b], [c, d], [e, f]] = [any(), any(), any()];
      return stroke(`M${a} ${b}Q${c} ${d} ${e} ${f}`, width, colour);
    };
    return (
      box(pen.width / 2, pen.height / 2, pen.width, pen.height, land) +
      repeat(pen.between(2, 8), () =>
        blob(side * pen.between(0.1, 0.35), hsl(pen.pick([200, 110, 95]), 45, 70)),
      ) +
      repeat(pen.between(5, 25), () =>
        road(side * pen.between(0.004, 0.03), pen.pick(['#fff', '#f4d27a', '#d88', '#999'])),
      ) +
      repeat(pen.between(0, 60), () => {
        const [x, y] = any();
        return placed(
          x,
          y,
          pen.between(0, 90),
          side * pen.between(0.01, 0.04),
          box(0, 0, 1, pen.between(0.5, 2), '#c9b8a8'),
        );
      }) +
      repeat(pen.between(0, 12), () => {
        const [x, y] = any();
        const r = side * pen.between(0.01, 0.035);
        return (
          circle(x, y - 2 * r, r, '#d33') +
          polygon([x - r, y - 2 * r, x + r, y - 2 * r, x, y], '#d33') +
          circle(x, y - 2 * r, r * 0.4, '#fff')
        );
      })
    );
  },
  /** Dark spots side by side that fade out, on a ground that fades too. */
  spots(pen) {
    const side = sideOf(pen);
    const r = side * pen.between(0.06, 0.4);
    const hue = pen.chance(0.6) ? pen.between(10, 45) : pen.between(0, 360);
    const fade = (id: string, colour: string, middle: number) =>
      `<radialGradient id="${id}"><stop offset="0" stop-color="${colour}"/><stop offset="${middle.toFixed(2)}" stop-color="${colour}"/><stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient>`;
    const [away, size] = [pen.between(0.25, 0.55), pen.between(0.1, 0.3)];
    const shades = `<defs>${fade('glow', hsl(hue, pen.between(10, 70), pen.between(45, 85)), pen.between(0, 0.8))}${fade('spot', dark(pen), pen.between(0, 0.8))}</defs>`;
    const ground = pen.chance(0.8);
    return (
      shades +
      repeat(pen.pick([1, 1, 2, 5, 9]), () =>
        placed(
          pen.between(0.2, 0.8) * pen.width,
          pen.between(0.2, 0.8) * pen.height,
          pen.pick([0, 0, pen.between(-90, 90)]),
          r * pen.between(0.6, 1.3),
          (ground ? ellipse(0, 0, 1, pen.between(0.7, 1.5), 'url(#glow)') : '') +
            mirrored(ellipse(away, pen.between(-0.4, 0.1), size, size * pen.between(0.5, 1.3), 'url(#spot)')),
        ),
      )
    );
  },
  /** Rings in pairs, as on the wings of butterflies and moths. */
  eyespots(pen) {
    const r = sideOf(pen) * pen.between(0.05, 0.25);
    const rings = Array.from({ length: Math.floor(pen.between(2, 6)) }, () => anyColour(pen));
    const [away, squash] = [pen.between(1, 2.2), pen.between(0.7, 1.2)];
    const inner = pen.chance(0.4) ? pen.between(-0.2, 0.2) : 0;
    const eye = (x: number) =>
      rings
        .map((colour, i) => {
          const size = (1 - i / rings.length) * 0.9;
          return ellipse(x + inner * i, 0, size, size * squash, colour);
        })
        .join('');
    const wing = pen.chance(0.5)
      ? ellipse(away * 0.9, 0.3, away * 1.1, pen.between(1.2, 2.4), anyColour(pen))
      : '';
    return repeat(pen.pick([1, 2, 4, 10]), () =>
      placed(
        pen.between(0.15, 0.85) * pen.width,
        pen.between(0.15, 0.85) * pen.height,
        pen.pick([0, 0, pen.between(-40, 40)]),
        r * pen.between(0.5, 1),
        mirrored(wing) + eye(-away) + eye(away),
      ),
    );
  },
  /** Noise of a few cells, made large smoothly: blurs of light and dark. */
  blurs(pen) {
    const scale = pen.between(1.5, 12) / sideOf(pen);
    const warm = pen.chance(0.6);
    const grey = pen.chance(0.2);
    const [low, high] = [pen.between(-0.6, 0.1), pen.between(1, 2.2)];
    const rows = [1, warm ? 0.75 : pen.between(0.4, 1), warm ? 0.55 : pen.between(0.4, 1)].map((gain) => {
      const own = grey ? 0 : pen.between(0, 0.4);
      return `${(high * gain * (1 - own)).toFixed(2)} ${(high * gain * own).toFixed(2)} 0 0 ${(low * gain).toFixed(2)}`;
    });
    const octaves = pen.pick([1, 1, 2, 3]);
    return `<filter id="blurs" x="0" y="0" width="100%" height="100%">${turbulence(pen, 'fractalNoise', scale, scale * pen.between(0.6, 1.6), octaves)}<feColorMatrix values="${rows.join(' ')} 0 0 0 0 1"/></filter><rect width="100%" height="100%" filter="url(#blurs)"/>`;
  },
  /** Noise cut into patches of a few colours, as on camouflage or a cow. */
  patches(pen) {
    const scale = pen.between(2, 20) / sideOf(pen);
    const steps = Math.floor(pen.between(2, 6));
    const table = () => Array.from({ length: steps + 2 }, () => pen.between(0, 1).toFixed(2)).join(' ');
    const functions = ['R', 'G', 'B'].map(
      (name) => `<feFunc${name} type="discrete" tableValues="${table()}"/>`,
    );
    return `<filter id="patches" x="0" y="0" width="100%" height="100%">${turbulence(pen, 'fractalNoise', scale, scale * pen.between(0.5, 2), pen.pick([1, 2, 4]))}<feColorMatrix values="2 0 0 0 -0.5 2 0 0 0 -0.5 2 0 0 0 -0.5 0 0 0 0 1"/><feComponentTransfer>${functions.join('')}</feComponentTransfer></filter><rect width="100%" height="100%" filter="url(#patches)"/>`;
  },
  /** Translucent ellipses over each other. */
  ellipses(pen) {
    const side = sideOf(pen);
    const hue = pen.pick([undefined, pen.between(0, 360), pen.between(10, 45)]);
    const all = repeat(pen.between(5, 60), () => {
      const colour =
        hue === undefined
          ? anyColour(pen)
          : hsl(hue + pen.between(-25, 25), pen.between(10, 90), pen.between(5, 95));
      const fade = pen.between(0.2, 1).toFixed(2);
      return `<g opacity="${fade}">${placed(
        pen.between(0, pen.width),
        pen.between(0, pen.height),
        pen.between(0, 180),
        side,
        ellipse(0, 0, pen.between(0.02, 0.3), pen.between(0.02, 0.3), colour),
      )}</g>`;
    });
    return pen.chance(0.3) ? soft('ellipses', side * pen.between(0.003, 0.03), all) : all;
  },
  /** Boards of wood with year rings and knots. */
  planks(pen) {
    const high = sideOf(pen) * pen.between(0.1, 0.5);
    const hue = pen.between(15, 40);
    const grain = () => hsl(hue + pen.between(-5, 5), pen.between(20, 60), pen.between(15, 55));
    const rows = Math.ceil(pen.height / high);
    return repeat(rows, (row) => {
      const y = (row + 0.5) * high;
      const lines = repeat(pen.between(4, 14), (i) => {
        const at = y - high / 2 + high * pen.between(0.05, 0.95);
        const bend = high * pen.between(-0.2, 0.2);
        return stroke(
          `M0 ${at}C${pen.width / 3} ${at + bend} ${(2 * pen.width) / 3} ${at - bend} ${pen.width} ${at}`,
          high * pen.between(0.005, 0.03) * (1 + (i % 2)),
          grain(),
        );
      });
      const knots = repeat(pen.between(0, 4), () => {
        const [x, at] = [pen.between(0, pen.width), y + high * pen.between(-0.25, 0.25)];
        const size = high * pen.between(0.05, 0.2);
        return repeat(pen.between(2, 5), (i) =>
          ellipse(
            x,
            at,
            size * 1.6 * (1 - i * 0.22),
            size * (1 - i * 0.22),
            i % 2 === 0 ? grain() : hsl(hue, 40, 18),
          ),
        );
      });
      return (
        box(pen.width / 2, y, pen.width, high * 0.98, hsl(hue, pen.between(25, 60), pen.between(35, 65))) +
        lines +
        knots
      );
    });
  },
  /** Heaps of soft white before a sky. */
  clouds(pen) {
    const side = sideOf(pen);
    const sky = hsl(pen.pick([210, 210, 20, 280]), pen.between(20, 80), pen.between(35, 75));
    const heaps = repeat(pen.between(2, 9), () => {
      const [x, y, r] = [
        pen.between(0, pen.width),
        pen.between(0, pen.height),
        side * pen.between(0.05, 0.2),
      ];
      return repeat(pen.between(4, 14), () => {
        const size = r * pen.between(0.3, 1);
        const white = hsl(pen.between(0, 360), pen.between(0, 15), pen.between(65, 98));
        return ellipse(
          x + r * pen.between(-1.8, 1.8),
          y + r * pen.between(-0.6, 0.6),
          size * 1.3,
          size,
          white,
        );
      });
    });
    return (
      box(pen.width / 2, pen.height / 2, pen.width, pen.height, sky) +
      soft('clouds', side * pen.between(0.005, 0.04), heaps)
    );
  },
  /** Figures that hold smaller copies of themselves: carpets, gaskets, trees. */
  fractals(pen) {
    const side = sideOf(pen);
    const fills = Array.from({ length: 6 }, () => anyColour(pen));
    const carpet = (x: number, y: number, size: number, depth: number): string =>
      depth === 0
        ? ''
        : box(x, y, size / 3, size / 3, fills[depth]!) +
          repeat(9, (i) =>
            i === 4
              ? ''
              : carpet(
                  x + ((i % 3) - 1) * (size / 3),
                  y + (Math.floor(i / 3) - 1) * (size / 3),
                  size / 3,
                  depth - 1,
                ),
          );
    const rings = (x: number, y: number, r: number, depth: number): string =>
      depth === 0
        ? ''
        : circle(x, y, r, fills[depth]!) +
          around(4, r * 0.6, (dx, dy) => rings(x + dx, y + dy, r * 0.4, depth - 1), Math.PI / 4);
    const tilt = pen.between(0.3, 0.9);
    const branch = (x: number, y: number, length: number, angle: number, depth: number): string => {
      if (depth === 0) return '';
      const [toX, toY] = [x + length * Math.cos(angle), y + length * Math.sin(angle)];
      return (
        stroke(`M${x} ${y}L${toX} ${toY}`, length * 0.12, fills[depth % 6]!) +
        branch(toX, toY, length * 0.7, angle - tilt, depth - 1) +
        branch(toX, toY, length * 0.7, angle + tilt, depth - 1)
      );
    };
    const [x, y] = [pen.width / 2, pen.height / 2];
    return pen.pick([
      () => carpet(x, y, side * pen.between(0.6, 1.2), 4),
      () => rings(x, y, side * pen.between(0.25, 0.5), 4),
      () => branch(x, pen.height, side * 0.28, -Math.PI / 2, 8),
    ])();
  },
  /** Codes of black and white fields, with the squares in their corners. */
  codes(pen) {
    const fields = Math.floor(pen.between(15, 35));
    const size = sideOf(pen) * pen.between(0.3, 0.95);
    const step = size / fields;
    const [left, top] = [pen.between(0, pen.width - size), pen.between(0, pen.height - size)];
    const [paper, ink] = pen.chance(0.7) ? ['#fff', '#111'] : colours(pen);
    const corner = (x: number, y: number) =>
      box(x, y, 7 * step, 7 * step, ink) +
      box(x, y, 5 * step, 5 * step, paper) +
      box(x, y, 3 * step, 3 * step, ink);
    return (
      box(left + size / 2, top + size / 2, size * 1.15, size * 1.15, paper) +
      repeat(fields * fields, (i) =>
        pen.chance(0.5)
          ? box(
              left + ((i % fields) + 0.5) * step,
              top + (Math.floor(i / fields) + 0.5) * step,
              step,
              step,
              ink,
            )
          : '',
      ) +
      [
        corner(left + 3.5 * step, top + 3.5 * step),
        corner(left + size - 3.5 * step, top + 3.5 * step),
        corner(left + 3.5 * step, top + size - 3.5 * step),
      ].join('')
    );
  },
  /** Round or rounded icons in rows, each with a sign of its own. */
  icons(pen) {
    const step = sideOf(pen) * pen.between(0.1, 0.45);
    const [size, corner] = [step * pen.between(0.5, 0.85), pen.pick([0.08, 0.25, 0.5])];
    return grid(
      pen,
      step,
      step,
      (x, y) =>
        box(x, y, size, size, anyColour(pen), size * corner) +
        placed(x, y, 0, size * 0.36, pen.chance(0.5) ? mirrored(motif(pen)) : motif(pen)),
    );
  },
  /** Balls with a light side, in a heap or in rows. */
  balls(pen) {
    const r = sideOf(pen) * pen.between(0.04, 0.3);
    const ids = Array.from({ length: 4 }, (_, i) => `ball${i}`);
    const hue = pen.chance(0.5) ? pen.between(10, 45) : undefined;
    const [lightX, lightY] = [pen.between(0.2, 0.6), pen.between(0.2, 0.5)];
    const shades = ids.map((id) => {
      const tone = hue === undefined ? pen.between(0, 360) : hue + pen.between(-15, 15);
      const colour = pen.between(10, 80);
      return `<radialGradient id="${id}" cx="${lightX.toFixed(2)}" cy="${lightY.toFixed(2)}" r="0.75"><stop offset="0" stop-color="${hsl(tone, colour, pen.between(75, 97))}"/><stop offset="0.5" stop-color="${hsl(tone, colour, pen.between(40, 65))}"/><stop offset="1" stop-color="${hsl(tone, colour, pen.between(5, 30))}"/></radialGradient>`;
    });
    const inRows = pen.chance(0.4);
    const ball = (x: number, y: number) =>
      ellipse(x + r * 0.15, y + r * 0.8, r, r * 0.3, 'rgba(0,0,0,0.3)') +
      circle(x, y, r * (inRows ? 0.9 : pen.between(0.5, 1)), `url(#${pen.pick(ids)})`);
    return `<defs>${shades.join('')}</defs>${
      inRows
        ? grid(pen, 2.1 * r, 2.1 * r, ball)
        : repeat(pen.between(1, 30), () => ball(pen.between(0, pen.width), pen.between(0, pen.height)))
    }`;
  },
} satisfies Record<string, Scene>;
