import assert from 'node:assert/strict';
import test from 'node:test';
import { areReadable, complete, contrast } from '../../wwwroot/tools/contrast.js';

const black = [0, 0, 0];
const white = [255, 255, 255];
const blue = [0, 0, 255];
const yellow = [255, 255, 0];
const grey = [119, 119, 119];
const light = { background: [250, 248, 245], text: [30, 28, 26] };
const dark = { background: [20, 20, 24], text: [235, 235, 230] };

// The ratios that WCAG’s own formula gives.
const ratios = [[black, white, 21], [white, white, 1], [blue, white, 8.59], [yellow, white, 1.07], [grey, white, 4.48], [[118, 118, 118], white, 4.54]];

for (const [one, other, ratio] of ratios) {
  test(`The contrast of ${one} and ${other} is ${ratio}, either way round`, () => {
    assert.equal(contrast(one, other).toFixed(2), ratio.toFixed(2));
    assert.equal(contrast(one, other), contrast(other, one));
  });
}

const requests = [
  ['nothing', light, {}, { ink: light.text, surface: light.background }],
  ['a background that goes with the text', light, { background: yellow }, { ink: light.text, surface: yellow }],
  ['a background that does not', light, { background: blue }, { ink: white, surface: blue }],
  ['a bright background in the dark', dark, { background: yellow }, { ink: black, surface: yellow }],
  ['a text that goes with the background', light, { text: blue }, { ink: blue, surface: light.background }],
  ['a text that does not', light, { text: white }, { ink: white, surface: black }],
  ['a dark text in the dark', dark, { text: black }, { ink: black, surface: white }],
  ['both, readable', light, { background: blue, text: white }, { ink: white, surface: blue }],
  ['both alike', light, { background: blue, text: blue }, { ink: blue, surface: white }],
];

for (const [what, standard, asked, expected] of requests) {
  test(`Asked for ${what}, the page gets what keeps it readable`, () => assert.deepEqual(complete(asked, standard), expected));
}

const accents = [[[], true], [[black, blue], true], [[[118, 118, 118]], true], [[grey], false], [[black, yellow, blue], false]];

for (const [colours, expected] of accents) {
  test(`${JSON.stringify(colours)} on white are ${expected ? '' : 'not all '}readable`, () => assert.equal(areReadable(colours, white), expected));
}

test('Whatever is asked for, text can be read and keeps the colour it was asked to have', () => {
  const steps = [0, 51, 102, 128, 153, 204, 255];
  const colours = steps.flatMap((red) => steps.flatMap((green) => steps.map((blueness) => [red, green, blueness])));
  for (const [index, background] of colours.entries()) {
    const text = colours[(index * 131) % colours.length];
    for (const asked of [{ background }, { text }, { background, text }]) {
      const { ink, surface } = complete(asked, light);
      assert.ok(contrast(ink, surface) >= 4.5, `${JSON.stringify(asked)}: ${ink} on ${surface}`);
      if (asked.text) assert.equal(ink, text);
    }
  }
});
