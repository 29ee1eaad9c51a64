/** Video files (Node only), by the system's ffmpeg: frames in, an annotated copy out. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { AgewiseError, type ErrorKind } from '../errors/index.js';
import type { PixelImage } from './types.js';

/** A video that cannot be read or written, or a machine without ffmpeg. */
export class ClipError extends AgewiseError {
  override readonly name = 'ClipError';
  static override readonly kind: ErrorKind = 'input';
}

/** Endings of the names of videos. */
export const CLIP_ENDINGS: readonly string[] =
  'mp4 m4v mov webm mkv avi mpg mpeg ts mts m2ts mjpeg 3gp 3g2 wmv flv ogv'.split(' ');

export interface ClipFrame {
  readonly image: PixelImage;
  /** Seconds from the start. */
  readonly time: number;
}

/** Only local files: a playlist must not make ffmpeg open addresses. */
const INPUT = ['-nostdin', '-v', 'error', '-protocol_whitelist', 'file,pipe'];
const SIZE = /^P6\n(\d+) (\d+)\n255\n/;
/** Longer than any header of the frames that ffmpeg writes. */
const LONGEST_HEADER = 64;

/**
 * The frames of a video, upright, at equal distances.
 * @param every the distance in seconds
 * @param round `up` gives the frame that is shown at each time; `near` suits the video's own frame rate, where each frame is
 * wanted once however its times are rounded
 * @throws ClipError if ffmpeg is missing or cannot read the file
 */
export async function* readClip(
  path: string,
  every: number,
  round: 'up' | 'near' = 'up',
): AsyncGenerator<ClipFrame, void, undefined> {
  const filter = ['-map', '0:v:0', '-vf', `fps=${1 / every}:round=${round}`];
  const output = ['-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'];
  const { child, ended } = run('ffmpeg', [...INPUT, '-i', `file:${path}`, ...filter, ...output], path);
  let index = 0;
  let rest = Buffer.alloc(0);
  /** What has come of a frame that is not whole yet. */
  let parts: Buffer[] = [];
  let length = 0;
  let needed = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      parts.push(chunk);
      length += chunk.length;
      if (length < needed) continue;
      rest = Buffer.concat(parts);
      for (;;) {
        const header = SIZE.exec(rest.toString('latin1', 0, LONGEST_HEADER));
        if (header === null) break;
        const [width, height] = [Number(header[1]), Number(header[2])];
        const end = header[0].length + 3 * width * height;
        needed = end;
        if (rest.length < end) break;
        const data = new Uint8Array(rest.subarray(header[0].length, end));
        rest = rest.subarray(end);
        needed = 0;
        yield { image: { width, height, data }, time: index++ * every };
      }
      parts = [rest];
      length = rest.length;
    }
    await ended;
    if (index === 0)
      throw new ClipError({ subject: path, expected: 'a video', found: 'a file without frames' });
  } finally {
    child.kill('SIGKILL');
    ended.catch(() => {});
  }
}

/**
 * The frame rate of a video, in frames per second.
 * @throws ClipError if ffprobe is missing or the file is no video
 */
export async function clipRate(path: string): Promise<number> {
  const entries = ['-select_streams', 'v:0', '-show_entries', 'stream=avg_frame_rate', '-of', 'csv=p=0'];
  const { child, ended } = run('ffprobe', [...INPUT.slice(1), ...entries, '-i', `file:${path}`], path);
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) text += chunk.toString();
  await ended;
  const [, frames, seconds = '1'] = /^(\d+)(?:\/(\d+))?/.exec(text.trim()) ?? [];
  const rate = Number(frames) / Number(seconds);
  if (!(rate > 0 && rate < Number.POSITIVE_INFINITY)) {
    throw new ClipError({ subject: path, expected: 'a video', found: 'a file without a video stream' });
  }
  return rate;
}

/**
 * Writes frames as an H.264 file (`.mp4`), with the sound of the video that they come from.
 * @param path a new file
 * @param source the video whose sound is taken over, if it has any
 * @throws ClipError if ffmpeg is missing or cannot write it
 */
export async function writeClip(
  path: string,
  source: string,
  rate: number,
  frames: AsyncIterable<PixelImage>,
): Promise<void> {
  let encoder: ReturnType<typeof run> | undefined;
  try {
    for await (const { width, height, data } of frames) {
      encoder ??= run(
        'ffmpeg',
        [
          ...INPUT.slice(1),
          ...['-y', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', String(rate)],
          ...['-i', 'pipe:0', '-i', `file:${source}`, '-map', '0:v', '-map', '1:a?', '-c:a', 'aac'],
          // H.264 in the form that every player takes has even sides.
          ...['-vf', 'pad=ceil(iw/2)*2:ceil(ih/2)*2', '-c:v', 'libx264', '-crf', '20', '-pix_fmt', 'yuv420p'],
          ...['-f', 'mp4', `file:${path}`],
        ],
        path,
      );
      const { stdin } = encoder.child;
      if (!stdin.write(data)) await Promise.race([once(stdin, 'drain'), encoder.ended]);
    }
    if (encoder !== undefined) {
      encoder.child.stdin.end();
      await encoder.ended;
    }
  } finally {
    encoder?.child.kill('SIGKILL');
    encoder?.ended.catch(() => {});
  }
}

/** @param subject what errors name */
function run(
  program: 'ffmpeg' | 'ffprobe',
  args: readonly string[],
  subject: string,
): { readonly child: ChildProcessWithoutNullStreams; readonly ended: Promise<void> } {
  const child = spawn(program, args);
  // A program that ends early closes its input: its own message says why.
  child.stdin.on('error', () => {});
  let message = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    message += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? missing(program) : error);
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(failed(subject, message, signal));
    });
  });
  // It is awaited later; until then it must not count as unhandled.
  ended.catch(() => {});
  return { child, ended };
}

const missing = (program: string): ClipError =>
  new ClipError(
    {
      subject: program,
      problem:
        'it is needed for videos and was not found; install ffmpeg, on Debian with apt-get install ffmpeg',
    },
    { kind: 'unsupported' },
  );

function failed(subject: string, message: string, signal: NodeJS.Signals | null): ClipError {
  const line = message.trim().split('\n').at(-1) ?? '';
  const reason = line.slice(line.lastIndexOf(': ') + 1).trim() || `ffmpeg ended by ${signal ?? 'an error'}`;
  return new ClipError({ subject, expected: 'a video that ffmpeg can read', found: `an error (${reason})` });
}
