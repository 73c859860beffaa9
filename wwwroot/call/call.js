// One call: from the offer to the end. Whatever happens, ending it hangs up and releases the microphone, the channel and the connection.
import { parseEvent } from './events.js';
import { release } from './microphone.js';
import { openPeer } from './simulator.js';
import { Trouble, troubles } from './troubles.js';

const GRACE = 6_000; // a disconnected connection may come back by itself
const PATIENCE = 15_000; // from the answer to an open channel

/**
 * Places a call. `way` is how an offer finds its answer (direct.js, relay.js), `stream` the microphone (null: type only), `peer` the simulated model's
 * address if there is one. `on` is told: `opened()`, `event(serverEvent)`, `sent(clientEvent)`, `track(stream)`, `steady(isSteady)`, `ended(trouble | null)`, the last exactly once.
 */
export function placeCall({ way, stream, peer }, on) {
  const ending = new AbortController();
  const { signal } = ending;
  const connection = new RTCPeerConnection();
  const channel = connection.createDataChannel('oai-events');
  const sender = addAudio(connection, stream);
  let grace;

  function end(trouble = null) {
    if (signal.aborted) return;
    ending.abort(trouble);
    way.hangUp();
    clearTimeout(grace);
    channel.close();
    connection.close();
    release(stream);
    on.ended(trouble);
  }

  function send(event) {
    if (channel.readyState !== 'open') return;
    channel.send(JSON.stringify(event));
    on.sent(event);
  }

  async function offer() {
    await connection.setLocalDescription();
    const { sdp } = connection.localDescription;
    if (peer) await openPeer(peer, sdp, signal);
    return sdp;
  }

  async function connect() {
    const answer = await way.answer(offer(), signal);
    signal.throwIfAborted();
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
    await opened(channel, signal);
    on.opened();
  }

  connection.ontrack = ({ track, streams }) => on.track(streams[0] ?? new MediaStream([track]));
  connection.onconnectionstatechange = () => {
    clearTimeout(grace);
    const state = connection.connectionState;
    if (state === 'failed') return end(troubles.lost());
    on.steady(state !== 'disconnected');
    if (state === 'disconnected') grace = setTimeout(() => end(troubles.lost()), GRACE);
  };
  channel.onmessage = ({ data }) => {
    const event = parseEvent(data);
    if (event) on.event(event);
  };
  channel.onclose = () => end(connection.connectionState === 'connected' ? troubles.closed() : troubles.lost());

  connect().catch((error) => {
    if (!signal.aborted) end(error instanceof Trouble ? error : new Trouble('failed', `The call could not be set up: ${error.message}`));
  });

  return {
    connection,
    send,
    stop: () => end(),
    /** Goes on with another microphone; the old one is released. */
    async useMicrophone(next) {
      if (signal.aborted) return release(next);
      const last = stream;
      stream = next; // from here on the end releases it
      try {
        await sender.replaceTrack(next.getAudioTracks()[0]);
      } finally {
        release(last);
      }
    },
  };
}

function addAudio(connection, stream) {
  return stream ? connection.addTrack(stream.getAudioTracks()[0], stream) : connection.addTransceiver('audio', { direction: 'recvonly' }).sender;
}

function opened(channel, signal) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(troubles.slow()), PATIENCE);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    channel.onopen = () => {
      clearTimeout(late);
      resolve();
    };
    if (channel.readyState === 'open') channel.onopen();
  });
}
