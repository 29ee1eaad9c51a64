/** The flags of the data commands as they are parsed. */
export interface DownloadFlags {
  readonly acceptTerms?: true;
  readonly file?: readonly string[];
  readonly sha256?: string;
  readonly mirror?: URL;
}

export interface InspectFlags {
  readonly out?: string;
  readonly json?: true;
  readonly sample: number;
  readonly seed: number;
}

export interface ExportFlags {
  readonly as?: 'hdf5' | 'mat' | 'csv' | 'pictures';
  readonly size?: number;
  readonly overwrite?: true;
}
