/** Checks that a server reachable from other machines has a token. */
import { isIP } from 'node:net';
import type { Settings } from '../about.js';
import { SettingsError } from './error.js';

/** Whether an address is reachable only from this machine: 127.0.0.0/8 (RFC 1122, 3.2.1.3) and ::1 (RFC 4291, 2.5.3). */
function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** @throws SettingsError if other machines could send requests without a token and `withoutToken` is not set */
export function checkExposure({ host, token, withoutToken }: Settings): void {
  if (token !== undefined || withoutToken || isLoopback(host)) return;
  throw new SettingsError(
    `host: expected a token since other machines can reach ${host}, found none; set tokenFile, or withoutToken to let all in`,
  );
}
