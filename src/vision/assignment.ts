/** The assignment problem: pairs of least total cost. */

/**
 * Assigns rows to columns one to one so that the sum of costs is least (Kuhn, "The Hungarian method", Naval Research
 * Logistics Quarterly 2, 1955; by shortest augmenting paths with potentials, O(n³)).
 *
 * @param costs `[rows][columns]`; Infinity for pairs that are not allowed
 * @param alone the cost of leaving a row unpaired; pairs that cost more are not made
 * @returns for each row its column, or -1
 */
export function assign(costs: readonly (readonly number[])[], alone: number): number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  // One extra column per row stands for leaving it unpaired, so a solution always exists.
  const width = columns + rows;
  const cost = (row: number, column: number) =>
    column < columns
      ? Math.min(costs[row]![column]!, FORBIDDEN)
      : column - columns === row
        ? alone
        : FORBIDDEN;
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(width + 1);
  /** The row of each column, from 1; 0 for none. */
  const rowOf = new Int32Array(width + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    let column = 0;
    const least = new Float64Array(width + 1).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(width + 1);
    const visited = new Uint8Array(width + 1);
    do {
      visited[column] = 1;
      const from = rowOf[column]!;
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let j = 1; j <= width; j++) {
        if (visited[j]) continue;
        const reduced = cost(from - 1, j - 1) - rowPotential[from]! - columnPotential[j]!;
        if (reduced < least[j]!) {
          least[j] = reduced;
          before[j] = column;
        }
        if (least[j]! < delta) {
          delta = least[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= width; j++) {
        if (visited[j]) {
          rowPotential[rowOf[j]!]! += delta;
          columnPotential[j]! -= delta;
        } else least[j]! -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      rowOf[column] = rowOf[before[column]!]!;
      column = before[column]!;
    }
  }
  const result = new Array<number>(rows).fill(-1);
  for (let j = 1; j <= columns; j++) {
    const row = rowOf[j]! - 1;
    if (row >= 0 && costs[row]![j - 1]! < alone) result[row] = j - 1;
  }
  return result;
}

/** More than any pair costs, and small enough to be added without loss of precision. */
const FORBIDDEN = 1e6;
