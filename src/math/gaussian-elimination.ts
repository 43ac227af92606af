/** Small dense linear systems in place, without allocation: Gaussian elimination with partial pivoting. */

/**
 * Solves A X = B. `system` holds [A | B] by rows, n rows of `width` numbers, n of them A's; B's columns become X. False where a
 * pivot is 0 or not a number: then the contents are of no use.
 */
export function eliminate(system: Float64Array, n: number, width: number): boolean {
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) {
      if (Math.abs(system[i * width + column]!) > Math.abs(system[pivot * width + column]!)) pivot = i;
    }
    const head = system[pivot * width + column]!;
    if (!(Math.abs(head) > 0)) return false;
    if (pivot !== column) {
      for (let k = column; k < width; k++) {
        const swap = system[column * width + k]!;
        system[column * width + k] = system[pivot * width + k]!;
        system[pivot * width + k] = swap;
      }
    }
    for (let i = column + 1; i < n; i++) {
      const factor = system[i * width + column]! / head;
      if (factor === 0) continue;
      for (let k = column + 1; k < width; k++) system[i * width + k]! -= factor * system[column * width + k]!;
    }
  }
  for (let k = n; k < width; k++) {
    for (let i = n - 1; i >= 0; i--) {
      let rest = system[i * width + k]!;
      for (let j = i + 1; j < n; j++) rest -= system[i * width + j]! * system[j * width + k]!;
      system[i * width + k] = rest / system[i * width + i]!;
    }
  }
  return true;
}
