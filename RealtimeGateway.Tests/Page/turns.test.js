import assert from 'node:assert/strict';
import test from 'node:test';
import { canonical } from '../../wwwroot/call/events.js';
import { createTurns } from '../../wwwroot/call/turns.js';
import {
  added, calling, cancelled, committed, error, functionCall, inPreview, itemDone, message, messageDone, previewSessionCreated, rateLimits, reduced,
  responseCreated, responseDone, sessionCreated, sound, speaking, speech, spoken, textDelta, textDone, updated,
} from './service.js';

/** A page in a conversation: it hears events, and what it sends is told in short. `taken` gives that, and forgets it. */
function page() {
  const sent = [];
  const items = [];
  const turns = createTurns((event) => {
    sent.push(event);
    if (event.item) items.push(event.item);
  });
  const open = [];
  return {
    ...turns,
    sent,
    open,
    hear(...events) {
      for (const event of events.flat().map(canonical)) {
        open.push(...turns.callsIn(event).map((call) => call.call_id));
        turns.hear(event);
      }
    },
    /** The service confirms every item that was sent so far. */
    confirm() {
      for (const item of items.splice(0)) turns.hear(added(item));
    },
    taken: () => sent.splice(0).map(inShort),
  };
}

/** A page that has greeted, and heard the greeting to its end. */
function greeted() {
  const talk = page();
  talk.greet();
  talk.hear(sessionCreated(), responseCreated('resp_0'), speaking('resp_0', 'msg_0', 'Hello.'), sound('started', 'resp_0'),
    messageDone('resp_0', 'msg_0', 'Hello.'), responseDone('resp_0', { output: [message('msg_0', 'Hello.')] }), rateLimits(), sound('stopped', 'resp_0'));
  talk.taken();
  return talk;
}

/** The same with the reduced event set. */
function greetedFiltered() {
  const talk = page();
  talk.greet();
  talk.hear(reduced([...speaking('resp_0', 'msg_0', 'Hello.'), sound('started', 'resp_0'), ...messageDone('resp_0', 'msg_0', 'Hello.'), sound('stopped', 'resp_0')]));
  talk.taken();
  return talk;
}

const shortNames = { 'response.create': 'create', 'response.cancel': 'cancel', 'output_audio_buffer.clear': 'clear' };
const inShort = ({ type, item }) => shortNames[type] ?? (item.type === 'function_call_output' ? `output of ${item.call_id}` : `“${item.content[0].text}”`);

test('The model speaks first, once', () => {
  const talk = page();
  talk.greet();
  talk.hear(sessionCreated(), responseCreated('resp_0'), responseDone('resp_0'));
  assert.deepEqual(talk.taken(), ['create']);
});

test('Before the greeting, what happens is the service’s affair', () => {
  const talk = page();
  talk.hear(sessionCreated(), error(null), responseCreated('resp_0'), responseDone('resp_0'));
  assert.deepEqual(talk.taken(), []);
});

test('The greeting waits while the person speaks already, and what the service answers takes its place', () => {
  const talk = page();
  talk.hear(sessionCreated(), speech('started', 'item_1'));
  talk.greet();
  talk.hear(speech('stopped', 'item_1'), committed('item_1'), added(spoken('item_1')), responseCreated('resp_1'), responseDone('resp_1'));
  assert.deepEqual(talk.taken(), []);
});

test('Typed words are an item and a request for a response', () => {
  const talk = greeted();
  talk.say('hi');
  const [item, create] = talk.sent;
  assert.deepEqual(item, { type: 'conversation.item.create', item: { id: item.item.id, type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] } });
  assert.deepEqual(create, { type: 'response.create', event_id: create.event_id });
});

test('A tool’s output is an item and a request for a response', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'), calling('resp_1', functionCall('call_1')), responseDone('resp_1', { output: [functionCall('call_1')] }));
  talk.answer('call_1', '{"html":""}');
  const [item, create] = talk.sent;
  assert.deepEqual(item, { type: 'conversation.item.create', item: { id: item.item.id, type: 'function_call_output', call_id: 'call_1', output: '{"html":""}' } });
  assert.deepEqual(create, { type: 'response.create', event_id: create.event_id });
});

test('Ids are short and never used twice', () => {
  const talk = greeted();
  for (let number = 0; number < 20; number++) {
    talk.say('again');
    talk.hear(responseCreated(`resp_${number}`), responseDone(`resp_${number}`));
  }
  const ids = talk.sent.map(({ event_id, item }) => event_id ?? item?.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => id.length <= 32));
});

