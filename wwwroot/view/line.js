// The line between two voices: yours comes in from the left, the model's from the right.
import { levelOf, listenTo } from '../call/level.js';
import { elements } from './elements.js';

const BARS = 96; // across the whole line
const METERS_EVERY = 100; // ms

/** Draws until the returned function is called. `voices` are `{ you, model }`, streams or null. */
export function drawLine(voices) {
  const context = new AudioContext();
  const ears = {};
  for (const [who, stream] of Object.entries(voices)) if (stream) ears[who] = listenTo(context, stream);
  const history = { you: Array(BARS / 2).fill(0), model: Array(BARS / 2).fill(0) };
  let frame;
  let metered = 0;

  const step = (now) => {
    frame = requestAnimationFrame(step);
    for (const who of Object.keys(history)) {
      const level = ears[who] ? levelOf(ears[who].read()) : 0;
      history[who].pop();
      history[who].unshift(level);
      if (now - metered > METERS_EVERY) elements.levels[who].value = level;
    }

    if (now - metered > METERS_EVERY) metered = now;
    paint(history);
  };
  frame = requestAnimationFrame(step);

  return {
    listen(who, stream) {
      ears[who]?.close();
      ears[who] = listenTo(context, stream);
    },
    stop() {
      cancelAnimationFrame(frame);
      context.close();
      for (const meter of Object.values(elements.levels)) meter.value = 0;
      paint();
    },
  };
}

/** The line at rest, or with the voices on it: the newest sound is in the middle and runs outwards. */
export function paint(history = { you: [], model: [] }) {
  const { line } = elements;
  const canvas = line.getContext('2d');
  const style = getComputedStyle(line);
  const middle = line.height / 2;
  const width = line.width / BARS;
  canvas.clearRect(0, 0, line.width, line.height);
  for (let bar = 0; bar < BARS; bar++) {
    const yours = bar < BARS / 2;
    const level = (yours ? history.you[BARS / 2 - 1 - bar] : history.model[bar - BARS / 2]) ?? 0;
    const height = Math.max(4, level ** 4 * line.height * 1.5);
    canvas.fillStyle = style.getPropertyValue(yours ? '--you' : '--model');
    canvas.beginPath();
    canvas.roundRect(bar * width + width * 0.25, middle - height / 2, width * 0.5, height, width * 0.25);
    canvas.fill();
  }
}
