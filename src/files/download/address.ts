/** URLs, and requests to them, which may name a user. */
import { fileURLToPath } from 'node:url';

/** Whether a text is a URL, such as `https://…`, which is not a path on any system. */
export const isAddress = (text: string): boolean => /^[a-z][a-z\d+.-]+:\/\//i.test(text);

/** What is said to be found where a picture, a list or a store is a URL. */
export const NOT_DOWNLOADED = 'a URL, which is not downloaded';

/** The path of a `file:` URL; any other text, and a URL of no file on this machine, as it is. */
export function pathOf(text: string): string {
  if (!/^file:\/\//i.test(text)) return text;
  try {
    return fileURLToPath(text);
  } catch {
    return text;
  }
}

/**
 * Sends a request. `fetch` rejects URLs with a user, so the user goes into a header. The body is requested
 * uncompressed, so that its bytes can be counted and the download resumed.
 */
export function request(
  address: string,
  { headers, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
): Promise<Response> {
  const { url, headers: user } = requestOf(address);
  return fetch(url, { ...init, headers: { ...user, 'accept-encoding': 'identity', ...headers } });
}

/** The URL without its user, and the header that names the user (RFC 7617). */
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