const busy = [
  ['while the model is making its answer', (talk) => talk.hear(responseCreated('resp_1'), speaking('resp_1', 'msg_1', 'Once')), ['cancel', '“hi”']],
  ['while it is made and heard', (talk) => talk.hear(responseCreated('resp_1'), speaking('resp_1', 'msg_1', 'Once'), sound('started', 'resp_1')), ['cancel', 'clear', '“hi”']],
  ['before it has begun', (talk) => talk.say('first'), ['“first”', 'create', 'cancel', '“hi”']],
];

for (const [when, lead, sent] of busy) {
  test(`Typed words ${when} interrupt it, and are answered when it is done`, () => {
    const talk = greeted();
    lead(talk);
    talk.say('hi');
    assert.deepEqual(talk.taken(), sent);
    talk.hear(responseCreated('resp_1'), messageDone('resp_1', 'msg_1', 'Once', 'incomplete'), cancelled('resp_1', 'client_cancelled'), sound('cleared', 'resp_1'));
    assert.deepEqual(talk.taken(), ['create']);
  });
}

test('Words typed between the greeting’s request and its beginning interrupt it', () => {
  const talk = page();
  talk.greet();
  talk.hear(sessionCreated());
  talk.say('hi');
  talk.hear(responseCreated('resp_0'), cancelled('resp_0', 'client_cancelled'));
  assert.deepEqual(talk.taken(), ['create', 'cancel', '“hi”', 'create']);
});

test('Typed words while an answer is only heard still cut its sound, and are answered at once', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'), speaking('resp_1', 'msg_1', 'Once'), sound('started', 'resp_1'), messageDone('resp_1', 'msg_1', 'Once'), responseDone('resp_1'));
  talk.say('hi');
  assert.deepEqual(talk.taken(), ['clear', '“hi”', 'create']);
});

for (const end of ['stopped', 'cleared']) {
  test(`Once the sound has ${end}, there is nothing to cut`, () => {
    const talk = greeted();
    talk.hear(responseCreated('resp_1'), sound('started', 'resp_1'), responseDone('resp_1'), sound(end, 'resp_1'));
    talk.say('hi');
    assert.deepEqual(talk.taken(), ['“hi”', 'create']);
  });
}

test('A sound is cut once', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'), sound('started', 'resp_1'));
  talk.say('one');
  talk.say('two');
  assert.deepEqual(talk.taken(), ['cancel', 'clear', '“one”', 'cancel', '“two”']);
});

test('Words typed twice in a row get one answer to both', () => {
  const talk = greeted();
  talk.say('one');
  talk.say('two');
  talk.hear(responseCreated('resp_1'));
  talk.confirm();
  talk.hear(cancelled('resp_1', 'client_cancelled'), error('response_cancel_not_active'), responseCreated('resp_2'), responseDone('resp_2'));
  assert.deepEqual(talk.taken(), ['“one”', 'create', 'cancel', '“two”', 'create']);
});

test('Words typed while the person speaks are answered together with what was said', () => {
  const talk = greeted();
  talk.hear(speech('started', 'item_1'));
  talk.say('blue');
  talk.confirm();
  talk.hear(speech('stopped', 'item_1'), committed('item_1'), added(spoken('item_1')), responseCreated('resp_1'), responseDone('resp_1'));
  assert.deepEqual(talk.taken(), ['“blue”']);
});

const unasked = { type: 'server_vad', create_response: false };
const asking = { type: 'server_vad', create_response: true };

for (const [which, told, sent] of [
  ['that answers no speech by itself', [sessionCreated({ turns: unasked })], ['“blue”', 'create']],
  ['of the preview that answers none', [previewSessionCreated({ turns: unasked })], ['“blue”', 'create']],
  ['that came to answer none', [sessionCreated({ turns: asking }), updated(sessionCreated({ turns: unasked }))], ['“blue”', 'create']],
  ['that no longer looks for turns', [sessionCreated({ turns: asking }), updated(sessionCreated({ turns: null }))], ['“blue”', 'create']],
  ['that came to answer it', [sessionCreated({ turns: unasked }), updated(sessionCreated({ turns: asking }))], ['“blue”']],
  ['that does not say', [sessionCreated()], ['“blue”']],
]) {
  test(`With a session ${which}, words typed while the person speaks are ${sent.length > 1 ? 'answered when that is over' : 'left to its answer'}`, () => {
    const talk = greeted();
    talk.hear(told, speech('started', 'item_1'));
    talk.say('blue');
    talk.confirm();
    talk.hear(speech('stopped', 'item_1'), committed('item_1'), added(spoken('item_1')));
    assert.deepEqual(talk.taken(), sent);
  });
}

