// Turns what it hears into chunks of 16-bit samples (mono, at the rate it is told) and posts them.
const CHUNK = 1_200; // 50 ms at 24 kHz

registerProcessor('microphone', class extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) {
    super();
    this.step = sampleRate / rate;
    this.position = 0;
    this.chunk = new Int16Array(CHUNK);
    this.length = 0;
  }

  process([[samples]]) {
    if (!samples) return true;
    for (; this.position < samples.length; this.position += this.step) this.push(samples[Math.floor(this.position)]);
    this.position -= samples.length;
    return true;
  }

  push(sample) {
    this.chunk[this.length++] = Math.max(-1, Math.min(1, sample)) * 32_767;
    if (this.length < CHUNK) return;
    this.port.postMessage(this.chunk.slice().buffer);
    this.length = 0;
  }
});
