/** What axe-core finds in a page. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/** Violations that keep people out, one line each: the rule, and where. */
export async function violations(page: Page): Promise<string[]> {
  // By way of the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => window.axe.run());
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
    );
}
