/**
 * Colours of charts as variables of the page they stand in, so that one picture serves light and dark. The series colours are told
 * apart by people who do not tell red from green (Okabe and Ito, 2008) and differ in lightness for print.
 */
export const ink = {
  text: 'var(--ink)',
  faint: 'var(--faint)',
  line: 'var(--line)',
  paper: 'var(--paper)',
} as const;

export const seriesColours = [
  'var(--series-1)',
  'var(--series-2)',
  'var(--series-3)',
  'var(--series-4)',
  'var(--series-5)',
  'var(--series-6)',
] as const;

/** Colours repeat beyond six; the dashes then differ. */
export function seriesStyle(i: number): { color: string; type: 'solid' | 'dashed' | 'dotted' } {
  const types = ['solid', 'dashed', 'dotted'] as const;
  return {
    color: seriesColours[i % seriesColours.length]!,
    type: types[Math.floor(i / seriesColours.length) % types.length]!,
  };
}

/** The variables, for a style sheet. */
export const paletteCss = `
:root { --ink: #16212e; --muted: #4a5a6c; --faint: #dfe5ec; --line: #8393a5; --paper: #ffffff; --panel: #f6f8fa;
  --series-1: #0072b2; --series-2: #c2410c; --series-3: #007a5a; --series-4: #8f4a86; --series-5: #9a6a00; --series-6: #4a5a6c;
  --gain: #0072b2; --loss: #c2410c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ecf3; --muted: #a9b7c6; --faint: #2c3947; --line: #66788c; --paper: #10171f; --panel: #18222d;
    --series-1: #56b4e9; --series-2: #f59e5b; --series-3: #3fc79a; --series-4: #d69ccd; --series-5: #e5c158; --series-6: #a9b7c6;
    --gain: #56b4e9; --loss: #f59e5b; } }
@media print { :root { --ink: #16212e; --muted: #4a5a6c; --faint: #dfe5ec; --line: #8393a5; --paper: #ffffff; --panel: #ffffff;
  --series-1: #0072b2; --series-2: #c2410c; --series-3: #007a5a; --series-4: #8f4a86; --series-5: #9a6a00; --series-6: #4a5a6c;
  --gain: #0072b2; --loss: #c2410c; } }
`;
