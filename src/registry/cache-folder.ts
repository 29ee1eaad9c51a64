/** The folder of what can be made or downloaded again. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `agewise` in `$XDG_CACHE_HOME` or `~/.cache`; https://specifications.freedesktop.org/basedir-spec: a relative path there is ignored. */
export function cacheFolder(): string {
  const given = process.env.XDG_CACHE_HOME;
  return join(given?.startsWith('/') ? given : join(homedir(), '.cache'), 'agewise');
}
