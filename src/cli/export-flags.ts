/** The flags of `agewise export` as they are parsed. */
export interface ModelExportFlags {
  readonly float16?: true;
  readonly int8?: true;
  readonly last?: true;
  readonly data?: readonly string[];
  readonly overwrite?: true;
  readonly threads?: number;
  readonly json?: true;
}
