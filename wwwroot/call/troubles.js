// What went wrong, in words that say what to do. Pure.

/** An error whose message is meant for the person at the page. `code` and `param` are for those who want to act on it, `retryAfter` is seconds. */
export class Trouble extends Error {
  constructor(code, message, { param, retryAfter } = {}) {
    super(message);
    this.name = 'Trouble';
    Object.assign(this, { code, param, retryAfter });
  }
}

const microphone = {
  NotAllowedError: ['microphone_refused', 'The microphone was refused. Allow it for this page (the icon beside the address), then start again, or go on without it and type.'],
  NotFoundError: ['no_microphone', 'No microphone was found. Connect one and start again, or go on without it and type.'],
  OverconstrainedError: ['no_microphone', 'The chosen microphone is gone. Choose another one and start again.'],
  NotReadableError: ['microphone_busy', 'The microphone is in use by another program. Close that, then start again.'],
};

export function microphoneTrouble(error) {
  const [code, message] = microphone[error?.name] ?? ['microphone_failed', 'The microphone could not be opened. Check it, then start again.'];
  return new Trouble(code, message);
}

const tellOperator = 'Start again; if it stays so, tell the operator.';

// By code, or where there is none that is known, by status.
const gateway = {
  __proto__: null,
  too_many_calls: (wait) => `Too many calls are under way. End another one, or try again ${wait}.`,
  upstream_rate_limited: (wait) => `The service is busy. Try again ${wait}.`,
  invalid_sdp: () => `The gateway could not read this browser’s offer of a call. ${tellOperator}`,
  upstream_rejected: () => `The service refused the call. ${tellOperator}`,
  upstream_misconfigured: () => 'The gateway has no access to the service. Tell the operator.',
  upstream_unavailable: () => 'The service is in trouble. Try again soon.',
  upstream_invalid_response: () => 'The service is in trouble. Try again soon.',
  upstream_timeout: () => 'The service took too long. Start again.',
  draining: () => 'The gateway is restarting. Try again soon.',
  401: () => 'The gateway wants to know who you are: give it an access key or token.',
  403: () => 'This access key or token may not do that.',
  429: (wait) => `The limit is reached. Try again ${wait}.`,
  503: () => 'The gateway has no model to offer at the moment. Try again soon, or choose the other way to connect.',
};

/** What a refusal of the gateway means; `body` is its envelope, `retryAfter` its header in seconds. */
export function gatewayTrouble(status, body, retryAfter) {
  const { code, param, message } = body?.error ?? {};
  const seconds = Number.parseInt(retryAfter, 10);
  const isKnown = Number.isFinite(seconds);
  const say = gateway[code] ?? gateway[status];
  const words = say?.(isKnown ? `in ${seconds} s` : 'in a while') ?? message ?? `The gateway answered ${status}.`;
  return new Trouble(code ?? `http_${status}`, words, { param, ...(isKnown && { retryAfter: seconds }) });
}

/** What the service's refusal of the SDP offer means. */
export function offerTrouble(status, body) {
  if (status === 401) return new Trouble('secret_expired', 'The ephemeral secret expired before the call was set up. Start again.');
  if (status === 429) return new Trouble('upstream_busy', 'The service is busy. Try again in a while.');
  if (body?.error?.code === 'no_media_peer') return new Trouble('no_media_peer', body.error.message);
  return new Trouble('call_refused', `The service refused the call (${status}). Start again; if it stays so, tell the operator.`);
}

export const troubles = {
  insecure: () => new Trouble('insecure', 'A browser gives the microphone to secure pages only. Open this page by https, or on localhost.'),
  noWebRtc: () => new Trouble('no_webrtc', 'This browser makes no calls: WebRTC is missing or switched off. Use another one, or ask whoever manages it.'),
  noProfile: () => new Trouble('no_profile', 'The gateway offers nothing to talk to here, or not for this access key. Ask the operator for a profile, then start again.'),
  relayOnly: () => new Trouble('relay_only', 'This profile does not take direct connections. Start again to connect through the gateway.'),
  unreachable: () => new Trouble('unreachable', 'The gateway cannot be reached. Check the network, then start again.'),
  serviceUnreachable: () => new Trouble('service_unreachable', 'The voice service cannot be reached from this browser. Check the network or the firewall, then start again.'),
  lost: () => new Trouble('lost', 'The connection was lost. Check the network, then reconnect.'),
  closed: () => new Trouble('closed', 'The service ended the call. Reconnect to begin a new one.'),
  slow: () => new Trouble('slow', 'The call could not be connected in time. A firewall may block it; try another network, then reconnect.'),
};
