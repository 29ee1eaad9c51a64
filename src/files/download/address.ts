/** Addresses, which may hold secrets: a password before the host, a token or a signature in the query. */

const HIDDEN = '***';

/** The address as a message may show it: without user and password, and without the values of its query. */
export function maskAddress(address: string): string {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(address)) return address;
  return address
    .replace(/^([^/]+:\/\/)[^/?#]*@/, `$1${HIDDEN}@`)
    .replace(/\?[^#]*/, (query) => query.replace(/=[^&]*/g, `=${HIDDEN}`));
}

/** What `fetch` takes, which refuses addresses with a user: the address without, and the header that says who asks. */
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
