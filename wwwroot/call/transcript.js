// The conversation, assembled from server events (under their canonical names). Pure but for its own list; works with the reduced event set of
// webrtcfilter=on, which lacks session.*, error and response.done.
//
// An entry is { id, who: 'you' | 'model' | 'tool' | 'notice', text, done, interrupted } and, for a tool, { name, result, ok }.

export function createTranscript(changed = () => {}) {
  const entries = [];
  const spoken = new Map(); // response id → ids of the items that it says
  let speaking = false;
  let filtered = true;

  const find = (id) => entries.find((entry) => entry.id === id);

  function touch(id, who, change) {
    let entry = find(id);
    if (!entry) entries.push((entry = { id, who, text: '', done: false, interrupted: false }));
    Object.assign(entry, change);
    changed(entry, entries);
    return entry;
  }

  function say({ response_id, item_id, delta }) {
    if (response_id) spoken.set(response_id, (spoken.get(response_id) ?? new Set()).add(item_id));
    const entry = find(item_id);
    if (entry?.done) return;
    touch(item_id, 'model', { text: (entry?.text ?? '') + delta });
  }

  function interrupt(ids) {
    for (const id of ids) {
      const entry = find(id);
      if (entry?.who === 'model' && !entry.interrupted) touch(id, 'model', { interrupted: true, done: true });
    }
  }

  const heardBy = {
    'session.created'() {
      filtered = false;
    },
    'conversation.item.added'({ item }) {
      if (item.type === 'message' && item.role === 'user') {
        const text = (item.content ?? []).map((part) => part.text ?? part.transcript ?? '').join(' ').trim();
        const typed = (item.content ?? []).some((part) => part.type === 'input_text');
        touch(item.id, 'you', typed ? { text, done: true } : text ? { text } : {});
      } else if (item.type === 'message' && item.role === 'assistant') {
        touch(item.id, 'model', {});
      }
    },
    'input_audio_buffer.speech_started'({ item_id }) {
      touch(item_id, 'you', {});
      if (filtered && speaking) interrupt(entries.filter((entry) => entry.who === 'model').slice(-1).map((entry) => entry.id));
    },
    'conversation.item.input_audio_transcription.delta'({ item_id, delta }) {
      touch(item_id, 'you', { text: (find(item_id)?.text ?? '') + (delta ?? '') });
    },
    'conversation.item.input_audio_transcription.completed'({ item_id, transcript }) {
      touch(item_id, 'you', { text: transcript.trim(), done: true });
    },
    'conversation.item.input_audio_transcription.failed'({ item_id }) {
      touch(item_id, 'you', { text: '(could not be transcribed)', done: true });
    },
    'response.output_audio_transcript.delta': say,
    'response.output_text.delta': say,
    'response.output_audio_transcript.done': ({ item_id, transcript }) => finish(item_id, transcript),
    'response.output_text.done': ({ item_id, text }) => finish(item_id, text),
    'response.done'({ response }) {
      for (const item of response.output ?? []) {
        const entry = find(item.id);
        if (entry?.who === 'model' && !entry.done) touch(item.id, 'model', { done: true });
      }
      if (response.status === 'cancelled') interrupt((response.output ?? []).map((item) => item.id).concat(...(spoken.get(response.id) ?? [])));
      if (response.status === 'failed') notice(response.status_details?.error?.message ?? 'The model could not answer.');
    },
    'conversation.item.truncated': ({ item_id }) => interrupt([item_id]),
    'output_audio_buffer.started'() {
      speaking = true;
    },
    'output_audio_buffer.stopped'() {
      speaking = false;
    },
    'output_audio_buffer.cleared'({ response_id }) {
      speaking = false;
      interrupt(spoken.get(response_id) ?? []);
    },
    error: ({ error }) => notice(error?.message ?? 'The service reported an error.'),
  };

  function finish(id, text) {
    const entry = find(id);
    touch(id, 'model', entry?.interrupted ? { done: true } : { text: text ?? entry?.text ?? '', done: true });
  }

  function notice(text) {
    touch(`notice-${entries.length}`, 'notice', { text, done: true });
  }

  return {
    entries,
    hear: (event) => heardBy[event.type]?.(event),
    toolStarted: ({ call_id, name, arguments: text }) => touch(call_id, 'tool', { name, text }),
    toolFinished: (call_id, { ok, output }) => touch(call_id, 'tool', { ok, result: output, done: true }),
    clear() {
      entries.length = 0;
      spoken.clear();
      speaking = false;
      filtered = true;
    },
  };
}
