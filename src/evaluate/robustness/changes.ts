/** How faces are changed to measure how far a model's estimates move. */
import { type Look, PLAIN_COLOUR, PLAIN_LOOK } from '../../data/index.js';

/** What a network sees of a face that is changed. */
export interface Change {
  readonly kind: string;
  readonly level: number;
  /**
   * @param face its place among all: what can go either way goes another one with each face
   * @param width of the network's input, in pixels
   */
  look(face: number, width: number): Look;
}

/** A kind of change, as reports name it; its levels grow worse from first to last, but for those about `usual`. */
export interface ChangeKind {
  readonly title: string;
  /** What the levels are. */
  readonly unit: string;
  /** The unit after a level's number. */
  readonly sign: string;
  readonly levels: readonly number[];
  /** The level that changes nothing, where it is one of the scale. */
  readonly usual?: number;
  look(level: number, face: number, width: number): Look;
}

const placed = (placement: Partial<Look['placement']>): Look => ({
  ...PLAIN_LOOK,
  placement: { ...PLAIN_LOOK.placement, ...placement },
});
const coloured = (colour: Partial<NonNullable<Look['colour']>>): Look => ({
  ...PLAIN_LOOK,
  colour: { ...PLAIN_COLOUR, ...colour },
});

const DIRECTIONS = 8;

/** By name, in the order of reports. */
export const CHANGE_KINDS: Readonly<Record<string, ChangeKind>> = {
  margin: {
    title: 'Margin',
    unit: 'side of the crop beside the usual one',
    sign: '×',
    levels: [0.7, 0.85, 1.15, 1.3, 1.6],
    usual: 1,
    look: (level) => placed({ scale: 1 / level }),
  },
  shift: {
    title: 'Shift',
    unit: 'percent of the side of the crop, in one of eight directions',
    sign: '%',
    levels: [2, 5, 10, 15, 20],
    usual: 0,
    look: (level, face) => {
      const angle = ((face % DIRECTIONS) * 2 * Math.PI) / DIRECTIONS;
      const share = level / 100;
      return placed({ shiftX: share * Math.cos(angle), shiftY: share * Math.sin(angle) });
    },
  },
  roll: {
    title: 'Roll',
    unit: 'degrees, to either side',
    sign: '°',
    levels: [5, 10, 20, 30, 45],
    usual: 0,
    look: (level, face) => placed({ angle: ((face % 2 === 0 ? level : -level) * Math.PI) / 180 }),
  },
  blur: {
    title: 'Blur',
    unit: 'σ of a Gaussian, percent of the side of the crop',
    sign: '%',
    levels: [0.5, 1, 1.5, 2, 3],
    usual: 0,
    look: (level, _, width) => ({ ...PLAIN_LOOK, blur: (level / 100) * width }),
  },
  jpeg: {
    title: 'JPEG',
    unit: 'quality, 1 to 100',
    sign: '',
    levels: [75, 50, 30, 15, 5],
    look: (level) => ({ ...PLAIN_LOOK, jpeg: level }),
  },
  resolution: {
    title: 'Low resolution',
    unit: 'pixels along the side of the crop',
    sign: ' px',
    levels: [96, 64, 48, 32, 24, 16],
    look: (level, _, width) =>
      level >= width ? PLAIN_LOOK : { ...PLAIN_LOOK, lowResolution: level / width },
  },
  brightness: {
    title: 'Brightness',
    unit: 'factor of all values',
    sign: '×',
    levels: [0.25, 0.5, 0.75, 1.33, 2],
    usual: 1,
    look: (level) => coloured({ brightness: level }),
  },
  grey: {
    title: 'Grey',
    unit: 'without colour',
    sign: '',
    levels: [1],
    look: () => coloured({ saturation: 0 }),
  },
  flip: {
    title: 'Mirror image',
    unit: 'left to right',
    sign: '',
    levels: [1],
    look: () => placed({ flip: true }),
  },
};

/** A level in a table; empty for a change with only one. */
export function levelText(kind: string, level: number): string {
  const { levels, sign } = CHANGE_KINDS[kind]!;
  return levels.length > 1 ? `${level}${sign}` : '';
}

/** How far the views of a face lie apart, of the side of the crop. */
export const VIEW_SHIFT = 0.05;

/** Shifts of the face and of its mirror image. With both as they are, these are the views of one face. */
const VIEWS = [false, true].flatMap((flip) =>
  [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ].map(([x, y]) => ({ flip, shiftX: x! * VIEW_SHIFT, shiftY: y! * VIEW_SHIFT })),
);

export const PLAIN = 'plain';
export const VIEW = 'view';
export const FLIP = 'flip';

/** All changes that are measured, the unchanged face first. */
export const CHANGES: readonly Change[] = [
  { kind: PLAIN, level: 0, look: () => PLAIN_LOOK },
  ...Object.entries(CHANGE_KINDS).flatMap(([kind, { levels, look }]) =>
    levels.map((level): Change => ({ kind, level, look: (face, width) => look(level, face, width) })),
  ),
  ...VIEWS.map((view, v): Change => ({ kind: VIEW, level: v + 1, look: () => placed(view) })),
];
