import assert from 'node:assert/strict';
import test from 'node:test';
import { next, states } from '../../wwwroot/call/state.js';

const events = ['start', 'opened', 'stop', 'fail', 'ended', 'dismiss'];

// The state after each event, in the order above.
const table = {
  idle: ['connecting', 'idle', 'idle', 'idle', 'idle', 'idle'],
  connecting: ['connecting', 'live', 'ending', 'failed', 'connecting', 'connecting'],
  live: ['live', 'live', 'ending', 'failed', 'live', 'live'],
  ending: ['ending', 'ending', 'ending', 'ending', 'idle', 'ending'],
  failed: ['connecting', 'failed', 'failed', 'failed', 'failed', 'idle'],
};

for (const [state, outcomes] of Object.entries(table)) {
  for (const [index, outcome] of outcomes.entries()) {
    test(`${events[index]} in ${state} leads to ${outcome}`, () => assert.equal(next(state, events[index]), outcome));
  }
}

test('There are no other states', () => assert.deepEqual(states, Object.keys(table)));
