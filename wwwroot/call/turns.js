// Whose turn it is. A conversation runs one response at a time, so a response that tool outputs or typed words are owed is asked for when the running one is done.
// Pure: it decides, and calls `send` with client events.

export function createTurns(send) {
  let filtered = true; // until the service says session.created, which the reduced event set leaves out
  let responding = false;
  let audible = false;
  let listening = false; // the person speaks; the service answers that by itself
  let running = 0; // tool calls without an output yet
  let owed = false;
  const seen = new Set();

  function settle() {
    if (!owed || responding || listening || running > 0) return;
    owed = false;
    responding = !filtered; // without response.done nothing would ever end it
    send({ type: 'response.create' });
  }

  const heardBy = {
    'session.created'() {
      filtered = false;
    },
    'response.created'() {
      responding = true;
      owed = false; // it sees everything that was sent before
    },
    'response.done'() {
      responding = false;
      settle();
    },
    'input_audio_buffer.speech_started'() {
      listening = true;
    },
    'input_audio_buffer.speech_stopped'() {
      listening = false;
    },
    // With the reduced event set, words and sound are all that tells of a response.
    'response.output_audio_transcript.delta'() {
      audible ||= filtered;
    },
    'output_audio_buffer.started'() {
      audible = true;
    },
    'output_audio_buffer.stopped'() {
      audible = false;
    },
    'output_audio_buffer.cleared'() {
      audible = false;
    },
    error({ error }) {
      if (error?.code !== 'conversation_already_has_active_response') return;
      responding = true;
      owed = true;
    },
  };

  return {
    hear: (event) => heardBy[event.type]?.(event),

    /** The model speaks first. */
    greet() {
      owed = true;
      settle();
    },

    /** Typed words; they interrupt a running answer as spoken ones do. */
    say(text) {
      if (responding) send({ type: 'response.cancel' });
      if (audible) send({ type: 'output_audio_buffer.clear' });
      send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] } });
      owed = true;
      settle();
    },

    /** The function calls in an event that nobody has answered yet. */
    callsIn(event) {
      const items = event.type === 'response.output_item.done' ? [event.item] : event.type === 'response.done' ? event.response?.output ?? [] : [];
      const calls = items.filter((item) => item?.type === 'function_call' && item.status !== 'incomplete' && !seen.has(item.call_id));
      for (const call of calls) seen.add(call.call_id);
      running += calls.length;
      return calls;
    },

    /** Gives the model a call's output; the last one is followed by a response. */
    answer(callId, output) {
      running--;
      owed = true;
      send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: callId, output } });
      settle();
    },
  };
}
