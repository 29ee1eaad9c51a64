/** Workers whose script may be of another origin. */

const addresses = new Map<string, string>();

/** Whether a page, or a worker of it, may not start a worker from there. */
export const isForeign = (script: string): boolean => new URL(script).origin !== globalThis.location.origin;

/**
 * An address to start a module worker from. Browsers refuse a script of another origin, but not one of the page's own that
 * imports it; its server must then allow that (CORS), and a content security policy needs `worker-src blob:`.
 * @param script an absolute URL
 */
export function workerAddress(script: string): string {
  if (!isForeign(script)) return script;
  const known = addresses.get(script);
  if (known !== undefined) return known;
  const importing = new Blob([`import ${JSON.stringify(script)};`], { type: 'text/javascript' });
  const address = URL.createObjectURL(importing);
  addresses.set(script, address);
  return address;
}
