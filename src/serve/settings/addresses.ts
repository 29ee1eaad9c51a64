/** Checks the addresses among the settings. */
import { isIP } from 'node:net';
import type { Settings } from '../about.js';
import { SettingsError } from './error.js';

/** Named ranges: 127.0.0.0/8, 169.254.0.0/16, those of private networks, and their IPv6 counterparts. */
const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/** @throws SettingsError if an entry of `trustProxy` is not an address, or one of `cors` is not an origin */
export function checkAddresses({ trustProxy, cors }: Pick<Settings, 'trustProxy' | 'cors'>): void {
  const proxy = trustProxy.find((text) => !isAddressRange(text));
  if (proxy !== undefined) {
    throw new SettingsError({
      subject: 'trustProxy',
      expected: `an IP address, a range such as 10.0.0.0/8, or one of ${NAMED_RANGES.join(', ')}`,
      found: `'${proxy}'`,
    });
  }
  const origin = cors.find((text) => !isOrigin(text));
  if (origin !== undefined) {
    throw new SettingsError({
      subject: 'cors',
      expected: 'an origin without a path, such as https://example.org',
      found: `'${origin}'`,
    });
  }
}

function isAddressRange(text: string): boolean {
  if (NAMED_RANGES.includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  // A range of all addresses would trust every client.
  return (
    bits === undefined ||
    (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  );
}

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
