/** The curve of a training: the loss of training and held-out faces over rounds. */
import type { HeadEpoch } from './agewise.js';
import { svg } from './dom.js';
import { text } from './text.js';

const WIDTH = 480;
const HEIGHT = 200;
const LEFT = 34;
const BOTTOM = 26;
const TICKS = 4;

/** @param rounds the total number of rounds */
export function curve(history: readonly HeadEpoch[], rounds: number, kept?: number): SVGSVGElement {
  const held = history.flatMap(({ validation }) => (validation ? [validation.loss] : []));
  const seen = history.map(({ loss }) => loss);
  const highest = 1.05 * Math.max(...seen, ...held, 1e-6);
  const x = (round: number) => LEFT + ((WIDTH - LEFT - 6) * round) / Math.max(1, rounds);
  const y = (loss: number) => 4 + (HEIGHT - BOTTOM - 4) * (1 - loss / highest);
  const line = (losses: readonly number[]) =>
    losses.map((loss, round) => `${x(round).toFixed(1)},${y(loss).toFixed(1)}`).join(' ');
  const heldEnds = held.length > 0 ? ([held[0]!, held.at(-1)!] as const) : undefined;
  const figure = svg('svg', {
    class: 'chart losses',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': text.trainCurve(history.length - 1, seen[0] ?? 0, seen.at(-1) ?? 0, heldEnds),
  });
  for (let tick = 0; tick <= TICKS; tick++) {
    const loss = (highest * tick) / TICKS;
    figure.append(
      svg('line', { class: 'axis', x1: LEFT, x2: WIDTH, y1: y(loss), y2: y(loss) }),
      svg('text', { class: 'tick', x: LEFT - 6, y: y(loss) + 4, 'text-anchor': 'end' }, loss.toFixed(1)),
    );
  }
  if (kept !== undefined) {
    figure.append(svg('line', { class: 'mark', x1: x(kept), x2: x(kept), y1: y(highest), y2: y(0) }));
  }
  figure.append(
    svg('polyline', { class: 'curve', points: line(seen) }),
    svg('polyline', { class: 'curve second', points: line(held) }),
    svg('text', { class: 'tick', x: WIDTH, y: HEIGHT - 6, 'text-anchor': 'end' }, text.trainRounds),
    ...[0, rounds / 2, rounds].map((round, i) => {
      const anchor = ['start', 'middle', 'end'][i]!;
      const at = i === 2 ? x(round) - 60 : x(round);
      return svg('text', { class: 'tick', x: at, y: HEIGHT - 6, 'text-anchor': anchor }, round.toFixed(0));
    }),
  );
  return figure;
}
