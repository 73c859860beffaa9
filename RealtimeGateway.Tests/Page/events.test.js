import assert from 'node:assert/strict';
import test from 'node:test';
import { canonical, parseEvent } from '../../wwwroot/call/events.js';

const names = [
  ['conversation.item.created', 'conversation.item.added'],
  ['response.text.delta', 'response.output_text.delta'],
  ['response.text.done', 'response.output_text.done'],
  ['response.audio_transcript.delta', 'response.output_audio_transcript.delta'],
  ['response.audio_transcript.done', 'response.output_audio_transcript.done'],
];

for (const [preview, current] of names) {
  test(`${preview} of the preview is ${current}`, () => {
    assert.deepEqual(canonical({ type: preview, item_id: 'item_1', delta: 'Hel' }), { type: current, item_id: 'item_1', delta: 'Hel' });
  });
}

for (const type of ['response.output_text.delta', 'response.done', 'something.new', 'constructor', '__proto__', 'toString']) {
  test(`${type} keeps its name`, () => assert.equal(canonical({ type }).type, type));
}

test('An event is read whole', () => {
  assert.deepEqual(parseEvent('{"type":"response.created","response":{"id":"resp_1"}}'), { type: 'response.created', response: { id: 'resp_1' } });
});

for (const text of ['', 'not JSON', '{"type":', 'null', '7', '"session.created"', '[]', '{}', '{"type":null}', '{"type":7}', '{"type":{}}', undefined, new ArrayBuffer(2)]) {
  test(`${text === undefined ? 'undefined' : JSON.stringify(text)} is no event`, () => assert.equal(parseEvent(text), null));
}
