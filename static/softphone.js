// The agent's phone in the page: microphone, media connection, playback, ring. It decides nothing about calls; the
// page tells it when a call begins and ends, it tells the page what works and what does not.
//   import { Softphone } from "/static/softphone.js";
//   const phone = new Softphone({ audio: document.querySelector("audio") });
//   phone.addEventListener("state",    e => …);  // detail.state: idle connecting ready in_call lost; detail.reason
//   phone.addEventListener("problem",  e => …);  // detail.code, detail.active (false: solved), detail.reason
//   phone.addEventListener("autoplay", e => …);  // detail.blocked: show a button whose click calls unlock()
//   phone.addEventListener("level",    e => …);  // detail.mic, detail.remote: 0 to 1, ten times a second
//   phone.addEventListener("quality",  e => …);  // detail.loss (0 to 1), jitter_ms, rtt_ms, sent, received; each 2 s
//   phone.addEventListener("devices",  e => …);  // detail.microphones, detail.speakers: [{ id, label }]
//   await phone.start({ deviceId });             // before going available; true once the server hears us
//   button.onclick = () => phone.unlock();       // in a click ("go available", "accept"): allows sound from then on
//   phone.attach(); phone.detach();              // a call begins, ends: audio only between; to be said in every tab
//   phone.stop(); phone.mute(true); phone.digits("1#"); phone.ring(true);
//   phone.setMicrophone(id); phone.setSink(id); phone.setRingSink(id); phone.setRingVolume(0.5);
//   phone.takeover();                            // this page becomes the phone; phone.elsewhere was true
//   phone.resume();                              // connects again after another browser had taken over
//
// Problem codes: mic_denied mic_missing mic_busy mic_lost insecure autoplay_blocked offline media_failed. While one
// that begins with mic_ is active there is no connection unless a call is running, so the server offers no call.
// One tab is the phone (Web Locks). The connection is made once and kept; it is never renegotiated. When the network
// changes, a second one is made and takes the first one's place: the server knows no restart, only newer connections.

import { measure, open, stateOf } from "./softphone-link.js";
import { Microphone, devices } from "./softphone-mic.js";
import { Meters, Ring } from "./softphone-sound.js";
import { Tab } from "./softphone-tab.js";

const OFFER_URL = "/softphone/offer";
const LOCK = "hubline-softphone";
// How long an attempt may take; one that failed for want of time gives the next one more.
const SETUP_MS = [5000, 8000, 15000];
const QUALITY_MS = 2000;
const LEVEL_MS = 100;
// Checks of the path without an answer, in one measurement, after which it is taken for dead.
const UNANSWERED = 2;
// A timer that comes so late means that the machine or the tab slept.
const SLEPT_MS = 8000;
// "disconnected" often heals by itself within moments; a new connection costs little and interrupts nothing.
const DISCONNECTED_MS = 700;
// Before the second, third, … attempt in a row: a failed one, or one whose connection did not last STABLE_MS.
const BACKOFF_MS = [300, 1000, 2500, 5000, 10000, 20000, 30000];
const STABLE_MS = 45_000;

export class Softphone extends EventTarget {
  #options; #audio; #state = "idle"; #reason = null; #problems = new Map();
  #wanted = false; #leader = false; #tab; #beginning = null; #inCall = false; #muted = false;
  #link = null; #trying = null; #giveUp = null; #attempt = 0; #retry = 0; #again = false; #began = 0; #stable = 0; #out = false;
  #mic = new Microphone(); #micId = ""; #remote = new MediaStream(); #sink = "";
  #meters = new Meters(); #ring = new Ring(); #timers = []; #tick = 0; #totals = null; #unanswered = 0; #abort = null;

