// What the softphone makes sound and measures sound with; see softphone.js.

// Longer than any device takes to start.
const REFUSED_MS = 600;

/// The ring, on a device of its own. One looped buffer: no timer that a hidden tab would slow
/// down.
export class Ring {
  #context = null; #sink = ""; #volume = 0.5; #playing = null;

  /// False if the browser wants a click first; the ring then begins with that click.
  async start() {
    const context = this.#open();
    if (!this.#playing) {
      const source = new AudioBufferSourceNode(context, { buffer: chime(context.sampleRate), loop: true });
      const gain = new GainNode(context, { gain: this.#volume });
      source.connect(gain).connect(context.destination);
      source.start();
      this.#playing = { source, gain };
    }
    // A refused resume() does not reject, it waits.
    const waited = new Promise((resolve) => { setTimeout(resolve, REFUSED_MS); });
    await Promise.race([context.resume(), waited]);
    return context.state === "running" || !this.#playing;
  }

  stop() {
    this.#playing?.source.stop();
    this.#playing = null;
    // An idle context keeps an audio device awake.
    this.#context?.suspend().catch(() => {});
  }

  async unlock() {
    if (this.#playing) await this.#context.resume();
  }

  set volume(volume) {
    this.#volume = volume;
    if (this.#playing) this.#playing.gain.gain.value = volume;
  }

  /// Rejects if the device is gone.
  async sink(deviceId) {
    this.#sink = deviceId;
    await this.#context?.setSinkId?.(deviceId);
  }

  #open() {
    if (!this.#context) {
      this.#context = new AudioContext();
      if (this.#sink) this.#context.setSinkId?.(this.#sink).catch(() => {});
    }
    return this.#context;
  }
}

/// Levels of streams, 0 to 1 as the ear counts, and the silent track for a call without a microphone.
export class Meters {
  #context = null; #meters = new Map(); #silence = null;

  get running() { return this.#context?.state === "running"; }

  unlock() {
    return this.#open().resume();
  }

  /// Measures this track from now on under this name; null ends it.
  set(name, track) {
    this.#meters.get(name)?.source.disconnect();
    this.#meters.delete(name);
    if (!track) return;
    const context = this.#open();
    const source = context.createMediaStreamSource(new MediaStream([track]));
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    source.connect(analyser);
    this.#meters.set(name, { source, analyser, samples: new Float32Array(analyser.fftSize) });
  }

  level(name) {
    const meter = this.#meters.get(name);
    if (!meter) return 0;
    meter.analyser.getFloatTimeDomainData(meter.samples);
    const power = meter.samples.reduce((sum, sample) => sum + sample * sample, 0) / meter.samples.length;
    // -60 dB to 0 dB.
    return Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-9) / 6));
  }

  get silence() {
    this.#silence ??= this.#open().createMediaStreamDestination().stream.getAudioTracks()[0];
    return this.#silence;
  }

  #open() {
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    return this.#context;
  }
}

/// Two soft chords and a pause: four seconds.
function chime(rate) {
  const buffer = new AudioBuffer({ length: rate * 4, sampleRate: rate, numberOfChannels: 1 });
  const samples = buffer.getChannelData(0);
  for (const [start, tones] of [[0, [659, 784]], [0.45, [523, 659]], [0.9, [659, 784]]]) {
    for (let at = 0; at < rate * 0.4; at++) {
      const time = at / rate;
      const shape = Math.min(1, time * 50) * Math.exp(-6 * time);
      const wave = tones.reduce((sum, tone) => sum + Math.sin(2 * Math.PI * tone * time), 0);
      samples[Math.floor(start * rate) + at] += 0.4 * shape * wave;
    }
  }
  return buffer;
}
