/** URLs in messages: they may contain secrets, a password before the host, a token or a signature in the query. */

const HIDDEN = '***';

/** A URL without user, password and the values of its query; any other text is unchanged. */
export function maskAddress(address: string): string {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(address)) return address;
  return (
    address
      .replace(/^([^/]+:\/\/)[^/?#]*@/, `$1${HIDDEN}@`)
      // A password with signs that should be escaped, which follows a colon as ports do.
      .replace(/^([^/]+:\/\/)[^/?#@:[]*:(?!\d+([/?#]|$)).*@/, `$1${HIDDEN}@`)
      .replace(/\?[^#]*/, (query) => query.replace(/=[^&]*/g, `=${HIDDEN}`))
  );
}

/** A text, such as an argument of a command, with its URLs masked. Punctuation after a URL belongs to the sentence. */
export const maskAddressesIn = (text: string): string =>
  text.replace(/[a-z][a-z\d+.-]*:\/\/[^\s"']*[^\s"'.,:;)]/gi, maskAddress);