test('What is only spoken waits where the session answers no speech by itself', () => {
  const talk = greeted();
  talk.hear(sessionCreated({ turns: unasked }), speech('started', 'item_1'), speech('stopped', 'item_1'), committed('item_1'), added(spoken('item_1')));
  assert.deepEqual(talk.taken(), []);
});

test('Words that reach the conversation after the answer to speech has begun get an answer of their own', () => {
  const talk = greeted();
  talk.hear(speech('started', 'item_1'));
  talk.say('blue');
  talk.hear(speech('stopped', 'item_1'), committed('item_1'), added(spoken('item_1')), responseCreated('resp_1'));
  talk.confirm();
  talk.hear(responseDone('resp_1'));
  assert.deepEqual(talk.taken(), ['“blue”', 'create']);
  talk.hear(responseCreated('resp_2'), responseDone('resp_2'));
  assert.deepEqual(talk.taken(), []);
});

test('Words that never reached the conversation are not waited for', () => {
  const talk = greeted();
  talk.say('refused');
  talk.hear(error('invalid_value'), responseCreated('resp_1'), responseDone('resp_1'), speech('started', 'item_1'));
  talk.say('blue');
  talk.hear(added(talk.sent.at(-1).item), speech('stopped', 'item_1'), added(spoken('item_1')), responseCreated('resp_2'), responseDone('resp_2'));
  assert.deepEqual(talk.taken(), ['“refused”', 'create', '“blue”']);
});

test('Speech that interrupts an answer is answered by the service alone', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'), speaking('resp_1', 'msg_1', 'Once'), sound('started', 'resp_1'), speech('started', 'item_1'),
    messageDone('resp_1', 'msg_1', 'Once', 'incomplete'), cancelled('resp_1', 'turn_detected'), sound('cleared', 'resp_1'),
    speech('stopped', 'item_1'), committed('item_1'), added(spoken('item_1')), responseCreated('resp_2'), responseDone('resp_2'));
  assert.deepEqual(talk.taken(), []);
});

const vocabularies = [['of general availability', (events) => events], ['of the preview', inPreview]];

for (const [which, told] of vocabularies) {
  test(`With the events ${which}, several calls in one response get one response.create, once all outputs are given and the response is done`, () => {
    const talk = page();
    const calls = [functionCall('call_1', 'changeBackgroundColor', '{"color":"blue"}'), functionCall('call_2', 'changeTextColor', '{"color":"white"}')];
    talk.hear(told([sessionCreated(), responseCreated('resp_1'), ...calling('resp_1', calls[0])]));
    talk.answer('call_1', '{}');
    assert.deepEqual(talk.taken(), ['output of call_1']);
    talk.hear(told([...calling('resp_1', calls[1]), responseDone('resp_1', { output: calls })]));
    assert.deepEqual(talk.taken(), []);
    talk.answer('call_2', '{}');
    assert.deepEqual(talk.taken(), ['output of call_2', 'create']);
    talk.confirm();
    talk.hear(told([responseCreated('resp_2'), responseDone('resp_2')]));
    assert.deepEqual(talk.taken(), []);
    assert.deepEqual(talk.open, ['call_1', 'call_2']);
  });
}

test('Outputs that are ready before the response is done wait for it', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'), calling('resp_1', functionCall('call_1')), calling('resp_1', functionCall('call_2')));
  talk.answer('call_1', '{}');
  talk.answer('call_2', '{}');
  assert.deepEqual(talk.taken(), ['output of call_1', 'output of call_2']);
  talk.hear(responseDone('resp_1', { output: [functionCall('call_1'), functionCall('call_2')] }));
  assert.deepEqual(talk.taken(), ['create']);
});

test('An output that comes while the person speaks is given at once and answered with what was said', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'), calling('resp_1', functionCall('call_1')), responseDone('resp_1'), speech('started', 'item_1'));
  talk.answer('call_1', '{}');
  assert.deepEqual(talk.taken(), ['output of call_1']);
  talk.confirm();
  talk.hear(speech('stopped', 'item_1'), added(spoken('item_1')), responseCreated('resp_2'), responseDone('resp_2'));
  assert.deepEqual(talk.taken(), []);
});

