// The caller's own credential for the gateway: an access key or a token. It stays in this module's memory and goes nowhere but into the Authorization header.
//
// A page that embeds these modules may provide it:
//   document.addEventListener('credentialrequired', (event) => event.detail.provide(myLogin.token()));
// `provide` takes a value or a promise; `event.detail.refused` tells that the last one was not accepted. If nobody provides, the person is asked.

let credential = null;
let asking = null;
let askPerson = async () => null;

/** How a person is asked: a function of `{ refused }` that resolves to the credential, or null. */
export const askPersonWith = (ask) => (askPerson = ask);

const SENDABLE = /^[!-~]+$/; // with anything else, an invisible character that was pasted along, no request would leave the browser

export const authorization = () => (credential && SENDABLE.test(credential) ? { authorization: `Bearer ${credential}` } : {});

/** Asks for a credential, once for everybody who waits; false when there is none to be had. */
export function obtainCredential() {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

async function ask() {
  const refused = credential !== null;
  credential = null;
  let provided;
  document.dispatchEvent(new CustomEvent('credentialrequired', { detail: { refused, provide: (value) => (provided = value) } }));
  credential = (provided === undefined ? await askPerson({ refused }) : await provided)?.trim() || null;
  return credential !== null;
}