  /// options.audio: the <audio> element that plays the other side. options.url, options.headers: for the offer.
  /// options.name: what the page calls itself towards the server.
  /// options.video: negotiate pictures, too. options.relays: where to ask for a relay.
  /// options.lock: name of the lock that makes one tab the phone; null if the page sees to that itself.
  constructor(options) {
    super();
    this.#options = { url: OFFER_URL, headers: {}, lock: LOCK, name: "", ...options };
    this.#audio = this.#options.audio;
    this.#tab = new Tab(this.#options.lock);
    this.#tab.addEventListener("gained", () => this.#lead());
    this.#tab.addEventListener("lost", () => this.#follow());
    this.#mic.addEventListener("ended", () => this.#micEnded());
    this.#mic.addEventListener("muted", (event) => this.#problem("mic_lost", event.detail, "muted"));
  }

  get state() { return this.#state; }
  get muted() { return this.#muted; }
  /// Another tab or browser of the agent is the phone.
  get elsewhere() { return this.#reason === "other_tab"; }
  get problems() { return [...this.#problems.keys()]; }
  get devices() { return devices(); }
  /// For tests and diagnosis; null while there is none.
  get connection() { return this.#link?.pc ?? null; }
  /// { sender, track } of the connection's pictures; null while there is none. "picture" tells of another.
  get picture() { return this.#link?.picture ?? null; }

  /// Gets the microphone, then the connection. True once connected; false if a problem was told or another tab leads.
  async start({ deviceId = "" } = {}) {
    if (this.#wanted) return this.#state === "ready" || this.#state === "in_call";
    if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia || !globalThis.RTCPeerConnection) {
      this.#problem("insecure", true);
      return false;
    }
    this.#wanted = true;
    this.#micId = deviceId;
    this.#watch();
    return this.#claim(false);
  }

  stop() {
    this.#wanted = false;
    this.#leader = false;
    this.#abort?.abort();
    this.#giveUp?.abort();
    this.#timers.forEach(clearInterval);
    this.#timers = [];
    this.ring(false);
    this.#drop();
    this.#micStop();
    this.#tab.release();
    this.#inCall = false;
    this.#attempt = 0;
    this.#set("idle");
  }

  /// Nobody else is the phone now.
  resume() {
    if (!this.#out || !this.#leader) return;
    this.#out = false;
    this.#attempt = 0;
    this.#begin();
  }

  /// This page becomes the phone; the tab or the browser that was it goes idle.
  async takeover() {
    if (!this.#wanted) return;
    if (this.#leader) this.resume();
    else await this.#claim(true);
  }

  /// To be called in a click or key press: what is allowed then stays allowed.
  async unlock() {
    await Promise.allSettled([this.#meters.unlock(), this.#ring.unlock(), this.#play()]);
    // Whatever the element says, a ring that was refused may begin now.
    if (!this.#audio.srcObject) this.#blocked(false);
    return !this.#problems.has("autoplay_blocked");
  }

  /// A call begins (or goes on, after a reload): the microphone is heard from now on.
  attach() {
    this.#inCall = true;
    this.ring(false);
    if (this.#link?.up) this.#set("in_call");
    this.#play();
    return this.#send();
  }

  /// The call is over: nothing more is sent, the microphone stays ready.
  detach() {
    this.#inCall = false;
    if (this.#link?.up) this.#set("ready");
    if (this.#micMissing()) this.#drop();
    return this.#send();
  }

  /// Silence instead of the microphone; packets go on, so nobody is put on hold for it.
  mute(on) {
    this.#muted = on;
    this.#mic.mute(on);
  }

  /// Presses keys: 0-9 * # A-D. False if there is no call to press them in.
  digits(keys) {
    const dtmf = this.#link?.sender.dtmf;
    if (!this.#inCall || !dtmf?.canInsertDTMF) return false;
    dtmf.insertDTMF(dtmf.toneBuffer + keys, 120, 80);
    return true;
  }

  async setMicrophone(deviceId) {
    this.#micId = deviceId;
    if (this.#leader && !this.#out) await this.#microphone();
  }

  /// Where the other side is played. Rejects if the device is gone.
  async setSink(deviceId) {
    this.#sink = deviceId;
    await this.#audio.setSinkId?.(deviceId);
  }

  setRingSink(deviceId) {
    return this.#ring.sink(deviceId);
  }

  setRingVolume(volume) {
    this.#ring.volume = volume;
  }

  async ring(on) {
    if (!on) this.#ring.stop();
    else if (!(await this.#ring.start())) this.#blocked(true);
  }

  // --- which tab, and what wakes us ---

  async #claim(steal) {
    if (await this.#tab.claim(steal)) return this.#lead();
    this.#set("idle", "other_tab");
    return false;
  }

  #lead() {
    if (!this.#wanted) return false;
    this.#leader = true;
    return this.#begin();
  }

  #follow() {
    this.#leader = false;
    this.#drop();
    this.#micStop();
    this.#set("idle", "other_tab");
  }

  #watch() {
    this.#abort = new AbortController();
    const signal = this.#abort.signal;
    const on = (target, name, call) => target?.addEventListener(name, call, { signal });
    on(navigator.mediaDevices, "devicechange", () => this.#devicesChanged());
    on(globalThis, "online", () => {
      this.#problem("offline", false);
      // An attempt begun on the dead network may hang for its whole patience.
      this.#giveUp?.abort();
      this.#reconnect(0);
    });
    on(globalThis, "offline", () => this.#problem("offline", true));
    on(navigator.connection, "change", () => this.#verify());
    on(globalThis, "pageshow", () => this.#verify());
    on(document, "resume", () => this.#verify());
    on(document, "visibilitychange", () => { if (!document.hidden) this.#verify(); });
    on(this.#audio, "pause", () => this.#play());  // by a tab's freezing or a headset's key: the customer is heard on
    // Said at once instead of found out by the server after seconds.
    on(globalThis, "pagehide", () => this.#drop());
    // Any gesture will do; the page's button is for those who make none.
    const gesture = () => {
      if (this.#problems.has("autoplay_blocked") || !this.#meters.running) this.unlock();
    };
    on(document, "pointerdown", gesture);
    on(document, "keydown", gesture);
    navigator.permissions?.query({ name: "microphone" }).then((permission) => {
      on(permission, "change", () => {
        if (!this.#leader || this.#out) return;
        if (permission.state === "denied") this.#micLost("mic_denied");
        else if (this.#micMissing()) this.#begin();
      });
    }).catch(() => {});
    this.#tick = performance.now();
    this.#timers = [setInterval(() => this.#measure(), QUALITY_MS), setInterval(() => this.#levels(), LEVEL_MS)];
  }

  /// Microphone first: without one there is nothing to offer the server, except to listen in a call.
  #begin() {
    this.#beginning ??= (async () => {
      this.#set("connecting");
      const heard = await this.#microphone();
      return (heard || this.#inCall) && this.#connect();
    })().finally(() => { this.#beginning = null; });
    return this.#beginning;
  }

  // --- microphone ---

  /// Opens the wanted microphone, or any; true if there is one now.
  async #microphone() {
    const code = await this.#mic.open(this.#micId);
    if (code === "stopped") return false;
    if (code) {
      this.#micLost(code);
      return false;
    }
    for (const solved of ["mic_denied", "mic_missing", "mic_busy", "mic_lost"]) this.#problem(solved, false);
    this.#meters.set("mic", this.#mic.track);
    await this.#send();
    this.#tellDevices();
    return true;
  }

  /// Unplugged or taken away: another one, if there is any.
  async #micEnded() {
    if (await this.#microphone()) return;
    // Lost is what it is for the agent, whatever keeps it from being had again.
    if (!this.#problems.has("mic_denied")) this.#problem("mic_lost", true);
  }

  #micLost(code) {
    this.#micStop();
    this.#problem(code, true);
    // Without a microphone no call may be offered, so the server must not see a connection; a running call keeps
    // its own, for listening.
    if (this.#inCall) this.#send();
    else this.#drop();
    this.#set("lost", code);
  }

  #micStop() {
    this.#mic.stop();
    this.#meters.set("mic", null);
  }

  #micMissing() {
    return !this.#mic.track && this.problems.some((code) => code.startsWith("mic_"));
  }

  async #devicesChanged() {
    this.#tellDevices();
    if (!this.#leader || this.#out) return;
    if (this.#micMissing()) return void this.#begin();
    // The chosen one is back.
    if (!this.#micId || this.#mic.deviceId === this.#micId) return;
    const { microphones } = await devices();
    if (microphones.some(({ id }) => id === this.#micId)) this.#microphone();
  }

  #tellDevices() {
    devices().then((detail) => this.#emit("devices", detail)).catch(() => {});
  }

  // --- connection ---

  /// What the sender carries: the microphone in a call, silence in a call without one, otherwise nothing at all.
  async #send() {
    const sender = this.#link?.sender;
    if (!sender) return;
    const track = this.#inCall ? this.#mic.track ?? this.#meters.silence : null;
    if (sender.track !== track) await sender.replaceTrack(track).catch(() => {});
  }

  /// Makes a connection beside the present one and puts it in its place once it carries media.
  #connect() {
    // One attempt at a time; a wish that comes meanwhile is served by one more.
    if (this.#trying) {
      this.#again = true;
      return this.#trying;
    }
    clearTimeout(this.#retry);
    this.#trying = this.#make().finally(() => {
      this.#trying = null;
      if (this.#again) {
        this.#again = false;
        this.#reconnect(0);
      }
    });
    return this.#trying;
  }

  async #make() {
    if (!this.#leader || (!this.#mic.track && !this.#inCall)) return false;
    const patience = SETUP_MS[Math.min(this.#attempt, SETUP_MS.length - 1)];
    this.#attempt += 1;
    this.#began = performance.now();
    clearTimeout(this.#stable);
    this.#giveUp = new AbortController();
    try {
      const link = await open(this.#options, AbortSignal.any([this.#giveUp.signal, AbortSignal.timeout(patience)]));
      if (this.#leader) this.#adopt(link);
      else link.pc.close();
      return this.#leader;
    } catch (failure) {
      this.#failed(failure);
      return false;
    }
  }

  #adopt(link) {
    const former = this.#link;
    this.#link = link;
    this.#out = false;
    // Only a connection that lasts ends the patience.
    this.#stable = setTimeout(() => { if (this.#link === link && link.up) this.#attempt = 0; }, STABLE_MS);
    this.#totals = null;
    this.#unanswered = 0;
    link.pc.addEventListener("connectionstatechange", () => this.#changed(link));
    link.sender.transport?.addEventListener("statechange", () => this.#changed(link));
    this.#send();
    this.#emit("picture");
    for (const old of this.#remote.getTracks()) this.#remote.removeTrack(old);
    this.#remote.addTrack(link.track);
    // Not before there is a track: an element that waits for one holds up the page's load event.
    if (this.#audio.srcObject !== this.#remote) this.#audio.srcObject = this.#remote;
    this.#meters.set("remote", link.track);
    this.#play();
    former?.pc.close();
    this.#problem("media_failed", false);
    this.#problem("offline", false);
    this.#set(this.#inCall ? "in_call" : "ready");
  }

  #failed({ code, reason, busy }) {
    if (!this.#leader) return;
    if (busy) this.#attempt = BACKOFF_MS.length;
    // A spare connection that came to nothing is no problem while the first one carries on.
    if (this.#link?.up) return;
    this.#problem(code, true, reason);
    this.#set("lost", code);
    this.#reconnect(0);
  }

  #changed(link) {
    if (link !== this.#link) return;
    const state = stateOf(link);
    link.up = state === "connected";
    if (link.up) {
      this.#problem("media_failed", false);
      this.#set(this.#inCall ? "in_call" : "ready");
    } else if (link.sender.transport?.state === "closed") {
      this.#pushedOut();
    } else {
      this.#set("lost", state);
      this.#reconnect(state === "disconnected" ? DISCONNECTED_MS : 0);
    }
  }

  /// The server said goodbye: a newer page in another browser is the phone. Pushing it out in turn would go on for ever.
  #pushedOut() {
    this.#drop();
    this.#micStop();
    this.#out = true;
    this.#set("idle", "other_tab");
  }

  /// A new connection after this many milliseconds, unless the present one has healed by then; later if there were attempts just now.
  #reconnect(delay) {
    clearTimeout(this.#retry);
    const forced = delay === 0;
    const again = () => { if (this.#leader && (forced || !this.#link?.up)) this.#connect(); };
    this.#retry = setTimeout(again, Math.max(delay, this.#pause()));
  }

  /// Milliseconds until the next attempt may begin; spread, so that a whole floor does not come back at once.
  #pause() {
    if (this.#attempt === 0) return 0;
    const pause = BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length) - 1] * (0.8 + 0.4 * Math.random());
    return Math.max(0, this.#began + pause - performance.now());
  }

  /// The page came back or the network changed: believed only if it says connected and did not sleep.
  #verify() {
    if (!this.#leader || this.#beginning || this.#out) return;
    if (!this.#mic.track && !this.#inCall) return void this.#begin();
    const slept = performance.now() - this.#tick > SLEPT_MS;
    if (slept || !this.#link?.up) this.#reconnect(0);
    this.#play();
  }

  #drop() {
    clearTimeout(this.#retry);
    this.#giveUp?.abort();
    const link = this.#link;
    this.#link = null;
    link?.pc.close();
  }

  // --- sound out ---

  async #play() {
    if (this.#remote.getTracks().length === 0) return;
    try {
      await this.#audio.play();
      if (this.#sink && this.#audio.sinkId !== this.#sink) await this.#audio.setSinkId?.(this.#sink);
      this.#blocked(false);
    } catch (error) {
      if (error.name === "NotAllowedError") this.#blocked(true);
    }
  }

  #blocked(blocked) {
    if (this.#problems.has("autoplay_blocked") === blocked) return;
    this.#problem("autoplay_blocked", blocked);
    this.#emit("autoplay", { blocked });
  }

  // --- measuring ---

  #levels() {
    if (document.hidden || !this.#meters.running) return;
    const mic = this.#muted ? 0 : this.#meters.level("mic");
    this.#emit("level", { mic, remote: this.#meters.level("remote") });
  }

  async #measure() {
    if (performance.now() - this.#tick > SLEPT_MS) this.#verify();
    this.#tick = performance.now();
    const link = this.#link;
    if (!link) return;
    const { totals, quality, unanswered } = await measure(link.pc, this.#totals);
    if (link !== this.#link) return;
    this.#totals = totals;
    if (!link.up) return;
    this.#emit("quality", quality);
    // The browser itself takes some ten seconds to call such a path disconnected. Between calls nothing is received anyway: look twice.
    const dead = unanswered >= UNANSWERED && quality.received === 0;
    this.#unanswered = dead ? this.#unanswered + 1 : 0;
    if (this.#unanswered >= (this.#inCall ? 1 : 2)) {
      this.#unanswered = 0;
      this.#totals = null;
      this.#reconnect(0);
    }
  }

  // --- telling ---

  #set(state, reason = null) {
    if (this.#state === state && this.#reason === reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#emit("state", { state, reason });
  }

  #problem(code, active, reason = null) {
    if (this.#problems.has(code) === active) return;
    if (active) this.#problems.set(code, reason);
    else this.#problems.delete(code);
    this.#emit("problem", { code, active, reason });
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
