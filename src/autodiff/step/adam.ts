import type { GraphBuilder, Value } from '../../onnx/index.js';
import { OPTIMIZER_DEFAULTS } from './defaults.js';
import { ADAM_EPSILON, type Adam, RATE_CORRECTION } from './types.js';
import { checkSetting, decayedGradient, scaled, type UpdateRule } from './update-rule.js';

/**
 * With d the gradient, for Adam plus decay · w: m ← β₁·m + (1 − β₁)·d; v ← β₂·v + (1 − β₂)·d²; w ← w − rate/(1 − β₁ᵗ) ·
 * m / (√v / √(1 − β₂ᵗ) + ε). AdamW first subtracts rate · decay · w from w.
 * https://pytorch.org/docs/stable/generated/torch.optim.Adam.html and AdamW.html.
 */
export function adam(options: Adam): UpdateRule<'moment1' | 'moment2'> {
  const decoupled = options.kind === 'adamw';
  const { beta1, beta2, epsilon, weightDecay } = { ...OPTIMIZER_DEFAULTS[options.kind], ...options };
  checkSetting('Beta1', beta1, 0, 1);
  checkSetting('Beta2', beta2, 0, 1);
  checkSetting('Epsilon', epsilon, 0, Number.POSITIVE_INFINITY);
  checkSetting('Weight decay', weightDecay, 0, Number.POSITIVE_INFINITY);
  return {
    slots: ['moment1', 'moment2'],
    weightDecay,
    group: (g, rate, step) => {
      const corrected =
        options.corrections === 'inputs'
          ? givenCorrections(g, rate)
          : corrections(g, { beta1, beta2, epsilon }, rate, step);
      const mul = (a: Value, b: Value) => g.op('Mul', [a, b]);
      return (p) => {
        const coupled = !decoupled && p.weightDecay !== 0;
        const d = coupled ? decayedGradient(g, p) : p.gradient;
        const scale = coupled ? undefined : p.scale;
        // The scalars are multiplied first: scaling the gradient itself would cost a pass over it.
        const share1 = scaled(g, g.scalar(1 - beta1), scale);
        const share2 = scaled(g, scaled(g, g.scalar(1 - beta2), scale), scale);
        const m = g.op('Add', [mul(p.slots.moment1, g.scalar(beta1)), mul(d, share1)]);
        const v = g.op('Add', [mul(p.slots.moment2, g.scalar(beta2)), mul(mul(d, d), share2)]);
        const root = g.op('Add', [g.op('Sqrt', [v]), corrected.epsilon]);
        const change = mul(g.op('Div', [m, root]), corrected.rate);
        const keeps = () => mul(p.weight, g.op('Sub', [g.scalar(1), mul(rate, g.scalar(p.weightDecay))]));
        const weight = decoupled && p.weightDecay !== 0 ? keeps() : p.weight;
        return { weight: g.op('Sub', [weight, change]), slots: { moment1: m, moment2: v } };
      };
    },
  };
}

/**
 * The bias corrections of the moments, moved into the rate and ε, which saves a pass over the tensor: rate · √(1 −
 * β₂ᵗ)/(1 − β₁ᵗ) and ε · √(1 − β₂ᵗ) (Kingma and Ba, end of section 2). In float64, as 1 − 0.999 would be 1e-5 off in
 * float32.
 */
function corrections(
  g: GraphBuilder,
  { beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number },
  rate: Value,
  step: Value,
): { readonly rate: Value; readonly epsilon: Value } {
  const double = (value: number) => g.scalar(value, 'float64');
  const time = g.op('Cast', [step], { to: 'float64' });
  const missing = (beta: number) => g.op('Sub', [double(1), g.op('Pow', [double(beta), time])]);
  const root = g.op('Sqrt', [missing(beta2)]);
  const single = (value: Value) => g.op('Cast', [value], { to: 'float32' });
  const exact = g.op('Mul', [g.op('Cast', [rate], { to: 'float64' }), root]);
  return {
    rate: single(g.op('Div', [exact, missing(beta1)])),
    epsilon: single(g.op('Mul', [root, double(epsilon)])),
  };
}

/** The same as inputs, which all groups share. */
function givenCorrections(g: GraphBuilder, rate: Value): { readonly rate: Value; readonly epsilon: Value } {
  const given = (name: string) => g.find(name) ?? g.input(name, 'float32', []);
  return { rate: g.op('Mul', [rate, given(RATE_CORRECTION)]), epsilon: given(ADAM_EPSILON) };
}

/**
 * The values of `RATE_CORRECTION` and `ADAM_EPSILON` in the step of that number: √(1 − β₂ᵗ)/(1 − β₁ᵗ) and ε · √(1 − β₂ᵗ).
 * @param step counts updates from 1
 */
export function adamCorrections(
  options: Adam,
  step: number,
): { readonly rate: number; readonly epsilon: number } {
  const { beta1, beta2, epsilon } = { ...OPTIMIZER_DEFAULTS[options.kind], ...options };
  const root = Math.sqrt(1 - beta2 ** step);
  return { rate: root / (1 - beta1 ** step), epsilon: epsilon * root };
}