test('An output that comes during a later response waits for its end', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'), calling('resp_1', functionCall('call_1')), responseDone('resp_1'), responseCreated('resp_2'));
  talk.answer('call_1', '{}');
  assert.deepEqual(talk.taken(), ['output of call_1']);
  talk.confirm();
  talk.hear(responseDone('resp_2'));
  assert.deepEqual(talk.taken(), ['create']);
});

const call = functionCall('call_1');
const offered = [
  ['in output_item.done', [itemDone('resp_1', call)], ['call_1']],
  ['in response.done alone', [responseDone('resp_1', { output: [message('msg_1', 'Yes.'), call] })], ['call_1']],
  ['in both', [itemDone('resp_1', call), responseDone('resp_1', { output: [call] })], ['call_1']],
  ['twice', [itemDone('resp_1', call), itemDone('resp_1', call)], ['call_1']],
  ['cut off', [itemDone('resp_1', { ...call, status: 'incomplete' }), cancelled('resp_1', 'turn_detected', [{ ...call, status: 'incomplete' }])], []],
  ['without a status', [itemDone('resp_1', { ...call, status: undefined })], ['call_1']],
  ['without an id', [itemDone('resp_1', { ...call, call_id: undefined })], []],
  ['nowhere, the item is missing', [{ type: 'response.output_item.done' }, { type: 'response.output_item.done', item: null }], []],
  ['nowhere, the response is missing', [{ type: 'response.done' }, { type: 'response.done', response: { output: [null] } }], []],
  ['as another’s work', [itemDone('resp_1', { ...call, type: 'mcp_call' })], []],
];

for (const [how, events, calls] of offered) {
  test(`A call told ${how} is asked for ${calls.length} times`, () => {
    const talk = page();
    talk.hear(events);
    assert.deepEqual(talk.open, calls);
  });
}

test('A call that was cut off leaves nothing to wait for', () => {
  const talk = greeted();
  const cut = { ...call, status: 'incomplete' };
  talk.hear(responseCreated('resp_1'), itemDone('resp_1', cut), cancelled('resp_1', 'client_cancelled', [cut]));
  talk.say('hi');
  assert.deepEqual(talk.taken(), ['“hi”', 'create']);
});

for (const [which, events] of [['just begun', [responseCreated('resp_1')]], ['whose beginning was not told', []]]) {
  test(`A request that meets a response ${which} is made again when that one is done`, () => {
    const talk = greeted();
    talk.say('hi');
    talk.hear(events, error('conversation_already_has_active_response', { of: talk.sent.at(-1).event_id }));
    assert.deepEqual(talk.taken(), ['“hi”', 'create']);
    talk.hear(responseDone('resp_1'), rateLimits());
    assert.deepEqual(talk.taken(), ['create']);
    talk.hear(responseCreated('resp_2'), responseDone('resp_2'));
    assert.deepEqual(talk.taken(), []);
  });
}

test('A response whose beginning was not told ends all the same', () => {
  const talk = greeted();
  talk.say('one');
  talk.hear(responseDone('resp_1'));
  talk.say('two');
  assert.deepEqual(talk.taken(), ['“one”', 'create', '“two”', 'create']);
});

test('A request that is refused for another reason blocks nothing, and is not repeated', () => {
  const talk = greeted();
  talk.say('one');
  talk.hear(error('rate_limit_exceeded', { of: talk.sent.at(-1).event_id }));
  talk.say('two');
  assert.deepEqual(talk.taken(), ['“one”', 'create', '“two”', 'create']);
});

test('Words typed while a request is being refused are answered', () => {
  const talk = greeted();
  talk.say('one');
  const { event_id } = talk.sent.at(-1);
  talk.say('two');
  talk.hear(error('rate_limit_exceeded', { of: event_id }));
  assert.deepEqual(talk.taken(), ['“one”', 'create', 'cancel', '“two”', 'create']);
});

test('An error about something else lets a running response run', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'));
  talk.answer('call_1', '{}');
  talk.hear(error('invalid_value', { of: 'someone_else' }), error(null), { type: 'error' });
  assert.deepEqual(talk.taken(), ['output of call_1']);
});

