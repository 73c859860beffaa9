// One vocabulary for server events. The preview protocol names some of them differently; the page knows the names of general availability. Pure.

const renamed = {
  __proto__: null,
  'conversation.item.created': 'conversation.item.added',
  'response.text.delta': 'response.output_text.delta',
  'response.text.done': 'response.output_text.done',
  'response.audio_transcript.delta': 'response.output_audio_transcript.delta',
  'response.audio_transcript.done': 'response.output_audio_transcript.done',
};

/** Parses one message of the data channel; null for anything that is not an event. */
export function parseEvent(text) {
  try {
    const event = JSON.parse(text);
    return typeof event?.type === 'string' ? event : null;
  } catch {
    return null;
  }
}

/** The event under the name that the page knows. */
export const canonical = (event) => ({ ...event, type: renamed[event.type] ?? event.type });
