// How good the connection is, from RTCPeerConnection.getStats(). Pure but for `measure`.

/**
 * One reading: round trip and jitter in milliseconds, loss in percent since the reading before, bytes received. A figure that the browser does not
 * know yet is null.
 */
export function readQuality(reports, before = null) {
  const all = [...reports];
  const inbound = all.find((report) => report.type === 'inbound-rtp' && report.kind === 'audio');
  const selected = all.find((report) => report.type === 'transport')?.selectedCandidatePairId; // several pairs may be nominated
  const pair = all.find((report) => (selected ? report.id === selected : report.type === 'candidate-pair' && report.nominated && report.state === 'succeeded'));
  const lost = inbound?.packetsLost ?? 0;
  const received = inbound?.packetsReceived ?? 0;
  const newlyLost = Math.max(0, lost - (before?.lost ?? 0));
  const newly = newlyLost + Math.max(0, received - (before?.received ?? 0));
  return {
    roundTrip: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
    jitter: inbound?.jitter === undefined ? null : inbound.jitter * 1000,
    loss: newly > 0 ? (100 * newlyLost) / newly : null,
    bytes: inbound?.bytesReceived ?? 0,
    lost,
    received,
  };
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
