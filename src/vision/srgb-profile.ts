/**
 * Recognizes colour profiles that mean sRGB, as most embedded ones do. Converting a picture from one of them to sRGB changes no
 * sample by more than one level, but takes two or three times as long as decoding it.
 *
 * ICC.1:2022, Image technology colour management (file format); IEC 61966-2-1 (sRGB).
 */

const HEADER = 128;
/** A tag's entry in the table: signature, offset, size. */
const ENTRY = 12;
/** More tags than any profile has. */
const MOST_TAGS = 100;
/** Tables of colours, which take precedence over matrix and curves. */
const TABLES = ['A2B0', 'A2B1', 'A2B2', 'D2B0', 'D2B1', 'D2B2', 'D2B3'];

/** From XYZ under D50, the connection space of profiles, to linear sRGB. */
const TO_SRGB = [
  [3.1341359, -1.6173863, -0.4906619],
  [-0.978795, 1.9162544, 0.0334427],
  [0.0719555, -0.2289769, 1.4053861],
] as const;

/** The levels of red, green and blue whose combinations are compared. */
const LEVELS = [0, 8, 32, 80, 144, 208, 255];
/** How far a level may be off. */
const TOLERANCE = 1;

/** From a level in 0..1 to linear light. */
type Curve = (level: number) => number;

/** Whether converting samples of 8 bits with this profile to sRGB would change none of them by more than a level. */
export function isSrgb(profile: Uint8Array): boolean {
  try {
    return meansSrgb(new DataView(profile.buffer, profile.byteOffset, profile.byteLength));
  } catch (error) {
    // A profile that ends too soon.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function meansSrgb(view: DataView): boolean {
  if (text(view, 16) !== 'RGB ' || text(view, 20) !== 'XYZ ') return false;
  const tags = tagsOf(view);
  if (TABLES.some((name) => tags.has(name))) return false;
  const primaries = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => primary(view, tags.get(name)));
  const [red, green, blue] = ['rTRC', 'gTRC', 'bTRC'].map((name) => {
    const at = curve(view, tags.get(name));
    return LEVELS.map((level) => ({ level, light: at(level / 255) }));
  }) as [Shade[], Shade[], Shade[]];
  const matrix = TO_SRGB.map((row) =>
    primaries.map((point) => row[0] * point[0]! + row[1] * point[1]! + row[2] * point[2]!),
  );
  const isKept = (colour: readonly Shade[]) =>
    matrix.every((row, c) => {
      const light = row[0]! * colour[0]!.light + row[1]! * colour[1]!.light + row[2]! * colour[2]!.light;
      return Math.abs(255 * encoded(light) - colour[c]!.level) <= TOLERANCE;
    });
  return red.every((r) => green.every((g) => blue.every((b) => isKept([r, g, b]))));
}

/** A level of one colour, and what light a profile means by it. */
interface Shade {
  readonly level: number;
  readonly light: number;
}

/** A share of linear light as a level of sRGB in 0..1. */
function encoded(light: number): number {
  const inside = Math.min(Math.max(light, 0), 1);
  return inside <= 0.0031308 ? 12.92 * inside : 1.055 * inside ** (1 / 2.4) - 0.055;
}

/** The places of the profile's tags, by signature. */
function tagsOf(view: DataView): Map<string, number> {
  const found = new Map<string, number>();
  const count = Math.min(view.getUint32(HEADER), MOST_TAGS);
  for (let i = 0; i < count; i++) {
    const entry = HEADER + 4 + ENTRY * i;
    found.set(text(view, entry), view.getUint32(entry + 4));
  }
  return found;
}

/** A primary's XYZ; numbers that differ from all others if it is missing. */
function primary(view: DataView, at: number | undefined): number[] {
  if (at === undefined || text(view, at) !== 'XYZ ') return [Number.NaN, Number.NaN, Number.NaN];
  return [0, 1, 2].map((axis) => fixed(view, at + 8 + 4 * axis));
}

function curve(view: DataView, at: number | undefined): Curve {
  const type = at === undefined ? '' : text(view, at);
  if (type === 'curv') return sampled(view, at!);
  return type === 'para' ? parametric(view, at!) : UNKNOWN;
}

const UNKNOWN: Curve = () => Number.NaN;

/** The identity, a power, or a table between whose entries lies a straight line. */
function sampled(view: DataView, at: number): Curve {
  const count = view.getUint32(at + 8);
  const entry = (i: number) => view.getUint16(at + 12 + 2 * i);
  if (count === 0) return (level) => level;
  if (count === 1) return (level) => level ** (entry(0) / 256);
  return (level) => {
    const place = level * (count - 1);
    const before = Math.floor(place);
    const after = Math.min(before + 1, count - 1);
    return (entry(before) + (place - before) * (entry(after) - entry(before))) / 65535;
  };
}

/** The number of parameters of each function type. */
const PARAMETERS = [1, 3, 4, 5, 7];

/** (ax + b)^γ + e from d on, cx + f below it; function types 0 to 2 have no part of their own below d. */
function parametric(view: DataView, at: number): Curve {
  const type = view.getUint16(at + 8);
  const count = PARAMETERS[type];
  if (count === undefined) return UNKNOWN;
  const given = Array.from({ length: count }, (_, i) => fixed(view, at + 12 + 4 * i));
  const [gamma = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = given;
  if (type < 3) {
    const offset = type === 2 ? c : 0;
    return (level) => (level >= -b / a ? (a * level + b) ** gamma : 0) + offset;
  }
  return (level) => (level >= d ? (a * level + b) ** gamma + e : c * level + f);
}

/** A number of 16 bits and 16 bits of fraction. */
const fixed = (view: DataView, at: number): number => view.getInt32(at) / 65536;

const text = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
