/** Addresses, which may hold secrets: a password before the host, a token or a signature in the query. */

const HIDDEN = '***';

/** Whether a text is an address, such as `https://…`, which is no path on any system. */
export const isAddress = (text: string): boolean => /^[a-z][a-z\d+.-]+:\/\//i.test(text);

/** The address as a message may show it: without user and password, and without the values of its query. */
export function maskAddress(address: string): string {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(address)) return address;
  return address
    .replace(/^([^/]+:\/\/)[^/?#]*@/, `$1${HIDDEN}@`)
    .replace(/\?[^#]*/, (query) => query.replace(/=[^&]*/g, `=${HIDDEN}`));
}

/**
 * Asks a server. `fetch` refuses addresses with a user, who is named in a header instead. A body is not compressed on its
 * way, where it could be neither counted nor gone on with.
 */
export function request(
  address: string,
  { headers, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
): Promise<Response> {
  const { url, headers: user } = requestOf(address);
  return fetch(url, { ...init, headers: { ...user, 'accept-encoding': 'identity', ...headers } });
}

/** The address without a user, and the header that says who asks (RFC 7617). */
export function requestOf(address: string): { url: string; headers: Record<string, string> } {
  const url = new URL(address);
  if (url.username === '' && url.password === '') return { url: address, headers: {} };
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
  };
}
