import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { readQuality } from '../../wwwroot/call/quality.js';
import { startReports } from '../../wwwroot/call/reports.js';

let clock;
let sent;
let status;

beforeEach(() => {
  clock = 1_000;
  sent = [];
  status = 204;
});

/** What the browser counts after so many seconds of a call at 32 and 24 kbit/s, of whose packets one in fifty is lost. */
const reading = (second, { roundTrip = 0.08 } = {}) => readQuality([
  { id: 'p', type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: roundTrip, remoteCandidateId: 'an id', address: '203.0.113.7' },
  { type: 'inbound-rtp', kind: 'audio', timestamp: 50_000 + second * 1000, jitter: 0.005, packetsReceived: 49 * second, packetsLost: second, bytesReceived: 4_000 * second },
  { type: 'outbound-rtp', kind: 'audio', bytesSent: 3_000 * second },
]);

const place = (way = 'token') => startReports({ profile: 'assistant', way, choice: { voice: 'marin' } }, async (report) => (sent.push(report), status), () => clock);

function live() {
  const reports = place();
  reports.admitted();
  clock += 500;
  reports.opened();
  return reports;
}

function pass(reports, from, to) {
  for (let second = from; second <= to; second++) {
    clock += 1_000;
    reports.take(reading(second));
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('Every ten seconds of a live call the figures since the report before are told', () => {
  const reports = live();
  reports.hear({ type: 'output_audio_buffer.started' });
  pass(reports, 1, 9);
  assert.deepEqual(sent, []);
  pass(reports, 10, 10);
  const figures = { round_trip: 0.08, jitter: 0.005, loss: 0.02, bitrate_received: 32_000, bitrate_sent: 24_000 };
  assert.deepEqual(sent, [{ profile: 'assistant', way: 'token', ...figures, time_to_first_audio: 0.5 }]);
  reports.hear({ type: 'output_audio_buffer.started' });
  pass(reports, 11, 30);
  assert.deepEqual(sent.slice(1), [{ profile: 'assistant', way: 'token', ...figures }, { profile: 'assistant', way: 'token', ...figures }]);
});

test('Loss is that of the time since the report before, not of the call', () => {
  const reports = live();
  pass(reports, 1, 10);
  clock += 10_000;
  reports.take({ ...reading(20), lost: 10, received: 590 });
  assert.equal(sent[1].loss, 0);
});

test('A figure that the browser does not know is not told', () => {
  const reports = live();
  clock += 1_000;
  reports.take(readQuality([]));
  clock += 10_000;
  reports.take(readQuality([]));
  assert.deepEqual(sent, [{ profile: 'assistant', way: 'token' }]);
});

test('The end tells what is new since the report before, and the outcome, once', () => {
  const reports = live();
  pass(reports, 1, 13);
  reports.end(null);
  reports.end(null);
  pass(reports, 14, 40);
  assert.equal(sent.length, 2);
  assert.deepEqual(Object.keys(sent[1]), ['profile', 'way', 'round_trip', 'jitter', 'loss', 'bitrate_received', 'bitrate_sent', 'outcome']);
  assert.equal(sent[1].bitrate_received, 32_000);
});

test('An end with nothing new tells the outcome alone', () => {
  const reports = live();
  pass(reports, 1, 10);
  reports.end(null);
  assert.deepEqual(sent[1], { profile: 'assistant', way: 'token', outcome: 'connected' });
});

for (const [when, reach, trouble, outcome] of [
  ['the person stops', live, null, 'connected'],
  ['the service ends the call', live, { code: 'closed' }, 'connected'],
  ['the connection breaks', live, { code: 'lost' }, 'lost'],
  ['the connection never comes', () => admitted(), { code: 'slow' }, 'failed'],
  ['the network is lost before it comes', () => admitted(), { code: 'lost' }, 'failed'],
  ['nobody waits for it', () => admitted(), null, 'cancelled'],
]) {
  test(`When ${when} the outcome is ${outcome}`, () => {
    reach().end(trouble);
    assert.deepEqual(sent, [{ profile: 'assistant', way: 'token', outcome }]);
  });
}

test('Of a call that the gateway refused nothing is told', () => {
  place().end({ code: 'rate_limit_exceeded' });
  assert.deepEqual(sent, []);
});

for (const refusal of [401, 403]) {
  test(`A report that is answered ${refusal} is the last one of its call`, async () => {
    status = refusal;
    const reports = live();
    pass(reports, 1, 10);
    await settled();
    pass(reports, 11, 40);
    reports.end(null);
    assert.equal(sent.length, 1);
  });
}

for (const failure of [429, 503, null]) {
  test(`A report that ends in ${failure} is not sent again, and the next one comes in its time`, async () => {
    status = failure;
    const reports = live();
    pass(reports, 1, 10);
    await settled();
    pass(reports, 11, 19);
    assert.equal(sent.length, 1);
    pass(reports, 20, 20);
    assert.equal(sent.length, 2);
  });
}

test('The way is that of the call, and nothing goes out that is no figure', () => {
  const reports = place('relay');
  reports.admitted();
  reports.opened();
  reports.hear({ type: 'response.output_audio_transcript.done', transcript: 'a text', response_id: 'an id' });
  pass(reports, 1, 10);
  reports.end({ code: 'lost', message: 'a text' });
  assert.deepEqual(sent.map(({ way }) => way), ['relay', 'relay']);
  assert.doesNotMatch(JSON.stringify(sent), /an id|a text|203\.0|marin/);
});

function admitted() {
  const reports = place();
  reports.admitted();
  return reports;
}
