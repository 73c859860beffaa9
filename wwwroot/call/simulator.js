// The simulated model's end of a call: a hidden frame that answers the offer with this browser's own WebRTC stack. Only when the gateway names one.

const PATIENCE = 5_000;

/** Opens the peer that will answer `offer`, and waits until it is ready. It stays until `signal` is aborted. */
export async function openPeer(url, offer, signal) {
  signal.throwIfAborted();
  const address = new URL(url);
  address.searchParams.set('tag', fingerprintOf(offer));
  const frame = document.createElement('iframe');
  frame.src = address;
  frame.hidden = true;
  frame.allow = 'autoplay'; // without it the model would have no voice
  frame.title = 'Simulated model';
  const ready = new Promise((resolve, reject) => {
    const listener = (event) => event.source === frame.contentWindow && event.origin === address.origin && event.data?.type === 'peer' && resolve();
    addEventListener('message', listener, { signal });
    signal.addEventListener('abort', () => {
      frame.remove();
      reject(signal.reason);
    }, { once: true });
    setTimeout(resolve, PATIENCE); // the simulator's own answer says what is missing
  });
  document.body.append(frame);
  await ready;
}

const fingerprintOf = (sdp) => /^a=fingerprint:sha-256 ([0-9a-f:]+)/im.exec(sdp)?.[1].toUpperCase() ?? '';
