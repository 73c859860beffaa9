// How loud a stream is, from 0 to 1 on a scale that follows the ear, and what its wave looks like.

const QUIETEST = -60; // dB full scale that counts as silence

/** Listens to a stream until closed. */
export function listenTo(context, stream) {
  const source = context.createMediaStreamSource(stream);
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  const wave = new Float32Array(analyser.fftSize);
  source.connect(analyser);
  return {
    /** The wave at this moment. */
    read() {
      analyser.getFloatTimeDomainData(wave);
      return wave;
    },
    close: () => source.disconnect(),
  };
}

export function levelOf(wave) {
  const power = wave.reduce((sum, sample) => sum + sample * sample, 0) / wave.length;
  const decibels = 10 * Math.log10(Math.max(power, 1e-12));
  return Math.min(1, Math.max(0, 1 - decibels / QUIETEST));
}
