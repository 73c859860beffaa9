import assert from 'node:assert/strict';
import test from 'node:test';
import { canonical } from '../../wwwroot/call/events.js';
import { createTranscript } from '../../wwwroot/call/transcript.js';
import {
  added, calling, cancelled, committed, delta, error, functionCall, heard, heardPiece, inPreview, message, messageDone, notHeard, previewSessionCreated,
  rateLimits, reduced, responseCreated, responseDone, sessionCreated, sound, speaking, speech, spoken, textDelta, textDone, transcriptDone, truncated, typed,
} from './service.js';

function listen(...events) {
  const transcript = createTranscript();
  hear(transcript, ...events);
  return transcript;
}

const hear = (transcript, ...events) => events.flat().forEach((event) => transcript.hear(canonical(event)));

/** The conversation in short: who said what, “…” while it goes on, “×” when it was interrupted. */
const inShort = ({ entries }) => entries.map(({ who, text, done, interrupted }) => `${who}: ${text}${done ? '' : '…'}${interrupted ? ' ×' : ''}`);

const vocabularies = [['of general availability', (events) => events], ['of the preview', inPreview], ['of the reduced set', reduced]];

const conversation = [
  sessionCreated(), rateLimits(),
  responseCreated('resp_1'), ...speaking('resp_1', 'msg_1', 'Hel', 'lo.'), sound('started', 'resp_1'), ...messageDone('resp_1', 'msg_1', 'Hello.'),
  responseDone('resp_1', { output: [message('msg_1', 'Hello.')] }), sound('stopped', 'resp_1'),
  speech('started', 'item_1'), speech('stopped', 'item_1'), committed('item_1'), added(spoken('item_1')),
  responseCreated('resp_2'), heardPiece('item_1', 'Good '), heardPiece('item_1', 'day'), heard('item_1', ' Good day.\n'),
  ...speaking('resp_2', 'msg_2', 'And to', ' you.'), sound('started', 'resp_2'), ...messageDone('resp_2', 'msg_2', 'And to you.'),
  responseDone('resp_2', { output: [message('msg_2', 'And to you.')] }), sound('stopped', 'resp_2'),
  added(typed('page_2', 'Bye')),
  responseCreated('resp_3'), ...speaking('resp_3', 'msg_3', 'Bye.'), ...messageDone('resp_3', 'msg_3', 'Bye.'),
  responseDone('resp_3', { output: [message('msg_3', 'Bye.')] }),
];

for (const [which, told] of vocabularies) {
  test(`The events ${which} tell the whole conversation`, () => {
    assert.deepEqual(inShort(listen(told(conversation))), ['model: Hello.', 'you: Good day.', 'model: And to you.', 'you: Bye', 'model: Bye.']);
  });

  test(`The events ${which} tell words as they are spoken`, () => {
    assert.deepEqual(inShort(listen(told([responseCreated('resp_1'), ...speaking('resp_1', 'msg_1', 'Once', ' upon')]))), ['model: Once upon…']);
  });

  test(`The events ${which}, each told twice, show every turn once`, () => {
    const entries = listen(told(conversation).flatMap((event) => [event, event])).entries;
    assert.deepEqual(entries.map(({ text }) => text), ['Hello.', 'Good day.', 'And to you.', 'Bye', 'Bye.']);
  });

  test(`The events ${which} tell that speech interrupted an answer`, () => {
    const interrupted = [
      sessionCreated(), responseCreated('resp_1'), ...speaking('resp_1', 'msg_1', 'Once', ' upon'), sound('started', 'resp_1'), speech('started', 'item_1'),
      ...messageDone('resp_1', 'msg_1', 'Once upon', 'incomplete'), sound('cleared', 'resp_1'), truncated('msg_1'),
      cancelled('resp_1', 'turn_detected', [message('msg_1', 'Once upon', 'incomplete')]),
      speech('stopped', 'item_1'), committed('item_1'), added(spoken('item_1')), heard('item_1', 'Stop.'),
      responseCreated('resp_2'), ...speaking('resp_2', 'msg_2', 'Yes.'), ...messageDone('resp_2', 'msg_2', 'Yes.'),
    ];
    assert.deepEqual(inShort(listen(told(interrupted))), ['model: Once upon ×', 'you: Stop.', 'model: Yes.']);
  });

  test(`The events ${which} tell that typed words interrupted an answer`, () => {
    const interrupted = [
      sessionCreated(), responseCreated('resp_1'), ...speaking('resp_1', 'msg_1', 'Once'), sound('started', 'resp_1'), added(typed('page_2', 'Stop')),
      ...messageDone('resp_1', 'msg_1', 'Once', 'incomplete'), cancelled('resp_1', 'client_cancelled', [message('msg_1', 'Once', 'incomplete')]),
      sound('cleared', 'resp_1'),
    ];
    assert.deepEqual(inShort(listen(told(interrupted))), ['model: Once ×', 'you: Stop']);
  });

  test(`The events ${which} tell of no interruption when an answer was heard to its end`, () => {
    const complete = [
      sessionCreated(), ...speaking('resp_1', 'msg_1', 'Hi.'), sound('started', 'resp_1'), ...messageDone('resp_1', 'msg_1', 'Hi.'), sound('stopped', 'resp_1'),
      speech('started', 'item_1'), added(typed('page_2', 'Bye')),
    ];
    assert.deepEqual(inShort(listen(told(complete)))[0], 'model: Hi.');
  });
}

