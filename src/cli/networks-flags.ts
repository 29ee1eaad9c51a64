/** What `agewise networks` is called with. */

export interface NetworksFlags {
  readonly json?: true;
}
