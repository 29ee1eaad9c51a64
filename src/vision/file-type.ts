/** Recognizes files by their first bytes: the formats that can be decoded, and names for common others. */

import { isRawPhotograph } from './tiff-form.js';

/** The formats that can be decoded. */
export const IMAGE_FORMATS = ['JPEG', 'PNG', 'WebP', 'AVIF', 'TIFF', 'GIF'] as const;

/** File name endings of decodable formats. */
export const READ_ENDINGS: readonly string[] = 'jpg jpeg jpe jfif png webp avif tif tiff gif'.split(' ');

/** File name endings of other image formats: of phones, cameras, editors, scanners and older systems. */
export const UNREAD_ENDINGS: readonly string[] = (
  'heic heif heics heifs hif avci avifs apng mpo jps jif jfi jxl jp2 j2k jpf jpx jpm jls jxs jxr wdp bmp dib psd psb xcf ' +
  'svg svgz ico cur icns tga dds pcx ras sgi ppm pgm pbm pnm pam pfm hdr exr qoi bpg dng cr2 cr3 crw nef nrw arw srf sr2 ' +
  'orf rw2 raf pef srw raw rwl 3fr iiq x3f erf kdc dcr mrw mef mos gpr fff k25 bay rwz ptx pxn eip eps wmf emf pct pict xbm ' +
  'xpm jng mng flif dpx cin ora kra afphoto'
).split(' ');

export type ImageFormat = (typeof IMAGE_FORMATS)[number];

export type FileType =
  | { readonly format: ImageFormat }
  /** Not decoded; `description` completes the sentence "found ...". */
  | { readonly format: null; readonly description: string };

/** Brands of ISO base media files (ISO/IEC 23008-12, annex B) whose pictures are coded in HEVC. */
const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];
const AVIF_BRANDS = ['avif', 'avis', 'avio'];

const RAW = 'a raw photograph';

const STRANGERS: readonly (readonly [magic: string, description: string])[] = [
  ['%PDF', 'a PDF document'],
  ['BM', 'a BMP image'],
  ['8BPS', 'a Photoshop document'],
  ['\xff\x0a', 'a JPEG XL image'],
  ['\0\0\0\x0cJXL ', 'a JPEG XL image'],
  ['\0\0\0\x0cjP  ', 'a JPEG 2000 image'],
  ['\xff\x4f\xff\x51', 'a JPEG 2000 image'],
  ['II\xbc\x01', 'a JPEG XR image'],
  ['v/1\x01', 'an OpenEXR image'],
  ['#?RADIANCE', 'a Radiance HDR image'],
  ['DDS ', 'a DDS image'],
  ['qoif', 'a QOI image'],
  ['gimp xcf', 'a GIMP image'],
  ['\0\0\x01\0', 'an icon'],
  ['FUJIFILM', RAW],
  ['IIRO', RAW],
  ['IIU\0', RAW],
  ['FOVb', RAW],
  ['PK\x03\x04', 'a ZIP archive'],
  ['\x1f\x8b', 'a gzip archive'],
  ['\x1a\x45\xdf\xa3', 'a Matroska or WebM video'],
];

/** Bytes examined to distinguish text from data. */
const TEXT_SAMPLE = 512;

/** The type of a file by its first bytes, ignoring its name. */
export function fileType(bytes: Uint8Array): FileType {
  const head = bytes.subarray(0, TEXT_SAMPLE);
  // One character per byte.
  const start = String.fromCharCode(...head);
  const format = imageFormat(start);
  if (format === 'TIFF' && isRawPhotograph(bytes)) return { format: null, description: RAW };
  if (format !== undefined) return { format };
  return { format: null, description: describe(head, start) };
}

function imageFormat(start: string): ImageFormat | undefined {
  if (start.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'GIF';
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'WebP';
  // Classic TIFF in either byte order, and BigTIFF.
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return 'TIFF';
  if (brands(start).some((brand) => AVIF_BRANDS.includes(brand))) return 'AVIF';
  return undefined;
}

/** The major brand and the compatible ones of an ISO base media file; empty for anything else. */
function brands(start: string): string[] {
  if (!start.startsWith('ftyp', 4)) return [];
  const end = Math.min(start.charCodeAt(2) * 256 + start.charCodeAt(3), start.length);
  const list = [start.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) list.push(start.slice(at, at + 4));
  return list;
}

function describe(head: Uint8Array, start: string): string {
  if (start.startsWith('ftyp', 4)) {
    if (brands(start).includes('crx ')) return RAW;
    return brands(start).some((brand) => HEIC_BRANDS.includes(brand) || brand === 'mif1')
      ? 'a HEIC image (save it as JPEG first)'
      : 'a video or another file of the MP4 family';
  }
  if (start.startsWith('RIFF') && start.startsWith('AVI ', 8)) return 'an AVI video';
  if (/^P[1-7]\s/.test(start)) return 'a Netpbm image';
  const stranger = STRANGERS.find(([magic]) => start.startsWith(magic));
  if (stranger) return stranger[1];
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg[\s>]/is.test(start)) return 'an SVG drawing';
  if (/^\s*<(!doctype html|html)/i.test(start)) return 'an HTML page';
  return isText(head) ? 'text' : 'data of an unknown format';
}

/** Whether it consists of printable characters, white space and UTF-8 sequences. */
function isText(head: Uint8Array): boolean {
  return (
    head.every((byte) => (byte >= 0x20 ? byte !== 0x7f : byte === 0x09 || byte === 0x0a || byte === 0x0d)) &&
    !new TextDecoder().decode(head).slice(0, -1).includes('\ufffd')
  );
}
