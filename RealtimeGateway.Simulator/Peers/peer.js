// The simulated model's end of a WebRTC call. The browser's own stack answers the offer; this page only carries things across:
// the data channel to and from the simulator, the model's voice into the outgoing track, the microphone's sound to the simulator.
//
// One socket serves one call. It waits at the simulator with the tag of the page that it belongs to (the DTLS fingerprint of that page's
// offer, or none: then it answers whoever has no peer of its own). Once it has an offer, another one takes its place.

const tag = new URLSearchParams(location.search).get('tag') ?? '';
const VOICE_RATE = 24_000;

function wait() {
  const address = new URL(`socket?tag=${encodeURIComponent(tag)}`, location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address);
  socket.binaryType = 'arraybuffer';
  let call;

  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) return call.play(data);
    const message = JSON.parse(data);
    if (message.type === 'waiting') {
      document.querySelector('#state').textContent = 'Waiting for a call.';
      if (parent !== window) parent.postMessage({ type: 'peer', state: 'waiting' }, '*');
    } else if (message.type === 'offer') {
      wait();
      call = answer(message.sdp, socket);
    } else if (message.type === 'event') {
      call.send(message.data);
    } else if (message.type === 'silence') {
      call.silence();
    }
  };
  socket.onclose = () => {
    if (call) return call.close();
    document.querySelector('#state').textContent = 'The simulator is gone. Reload this page when it is back.';
  };
}

/** Answers one offer; everything that the call needs lives and ends here. */
function answer(offer, socket) {
  const tell = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  const connection = new RTCPeerConnection();
  const context = new AudioContext();
  const voice = context.createMediaStreamDestination();
  const speaking = new Set();
  let channel;
  let playUntil = 0;

  connection.ondatachannel = (event) => {
    channel = event.channel;
    channel.onopen = () => tell({ type: 'open' });
    channel.onmessage = ({ data }) => tell({ type: 'event', data });
    channel.onclose = () => socket.close();
  };
  connection.ontrack = ({ track }) => hear(track, context, socket).catch((error) => tell({ type: 'deaf', message: String(error) }));
  connection.onconnectionstatechange = () => {
    if (['failed', 'closed'].includes(connection.connectionState)) socket.close();
  };

  respond(connection, offer, voice.stream)
    .then((sdp) => tell({ type: 'answer', sdp }))
    .catch((error) => tell({ type: 'refused', message: String(error) }));

  return {
    send: (text) => channel?.readyState === 'open' && channel.send(text),
    play(pcm) {
      const samples = new Int16Array(pcm);
      const buffer = context.createBuffer(1, samples.length, VOICE_RATE);
      const target = buffer.getChannelData(0);
      for (let i = 0; i < samples.length; i++) target[i] = samples[i] / 32_768;
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(voice);
      speaking.add(source);
      source.onended = () => speaking.delete(source);
      playUntil = Math.max(playUntil, context.currentTime);
      source.start(playUntil);
      playUntil += buffer.duration;
    },
    silence() {
      for (const source of speaking) source.stop();
      playUntil = 0;
    },
    close() {
      connection.close();
      context.close();
    },
  };
}

/** The SDP answer, with every candidate in it: there is no trickle on this protocol. */
async function respond(connection, offer, stream) {
  await connection.setRemoteDescription({ type: 'offer', sdp: offer });
  const audio = connection.getTransceivers().find((transceiver) => transceiver.receiver.track.kind === 'audio');
  audio.direction = 'sendrecv';
  audio.sender.setStreams(stream);
  await audio.sender.replaceTrack(stream.getAudioTracks()[0]);
  await connection.setLocalDescription();
  await new Promise((resolve) => {
    const check = () => connection.iceGatheringState === 'complete' && resolve();
    connection.onicegatheringstatechange = check;
    check();
  });
  return connection.localDescription.sdp;
}

/** Sends what the microphone hears to the simulator, which decides what is speech. */
async function hear(track, context, socket) {
  const stream = new MediaStream([track]);
  // Chromium feeds a remote track into WebAudio only while a media element plays it as well.
  const element = new Audio();
  element.muted = true;
  element.srcObject = stream;
  await element.play();
  await context.audioWorklet.addModule('microphone.js');
  const microphone = new AudioWorkletNode(context, 'microphone', { numberOfOutputs: 0, processorOptions: { rate: VOICE_RATE } });
  microphone.port.onmessage = ({ data }) => socket.readyState === WebSocket.OPEN && socket.send(data);
  context.createMediaStreamSource(stream).connect(microphone);
}

wait();