test('When there turns out to be nothing to cancel, typed words are answered', () => {
  const talk = greeted();
  talk.say('one');
  talk.hear(responseCreated('resp_1')); // its end is never told
  talk.say('two');
  talk.hear(error('response_cancel_not_active'));
  assert.deepEqual(talk.taken(), ['“one”', 'create', 'cancel', '“two”', 'create']);
});

test('A cancellation that crosses the end of a response leads to one request', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'));
  talk.say('hi');
  talk.hear(responseDone('resp_1'), error('response_cancel_not_active'));
  talk.confirm();
  talk.hear(responseCreated('resp_2'), responseDone('resp_2'));
  assert.deepEqual(talk.taken(), ['cancel', '“hi”', 'create']);
});

const failures = ['completed', 'failed', 'incomplete', 'cancelled'];

for (const status of failures) {
  test(`A response that ends ${status} makes room for the next`, () => {
    const talk = greeted();
    talk.hear(responseCreated('resp_1'), responseDone('resp_1', { status }));
    talk.say('hi');
    assert.deepEqual(talk.taken(), ['“hi”', 'create']);
  });
}

test('Events that are told twice lead to nothing twice', () => {
  const talk = greeted();
  const twice = (events) => events.flatMap((event) => [event, event]);
  talk.hear(twice([responseCreated('resp_1'), ...calling('resp_1', call)]));
  talk.answer('call_1', '{}');
  talk.confirm();
  talk.hear(twice([responseDone('resp_1', { output: [call] })]));
  assert.deepEqual(talk.taken(), ['output of call_1', 'create']);
  assert.deepEqual(talk.open, ['call_1']);
});

test('Unknown events and odd ones mean nothing', () => {
  const talk = greeted();
  talk.hear(['something.new', 'constructor', '__proto__', '__defineGetter__', 'conversation.item.added', 'error'].map((type) => ({ type })));
  talk.hear({ type: 'conversation.item.added', item: null }, { type: 'error', error: null });
  assert.deepEqual(talk.taken(), []);
});

// The reduced event set: no session.*, no error, no response.created and response.done, no function calls, no output_audio_buffer.cleared.

const tellings = {
  speech: [...speaking('resp_1', 'msg_1', 'Once', ' upon'), sound('started', 'resp_1')],
  text: [textDelta('resp_1', 'msg_1', 'Once'), textDelta('resp_1', 'msg_1', ' upon')],
};
const ends = { speech: messageDone('resp_1', 'msg_1', 'Once upon', 'incomplete'), text: [textDone('resp_1', 'msg_1', 'Once upon')] };

for (const [kind, cut] of [['speech', ['cancel', 'clear', '“hi”']], ['text', ['cancel', '“hi”']]]) {
  test(`With the reduced event set, typed words interrupt an answer in ${kind}, and are answered when its words are done`, () => {
    const talk = greetedFiltered();
    talk.hear(reduced(tellings[kind]));
    talk.say('hi');
    assert.deepEqual(talk.taken(), cut);
    talk.hear(reduced(ends[kind]));
    assert.deepEqual(talk.taken(), ['create']);
  });
}

test('With the reduced event set, words typed while the person speaks are answered with what was said', () => {
  const talk = greetedFiltered();
  talk.hear(reduced([speech('started', 'item_1')]));
  talk.say('blue');
  talk.confirm();
  talk.hear(reduced([speech('stopped', 'item_1'), added(spoken('item_1')), responseCreated('resp_1'), ...tellings.speech, ...ends.speech, responseDone('resp_1')]));
  assert.deepEqual(talk.taken(), ['“blue”']);
});

test('With the reduced event set, a request that nothing came of does not silence the page', () => {
  const talk = greetedFiltered();
  talk.say('one');
  talk.say('two');
  assert.deepEqual(talk.taken(), ['“one”', 'create', '“two”', 'create']);
});

test('With the full event set, words do not end a response', () => {
  const talk = greeted();
  talk.hear(responseCreated('resp_1'), speaking('resp_1', 'msg_1', 'Let me see.'), messageDone('resp_1', 'msg_1', 'Let me see.'));
  talk.hear(calling('resp_1', call));
  talk.answer('call_1', '{}');
  assert.deepEqual(talk.taken(), ['output of call_1']);
});

test('With the full event set, words that come late do not begin a response', () => {
  const talk = greeted();
  talk.hear(tellings.speech[3]);
  talk.say('hi');
  assert.deepEqual(talk.taken(), ['“hi”', 'create']);
});
