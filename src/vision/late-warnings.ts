/**
 * The warnings that libvips gives too late to sharp. `failOn` makes a warning about a JPEG's data an error when the
 * next rows are read, so never one about the last rows: libvips only reports it when it closes the picture. sharp emits
 * such reports on whichever picture of the process is finished next.
 */

/** How libvips reports warnings that have not become errors. */
const REPORT = /^read gave \d+ warnings/;

interface Watch {
  reported: boolean;
}
const watches = new Set<Watch>();

/** What sharp makes, without its types, which need those of Node. */
interface Warning {
  on(event: 'warning', listener: (message: string) => void): unknown;
}

/** A picture of sharp whose reports `watched` notices; to be used for all pictures that may be finished meanwhile. */
export function reporting<T extends Warning>(picture: T): T {
  picture.on('warning', (message) => {
    if (REPORT.test(message)) for (const watch of watches) watch.reported = true;
  });
  return picture;
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
