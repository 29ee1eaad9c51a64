/** A face's distribution over the ages 0..100 as a small chart. */
import { type FaceData, yearProbabilities } from './agewise.js';
import { svg } from './dom.js';
import { text } from './text.js';

const WIDTH = 300;
const HEIGHT = 64;
const AXIS = 16;
const OLDEST = 100;
const TICKS = [0, 20, 40, 60, 80, 100];

const x = (age: number) => (age / OLDEST) * WIDTH;

export interface ChartOptions {
  /** A second model's estimate, drawn as an outline. */
  readonly second?: FaceData | undefined;
  /** Ages marked by a line. */
  readonly marks?: readonly number[];
}

export function chart(face: FaceData, { second, marks = [] }: ChartOptions = {}): SVGSVGElement {
  const curves = [face, ...(second ? [second] : [])].map(({ distribution }) =>
    yearProbabilities(distribution),
  );
  const highest = Math.max(...curves.flatMap((years) => [...years]), 1e-6);
  const y = (p: number) => HEIGHT - (p / highest) * (HEIGHT - 6);
  const line = (years: Float64Array) =>
    Array.from(years, (p, year) => `${x(year).toFixed(1)},${y(p).toFixed(1)}`).join(' ');
  const area = (years: Float64Array) => `0,${HEIGHT} ${line(years)} ${WIDTH},${HEIGHT}`;
  const [low, high] = face.interval;
  const figure = svg(
    'svg',
    {
      class: 'chart',
      viewBox: `0 -2 ${WIDTH} ${HEIGHT + AXIS + 2}`,
      role: 'img',
      'aria-label': text.chart(face.age, low, high),
    },
    svg('rect', { class: 'band', x: x(low), y: 0, width: x(high) - x(low), height: HEIGHT, rx: 3 }),
    svg('polygon', { class: 'area', points: area(curves[0]!) }),
    svg('polyline', { class: 'curve', points: line(curves[0]!) }),
  );
  if (curves[1]) figure.append(svg('polyline', { class: 'curve second', points: line(curves[1]) }));
  for (const age of marks) {
    figure.append(svg('line', { class: 'mark', x1: x(age), x2: x(age), y1: 0, y2: HEIGHT }));
  }
  figure.append(
    svg('line', { class: 'mean', x1: x(face.age), x2: x(face.age), y1: 0, y2: HEIGHT }),
    svg('line', { class: 'axis', x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }),
    ...TICKS.map((age) => {
      const anchor = age === 0 ? 'start' : age === OLDEST ? 'end' : 'middle';
      const label = { class: 'tick', x: x(age), y: HEIGHT + AXIS - 3, 'text-anchor': anchor };
      return svg('text', label, String(age));
    }),
  );
  return figure;
}
