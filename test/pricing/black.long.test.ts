import { expect, it } from 'vitest';
import { specialFunctionAccuracy } from '../math/accuracy.js';
import { denseAccuracy, greekAccuracy, kernelAccuracy, priceAccuracy } from './black-accuracy.js';

it(
  'special functions, kernel, prices and Greeks keep their bounds over many more samples',
  { timeout: 900_000 },
  () => {
    const rows = [
      ...specialFunctionAccuracy(2000, 3),
      ...kernelAccuracy(2000, 3),
      ...denseAccuracy(300_000, 3),
      ...priceAccuracy(2000, 3),
      ...greekAccuracy(300, 3),
    ];
    const broken = rows.filter((row) => !(row.worst <= row.bound));
    expect(broken).toEqual([]);
  },
);
