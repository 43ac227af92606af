/** What is used of plotly's bundle, which has no types of its own. */
declare module 'plotly.js-gl3d-dist-min' {
  const plotly: {
    react(
      place: HTMLElement,
      data: Record<string, unknown>[],
      layout: Record<string, unknown>,
      config: Record<string, unknown>,
    ): Promise<unknown>;
  };
  export default plotly;
}
