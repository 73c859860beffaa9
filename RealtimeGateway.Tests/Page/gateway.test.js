import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { beginCall, hangUp, mint, report } from '../../wwwroot/gateway.js';

const { signal } = new AbortController();
let requests;
let answer;

beforeEach(() => {
  requests = [];
  globalThis.fetch = async (url, options) => {
    requests.push({ url, ...options });
    return answer();
  };
});

test('An offer goes to the gateway as it is, under the profile', async () => {
  answer = () => new Response('v=0 answer', { status: 201, headers: { location: '/calls/rtc_1' } });
  const response = await beginCall('a & b', 'v=0 offer', signal);
  assert.equal(response.headers.get('location'), '/calls/rtc_1');
  assert.deepEqual(requests, [{
    url: 'calls?profile=a%20%26%20b', method: 'POST', headers: { 'content-type': 'application/sdp' }, body: 'v=0 offer', signal, cache: 'no-store',
  }]);
});

test('A refused offer is not sent again', async () => {
  answer = () => Response.json({ error: { code: 'too_many_calls' } }, { status: 429, headers: { 'retry-after': '9' } });
  await assert.rejects(beginCall('assistant', 'v=0 offer', signal), { name: 'Trouble', code: 'too_many_calls', retryAfter: 9 });
  assert.equal(requests.length, 1);
});

test('A hang-up outlives the page', async () => {
  answer = () => new Response(null, { status: 204 });
  await hangUp('/calls/rtc_1');
  assert.deepEqual(requests, [{ url: '/calls/rtc_1', method: 'DELETE', headers: {}, keepalive: true }]);
});

for (const [what, reply] of [
  ['does not arrive', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['is refused', () => Response.json({ error: { code: 'unauthorized' } }, { status: 401 })],
]) {
  test(`A hang-up that ${what} troubles nobody`, async () => {
    answer = reply;
    await hangUp('/calls/rtc_1');
    assert.equal(requests.length, 1);
  });
}

for (const [param, code] of [['profile', 'relay_only'], [null, 'forbidden']]) {
  test(`A mint that is forbidden because of ${param} is ${code}`, async () => {
    answer = () => Response.json({ error: { code: 'forbidden', param } }, { status: 403 });
    await assert.rejects(mint('quiet', {}, signal), { code });
  });
}

const figures = { profile: 'assistant', way: 'token', outcome: 'connected' };

test('A report goes to the gateway as JSON and outlives the page', async () => {
  answer = () => new Response(null, { status: 204 });
  assert.equal(await report(figures), 204);
  assert.deepEqual(requests, [{
    url: 'telemetry/webrtc', method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(figures), cache: 'no-store', keepalive: true,
  }]);
});

for (const [what, reply, status] of [
  ['does not arrive', () => Promise.reject(new TypeError('Failed to fetch')), null],
  ['comes too often', () => Response.json({ error: { code: 'rate_limit_exceeded' } }, { status: 429 }), 429],
  ['is from nobody', () => Response.json({ error: { code: 'unauthorized' } }, { status: 401 }), 401],
]) {
  test(`A report that ${what} troubles nobody and is not sent again`, async () => {
    answer = reply;
    assert.equal(await report(figures), status);
    assert.equal(requests.length, 1);
  });
}

test('A gateway that takes no reports is left alone', async () => { // the last one: the page remembers it
  answer = () => Response.json({ error: { code: 'not_found' } }, { status: 404 });
  assert.equal(await report(figures), 404);
  assert.equal(await report(figures), null);
  assert.equal(requests.length, 1);
});
