// The call in numbers: times, quality, and a plot of the last minute.
import { judge } from '../call/quality.js';
import { elements } from './elements.js';

const SAMPLES = 60; // one a second
const PLOT_HEIGHT = 24;
const FULL_SCALE = 200; // ms; beyond it the plot touches its edge

const readings = [];

export function showQuality(reading) {
  readings.push(reading);
  if (readings.length > SAMPLES) readings.shift();
  elements.roundTrip.textContent = milliseconds(reading.roundTrip);
  elements.jitter.textContent = milliseconds(reading.jitter);
  elements.loss.textContent = reading.loss === null ? '–' : `${reading.loss.toFixed(1)} %`;
  const verdict = judge(reading);
  elements.verdict.textContent = verdict === 'unknown' ? '' : verdict;
  elements.verdict.dataset.verdict = verdict;
  for (const figure of ['roundTrip', 'jitter']) elements.plot[figure].setAttribute('points', points(figure));
}

export function clearFigures() {
  readings.length = 0;
  for (const name of ['elapsed', 'firstAudio', 'reply', 'roundTrip', 'jitter', 'loss']) elements[name].textContent = '–';
  elements.verdict.textContent = '';
  for (const line of Object.values(elements.plot)) line.setAttribute('points', '');
}

/** Shows elapsed time, the time from Start to the first sound, and from the end of a person's turn to the answer's sound. */
export function startWatch(startedAt) {
  const timer = setInterval(() => (elements.elapsed.textContent = clock(performance.now() - startedAt)), 1000);
  let first = true;
  let askedAt = null;
  return {
    hear({ type, item }) {
      const now = performance.now();
      if (type === 'input_audio_buffer.speech_stopped' || item?.role === 'user') askedAt ??= now;
      if (type !== 'output_audio_buffer.started') return;
      if (first) elements.firstAudio.textContent = seconds(now - startedAt);
      else if (askedAt) elements.reply.textContent = seconds(now - askedAt);
      first = false;
      askedAt = null;
    },
    stop: () => clearInterval(timer),
  };
}

const seconds = (duration) => `${(duration / 1000).toFixed(1)} s`;

const clock = (duration) => {
  const whole = Math.floor(duration / 1000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
};

const milliseconds = (value) => (value === null ? '–' : `${Math.round(value)} ms`);

const points = (figure) => readings
  .map((reading, index) => `${SAMPLES - readings.length + index},${PLOT_HEIGHT - 1 - Math.min(1, (reading[figure] ?? 0) / FULL_SCALE) * (PLOT_HEIGHT - 2)}`)
  .join(' ');
