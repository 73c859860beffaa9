// The gateway's endpoints. Every failure is a Trouble with words for people.
import { authorization, obtainCredential } from './credential.js';
import { gatewayTrouble, troubles } from './call/troubles.js';

/** What can be chosen: `{ profiles: [{ name, voices, voice, models, clientMaySet, way }], peer? }`. */
export const offers = () => ask('profiles');

/** Mints a session: `{ model, voice, client_secret: { value, expires_at }, webrtc_url, … }`. */
export const mint = (profile, choice, signal) => ask(`sessions${chosen(profile)}`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(choice),
  signal,
}).catch((error) => {
  throw error.code === 'forbidden' && error.param === 'profile' ? troubles.relayOnly() : error;
});

/** Begins a call with an SDP offer; the response has the answer, and in `Location` the call's address. */
export const beginCall = (profile, offer, signal) => send(`calls${chosen(profile)}`, {
  method: 'POST',
  headers: { 'content-type': 'application/sdp' },
  body: offer,
  signal,
});

/**
 * Ends a call, also while the page is being closed. Here it is over already, and the service ends it by itself when it finds nobody there; so nobody
 * is asked who they are for it, or told that it failed.
 */
export const hangUp = (address) => fetch(address, { method: 'DELETE', headers: authorization(), keepalive: true }).catch(() => {});

let takesReports = true; // a gateway without that endpoint is asked once

/**
 * Reports how a call is, also while the page is being closed. Resolves to the status, or to null: a report that fails is not sent again, and nobody is told.
 */
export async function report(figures) {
  if (!takesReports) return null;
  const response = await fetch('telemetry/webrtc', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization() },
    body: JSON.stringify(figures),
    cache: 'no-store',
    keepalive: true,
  }).catch(() => null);
  if (response?.status === 404) takesReports = false;
  return response?.status ?? null;
}

const MAX_ATTEMPTS = 5; // a host page that provides the same refused token again and again must not loop

const chosen = (profile) => `?profile=${encodeURIComponent(profile)}`;

const ask = async (path, options) => (await send(path, options)).json().catch(() => ({}));

async function send(path, options = {}, attempt = 1) {
  const response = await fetch(path, { ...options, headers: { ...options.headers, ...authorization() }, cache: 'no-store' }).catch((error) => {
    options.signal?.throwIfAborted();
    throw Object.assign(troubles.unreachable(), { cause: error });
  });
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  if (response.status === 401 && attempt < MAX_ATTEMPTS && await obtainCredential()) {
    options.signal?.throwIfAborted();
    return send(path, options, attempt + 1);
  }
  throw gatewayTrouble(response.status, body, response.headers.get('retry-after'));
}
