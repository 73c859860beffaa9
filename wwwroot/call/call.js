// One call: from the offer to the end. Whatever happens, ending it releases the microphone, the channel and the connection.
//
// The ephemeral secret lives in `connect` alone, for as long as the exchange takes.
import { parseEvent } from './events.js';
import { release } from './microphone.js';
import { openPeer } from './simulator.js';
import { Trouble, offerTrouble, troubles } from './troubles.js';

const GRACE = 6_000; // a disconnected connection may come back by itself
const PATIENCE = 15_000; // from the answer to an open channel

/**
 * Places a call. `mint(signal)` gives the session, `stream` the microphone (null: type only), `peer` the simulated model's address if there is one.
 * `on` is told: `opened(session)`, `event(serverEvent)`, `sent(clientEvent)`, `track(stream)`, `steady(isSteady)`, `ended(trouble | null)`, the last exactly once.
 */
export function placeCall({ mint, stream, peer }, on) {
  const ending = new AbortController();
  const { signal } = ending;
  const connection = new RTCPeerConnection();
  const channel = connection.createDataChannel('oai-events');
  const sender = addAudio(connection, stream);
  let grace;
  let closePeer = () => {};

  function end(trouble = null) {
    if (signal.aborted) return;
    ending.abort(trouble);
    clearTimeout(grace);
    channel.close();
    connection.close();
    release(stream);
    closePeer();
    on.ended(trouble);
  }

  function send(event) {
    if (channel.readyState !== 'open') return;
    channel.send(JSON.stringify(event));
    on.sent(event);
  }

  async function connect() {
    const [session] = await Promise.all([mint(signal), connection.setLocalDescription()]);
    signal.throwIfAborted();
    const offer = connection.localDescription.sdp;
    if (peer) {
      const close = await openPeer(peer, offer, signal);
      if (signal.aborted) close();
      signal.throwIfAborted();
      closePeer = close;
    }

    const answer = await exchange(session.webrtc_url, session.client_secret.value, offer, signal);
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
    await opened(channel, signal);
    on.opened({ model: session.model, voice: session.voice });
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

async function exchange(url, secret, offer, signal) {
  const options = { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/sdp' }, body: offer, signal };
  const response = await fetch(url, options).catch((error) => {
    signal.throwIfAborted();
    throw Object.assign(troubles.serviceUnreachable(), { cause: error });
  });
  if (response.ok) return response.text();
  throw offerTrouble(response.status, await response.json().catch(() => ({})));
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
