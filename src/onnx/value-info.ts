/** Descriptions of values whose type says more than a TensorType does. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { ValueInfo } from './graph.js';

/** The field of ValueInfoProto that holds the type. */
const TYPE_FIELD = 2;

/** Whether what was kept of a value's description begins with its whole type. */
export function holdsType(rest: Uint8Array | undefined): boolean {
  return rest !== undefined && rest.length > 0 && new BinaryReader(rest).tag()[0] === TYPE_FIELD;
}

/** The description without its type: what it said besides, such as a documentation string, stays. */
export function withoutType(info: ValueInfo): ValueInfo {
  const { rest, ...plain } = info;
  if (rest === undefined || !holdsType(rest)) return { ...info, type: undefined };
  const reader = new BinaryReader(rest);
  const [number] = reader.tag();
  reader.skip(WireType.LengthDelimited, number);
  const left = rest.subarray(reader.pos);
  return { ...plain, type: undefined, ...(left.length ? { rest: left } : {}) };
}
