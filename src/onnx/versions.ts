/** Which IR version a file needs for an operator set: https://github.com/onnx/onnx/blob/main/docs/Versioning.md */

const IR_VERSIONS: readonly (readonly [opset: number, ir: number])[] = [
  [23, 11],
  [21, 10],
  [19, 9],
  [15, 8],
  [12, 7],
  [11, 6],
  [10, 5],
  [9, 4],
];

/** The IR version that came with `opset`: not newer than needed, so that older runtimes read the file. */
export function irVersionFor(opset: number): number {
  return IR_VERSIONS.find(([from]) => opset >= from)?.[1] ?? 3;
}