const begun = [sessionCreated(), responseCreated('resp_1'), ...speaking('resp_1', 'msg_1', 'Once')];
const interruptions = [
  ['its sound is cleared', [sound('started', 'resp_1'), sound('cleared', 'resp_1')]],
  ['it is cancelled, and its output is told', [cancelled('resp_1', 'client_cancelled', [message('msg_1', 'Once', 'incomplete')])]],
  ['it is cancelled, and its output is not told', [cancelled('resp_1', 'turn_detected')]],
  ['it is truncated', [truncated('msg_1')]],
];

for (const [how, events] of interruptions) {
  test(`An answer is interrupted when ${how}; what comes of it afterwards stays out`, () => {
    const transcript = listen(begun, events);
    assert.deepEqual(inShort(transcript), ['model: Once ×']);
    hear(transcript, delta('resp_1', 'msg_1', ' upon'), messageDone('resp_1', 'msg_1', 'Once upon a time'));
    assert.deepEqual(inShort(transcript), ['model: Once ×']);
  });
}

test('An answer that is complete but not heard to its end is interrupted with all its words', () => {
  const transcript = listen(begun, sound('started', 'resp_1'), messageDone('resp_1', 'msg_1', 'Once upon'), responseDone('resp_1'), sound('cleared', 'resp_1'));
  assert.deepEqual(inShort(transcript), ['model: Once upon ×']);
});

test('Speech is no interruption by itself where the service tells of interruptions', () => {
  assert.deepEqual(inShort(listen(begun, sound('started', 'resp_1'), speech('started', 'item_1'))), ['model: Once…', 'you: …']);
});

test('With the reduced set, speech interrupts the answer that is heard, not the ones before', () => {
  const transcript = listen(reduced([...speaking('resp_0', 'msg_0', 'Hi.'), ...messageDone('resp_0', 'msg_0', 'Hi.'), ...begun,
    sound('started', 'resp_1'), speech('started', 'item_1')]));
  assert.deepEqual(inShort(transcript), ['model: Hi.', 'model: Once ×', 'you: …']);
});

test('With the reduced set, sound without words is nothing to interrupt', () => {
  assert.deepEqual(inShort(listen(sound('started', 'resp_1'), speech('started', 'item_1'))), ['you: …']);
});

test('With the reduced set, speech waits for its words', () => {
  assert.deepEqual(inShort(listen(speech('started', 'item_1'), speech('stopped', 'item_1'), added(spoken('item_1')))), ['you: …']);
});

test('With the reduced set, the speech that interrupted one answer does not mark the next', () => {
  const transcript = listen(reduced([...begun, sound('started', 'resp_1'), speech('started', 'item_1'), ...messageDone('resp_1', 'msg_1', 'Once'),
    speech('stopped', 'item_1'), ...speaking('resp_2', 'msg_2', 'Yes'), speech('started', 'item_2')]));
  assert.deepEqual(inShort(transcript), ['model: Once ×', 'you: …', 'model: Yes…', 'you: …']);
});

test('Once words are done, the whole of them counts, and no delta is added', () => {
  const transcript = listen(begun, transcriptDone('resp_1', 'msg_1', 'Once, and'), delta('resp_1', 'msg_1', ' twice'));
  assert.deepEqual(inShort(transcript), ['model: Once, and']);
  hear(transcript, transcriptDone('resp_1', 'msg_1', 'Once, and'));
  assert.deepEqual(inShort(transcript), ['model: Once, and']);
});

test('Words that are done but not told again stay as they were spoken', () => {
  assert.deepEqual(inShort(listen(begun, transcriptDone('resp_1', 'msg_1', undefined))), ['model: Once']);
});

test('An answer in text streams and ends as one that is spoken', () => {
  const transcript = listen(textDelta('resp_1', 'msg_1', 'Hel'), textDelta('resp_1', 'msg_1', 'lo'));
  assert.deepEqual(inShort(transcript), ['model: Hello…']);
  hear(transcript, textDone('resp_1', 'msg_1', 'Hello.'));
  assert.deepEqual(inShort(transcript), ['model: Hello.']);
});

