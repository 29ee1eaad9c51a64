/**
 * sharp, with the warnings that libvips gives too late. `failOn` makes a warning about a JPEG's data an error when the
 * next rows are read, so never one about the last rows: libvips only reports it when it closes the picture. sharp emits
 * such reports on whichever picture of the process is finished next.
 */
import sharp, { type Sharp, type SharpInput, type SharpOptions } from 'sharp';

/** How libvips reports warnings that have not become errors. */
const REPORT = /^read gave \d+ warnings/;

interface Watch {
  reported: boolean;
}
const watches = new Set<Watch>();

/** A picture whose reports `watched` notices; to be used for all pictures that may be finished meanwhile. */
export function watchedSharp(input: SharpInput, options: SharpOptions): Sharp {
  return sharp(input, options).on('warning', (message: string) => {
    if (REPORT.test(message)) for (const watch of watches) watch.reported = true;
  });
}

/** The result of an action, and whether libvips meanwhile reported warnings about its picture or another one. */
export async function watched<T>(
  action: () => Promise<T>,
): Promise<{ readonly result: T; readonly reported: boolean }> {
  const watch: Watch = { reported: false };
  watches.add(watch);
  try {
    return { result: await action(), reported: watch.reported };
  } finally {
    watches.delete(watch);
  }
}
