import assert from 'node:assert/strict';
import test, { mock } from 'node:test';
import { bitrateBetween, judge, measure, readQuality } from '../../wwwroot/call/quality.js';

const inbound = (members) => ({ id: 'in', type: 'inbound-rtp', kind: 'audio', ...members });
const outbound = (members) => ({ id: 'out', type: 'outbound-rtp', kind: 'audio', ...members });
const pair = (id, seconds, members = {}) => ({ id, type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: seconds, ...members });

test('Times are milliseconds and loss is percent', () => {
  const reports = [pair('p', 0.05), inbound({ timestamp: 7, jitter: 0.004, packetsReceived: 95, packetsLost: 5, bytesReceived: 9_000 }), outbound({ bytesSent: 8_000 })];
  assert.deepEqual(readQuality(reports), { roundTrip: 50, jitter: 4, loss: 5, at: 7, bytes: 9_000, bytesSent: 8_000, lost: 5, received: 95 });
});

test('What the browser does not know yet is null', () => {
  assert.deepEqual(readQuality([]), { roundTrip: null, jitter: null, loss: null, at: null, bytes: 0, bytesSent: 0, lost: 0, received: 0 });
  assert.equal(readQuality([pair('p', undefined)]).roundTrip, null);
});

test('A reading has a time before there is any audio', () => {
  assert.equal(readQuality([pair('p', 0.05, { timestamp: 7 })]).at, 7);
  assert.equal(readQuality([pair('p', 0.05, { timestamp: 7 }), outbound({ timestamp: 8 })]).at, 8);
});

test('Video and other reports do not count', () => {
  const reading = readQuality([{ ...inbound({ jitter: 1, bytesReceived: 1 }), kind: 'video' }, { type: 'outbound-rtp', kind: 'audio', bytesReceived: 2 }]);
  assert.equal(reading.jitter, null);
  assert.equal(reading.bytes, 0);
});

const losses = [
  ['nothing new arrives', { lost: 5, received: 95 }, { packetsLost: 5, packetsReceived: 95 }, null],
  ['everything new arrives', { lost: 5, received: 95 }, { packetsLost: 5, packetsReceived: 145 }, 0],
  ['one of ten is lost', { lost: 5, received: 95 }, { packetsLost: 6, packetsReceived: 104 }, 10],
  ['late packets turn up', { lost: 5, received: 95 }, { packetsLost: 3, packetsReceived: 105 }, 0],
  ['the counters begin anew', { lost: 0, received: 95 }, { packetsLost: 1, packetsReceived: 1 }, 100],
  ['the counters begin anew without a loss', { lost: 5, received: 95 }, { packetsLost: 0, packetsReceived: 1 }, null],
];

for (const [what, before, now, loss] of losses) {
  test(`Loss since the reading before is ${loss} when ${what}`, () => assert.equal(readQuality([inbound(now)], before).loss, loss));
}

const bitrates = [
  ['ten seconds apart', { at: 1_000, bytes: 500 }, { at: 11_000, bytes: 40_500 }, 32_000],
  ['that begin anew', { at: 1_000, bytes: 500 }, { at: 11_000, bytes: 100 }, 0],
  ['too close to tell', { at: 1_000, bytes: 500 }, { at: 1_999, bytes: 900 }, null],
  ['without a time', { at: null, bytes: 0 }, { at: null, bytes: 900 }, null],
];

for (const [which, before, now, bitrate] of bitrates) {
  test(`The bitrate between readings ${which} is ${bitrate}`, () => assert.equal(bitrateBetween(before, now, 'bytes'), bitrate));
}

const pairs = [
  ['the nominated one', [pair('a', 0.3, { nominated: false }), pair('b', 0.1)], 100],
  ['one that works', [pair('a', 0.3, { state: 'failed' }), pair('b', 0.1)], 100],
  ['the selected one of several nominated', [pair('tcp', 0.3), pair('udp', 0.1), { id: 't', type: 'transport', selectedCandidatePairId: 'udp' }], 100],
  ['the nominated one while none is selected', [{ id: 't', type: 'transport' }, pair('a', 0.1)], 100],
];

for (const [which, reports, roundTrip] of pairs) {
  test(`The round trip is that of ${which}`, () => assert.equal(readQuality(reports).roundTrip, roundTrip));
}

const verdicts = [
  [null, null, null, 'unknown'], [null, 100, 50, 'unknown'],
  [0, null, null, 'good'], [200, 30, 2, 'good'],
  [201, 0, 0, 'fair'], [0, 31, 0, 'fair'], [0, 0, 2.1, 'fair'], [400, 60, 8, 'fair'],
  [401, 0, 0, 'poor'], [0, 61, 0, 'poor'], [0, 0, 8.1, 'poor'],
];

for (const [roundTrip, jitter, loss, verdict] of verdicts) {
  test(`${roundTrip} ms, ${jitter} ms of jitter and ${loss} % of loss are ${verdict}`, () => assert.equal(judge({ roundTrip, jitter, loss }), verdict));
}

test('Measuring reads once a second, each reading on top of the one before, until it is stopped', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const taken = [];
  let received = 0;
  const getStats = mock.fn(async () => new Map([['in', inbound({ packetsReceived: (received += 50), packetsLost: 0 })]]));
  const stop = measure({ getStats }, (reading) => taken.push(reading.received));
  for (let second = 0; second < 2; second++) {
    context.mock.timers.tick(1_000);
    await settled();
  }
  stop();
  context.mock.timers.tick(5_000);
  await settled();
  assert.deepEqual(taken, [50, 100]);
  assert.equal(getStats.mock.callCount(), 2);
});

test('A reading that comes after the end is not taken', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const take = mock.fn();
  let answer;
  const stop = measure({ getStats: () => new Promise((resolve) => (answer = resolve)) }, take);
  context.mock.timers.tick(1_000);
  stop();
  answer(new Map());
  await settled();
  assert.equal(take.mock.callCount(), 0);
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
