import assert from 'node:assert/strict';
import test, { afterEach, beforeEach } from 'node:test';
import { placeCall } from '../../wwwroot/call/call.js';
import { direct } from '../../wwwroot/call/direct.js';

const SECRET = 'ek_0123456789';

let connection;
let told;
let requests;
let answer; // of the service to the offer

beforeEach(() => {
  told = [];
  requests = [];
  answer = async () => new Response('v=0 answer', { status: 201 });
  globalThis.RTCPeerConnection = Connection;
  globalThis.fetch = async (url, options) => {
    requests.push({ url, ...options });
    return answer(options.signal);
  };
});

afterEach(() => delete globalThis.RTCPeerConnection);

test('The offer goes to the address of the session with its secret, and the call is live when the channel opens', async () => {
  place();
  await settled();
  assert.equal(requests.length, 1);
  assert.equal(requests[0].url, 'https://voice.example/calls');
  assert.deepEqual(requests[0].headers, { authorization: `Bearer ${SECRET}`, 'content-type': 'application/sdp' });
  assert.equal(requests[0].body, 'v=0 offer');
  assert.deepEqual(connection.steps, ['channel oai-events', 'track', 'offer', 'answer v=0 answer']);
  assert.deepEqual(told, []);
  connection.channel.open();
  await settled();
  assert.deepEqual(told, [['opened']]);
});

const untilMinted = { mint: never };
const untilAnswered = { prepare: () => (answer = never) };
const moments = {
  'while the session is minted': [untilMinted, () => {}],
  'while the offer is answered': [untilAnswered, () => {}],
  'before the channel opens': [{}, () => {}],
  'while it is live': [{}, () => connection.channel.open()],
  'while the connection is unsteady': [{}, () => (connection.channel.open(), connection.become('disconnected'))],
};

for (const [moment, [how, reach]] of Object.entries(moments)) {
  test(`A call stopped twice ${moment} ends once, releases everything and does nothing more`, async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { call, microphone } = place(how);
    await settled();
    reach();
    await settled();
    const before = requests.length;

    call.stop();
    call.stop();
    context.mock.timers.tick(60_000);
    await settled();

    assert.deepEqual(ends(), [null]);
    assertReleased(microphone);
    assert.equal(requests.length, before);
  });
}

test('A session that is minted after the stop is not used', async () => {
  let minted;
  const { call } = place({ mint: () => new Promise((resolve) => (minted = resolve)) });
  call.stop();
  minted(session());
  await settled();
  assert.deepEqual(requests, []);
  assert.deepEqual(ends(), [null]);
});

test('A disconnected connection has six seconds to come back; then the call ends as lost', async (context) => {
  const { microphone } = await live(context);
  connection.become('disconnected');
  context.mock.timers.tick(5_999);
  assert.deepEqual(ends(), []);
  context.mock.timers.tick(1);
  assert.deepEqual(ends().map((trouble) => trouble.code), ['lost']);
  assert.deepEqual(steadiness(), [false]);
  assertReleased(microphone);
});

test('A connection that comes back in time goes on, and the next loss has six seconds of its own', async (context) => {
  await live(context);
  connection.become('disconnected');
  context.mock.timers.tick(5_000);
  connection.become('connected');
  context.mock.timers.tick(60_000);
  connection.become('disconnected');
  context.mock.timers.tick(5_999);
  assert.deepEqual(ends(), []);
  assert.deepEqual(steadiness(), [false, true, false]);
});

test('A failed connection ends at once, grace or not', async (context) => {
  const { microphone } = await live(context);
  connection.become('disconnected');
  connection.become('failed');
  context.mock.timers.tick(60_000);
  assert.deepEqual(ends().map((trouble) => trouble.code), ['lost']);
  assertReleased(microphone);
});

for (const [state, code] of [['connected', 'closed'], ['disconnected', 'lost']]) {
  test(`A channel that closes while the connection is ${state} ends the call as ${code}`, async (context) => {
    const { microphone } = await live(context);
    connection.become(state);
    connection.channel.onclose();
    assert.deepEqual(ends().map((trouble) => trouble.code), [code]);
    assertReleased(microphone);
  });
}

test('A channel that does not open within fifteen seconds of the answer ends the call as slow', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { microphone } = place();
  await settled();
  context.mock.timers.tick(14_999);
  await settled();
  assert.deepEqual(ends(), []);
  context.mock.timers.tick(1);
  await settled();
  assert.deepEqual(ends().map((trouble) => trouble.code), ['slow']);
  assertReleased(microphone);
});

for (const [what, reply, code] of [
  ['refuses the secret', async () => Response.json({ error: { message: SECRET } }, { status: 401 }), 'secret_expired'],
  ['is busy', async () => new Response('', { status: 429 }), 'upstream_busy'],
  ['cannot be reached', async () => { throw new TypeError('Failed to fetch'); }, 'service_unreachable'],
]) {
  test(`A service that ${what} ends the call as ${code}, without a word of the secret`, async () => {
    const { microphone } = place({ prepare: () => (answer = reply) });
    await settled();
    assert.deepEqual(ends().map((trouble) => trouble.code), [code]);
    assert.doesNotMatch(JSON.stringify(told) + ends()[0].message + ends()[0].stack, /ek_/);
    assertReleased(microphone);
  });
}

test('Another microphone takes the place of the old one, which is released; the end releases the new one', async (context) => {
  const { call, microphone } = await live(context);
  const next = stream();
  await call.useMicrophone(next);
  assert.equal(connection.sender.track, next.getAudioTracks()[0]);
  assert.deepEqual([microphone, next].map(stateOf), ['ended', 'live']);
  call.stop();
  assert.equal(stateOf(next), 'ended');
});

