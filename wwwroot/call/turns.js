// Whose turn it is. A conversation runs one response at a time, so a response that tool outputs or typed words are owed is asked for when the running one is done.
// Pure: it decides, and calls `send` with client events.

export function createTurns(send) {
  let filtered = true; // until the service says session.created, which the reduced event set leaves out
  let asked = null; // the event id of a response.create that nothing came of yet
  let responding = false;
  let audible = false;
  let listening = false; // the person speaks
  let answersSpeech = true; // by itself, as the service does unless the session says otherwise
  let running = 0; // tool calls without an output yet
  let owed = false;
  let sent = 0;
  const underway = new Set(); // ids of items that the conversation does not hold yet
  const seen = new Set();

  // In the reduced event set nothing tells that a response was refused or failed, so one that was asked for holds nothing up.
  const isBusy = () => responding || (asked !== null && !filtered);

  function settle() {
    if (!owed || isBusy() || listening || running > 0) return;
    owed = false;
    underway.clear(); // events are taken in order
    asked = nextId();
    send({ type: 'response.create', event_id: asked });
  }

  function add(item) {
    const id = nextId();
    underway.add(id);
    owed = true;
    send({ type: 'conversation.item.create', item: { id, ...item } });
    settle();
  }

  function began() {
    responding = true;
    asked = null;
    owed = underway.size > 0; // it sees what the conversation held before
  }

  function ended() {
    responding = false;
    asked = null;
    settle();
  }

  // In the reduced event set, words are all that tells of a response.
  function wordsBegan() {
    if (filtered && !responding) began();
  }

  function wordsEnded() {
    if (filtered) ended();
  }

  function learn({ session }) {
    const detection = (session?.audio?.input ?? session)?.turn_detection;
    answersSpeech = detection !== null && detection?.create_response !== false;
  }

  const heardBy = {
    __proto__: null,
    'session.created'(event) {
      filtered = false;
      learn(event);
    },
    'session.updated': learn,
    'response.created': began,
    'response.done': ended,
    'conversation.item.added'({ item }) {
      underway.delete(item?.id);
    },
    'input_audio_buffer.speech_started'() {
      listening = true;
    },
    'input_audio_buffer.speech_stopped'() {
      listening = false;
      if (!answersSpeech) settle();
    },
    'response.output_audio_transcript.delta': wordsBegan,
    'response.output_text.delta': wordsBegan,
    'response.output_audio_transcript.done': wordsEnded,
    'response.output_text.done': wordsEnded,
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
      if (error?.code === 'conversation_already_has_active_response') {
        began();
        owed = true;
      }
      if (error?.code === 'response_cancel_not_active') responding = false;
      if (error?.event_id === asked) asked = null;
      settle();
    },
  };

  const nextId = () => `page_${++sent}`;

  return {
    hear: (event) => heardBy[event.type]?.(event),

    /** The model speaks first. */
    greet() {
      owed = true;
      settle();
    },

    /** Typed words; they interrupt a running answer as spoken ones do. */
    say(text) {
      if (isBusy()) send({ type: 'response.cancel' });
      if (audible) send({ type: 'output_audio_buffer.clear' });
      audible = false;
      add({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
    },

    /** The function calls in an event that nobody has answered yet. */
    callsIn(event) {
      const items = event.type === 'response.output_item.done' ? [event.item] : event.type === 'response.done' ? event.response?.output ?? [] : [];
      const calls = items.filter((item) => item?.type === 'function_call' && item.call_id && item.status !== 'incomplete' && !seen.has(item.call_id));
      for (const call of calls) seen.add(call.call_id);
      running += calls.length;
      return calls;
    },

    /** Gives the model a call's output; the last one is followed by a response. */
    answer(callId, output) {
      running--;
      add({ type: 'function_call_output', call_id: callId, output });
    },
  };
}
