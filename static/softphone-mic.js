// The microphone of the softphone; see softphone.js.

// A capture that the system mutes for longer than a blink is a lost microphone.
const MUTED_MS = 1500;

/// One capture at a time. Events: "ended" (unplugged or taken away), "muted" (detail: true or false, by the system).
export class Microphone extends EventTarget {
  #track = null; #muted = false; #job = Promise.resolve(); #timer = 0; #epoch = 0;

  /// The live track, or null.
  get track() { return this.#track; }
  get deviceId() { return this.#track?.getSettings().deviceId ?? null; }

  /// Opens this microphone, or any if it is not there; null, or the code of the problem. One at a time: the newest
  /// wish is served last.
  open(deviceId) {
    const epoch = this.#epoch;
    const job = this.#job.then(() => this.#open(deviceId, epoch));
    this.#job = job.catch(() => {});
    return job;
  }

  stop() {
    this.#epoch += 1;
    this.#end();
  }

  /// Silence goes out instead, packet by packet.
  mute(on) {
    this.#muted = on;
    if (this.#track) this.#track.enabled = !on;
  }

  async #open(deviceId, epoch) {
    const wish = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    const get = (exact) => {
      return navigator.mediaDevices.getUserMedia({ audio: exact ? { ...wish, deviceId: { exact } } : wish });
    };
    let stream;
    try {
      stream = await get(deviceId).catch((error) => {
        // The chosen headset is not plugged in: any microphone is better than none.
        if (deviceId && ["OverconstrainedError", "NotFoundError"].includes(error.name)) return get("");
        throw error;
      });
    } catch (error) {
      return codeOf(error);
    }
    const track = stream.getAudioTracks()[0];
    if (epoch !== this.#epoch) {
      track.stop();
      return "stopped";
    }
    this.#end();
    this.#track = track;
    track.enabled = !this.#muted;
    track.addEventListener("ended", () => {
      if (this.#track !== track) return;
      this.#end();
      this.dispatchEvent(new CustomEvent("ended"));
    });
    const tell = (muted) => {
      if (this.#track !== track || track.muted !== muted) return;
      this.dispatchEvent(new CustomEvent("muted", { detail: muted }));
    };
    track.addEventListener("mute", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(tell, MUTED_MS, true);
    });
    track.addEventListener("unmute", () => {
      clearTimeout(this.#timer);
      tell(false);
    });
    return null;
  }

  #end() {
    clearTimeout(this.#timer);
    const track = this.#track;
    this.#track = null;
    track?.stop();
  }
}

/// Names are there once the microphone has been allowed.
export async function devices() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind) => all
    .filter((device) => device.kind === kind && device.deviceId)
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { microphones: of("audioinput"), speakers: of("audiooutput") };
}

function codeOf({ name }) {
  if (name === "NotAllowedError" || name === "SecurityError") return "mic_denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "mic_missing";
  return "mic_busy";
}
