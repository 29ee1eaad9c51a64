/** ONNX operators that act on each element separately and keep the shape. */
export const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean', 'Where', 'Mod'],
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Xor', 'Not'],
  ...['Relu', 'LeakyRelu', 'Elu', 'Selu', 'Clip', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Gelu'],
  ...['Softplus', 'Softsign', 'Mish', 'Erf', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Sign', 'Reciprocal'],
  ...['Floor', 'Ceil', 'Round', 'Cast', 'Identity', 'IsNaN', 'IsInf'],
]);
