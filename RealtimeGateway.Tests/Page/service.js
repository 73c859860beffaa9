// What the service sends over the data channel, in the order and shape of its specification (general availability), and how the two other
// vocabularies tell the same: the preview protocol, and the reduced set of webrtcfilter=on.

let count = 0;
const event = (type, members) => ({ type, event_id: `event_${++count}`, ...members });

export const sessionCreated = ({ transcription = { model: 'whisper-1' }, turns } = {}) => event('session.created', {
  session: {
    type: 'realtime', object: 'realtime.session', id: 'sess_1', model: 'gpt-realtime', audio: { input: { transcription, turn_detection: turns }, output: { voice: 'alloy' } },
  },
});

export const previewSessionCreated = ({ transcription = { model: 'whisper-1' }, turns } = {}) => event('session.created', {
  session: {
    object: 'realtime.session', id: 'sess_1', model: 'gpt-4o-realtime-preview', voice: 'alloy', input_audio_transcription: transcription, turn_detection: turns,
  },
});

export const updated = ({ session }) => event('session.updated', { session });

export const message = (id, text, status = 'completed') =>
  ({ id, object: 'realtime.item', type: 'message', role: 'assistant', status, content: [{ type: 'output_audio', transcript: text }] });
export const typed = (id, text) => ({ id, object: 'realtime.item', type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_text', text }] });
export const spoken = (id, transcript = null) =>
  ({ id, object: 'realtime.item', type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_audio', transcript }] });
export const functionCall = (callId, name = 'getPageHTML', text = '{}', status = 'completed') =>
  ({ id: `item_${callId}`, object: 'realtime.item', type: 'function_call', status, call_id: callId, name, arguments: text });

export const added = (item) => event('conversation.item.added', { previous_item_id: null, item });
export const truncated = (id) => event('conversation.item.truncated', { item_id: id, content_index: 0, audio_end_ms: 700 });

export const responseCreated = (id) => event('response.created', {
  response: { object: 'realtime.response', id, status: 'in_progress', status_details: null, output: [], conversation_id: 'conv_1', usage: null, metadata: null },
});
export const responseDone = (id, { output = [], status = 'completed', details = null } = {}) => event('response.done', {
  response: { object: 'realtime.response', id, status, status_details: details, output, conversation_id: 'conv_1', usage: { total_tokens: 253 }, metadata: null },
});
export const cancelled = (id, reason, output = []) => responseDone(id, { output, status: 'cancelled', details: { type: 'cancelled', reason } });

export const delta = (response, item, text, index = 0) =>
  event('response.output_audio_transcript.delta', { response_id: response, item_id: item, output_index: 0, content_index: index, delta: text });
export const transcriptDone = (response, item, text, index = 0) =>
  event('response.output_audio_transcript.done', { response_id: response, item_id: item, output_index: 0, content_index: index, transcript: text });
export const textDelta = (response, item, text) =>
  event('response.output_text.delta', { response_id: response, item_id: item, output_index: 0, content_index: 0, delta: text });
export const textDone = (response, item, text) => event('response.output_text.done', { response_id: response, item_id: item, output_index: 0, content_index: 0, text });

/** A message of the model up to its last word; it is not done yet. */
export const speaking = (response, item, ...pieces) => [
  event('response.output_item.added', { response_id: response, output_index: 0, item: message(item, '', 'in_progress') }),
  added(message(item, '', 'in_progress')),
  event('response.content_part.added', { response_id: response, item_id: item, output_index: 0, content_index: 0, part: { type: 'audio', transcript: '' } }),
  ...pieces.map((piece) => delta(response, item, piece)),
];

/** How a message ends: as it does when it is complete, interrupted or cancelled. */
export const messageDone = (response, item, text, status = 'completed') => [
  event('response.output_audio.done', { response_id: response, item_id: item, output_index: 0, content_index: 0 }),
  transcriptDone(response, item, text),
  event('response.content_part.done', { response_id: response, item_id: item, output_index: 0, content_index: 0, part: { type: 'audio', transcript: text } }),
  event('conversation.item.done', { previous_item_id: null, item: message(item, text, status) }),
  itemDone(response, message(item, text, status)),
];

export function itemDone(response, item) {
  return event('response.output_item.done', { response_id: response, output_index: 0, item });
}

/** A function call as it streams. */
export const calling = (response, item) => [
  event('response.output_item.added', { response_id: response, output_index: 0, item: { ...item, status: 'in_progress', arguments: '' } }),
  added({ ...item, status: 'in_progress', arguments: '' }),
  event('response.function_call_arguments.delta', { response_id: response, item_id: item.id, output_index: 0, call_id: item.call_id, delta: item.arguments }),
  event('response.function_call_arguments.done',
    { response_id: response, item_id: item.id, output_index: 0, call_id: item.call_id, name: item.name, arguments: item.arguments }),
  event('conversation.item.done', { previous_item_id: null, item }),
  itemDone(response, item),
];

export const sound = (what, response) => event(`output_audio_buffer.${what}`, { response_id: response });
export const speech = (what, item) => event(`input_audio_buffer.speech_${what}`, { item_id: item });
export const committed = (item) => event('input_audio_buffer.committed', { previous_item_id: null, item_id: item });
export const heardPiece = (item, text) => event('conversation.item.input_audio_transcription.delta', { item_id: item, content_index: 0, delta: text });
export const heard = (item, text) => event('conversation.item.input_audio_transcription.completed', { item_id: item, content_index: 0, transcript: text });
export const notHeard = (item) =>
  event('conversation.item.input_audio_transcription.failed', { item_id: item, content_index: 0, error: { type: 'transcription_error', message: '…' } });
export const rateLimits = () => event('rate_limits.updated', { rate_limits: [{ name: 'requests', limit: 200, remaining: 199, reset_seconds: 1 }] });
export const error = (code, { message = `Error ${code}.`, of = null } = {}) =>
  event('error', { error: { type: 'invalid_request_error', code, message, param: null, event_id: of } });

const previewNames = {
  'conversation.item.added': 'conversation.item.created',
  'response.output_text.delta': 'response.text.delta',
  'response.output_text.done': 'response.text.done',
  'response.output_audio.done': 'response.audio.done',
  'response.output_audio_transcript.delta': 'response.audio_transcript.delta',
  'response.output_audio_transcript.done': 'response.audio_transcript.done',
};

/** The same as the preview protocol tells it. */
export const inPreview = (events) => events
  .filter(({ type }) => type !== 'conversation.item.done')
  .map((told) => (told.type === 'session.created' ? previewSessionCreated() : { ...told, type: previewNames[told.type] ?? told.type }));

const unfiltered = new Set([
  'input_audio_buffer.speech_started', 'input_audio_buffer.speech_stopped', 'output_audio_buffer.started', 'output_audio_buffer.stopped',
  'conversation.item.input_audio_transcription.completed', 'conversation.item.added', 'conversation.item.created', 'response.output_text.delta',
  'response.output_text.done', 'response.output_audio_transcript.delta', 'response.output_audio_transcript.done',
]);

/** What of it webrtcfilter=on lets through. */
export const reduced = (events) => events.filter(({ type }) => unfiltered.has(type));
