// The one state of the page, and what may follow what. Pure.

const transitions = {
  idle: { start: 'connecting' },
  connecting: { opened: 'live', stop: 'ending', fail: 'failed' },
  live: { stop: 'ending', fail: 'failed' },
  ending: { ended: 'idle' },
  failed: { start: 'connecting', dismiss: 'idle' },
};

export const states = Object.keys(transitions);

/** The state after an event, or the same one when the event means nothing in it. */
export const next = (state, event) => transitions[state][event] ?? state;
