// The conversation, assembled from server events (under their canonical names). Pure but for its own list; works with the reduced event set of
// webrtcfilter=on, which lacks session.*, error and response.done.
//
// An entry is { id, who: 'you' | 'model' | 'tool' | 'notice', text, done, interrupted } and, for a tool, { name, result, ok }.

// A person cannot do anything about these; turns.js lives with them.
const settledByTurns = new Set(['conversation_already_has_active_response', 'response_cancel_not_active']);

const cutShort = {
  max_output_tokens: 'The answer was cut short: it reached the limit of its length.',
  content_filter: 'The answer was cut short: a content filter stopped it.',
};

export function createTranscript(changed = () => {}) {
  const entries = [];
  const spoken = new Map(); // response id → ids of the items that it says
  const parts = new Map(); // item id → { text, done } of each part of it
  let speaking = false;
  let filtered = true;
  let transcribed = true; // until the service says otherwise

  const find = (id) => entries.find((entry) => entry.id === id);

  function touch(id, who, change) {
    if (!id) return;
    let entry = find(id);
    if (!entry) entries.push((entry = { id, who, text: '', done: false, interrupted: false }));
    Object.assign(entry, change);
    changed(entry, entries);
  }

  function partOf({ item_id, content_index = 0 }) {
    const all = parts.get(item_id) ?? [];
    parts.set(item_id, all);
    return (all[content_index] ??= { text: '', done: false });
  }

  const textOf = (id) => parts.get(id).map((part) => part.text).filter(Boolean).join(' ');

  function say(event) {
    const { response_id, item_id, delta = '' } = event;
    if (response_id) spoken.set(response_id, (spoken.get(response_id) ?? new Set()).add(item_id));
    const part = partOf(event);
    if (part.done || find(item_id)?.interrupted) return;
    part.text += delta;
    touch(item_id, 'model', { text: textOf(item_id) });
  }

  function finish(event, text) {
    const part = partOf(event);
    const interrupted = find(event.item_id)?.interrupted; // what was made but not heard stays out
    if (!interrupted) part.text = text ?? part.text;
    part.done = true;
    touch(event.item_id, 'model', interrupted ? { done: true } : { text: textOf(event.item_id), done: true });
  }

  function interrupt(ids) {
    for (const id of ids) {
      const entry = find(id);
      if (entry?.who === 'model' && !entry.interrupted) touch(id, 'model', { interrupted: true, done: true });
    }
  }

  // The reduced event set does not tell that the sound was cut off, but a person's turn during the sound does that.
  function cutOff() {
    if (filtered && speaking) interrupt([entries.findLast((entry) => entry.who === 'model')?.id]);
    if (filtered) speaking = false;
  }

  function begin({ session }) {
    filtered = false;
    transcribed = Boolean(session?.audio?.input?.transcription ?? session?.input_audio_transcription);
  }

  const heardBy = {
    __proto__: null,
    'session.created': begin,
    'session.updated': begin,
    'conversation.item.added'({ item }) {
      if (item?.type !== 'message') return;
      if (item.role === 'assistant') touch(item.id, 'model', {});
      if (item.role !== 'user') return;
      const content = item.content ?? [];
      const text = content.map((part) => part?.text ?? part?.transcript ?? '').join(' ').trim();
      const typed = content.some((part) => part?.type === 'input_text');
      if (typed) cutOff();
      touch(item.id, 'you', { ...(text && { text }), ...((typed || !transcribed) && { done: true }) });
    },
    'input_audio_buffer.speech_started'({ item_id }) {
      touch(item_id, 'you', {});
      cutOff();
    },
    'conversation.item.input_audio_transcription.delta'({ item_id, delta }) {
      const entry = find(item_id);
      if (!entry?.done) touch(item_id, 'you', { text: (entry?.text ?? '') + (delta ?? '') });
    },
    'conversation.item.input_audio_transcription.completed'({ item_id, transcript }) {
      touch(item_id, 'you', { text: (transcript ?? '').trim(), done: true });
    },
    'conversation.item.input_audio_transcription.failed'({ item_id }) {
      touch(item_id, 'you', { text: '(could not be transcribed)', done: true });
    },
    'response.output_audio_transcript.delta': say,
    'response.output_text.delta': say,
    'response.output_audio_transcript.done': (event) => finish(event, event.transcript),
    'response.output_text.done': (event) => finish(event, event.text),
    'response.done'({ response }) {
      const ids = [...(response?.output ?? []).map((item) => item?.id), ...(spoken.get(response?.id) ?? [])];
      if (response?.status === 'cancelled') interrupt(ids);
      for (const id of ids) {
        const entry = find(id);
        if (entry?.who === 'model' && !entry.done) touch(id, 'model', { done: true });
      }
      if (response?.status === 'failed') notice(response.id, response.status_details?.error?.message ?? 'The model could not answer.');
      if (response?.status === 'incomplete') notice(response.id, cutShort[response.status_details?.reason] ?? 'The answer was cut short.');
    },
    'conversation.item.truncated': ({ item_id }) => interrupt([item_id]),
    'output_audio_buffer.started'() {
      speaking = true;
    },
    'output_audio_buffer.stopped'() {
      speaking = false;
    },
    'output_audio_buffer.cleared': ({ response_id }) => interrupt(spoken.get(response_id) ?? []),
    error({ event_id, error }) {
      if (!settledByTurns.has(error?.code)) notice(event_id, error?.message ?? 'The service reported an error.');
    },
  };

  function notice(id, text) {
    touch(`notice-${id ?? entries.length}`, 'notice', { text, done: true });
  }

  return {
    entries,
    hear: (event) => heardBy[event.type]?.(event),
    toolStarted: ({ call_id, name, arguments: text }) => touch(call_id, 'tool', { name, text }),
    // A call that was over when its tool came back has no entry here any more.
    toolFinished: (call_id, { ok, output }) => find(call_id) && touch(call_id, 'tool', { ok, result: output, done: true }),
    clear() {
      entries.length = 0;
      spoken.clear();
      parts.clear();
      speaking = false;
      filtered = transcribed = true;
    },
  };
}
