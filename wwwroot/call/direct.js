// The direct way: the gateway mints a secret, and this browser takes its own offer to the service. The secret lives in `answer` alone, for as long as
// the exchange takes.
import { offerTrouble, troubles } from './troubles.js';

/** `mint(signal)` gives the session. Nobody but the service can end the call from outside. */
export const direct = (mint) => ({
  async answer(offering, signal) {
    const [session, offer] = await Promise.all([mint(signal), offering]);
    signal.throwIfAborted();
    return exchange(session.webrtc_url, session.client_secret.value, offer, signal);
  },
  hangUp() {},
});

async function exchange(url, secret, offer, signal) {
  const options = { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/sdp' }, body: offer, signal };
  const response = await fetch(url, options).catch((error) => {
    signal.throwIfAborted();
    throw Object.assign(troubles.serviceUnreachable(), { cause: error });
  });
  if (response.ok) return response.text();
  throw offerTrouble(response.status, await response.json().catch(() => ({})));
}
