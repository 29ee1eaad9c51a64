/** The flags of the data commands as they are parsed. */
import type { GroupSet } from '../../data/index.js';

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
  readonly as?: 'hdf5' | 'al-resnet' | 'mat' | 'csv' | 'pictures';
  readonly size?: number;
  readonly groups?: GroupSet;
  readonly split?: string;
  readonly overwrite?: true;
}
