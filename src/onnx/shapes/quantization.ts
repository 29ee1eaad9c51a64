/** Between floating point and 8-bit integers. */
import { type Known, one, type Rule, type Rules } from './context.js';
import { dataTypeAttribute } from './elementwise.js';

/** The zero point's type; without one `output_dtype` (opset 21), else uint8. */
const quantize: Rule = (c) => {
  const named = c.int('output_dtype', 0) === 0 ? 'uint8' : dataTypeAttribute(c, 'output_dtype', 'uint8');
  return one({ dtype: c.has(2) ? c.dtype(2) : named, shape: c.shape(0) });
};

const dequantize: Rule = (c) => one({ dtype: c.dtype(1), shape: c.shape(0) });

/** Outputs: the integers, their scale and their zero point. */
const dynamicQuantize: Rule = (c): readonly Known[] => [
  { dtype: 'uint8', shape: c.shape(0) },
  { dtype: 'float32', shape: [] },
  { dtype: 'uint8', shape: [] },
];

export const quantization: Rules = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
};
