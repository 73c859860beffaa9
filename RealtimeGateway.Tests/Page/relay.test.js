import assert from 'node:assert/strict';
import test from 'node:test';
import { relay } from '../../wwwroot/call/relay.js';

const begun = (location = '/calls/rtc_1') => new Response('v=0 answer', { status: 201, headers: location ? { location } : {} });

test('The offer is answered, and the hang-up goes to the address of the call, once', async () => {
  const { way, ended, offers } = place(async () => begun());
  assert.equal(await way.answer(Promise.resolve('v=0 offer'), new AbortController().signal), 'v=0 answer');
  assert.deepEqual([offers, ended], [['v=0 offer'], []]);
  way.hangUp();
  way.hangUp();
  assert.deepEqual(ended, ['/calls/rtc_1']);
});

test('An answer that comes although the page has stopped is hung up at once, and only once', async () => {
  const stopping = new AbortController();
  let arrive;
  const { way, ended } = place(() => new Promise((resolve) => (arrive = resolve)));
  const answering = way.answer(Promise.resolve('v=0 offer'), stopping.signal);
  await new Promise(setImmediate);
  stopping.abort();
  way.hangUp();
  assert.deepEqual(ended, []);
  arrive(begun());
  await answering;
  assert.deepEqual(ended, ['/calls/rtc_1']);
  way.hangUp();
  assert.equal(ended.length, 1);
});

test('An answer that breaks off is a call to hang up all the same', async () => {
  const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError('network error')) });
  const { way, ended } = place(async () => new Response(broken, { status: 201, headers: { location: '/calls/rtc_2' } }));
  await assert.rejects(way.answer(Promise.resolve('v=0 offer'), new AbortController().signal), TypeError);
  way.hangUp();
  assert.deepEqual(ended, ['/calls/rtc_2']);
});

test('What never became a call is not hung up', async () => {
  const { way, ended } = place(async () => {
    throw new Error('refused');
  });
  await assert.rejects(way.answer(Promise.resolve('v=0 offer'), new AbortController().signal), /refused/);
  way.hangUp();
  assert.deepEqual(ended, []);
});

test('A call without an address goes on, and is left to the service', async () => {
  const { way, ended } = place(async () => begun(null));
  assert.equal(await way.answer(Promise.resolve('v=0 offer'), new AbortController().signal), 'v=0 answer');
  way.hangUp();
  assert.deepEqual(ended, []);
});

function place(begin) {
  const [ended, offers] = [[], []];
  return { ended, offers, way: relay((offer, signal) => (offers.push(offer), begin(signal)), (address) => ended.push(address)) };
}
