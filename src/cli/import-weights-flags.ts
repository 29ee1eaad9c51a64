/** The parsed flags of `agewise import-weights`. */
export interface ImportWeightsFlags {
  readonly as: string;
  readonly terms?: string;
  readonly sha256?: string;
  readonly overwrite?: true;
  readonly json?: true;
}
