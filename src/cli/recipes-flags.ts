/** What `agewise recipes` was told. */
export interface RecipesFlags {
  readonly fields?: true;
  readonly json?: true;
}
