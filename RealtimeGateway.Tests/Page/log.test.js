import assert from 'node:assert/strict';
import test from 'node:test';
import { createLog, matches } from '../../wwwroot/call/log.js';

const noon = () => new Date('2026-11-24T12:00:00Z');

test('An entry tells when, which way and what', () => {
  const log = createLog(noon);
  log.add('sent', { type: 'response.create', event_id: 'page_1' });
  assert.deepEqual(log.entries, [
    { at: '2026-11-24T12:00:00.000Z', direction: 'sent', type: 'response.create', event: { type: 'response.create', event_id: 'page_1' } },
  ]);
});

const places = [
  ['a member', { value: 'ek_68af00c0ffee' }],
  ['a nested member', { session: { client_secret: { value: 'ek_68af00c0ffee' } } }],
  ['a list', { protocols: ['realtime', 'openai-insecure-api-key.ek_68af00c0ffee'] }],
  ['a sentence', { error: { message: 'Bearer ek_68af00c0ffee is expired.' } }],
  ['escaped text', { item: { arguments: '{"note":"first line\\nek_68af00c0ffee"}' } }],
  ['an encoded address', { url: 'https://example.test/?a=b%20ek_68af00c0ffee' }],
  ['an underscore’s neighbourhood', { value: 'secret_ek_68af00c0ffee' }],
  ['the edge of a text that is cut', { text: `${'x'.repeat(1_990)} ek_68af00c0ffee ${'x'.repeat(100)}` }],
];

for (const [place, members] of places) {
  test(`An ephemeral secret is masked in ${place}`, () => {
    const log = createLog(noon);
    log.add('received', { type: 'error', ...members });
    assert.doesNotMatch(log.toJson(), /68af|c0ffee/);
    assert.match(log.toJson(), /ek…/);
  });
}

for (const secret of ['ek_abc-DEF_123', 'ek_abc.def', 'ek_ab+c/d==']) {
  test(`${secret} is masked to its last character`, () => {
    assert.equal(createLog(noon).add('received', { type: 'error', text: `before ${secret} after` }).event.text, 'before ek… after');
  });
}

test('A masked event is a copy', () => {
  const event = { type: 'error', error: { message: 'ek_1234' } };
  createLog(noon).add('received', event);
  assert.equal(event.error.message, 'ek_1234');
});

test('Numbers, truth values and null stay what they are', () => {
  const event = { type: 'x', number: 1.5, yes: true, nothing: null, list: [1, null] };
  assert.deepEqual(createLog(noon).add('received', event).event, event);
});

test('A text of 2000 characters is kept, a longer one is cut and says how long it was', () => {
  const log = createLog(noon);
  assert.equal(log.add('sent', { type: 'x', audio: 'a'.repeat(2_000) }).event.audio, 'a'.repeat(2_000));
  assert.equal(log.add('sent', { type: 'x', audio: 'a'.repeat(2_001) }).event.audio, `${'a'.repeat(2_000)}… (2001 characters)`);
});

test('The log keeps the newest 500 events', () => {
  const log = createLog(noon);
  for (let number = 1; number <= 501; number++) log.add('received', { type: `event.${number}` });
  assert.equal(log.entries.length, 500);
  assert.equal(log.entries[0].type, 'event.2');
  assert.equal(log.entries.at(-1).type, 'event.501');
});

const filters = [
  ['', 'all', true], ['', 'sent', true], ['', 'received', false], ['response', 'all', true], [' Response ', 'sent', true], ['create', 'sent', true],
  ['session', 'all', false], ['response', 'received', false],
];

for (const [text, direction, expected] of filters) {
  test(`The filter “${text}”, ${direction}, ${expected ? 'shows' : 'hides'} a sent response.create`, () => {
    assert.equal(matches({ type: 'response.create', direction: 'sent' }, text, direction), expected);
  });
}

test('The log gives what matches, everything without a filter, and nothing once it is cleared', () => {
  const log = createLog(noon);
  log.add('sent', { type: 'response.create' });
  log.add('received', { type: 'response.created' });
  assert.deepEqual(log.matching({ direction: 'received' }).map(({ type }) => type), ['response.created']);
  assert.equal(log.matching({}).length, 2);
  log.clear();
  assert.equal(log.toJson(), '[]');
});
