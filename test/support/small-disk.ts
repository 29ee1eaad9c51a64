/** What a full disk does. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Does something while the folder is a disk of 64 kB, where this machine lets one be made. */
export async function onSmallDisk(folder: string, use: () => Promise<void>): Promise<void> {
  const run = promisify(execFile);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  } catch {
    console.log('skipped: a small disk can be mounted by root only');
    return;
  }
  try {
    await use();
  } finally {
    await run('umount', [folder]);
  }
}
