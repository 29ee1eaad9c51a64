/**
 * The parts of the TFLite schema that the importer reads: field numbers of its tables and numbers of its
 * operators, from
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
 */
import type { DataType } from '../graph.js';

export const FILE_IDENTIFIER = 'TFL3';

export const MODEL = { operatorCodes: 1, subgraphs: 2, buffers: 4 } as const;
export const BUFFER = { data: 0, offset: 1, size: 2 } as const;
export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const;
export const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, sparsity: 6 } as const;
export const QUANTIZATION = { scale: 2 } as const;
/** `deprecatedCode` is the code if it is below 127, its largest value. */
export const OPERATOR_CODE = { deprecatedCode: 0, customCode: 1, code: 3 } as const;
export const OPERATOR = { codeIndex: 0, inputs: 1, outputs: 2, options: 4 } as const;

export const CONV_2D = {
  padding: 0,
  strideW: 1,
  strideH: 2,
  activation: 3,
  dilationW: 4,
  dilationH: 5,
} as const;
export const DEPTHWISE_CONV_2D = {
  padding: 0,
  strideW: 1,
  strideH: 2,
  activation: 4,
  dilationW: 5,
  dilationH: 6,
} as const;
export const TRANSPOSE_CONV = { padding: 0, strideW: 1, strideH: 2, activation: 3 } as const;
export const POOL_2D = {
  padding: 0,
  strideW: 1,
  strideH: 2,
  filterWidth: 3,
  filterHeight: 4,
  activation: 5,
} as const;
export const FULLY_CONNECTED = { activation: 0, weightsFormat: 1, keepNumDims: 2 } as const;
export const SOFTMAX = { beta: 0 } as const;
export const CONCATENATION = { axis: 0, activation: 1 } as const;
/** Add, Sub, Mul and Div. */
export const ARITHMETIC = { activation: 0 } as const;
export const RESIZE_BILINEAR = { alignCorners: 2, halfPixelCenters: 3 } as const;
export const RESIZE_NEAREST = { alignCorners: 0, halfPixelCenters: 1 } as const;
export const REDUCER = { keepDims: 0 } as const;
export const SQUEEZE = { squeezeDims: 0 } as const;
export const LEAKY_RELU = { alpha: 0 } as const;
export const DEPTH_TO_SPACE = { blockSize: 0 } as const;

/** `Padding`, by number. */
export const PADDINGS = ['SAME', 'VALID'] as const;

/** `ActivationFunctionType`, by number. */
export const ACTIVATIONS = ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'TANH', 'SIGN_BIT'] as const;

/** `TensorType`, by number, as far as unquantised networks use it. */
export const TENSOR_TYPES: Readonly<Record<number, DataType>> = {
  0: 'float32',
  1: 'float16',
  2: 'int32',
  3: 'uint8',
  4: 'int64',
  6: 'bool',
  7: 'int16',
  9: 'int8',
  10: 'float64',
};

/** `BuiltinOperator`, by number: those with a translation, and the commonest others so that errors name them. */
export const OPERATORS: Readonly<Record<number, string>> = {
  0: 'ADD',
  1: 'AVERAGE_POOL_2D',
  2: 'CONCATENATION',
  3: 'CONV_2D',
  4: 'DEPTHWISE_CONV_2D',
  5: 'DEPTH_TO_SPACE',
  6: 'DEQUANTIZE',
  9: 'FULLY_CONNECTED',
  14: 'LOGISTIC',
  16: 'LSTM',
  17: 'MAX_POOL_2D',
  18: 'MUL',
  19: 'RELU',
  20: 'RELU_N1_TO_1',
  21: 'RELU6',
  22: 'RESHAPE',
  23: 'RESIZE_BILINEAR',
  25: 'SOFTMAX',
  26: 'SPACE_TO_DEPTH',
  28: 'TANH',
  32: 'CUSTOM',
  34: 'PAD',
  36: 'GATHER',
  39: 'TRANSPOSE',
  40: 'MEAN',
  41: 'SUB',
  42: 'DIV',
  43: 'SQUEEZE',
  45: 'STRIDED_SLICE',
  47: 'EXP',
  49: 'SPLIT',
  53: 'CAST',
  54: 'PRELU',
  55: 'MAXIMUM',
  57: 'MINIMUM',
  59: 'NEG',
  60: 'PADV2',
  65: 'SLICE',
  67: 'TRANSPOSE_CONV',
  74: 'SUM',
  75: 'SQRT',
  77: 'SHAPE',
  82: 'REDUCE_MAX',
  83: 'PACK',
  97: 'RESIZE_NEAREST_NEIGHBOR',
  98: 'LEAKY_RELU',
  101: 'ABS',
  111: 'ELU',
  114: 'QUANTIZE',
  117: 'HARD_SWISH',
};
