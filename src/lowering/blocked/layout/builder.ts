/** What kernels are written with: the builder, the size of blocks, and values in the layouts that they are asked for in. */
import type { GraphBuilder, Value } from '../../../onnx/index.js';
import type { BlockSize, Layout } from './layouts.js';

/**
 * The domain of ONNX Runtime's blocked kernels, for its CPU provider. It has no published contract, so the runtime's
 * version is pinned and every kernel is tested against the standard operators.
 */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** `[N, C, H, W]` */
export type MapSizes = readonly [batch: number, channels: number, height: number, width: number];

export const sizesOf = (map: Value): MapSizes => [map.size(0), map.size(1), map.size(2), map.size(3)];

/** The context in which kernels are written. */
export interface KernelBuilder {
  readonly g: GraphBuilder;
  readonly block: BlockSize;
}

/** A value available in any layout. */
export interface Operand {
  in(layout: Layout): Value;
  /** The plain value with all channels stored in blocks, including the filling ones. */
  plainBlocks(): Value;
}
