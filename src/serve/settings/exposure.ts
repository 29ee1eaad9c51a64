/** Whether a server may listen where it is told to. */
import { isIP } from 'node:net';
import type { Settings } from '../about.js';
import { SettingsError } from './error.js';

/** Whether no other machine reaches an address: 127.0.0.0/8 (RFC 1122, 3.2.1.3) and ::1 (RFC 4291, 2.5.3). */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** @throws SettingsError where other machines could ask without a token, and nobody said that they may */
export function checkExposure({ host, token, withoutToken }: Settings): void {
  if (token !== undefined || withoutToken || isLoopback(host)) return;
  throw new SettingsError(
    `host: expected a token where other machines can reach ${host}, found none; set tokenFile, or withoutToken if they may all ask`,
  );
}
