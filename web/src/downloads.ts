/** Results as files, made in the browser: the annotated picture, JSON and CSV. */
import { drawFaces, type FaceData, faceJson, type ImageEstimate } from './agewise.js';
import { hasAge, shortAge } from './face-text.js';
import { text } from './text.js';

export function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A file's name without its ending. */
export const stem = (name: string): string => name.replace(/\.[^.]+$/, '');

/** The label that the command line writes, such as `34 ±8`. */
function labelOf(face: FaceData): string {
  const { std, gender, group } = face;
  const years = group
    ? text.range(group.from, group.to)
    : !hasAge(face)
      ? shortAge(face)
      : `${shortAge(face)} ±${std.toFixed(0)}`;
  return gender ? `${years} ${gender.label === 'female' ? '♀' : '♂'}` : years;
}

export async function annotated(picture: ImageBitmap, faces: readonly FaceData[]): Promise<Blob> {
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.drawImage(picture, 0, 0);
  const drawing = drawFaces(
    picture,
    faces.map((face) => ({ box: face.box, label: labelOf(face) })),
  );
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([drawing], { type: 'image/svg+xml' }));
  await image.decode();
  context.drawImage(image, 0, 0, width, height);
  URL.revokeObjectURL(image.src);
  return canvas.convertToBlob({ type: 'image/png' });
}

export function json(name: string, { width, height, faces }: ImageEstimate): Blob {
  const record = { file: name, width, height, faces: faces.map(faceJson) };
  return new Blob([`${JSON.stringify(record, null, 2)}\n`], { type: 'application/json' });
}

const COLUMNS =
  'file,picture_width,picture_height,face,x,y,width,height,score,age,median,std,interval_low,interval_high,gender,gender_probability';

/** One row per face, with the columns of `agewise estimate --csv`. */
export function csv(name: string, { width, height, faces }: ImageEstimate): Blob {
  const rows = faces.map((face, i) => {
    const { box, score, age, median, std, interval, gender } = faceJson(face);
    const place = [box.x, box.y, box.width, box.height];
    return [
      name,
      width,
      height,
      i + 1,
      ...place,
      score,
      age,
      median,
      std,
      ...interval,
      gender?.label,
      gender?.probability,
    ];
  });
  const lines = rows.map((cells) => cells.map(quoted).join(','));
  return new Blob([`${[COLUMNS, ...lines].join('\n')}\n`], { type: 'text/csv' });
}

function quoted(cell: string | number | null | undefined): string {
  // A spreadsheet would treat these texts as formulas.
  // Missing values are not numbers.
  const plain =
    typeof cell === 'string'
      ? cell.replace(/^[=+\-@\t\r]/, "'$&")
      : Number.isNaN(cell)
        ? ''
        : String(cell ?? '');
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
