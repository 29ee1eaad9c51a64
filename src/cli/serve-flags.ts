/** The flags of `agewise serve` as they are parsed. */
import type { SettingName } from '../serve/about.js';

export interface ServeFlags {
  readonly config?: string;
  readonly check: boolean;
  /** The settings given on the command line, unchecked. */
  readonly settings: Readonly<Partial<Record<SettingName, string | boolean | readonly string[]>>>;
}
