/** The flags of the commands about data as they are parsed. */
export interface DownloadFlags {
  readonly acceptTerms?: true;
  readonly file?: readonly string[];
  readonly sha256?: string;
  readonly mirror?: URL;
}
