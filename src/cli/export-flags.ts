/** The flags of `agewise export` as they are parsed. */
export interface ModelExportFlags {
  readonly float16?: true;
  readonly int8Weights?: true;
  readonly int8?: true;
  readonly last?: true;
  readonly data?: readonly string[];
  readonly overwrite?: true;
  /** The model repository to add to, in the place of a file. */
  readonly triton?: string;
  readonly threads?: number;
  readonly json?: true;
}
