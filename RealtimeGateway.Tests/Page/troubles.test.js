import assert from 'node:assert/strict';
import test from 'node:test';
import { Trouble, gatewayTrouble, microphoneTrouble, offerTrouble, troubles } from '../../wwwroot/call/troubles.js';

const microphones = [
  ['NotAllowedError', 'microphone_refused', /Allow it/], ['NotFoundError', 'no_microphone', /Connect one/],
  ['OverconstrainedError', 'no_microphone', /Choose another/], ['NotReadableError', 'microphone_busy', /Close that/],
  ['AbortError', 'microphone_failed', /Check it/], [undefined, 'microphone_failed', /Check it/],
];

for (const [name, code, advice] of microphones) {
  test(`A microphone that fails with ${name} is ${code}`, () => {
    const trouble = microphoneTrouble(name && { name, message: 'raw words of the browser' });
    assert.equal(trouble.code, code);
    assert.match(trouble.message, advice);
    assert.doesNotMatch(trouble.message, /raw words/);
  });
}

const envelope = (code, message) => ({ error: { message, type: 'invalid_request_error', code, param: null } });
const refusals = [
  [400, envelope('invalid_value', 'voice must be alloy.'), null, 'invalid_value', 'voice must be alloy.', undefined],
  [400, envelope('invalid_sdp', 'No.'), null, 'invalid_sdp', /browser’s offer/, undefined],
  [400, envelope('upstream_rejected', 'No.'), null, 'upstream_rejected', /refused the call/, undefined],
  [401, envelope('unauthorized', 'No.'), null, 'unauthorized', /give it an access key/, undefined],
  [403, envelope('forbidden', 'No.'), null, 'forbidden', /may not do that/, undefined],
  [429, envelope('rate_limit_exceeded', 'No.'), '7', 'rate_limit_exceeded', 'The limit is reached. Try again in 7 s.', 7],
  [429, envelope('too_many_calls', 'No.'), '9', 'too_many_calls', 'Too many calls are under way. End another one, or try again in 9 s.', 9],
  [429, envelope('too_many_calls', 'No.'), null, 'too_many_calls', /in a while/, undefined],
  [429, envelope('upstream_rate_limited', 'No.'), '3', 'upstream_rate_limited', 'The service is busy. Try again in 3 s.', 3],
  [429, {}, 'Tue, 24 Nov 2026 12:00:00 GMT', 'http_429', /in a while/, undefined],
  [502, envelope('upstream_misconfigured', 'No.'), null, 'upstream_misconfigured', /Tell the operator/, undefined],
  [502, envelope('upstream_unavailable', 'No.'), null, 'upstream_unavailable', /in trouble/, undefined],
  [502, envelope('upstream_invalid_response', 'No.'), null, 'upstream_invalid_response', /in trouble/, undefined],
  [504, envelope('upstream_timeout', 'No.'), null, 'upstream_timeout', /too long/, undefined],
  [503, envelope('no_destination', 'No.'), '1', 'no_destination', /no model to offer.*other way/, 1],
  [503, envelope('draining', 'No.'), '5', 'draining', /restarting/, 5],
  [503, envelope(null, 'No.'), null, 'http_503', /no model to offer/, undefined],
  [413, envelope('request_too_large', 'Too large.'), null, 'request_too_large', 'Too large.', undefined],
  [400, envelope('constructor', 'Odd.'), null, 'constructor', 'Odd.', undefined],
  [502, {}, null, 'http_502', 'The gateway answered 502.', undefined],
  [500, null, null, 'http_500', 'The gateway answered 500.', undefined],
  [404, { error: 'a proxy’s own words' }, null, 'http_404', 'The gateway answered 404.', undefined],
];

for (const [status, body, header, code, message, seconds] of refusals) {
  test(`The gateway’s ${status} with ${JSON.stringify(body)} and Retry-After ${header} is ${code}`, () => {
    const trouble = gatewayTrouble(status, body, header);
    assert.equal(trouble.code, code);
    assert.equal(trouble.retryAfter, seconds);
    if (message instanceof RegExp) assert.match(trouble.message, message);
    else assert.equal(trouble.message, message);
  });
}

const offers = [
  [401, {}, 'secret_expired'], [429, {}, 'upstream_busy'], [400, envelope('no_media_peer', 'Open /peer first.'), 'no_media_peer'],
  [400, envelope('invalid_sdp', 'ek_secret of my-resource'), 'call_refused'], [404, {}, 'call_refused'], [500, null, 'call_refused'],
];

for (const [status, body, code] of offers) {
  test(`The service’s ${status} with ${JSON.stringify(body)} is ${code}`, () => assert.equal(offerTrouble(status, body).code, code));
}

test('The simulator’s own advice is shown, any other text of the service is not', () => {
  assert.equal(offerTrouble(400, envelope('no_media_peer', 'Open /peer first.')).message, 'Open /peer first.');
  assert.doesNotMatch(offerTrouble(400, envelope('invalid_sdp', 'ek_secret of my-resource')).message, /secret|resource/);
});

test('A refusal that is about one member says which', () => {
  assert.equal(gatewayTrouble(403, { error: { code: 'forbidden', param: 'profile' } }, null).param, 'profile');
});

const codes = {
  relayOnly: 'relay_only', insecure: 'insecure', unreachable: 'unreachable', serviceUnreachable: 'service_unreachable', lost: 'lost', closed: 'closed', slow: 'slow',
};

for (const [name, code] of Object.entries(codes)) {
  test(`The trouble ${name} is an error for people that says what to do`, () => {
    const trouble = troubles[name]();
    assert.ok(trouble instanceof Trouble && trouble instanceof Error);
    assert.equal(trouble.name, 'Trouble');
    assert.equal(trouble.code, code);
    assert.match(trouble.message, /Open|Check|[Rr]econnect|Start again/);
  });
}

test('Each trouble is a new one', () => assert.notEqual(troubles.lost(), troubles.lost()));
