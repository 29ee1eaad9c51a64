/** The flags of `agewise recipes` as they are parsed. */
export interface RecipesFlags {
  readonly fields?: true;
  readonly json?: true;
}