test('Another microphone that comes after the end is released at once', async (context) => {
  const { call } = await live(context);
  call.stop();
  const next = stream();
  await call.useMicrophone(next);
  assert.equal(stateOf(next), 'ended');
});

test('A call that ends while another microphone takes the place of the old one releases both', async (context) => {
  const { call, microphone } = await live(context);
  const next = stream();
  connection.sender.replaceTrack = async () => {
    throw new DOMException('closed', 'InvalidStateError');
  };
  const changing = call.useMicrophone(next);
  call.stop();
  await assert.rejects(changing, { name: 'InvalidStateError' });
  assert.deepEqual([microphone, next].map(stateOf), ['ended', 'ended']);
});

test('Without a microphone the call only listens', async () => {
  place({ stream: null });
  await settled();
  assert.deepEqual(connection.steps.slice(0, 2), ['channel oai-events', 'audio recvonly']);
});

test('What is sent while the channel is not open is dropped, and what is no event is not heard', async (context) => {
  const { call } = await live(context);
  call.send({ type: 'response.create' });
  connection.channel.onmessage({ data: 'no event' });
  connection.channel.onmessage({ data: '{"type":"response.done"}' });
  connection.channel.readyState = 'closing';
  call.send({ type: 'response.cancel' });
  assert.deepEqual(connection.channel.sent, ['{"type":"response.create"}']);
  assert.deepEqual(told.slice(1), [['sent', { type: 'response.create' }], ['event', { type: 'response.done' }]]);
});

const endings = {
  'it is stopped': ['idle', ({ call }) => call.stop()],
  'the service ends it': ['closed', () => (connection.become('connected'), connection.channel.onclose())],
  'the connection is lost': ['lost', () => connection.become('failed')],
  'the channel does not open in time': ['slow', (_, context) => context.mock.timers.tick(15_000), () => {}],
  'the answer cannot be used': ['failed', () => {}, () => {
    connection.setRemoteDescription = async () => {
      throw new DOMException('no answer', 'InvalidAccessError');
    };
  }],
};

for (const [ending, [code, end, prepare = () => {}]] of Object.entries(endings)) {
  test(`A call is hung up once when ${ending}`, async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    let hangUps = 0;
    const way = { answer: async (offering) => `answer to ${await offering}`, hangUp: () => hangUps++ };
    const placed = place({ way });
    prepare();
    await settled();
    if (code !== 'slow' && code !== 'failed') connection.channel.open();
    await settled();
    end(placed, context);
    await settled();
    placed.call.stop();
    assert.deepEqual(ends().map((trouble) => trouble?.code ?? 'idle'), [code]);
    assert.equal(hangUps, 1);
    assertReleased(placed.microphone);
  });
}

function place({ prepare = () => {}, mint = async () => session(), way = direct(mint), stream: microphone = stream() } = {}) {
  prepare();
  const tell = (what) => (...values) => told.push([what, ...values]);
  const on = Object.fromEntries(['opened', 'event', 'sent', 'track', 'steady', 'ended'].map((what) => [what, tell(what)]));
  return { call: placeCall({ way, stream: microphone, peer: '' }, on), microphone };
}

async function live(context) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const placed = place();
  await settled();
  connection.channel.open();
  await settled();
  return placed;
}

const session = () => ({ model: 'gpt-realtime', voice: 'alloy', webrtc_url: 'https://voice.example/calls', client_secret: { value: SECRET } });
const ends = () => told.filter(([what]) => what === 'ended').map(([, trouble]) => trouble);
const steadiness = () => told.filter(([what]) => what === 'steady').map(([, isSteady]) => isSteady);
const settled = () => new Promise((resolve) => setImmediate(resolve));

function never(signal) {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

function stream() {
  const track = { readyState: 'live', stop: () => (track.readyState = 'ended') };
  return { getTracks: () => [track], getAudioTracks: () => [track] };
}

const stateOf = (microphone) => microphone.getTracks()[0].readyState;

function assertReleased(microphone) {
  assert.deepEqual([stateOf(microphone), connection.channel.readyState, connection.connectionState], ['ended', 'closed', 'closed']);
}

/** The browser's end of the call, as far as the page uses it. */
class Connection {
  steps = [];
  connectionState = 'new';

  constructor() {
    connection = this;
  }

  createDataChannel(name) {
    this.steps.push(`channel ${name}`);
    const sent = [];
    const channel = {
      readyState: 'connecting',
      sent,
      send: (text) => sent.push(text),
      close: () => (channel.readyState = 'closed'),
      open() {
        channel.readyState = 'open';
        channel.onopen();
      },
    };
    return (this.channel = channel);
  }

  addTrack(track) {
    this.steps.push('track');
    return this.addSender(track);
  }

  addTransceiver(kind, { direction }) {
    this.steps.push(`${kind} ${direction}`);
    return { sender: this.addSender(null) };
  }

  addSender(track) {
    this.sender = { track, replaceTrack: async (next) => (this.sender.track = next) };
    return this.sender;
  }

  async setLocalDescription() {
    this.steps.push('offer');
    this.localDescription = { sdp: 'v=0 offer' };
  }

  async setRemoteDescription({ type, sdp }) {
    this.steps.push(`${type} ${sdp}`);
  }

  become(state) {
    this.connectionState = state;
    this.onconnectionstatechange();
  }

  close() {
    this.connectionState = 'closed';
  }
}
