// The gateway's endpoints, as functions. Each throws an Error with a message for people.

/** The session profiles that can be chosen from. */
export async function profiles() {
  const { profiles } = await ask('profiles');
  return profiles;
}

/** Mints a session and returns what the page shows; the secret is dropped here, since nothing uses it yet. */
export async function mint(profile, choice) {
  const { id, model, voice, expires_at } = await ask(`sessions?profile=${encodeURIComponent(profile)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(choice),
  });
  return { id, model, voice, expires_at };
}

async function ask(path, options) {
  const response = await fetch(path, options).catch(() => {
    throw new Error('The gateway cannot be reached.');
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const wait = response.headers.get('retry-after');
  const message = body.error?.message ?? `The gateway answered ${response.status}.`;
  throw new Error(wait ? `${message} Try again in ${wait} s.` : message);
}
