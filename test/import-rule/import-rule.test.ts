import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

interface Report {
  summary: { violations: { rule: { name: string }; from: string; to: string }[]; totalCruised: number };
}

function cruise(folder: string): Report['summary'] {
  const report = execFileSync(
    'node_modules/.bin/depcruise',
    [folder, '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
    { encoding: 'utf8', maxBuffer: 1e9 },
  );
  return (JSON.parse(report) as Report).summary;
}

test('a bad import is reported: upwards, in a circle, a Node built-in in a pure folder', () => {
  const found = cruise('test/import-rule/fixture/src').violations.map((violation) => violation.rule.name);
  expect(found.sort()).toEqual([
    'no-cycle',
    'no-node-built-in-below-report',
    'no-upward-import-from-math',
    'no-upward-import-from-volatility-smile',
  ]);
});

test('the source has none', () => {
  const summary = cruise('src');
  expect(summary.totalCruised).toBeGreaterThan(10);
  expect(summary.violations).toEqual([]);
});