test('An answer shows before its first word', () => assert.deepEqual(inShort(listen(added(message('msg_1', '', 'in_progress')))), ['model: …']));

test('The parts of one message stand side by side', () => {
  const transcript = listen(delta('resp_1', 'msg_1', 'One', 0), transcriptDone('resp_1', 'msg_1', 'One.', 0), delta('resp_1', 'msg_1', 'Tw', 1));
  assert.equal(transcript.entries[0].text, 'One. Tw');
  hear(transcript, transcriptDone('resp_1', 'msg_1', 'Two.', 1));
  assert.deepEqual(inShort(transcript), ['model: One. Two.']);
});

for (const first of [[], [delta('resp_1', 'msg_1', '', 0)]]) {
  test(`A message whose words begin in its second part shows them alone, after ${first.length} deltas`, () => {
    assert.deepEqual(inShort(listen(first, delta('resp_1', 'msg_1', 'Two.', 1))), ['model: Two.…']);
  });
}

const endings = [
  ['completed', null, ['model: Once']],
  ['incomplete', { type: 'incomplete', reason: 'max_output_tokens' }, ['model: Once', 'notice: The answer was cut short: it reached the limit of its length.']],
  ['incomplete', { type: 'incomplete', reason: 'content_filter' }, ['model: Once', 'notice: The answer was cut short: a content filter stopped it.']],
  ['incomplete', null, ['model: Once', 'notice: The answer was cut short.']],
  ['failed', { type: 'failed', error: { type: 'server_error', code: 'server_error', message: 'It broke.' } }, ['model: Once', 'notice: It broke.']],
  ['failed', { type: 'failed', error: { type: 'server_error', code: null } }, ['model: Once', 'notice: The model could not answer.']],
  ['failed', { type: 'failed' }, ['model: Once', 'notice: The model could not answer.']],
  ['failed', null, ['model: Once', 'notice: The model could not answer.']],
];

for (const [status, details, expected] of endings) {
  test(`A response that is ${status} ends what it said, with ${JSON.stringify(details)}`, () => {
    assert.deepEqual(inShort(listen(begun, responseDone('resp_1', { status, details }))), expected);
  });
}

test('What is told about an interrupted answer is told once, and as interrupted', () => {
  const changes = [];
  const transcript = createTranscript(({ done, interrupted }) => done && changes.push(interrupted));
  hear(transcript, begun, cancelled('resp_1', 'turn_detected', [message('msg_1', 'Once', 'incomplete')]));
  assert.deepEqual(changes, [true]);
});

test('Speech shows at once, and with its words when they are known, even after the answer', () => {
  const transcript = listen(sessionCreated(), speech('started', 'item_1'));
  assert.deepEqual(inShort(transcript), ['you: …']);
  hear(transcript, speech('stopped', 'item_1'), added(spoken('item_1')), speaking('resp_1', 'msg_1', 'Yes.'), messageDone('resp_1', 'msg_1', 'Yes.'));
  assert.deepEqual(inShort(transcript), ['you: …', 'model: Yes.']);
  hear(transcript, heard('item_1', 'Really?'));
  assert.deepEqual(inShort(transcript), ['you: Really?', 'model: Yes.']);
});

const recognised = [
  ['complete', [heardPiece('item_1', 'Good '), heardPiece('item_1', 'd')], 'you: Good d…'],
  ['done', [heardPiece('item_1', 'Good '), heard('item_1', ' Good day. ')], 'you: Good day.'],
  ['late', [heard('item_1', 'Good day.'), heardPiece('item_1', ' day.')], 'you: Good day.'],
  ['failed', [notHeard('item_1')], 'you: (could not be transcribed)'],
  ['told without words', [{ ...heard('item_1'), transcript: undefined }], 'you: '],
  ['told without a piece', [{ ...heardPiece('item_1'), delta: undefined }], 'you: …'],
  ['told again by its item', [heard('item_1', 'Good day.'), added(spoken('item_1'))], 'you: Good day.'],
  ['told by its item', [added(spoken('item_1', 'Good day.'))], 'you: Good day.…'],
];

for (const [how, events, expected] of recognised) {
  test(`What was said is shown when its transcription is ${how}`, () => {
    assert.deepEqual(inShort(listen(sessionCreated(), speech('started', 'item_1'), events)), [expected]);
  });
}

for (const session of [sessionCreated({ transcription: null }), previewSessionCreated({ transcription: null }), { type: 'session.updated', session: { audio: {} } }]) {
  test(`Speech that nobody transcribes does not wait for its words: ${JSON.stringify(session.session)}`, () => {
    const transcript = listen(session, speech('started', 'item_1'), speech('stopped', 'item_1'), committed('item_1'), added(spoken('item_1')));
    assert.deepEqual(inShort(transcript), ['you: ']);
  });
}

