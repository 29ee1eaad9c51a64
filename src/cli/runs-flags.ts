/** The flags of `agewise runs` as they are parsed. */
export interface RunsFlags {
  readonly csv?: true;
  readonly json?: true;
}
