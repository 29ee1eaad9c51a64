/** The flags of `agewise networks` as they are parsed. */
export interface NetworksFlags {
  readonly json?: true;
}
