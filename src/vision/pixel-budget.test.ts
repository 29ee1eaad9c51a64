import { expect, it } from 'vitest';
import { PixelBudget } from './pixel-budget.js';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

it('admits pictures in their order, as long as they fit together', async () => {
  const budget = new PixelBudget(100);
  const admitted: number[] = [];
  const take = async (n: number, pixels: number) => {
    const release = await budget.take(pixels);
    admitted.push(n);
    return release;
  };
  const [first, second, third, fourth] = [take(1, 60), take(2, 40), take(3, 50), take(4, 10)];
  await settled();
  expect(admitted).toEqual([1, 2]);
  // 10 would fit, but whoever came before it goes first.
  (await second)();
  await settled();
  expect(admitted).toEqual([1, 2]);
  (await first)();
  await settled();
  expect(admitted).toEqual([1, 2, 3, 4]);
  (await third)();
  (await fourth)();
});

it('admits a picture larger than itself only alone', async () => {
  const budget = new PixelBudget(100);
  const small = await budget.take(1);
  const large = budget.take(500);
  const other = budget.take(1);
  small();
  const release = await large;
  let admitted = false;
  void other.then(() => {
    admitted = true;
  });
  await settled();
  expect(admitted).toBe(false);
  release();
  (await other)();
});
