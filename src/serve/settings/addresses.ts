/** Whether the addresses among the settings are ones that can ever match. */
import { isIP } from 'node:net';
import type { Settings } from '../about.js';
import { SettingsError } from './error.js';

/** Ranges that go by a name: 127.0.0.0/8, 169.254.0.0/16, those of private networks, and the same of IPv6. */
const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/** @throws SettingsError if one of `trustProxy` is no address, or one of `cors` is no origin */
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
  // A range of all addresses would believe every client.
  return (
    bits === undefined ||
    (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  );
}

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
