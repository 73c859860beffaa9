// The colours that the model was asked to change. What was asked is done; text stays readable on it, and `resetColours` undoes it all.
import { areReadable, complete } from './contrast.js';

const properties = ['--paper', '--ink', '--surface'];
const accents = ['--you', '--model', '--quiet', '--alarm'];
const root = document.documentElement;
let asked = {};
let changed = () => {};

/** Tells whether asked colours are in force, at each change. */
export const onColours = (listener) => (changed = listener);

/** A colour by itself. What refers to something else (inherit, var(), env(), attr()) is none: a canvas cannot paint it, and keeps the colour before. */
export function isColour(value) {
  if (typeof value !== 'string' || !CSS.supports('color', value) || /\\|currentcolor/i.test(value)) return false;
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  const [onBlack, onWhite] = ['black', 'white'].map((before) => {
    context.fillStyle = before;
    context.fillStyle = value;
    return context.fillStyle;
  });
  return onBlack === onWhite;
}

/** Applies `background` or `text`, on top of what was asked for before; returns all that is asked for now. */
export function changeColours(change) {
  asked = { ...asked, ...change };
  clear();
  const style = getComputedStyle(root);
  const standard = { background: rgb(style.getPropertyValue('--paper')), text: rgb(style.getPropertyValue('--ink')) };
  const { ink, surface } = complete({ background: asked.background && rgb(asked.background), text: asked.text && rgb(asked.text) }, standard);
  // The page's own accents go where they can be read, else everything is drawn in the ink.
  root.dataset.colours = areReadable(accents.map((name) => rgb(style.getPropertyValue(name))), surface) ? 'kept' : 'plain';
  if (asked.background) root.style.setProperty('--paper', asked.background);
  root.style.setProperty('--ink', asked.text ?? css(ink));
  root.style.setProperty('--surface', css(surface));
  changed(true);
  return { ...asked };
}

export function resetColours() {
  asked = {};
  clear();
  changed(false);
}

function clear() {
  delete root.dataset.colours;
  for (const property of properties) root.style.removeProperty(property);
}

const css = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;

/** What a colour looks like on white, for it may be translucent. */
function rgb(colour) {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  for (const fill of ['white', colour]) {
    context.fillStyle = fill;
    context.fillRect(0, 0, 1, 1);
  }
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}
