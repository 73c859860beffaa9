// Colours that can be read together. A colour is [red, green, blue], 0 to 255. Pure.

const READABLE = 4.5; // WCAG 2.2, level AA, body text

const black = [0, 0, 0];
const white = [255, 255, 255];

/** WCAG contrast ratio, 1 to 21. */
export function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/**
 * What has to be added to the colours that were asked for so that the page stays readable: `ink` for text, `surface` for what stands behind it.
 * A colour that was asked for is never changed; text and background that do not go together get a surface between them.
 */
export function complete({ background, text }, standard) {
  const paper = background ?? standard.background;
  const ink = text ?? (contrast(standard.text, paper) >= READABLE ? standard.text : opposite(paper));
  return { ink, surface: contrast(ink, paper) >= READABLE ? paper : opposite(ink) };
}

/** Whether text in every one of these colours can be read on a surface. */
export const areReadable = (colours, surface) => colours.every((colour) => contrast(colour, surface) >= READABLE);

const opposite = (colour) => (contrast(black, colour) > contrast(white, colour) ? black : white);

function luminance(colour) {
  const [red, green, blue] = colour.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
