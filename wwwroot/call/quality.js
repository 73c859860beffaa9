// How good the connection is, from RTCPeerConnection.getStats(). Pure but for `measure`.

/**
 * One reading: round trip and jitter in milliseconds, loss in percent since the reading before, the browser's clock in milliseconds, bytes received and
 * sent. A figure that the browser does not know yet is null.
 */
export function readQuality(reports, before = null) {
  const all = [...reports];
  const inbound = all.find((report) => report.type === 'inbound-rtp' && report.kind === 'audio');
  const outbound = all.find((report) => report.type === 'outbound-rtp' && report.kind === 'audio');
  const selected = all.find((report) => report.type === 'transport')?.selectedCandidatePairId; // several pairs may be nominated
  const pair = all.find((report) => (selected ? report.id === selected : report.type === 'candidate-pair' && report.nominated && report.state === 'succeeded'));
  const packets = { lost: inbound?.packetsLost ?? 0, received: inbound?.packetsReceived ?? 0 };
  const loss = lossBetween(before, packets);
  return {
    roundTrip: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
    jitter: inbound?.jitter === undefined ? null : inbound.jitter * 1000,
    loss: loss === null ? null : 100 * loss,
    at: (inbound ?? outbound ?? pair)?.timestamp ?? null,
    bytes: inbound?.bytesReceived ?? 0,
    bytesSent: outbound?.bytesSent ?? 0,
    ...packets,
  };
}

/** The share of packets that were lost between two readings, 0 to 1; null when there were none. Late packets may turn up, and counters begin anew. */
export function lossBetween(before, now) {
  const lost = Math.max(0, now.lost - (before?.lost ?? 0));
  const all = lost + Math.max(0, now.received - (before?.received ?? 0));
  return all > 0 ? lost / all : null;
}

/** What one of the byte counters gained between two readings, in bits per second; null while that cannot be told. */
export function bitrateBetween(before, now, counter) {
  const seconds = before?.at && now.at ? (now.at - before.at) / 1000 : 0;
  return seconds >= 1 ? (8 * Math.max(0, now[counter] - before[counter])) / seconds : null;
}

/** good, fair or poor, as conversational voice feels it (ITU-T G.114 asks for less than 150 ms one way). */
export function judge({ roundTrip, jitter, loss }) {
  if (roundTrip === null) return 'unknown';
  if (roundTrip > 400 || jitter > 60 || loss > 8) return 'poor';
  if (roundTrip > 200 || jitter > 30 || loss > 2) return 'fair';
  return 'good';
}

/** Reads every second until stopped; gives each reading to `take`. */
export function measure(connection, take) {
  let before = null;
  let stopped = false;
  const timer = setInterval(async () => {
    const reports = await connection.getStats();
    if (stopped) return;
    before = readQuality(reports.values(), before);
    take(before);
  }, 1000);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
