// What the gateway cannot see itself, since audio does not pass it: how a call is, and in the end how it was. Figures only: no id, no address, no text.
import { bitrateBetween, lossBetween } from './quality.js';

const RHYTHM = 10_000;
const REFUSED = [401, 403]; // asking again would only count as one more failure

/**
 * Reports about one call, which is being placed now. `send` takes a report and resolves to the status of the answer, or to null; it never rejects. Of a call
 * that the gateway itself refused nothing is told: it knows.
 */
export function startReports({ profile, way }, send, now = () => performance.now()) {
  const placedAt = now();
  let isAdmitted = false;
  let isOpen = false;
  let isOver = false;
  let isHeard = false;
  let firstAudio = null; // seconds, until it is told
  let sentAt;
  let told = null; // the reading that the last report ended with
  let last = null;

  function report(outcome) {
    if (isOver) return;
    const figures = { profile, way, ...(last === told ? {} : figuresOf(told, last)), time_to_first_audio: firstAudio, outcome };
    [told, firstAudio, sentAt, isOver] = [last, null, now(), outcome !== null];
    void send(known(figures)).then((status) => (isOver ||= REFUSED.includes(status)));
  }

  return {
    /** The gateway has let the call begin. */
    admitted: () => (isAdmitted = true),
    opened() {
      isOpen = true;
      sentAt = now();
    },
    hear({ type }) {
      if (isHeard || type !== 'output_audio_buffer.started') return;
      isHeard = true;
      firstAudio = (now() - placedAt) / 1000;
    },
    /** Takes a reading of quality.js; every ten seconds one is reported. */
    take(reading) {
      told ??= reading;
      last = reading;
      if (now() - sentAt >= RHYTHM) report(null);
    },
    /** The call is over, with a trouble or without one. */
    end(trouble) {
      if (isAdmitted) report(outcomeOf(isOpen, trouble));
    },
  };
}

const figuresOf = (before, now) => ({
  round_trip: seconds(now.roundTrip),
  jitter: seconds(now.jitter),
  loss: lossBetween(before, now),
  bitrate_received: bitrateBetween(before, now, 'bytes'),
  bitrate_sent: bitrateBetween(before, now, 'bytesSent'),
});

/** It stood until somebody ended the call, or broke; it never came, or nobody waited for it. */
function outcomeOf(isOpen, trouble) {
  if (isOpen) return trouble?.code === 'lost' ? 'lost' : 'connected';
  return trouble ? 'failed' : 'cancelled';
}

const seconds = (milliseconds) => (milliseconds === null ? null : milliseconds / 1000);

const known = (figures) => Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== null));