test('Items of tools and of the system are no turns', () => {
  const system = { id: 'item_1', type: 'message', role: 'system', content: [{ type: 'input_text', text: 'Be kind.' }] };
  assert.deepEqual(inShort(listen(calling('resp_1', functionCall('call_1')), added(system))), []);
});

test('A tool shows its arguments while it runs, then its result', () => {
  const transcript = listen(sessionCreated());
  transcript.toolStarted(functionCall('call_1', 'changeTextColor', '{"color":"white"}'));
  const [entry] = transcript.entries;
  assert.deepEqual(entry, { id: 'call_1', who: 'tool', name: 'changeTextColor', text: '{"color":"white"}', done: false, interrupted: false });
  transcript.toolFinished('call_1', { ok: true, output: '{"changed":true}' });
  assert.deepEqual(entry, { ...entry, ok: true, result: '{"changed":true}', done: true });
});

test('A tool that comes back when another conversation is shown does not appear in it', () => {
  const transcript = listen(sessionCreated());
  transcript.toolStarted(functionCall('call_1'));
  transcript.clear();
  transcript.toolFinished('call_1', { ok: true, output: '{}' });
  assert.deepEqual(transcript.entries, []);
});

test('An error is a notice, once; one without words is a notice as well', () => {
  const told = error('invalid_value', { message: 'Invalid voice.' });
  assert.deepEqual(inShort(listen(told, told, { type: 'error' }, { type: 'error', error: {} })),
    ['notice: Invalid voice.', 'notice: The service reported an error.', 'notice: The service reported an error.']);
});

for (const code of ['conversation_already_has_active_response', 'response_cancel_not_active']) {
  test(`${code} is nothing that a person has to know`, () => assert.deepEqual(listen(error(code)).entries, []));
}

const odd = [
  'something.new', 'constructor', '__proto__', '__defineGetter__', 'session.created', 'session.updated', 'conversation.item.added', 'response.done',
  'input_audio_buffer.speech_started', 'conversation.item.input_audio_transcription.delta', 'conversation.item.input_audio_transcription.completed',
  'conversation.item.input_audio_transcription.failed', 'response.output_audio_transcript.delta', 'response.output_audio_transcript.done',
  'response.output_text.delta', 'response.output_text.done', 'conversation.item.truncated', 'output_audio_buffer.started', 'output_audio_buffer.cleared',
];

for (const type of odd) {
  test(`${type} with nothing in it shows nothing`, () => {
    assert.deepEqual(listen({ type }, { type, item: null, response: null, session: null, delta: null }).entries, []);
  });
}

test('Content without words shows nothing in their place', () => {
  const transcript = listen(added({ ...typed('page_1'), content: [null, { type: 'input_image' }] }), added({ ...typed('page_2'), content: null }),
    { ...delta('resp_1', 'msg_1'), delta: undefined }, responseDone('resp_1', { output: [null] }));
  assert.deepEqual(transcript.entries.map(({ text }) => text), ['', '', '']);
});

const afterwards = [
  ['words', begun, [delta('resp_1', 'msg_1', 'Hi')], ['model: Hi…']],
  ['responses', begun, [delta('resp_2', 'msg_1', 'Hi'), sound('cleared', 'resp_1')], ['model: Hi…']],
  ['sound', [...begun, sound('started', 'resp_1')], [delta('resp_2', 'msg_2', 'Hi'), speech('started', 'item_1')], ['model: Hi…', 'you: …']],
  ['event set', [sessionCreated()], [delta('resp_2', 'msg_2', 'Hi'), sound('started', 'resp_2'), speech('started', 'item_1')], ['model: Hi ×', 'you: …']],
  ['transcription', [sessionCreated({ transcription: null })], [added(spoken('item_1'))], ['you: …']],
];

for (const [what, before, events, expected] of afterwards) {
  test(`A cleared transcript knows nothing of the ${what} of the call before`, () => {
    const transcript = listen(before);
    transcript.clear();
    assert.deepEqual(transcript.entries, []);
    hear(transcript, events);
    assert.deepEqual(inShort(transcript), expected);
  });
}

test('Every change is told with its entry', () => {
  const told = [];
  const transcript = createTranscript(({ id, text }) => told.push(`${id}: ${text}`));
  hear(transcript, delta('resp_1', 'msg_1', 'Hel'), delta('resp_1', 'msg_1', 'lo'), added(typed('page_1', 'Hi')));
  assert.deepEqual(told, ['msg_1: Hel', 'msg_1: Hello', 'page_1: Hi']);
});
