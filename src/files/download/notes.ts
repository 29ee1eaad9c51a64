/** The content of `NAME.part.json`, which identifies the version of a file on a server (RFC 9110, 13.1.5). */
import * as z from 'zod';

export const notesSchema = z.strictObject({
  /** Without secrets. */
  url: z.string(),
  /** SHA-256 of the full URL if it contains secrets, to distinguish URLs that differ only in those. */
  digest: z.string().optional(),
  /** A strong ETag, else Last-Modified, as the server sent it; null if it sent neither. */
  validator: z.string().nullable(),
});
