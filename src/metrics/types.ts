/** Figures by name: `loss`, `mae` (years), `accuracy`, `gender` (shares of 1), `spread`. */
export type Figures = Readonly<Record<string, number>>;
