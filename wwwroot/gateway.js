// The gateway's endpoints. Every failure is a Trouble with words for people.
import { authorization, obtainCredential } from './credential.js';
import { gatewayTrouble, troubles } from './call/troubles.js';

/** What can be chosen: `{ profiles: [{ name, voices, voice, models, clientMaySet, way }], peer? }`. */
export const offers = () => ask('profiles');

/** Mints a session: `{ model, voice, client_secret: { value, expires_at }, webrtc_url, … }`. */
export const mint = (profile, choice, signal) => ask(`sessions?profile=${encodeURIComponent(profile)}`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(choice),
  signal,
});

const MAX_ATTEMPTS = 5; // a host page that provides the same refused token again and again must not loop

async function ask(path, options = {}, attempt = 1) {
  const response = await fetch(path, { ...options, headers: { ...options.headers, ...authorization() }, cache: 'no-store' }).catch((error) => {
    options.signal?.throwIfAborted();
    throw Object.assign(troubles.unreachable(), { cause: error });
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  if (response.status === 401 && attempt < MAX_ATTEMPTS && await obtainCredential()) {
    options.signal?.throwIfAborted();
    return ask(path, options, attempt + 1);
  }
  throw gatewayTrouble(response.status, body, response.headers.get('retry-after'));
}
