/** How much of a screenshot has a colour. */
import type { Page } from 'playwright-core';

/** Pixels within a few steps of the colour, read by the browser that has drawn them. */
export function pixelsOf(
  page: Page,
  png: Buffer,
  colour: readonly [red: number, green: number, blue: number],
): Promise<number> {
  return page.evaluate(
    async ({ source, wanted }) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      const context = canvas.getContext('2d')!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (wanted.every((level, channel) => Math.abs(data[i + channel]! - level) <= 12)) count++;
      }
      return count;
    },
    { source: `data:image/png;base64,${png.toString('base64')}`, wanted: colour },
  );
}
