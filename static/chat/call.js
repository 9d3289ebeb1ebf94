// A visitor's call in the chat window: microphone, media connection, keys, and what the house says of it. Fetched when a call begins.
//
//   const call = new Call({ root, el, icon, language, video, records, relays, url, token, tell, inCall, place, shown });
//   call.start();      // in a click: begins a call; start(true) with the camera
//   call.resume();     // goes on with the call that this page had before it was loaded again
//   call.show(frame);  // { stage: rings | waiting | talking | over, … } as the house says it; over may have `survey`, where to say how it was
//
// The house keeps a call for fifteen seconds without its page, so whatever breaks here is mended by offering anew: the newer connection takes
// the former one's place. Only the house ends a call, or the visitor's own hand.

import { Failure, open, stateOf } from "./softphone-link.js";
import { Microphone, devices } from "./softphone-mic.js";
import { look, words } from "./call-look.js";
import { Stage } from "./call-picture.js";

const SETUP_MS = 15_000;
// "disconnected" often heals by itself within moments.
const DISCONNECTED_MS = 700;
// Between two attempts to come back; the house waits for fifteen seconds.
const AGAIN_MS = [0, 500, 1000, 2000, 3000, 4000];
const PICTURE_PROBLEMS = ["no_camera", "camera_denied", "no_screen", "screen_again"];
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const ICONS = {
  mic: ["M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3Z", "M5 11a7 7 0 0 0 14 0M12 18v3"],
  keys: ["M6 6h.01M12 6h.01M18 6h.01M6 12h.01M12 12h.01M18 12h.01M6 18h.01M12 18h.01M18 18h.01"],
  devices: ["M4 7h10M18 7h2M4 17h2M10 17h10", "M16 5v4M8 15v4"],
  end: ["M3 14c5-5 13-5 18 0l-2.5 2.5-4-1.5v-2.5a10 10 0 0 0-5 0V15l-4 1.5Z"],
};

export class Call {
  #o; #stage = { stage: "idle" }; #link = null; #trying = false; #mic = new Microphone(); #micId = ""; #sink = "";
  #problem = null; #blocked = false; #muted = false; #panel = ""; #since = 0; #tries = 0; #timer = 0; #clock = 0; #begun = false;
  #pictures = null; #films = ""; #asks = ""; #agreed = false; #survey = "";
  #box; #what; #time; #hint; #row; #end; #more; #audio; #drawn = "";

  constructor(options) {
    this.#o = options;
    const { el, root } = options;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(look);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    this.#audio = el("audio", { autoplay: true });
    this.#what = el("span", { role: "status" });
    this.#time = el("span", { className: "time" });
    this.#hint = el("p", { className: "hint", hidden: true });
    this.#row = el("div", { className: "row" });
    // Stays while the others are drawn anew: a click that is half done must not be lost.
    this.#end = el("button", { type: "button", className: "b2 stop end", onclick: () => this.#hangUp(), "data-act": "hangup", "aria-label": this.#t("hangup"), title: this.#t("hangup") }, options.icon(...ICONS.end));
    this.#more = el("div", { hidden: true });
    if (options.video) this.#pictures = new Stage({ el, t: (key) => this.#t(key), kept: `hubline.filmed.${options.url}`, changed: () => this.#draw(), point: (at) => options.tell({ type: "arrow", at }) });
    this.#box = el("section", { className: "call", hidden: true, "aria-label": this.#t("call") },
      el("div", { className: "what" }, this.#what, this.#time), this.#pictures?.box ?? "", this.#hint, this.#row, this.#more, this.#audio);
    this.#row.append(this.#end);
    options.place(this.#box);
    this.#mic.addEventListener("ended", () => this.#microphone());
    // Said at once instead of found out by the house after half a second.
    addEventListener("pagehide", () => this.#drop());
    addEventListener("pageshow", (event) => { if (event.persisted && this.#o.inCall()) this.resume(); });
    addEventListener("online", () => { if (this.#begun) this.#connect(); });
    document.addEventListener("resume", () => { if (this.#begun && !this.#link?.up) this.#connect(); });
    navigator.mediaDevices?.addEventListener("devicechange", () => { if (this.#panel === "devices") this.#draw(true); });
  }

  /// In a click.
  async start(video = false) {
    if (this.#begun || this.#trying) return;
    this.#films = video ? "camera" : "";
    this.#survey = "";
    this.#stage = { stage: "calling" };
    await this.#begin();
  }

  async resume() {
    if (this.#begun || this.#trying) return;
    this.#begun = true;
    this.#films = this.#pictures?.before ?? "";
    // Asked before the page was loaded again.
    this.#agreed = !!this.#films;
    this.#stage = { stage: "again" };
    await this.#begin();
  }

  show(stage) {
    // Whoever has hung up here hears afterwards what they are asked.
    if (stage.stage === "over") { this.#over(); this.#survey = stage.survey || ""; return this.#draw(true); }
    if (stage.stage === "rings") { if (!this.#begun) { this.#stage = stage; this.#o.shown(); this.#draw(); } return; }
    // Another page of this visitor has taken the call.
    if (!this.#begun && !this.#trying) { if (this.#stage.stage === "rings") this.#close(); return; }
    if (stage.stage === "talking" && this.#stage.stage !== "talking") this.#since = Date.now();
    this.#stage = stage;
    this.#draw();
  }

  /// Somebody points at something in a picture.
  arrow(at) { this.#pictures?.arrow(at); }

  #t(key, values = {}) {
    return (words[this.#o.language][key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }

  // ---- the connection

  async #begin() {
    this.#problem = null;
    this.#draw();
    if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia || !globalThis.RTCPeerConnection) return this.#failed("insecure");
    if (!(await this.#microphone())) return;
    const films = this.#films;
    this.#films = "";
    // Browsers share a screen only when somebody has just asked for it.
    if (films === "screen") this.#problem = "screen_again";
    await Promise.all([this.#connect(films === "camera"), films === "camera" && this.#film("camera")]);
  }

  async #microphone() {
    const code = await this.#mic.open(this.#micId);
    if (code === "stopped") return false;
    if (code) { this.#failed(code); return false; }
    if (this.#problem?.startsWith("mic_")) this.#problem = null;
    await this.#send();
    this.#draw(true);
    return true;
  }

  async #send() {
    const sender = this.#link?.sender;
    if (sender && sender.track !== this.#mic.track) await sender.replaceTrack(this.#mic.track).catch(() => {});
  }

  /// video: the call begins with the camera on, as the agent is told before they accept.
  async #connect(video = false) {
    clearTimeout(this.#timer);
    if (this.#trying) return;
    this.#trying = true;
    try {
      const url = this.#o.url + (this.#begun ? "?resume=true" : video ? "?video=true" : "");
      const link = await open({ url, headers: { authorization: `Bearer ${this.#o.token()}` }, name: "", video: this.#o.video, relays: this.#o.relays() ? `${this.#o.url}/relays` : "" }, AbortSignal.timeout(SETUP_MS));
      // It is over by now: nobody wants this connection any more.
      if (["idle", "over"].includes(this.#stage.stage)) return void link.pc.close();
      this.#adopt(link);
    } catch (failure) {
      this.#refused(failure instanceof Failure ? failure : new Failure("media_failed", String(failure)));
    } finally {
      this.#trying = false;
    }
  }

  #adopt(link) {
    const former = this.#link;
    this.#link = link;
    this.#begun = true;
    this.#tries = 0;
    if (!PICTURE_PROBLEMS.includes(this.#problem)) this.#problem = null;
    this.#o.inCall(true);
    link.pc.addEventListener("connectionstatechange", () => this.#changed(link));
    link.sender.transport?.addEventListener("statechange", () => this.#changed(link));
    this.#send();
    this.#pictures?.attach(link.picture);
    this.#audio.srcObject = new MediaStream([link.track]);
    this.#play();
    former?.pc.close();
    if (["calling", "again", "rings"].includes(this.#stage.stage)) this.#stage = { stage: "waiting" };
    this.#draw();
  }

  #changed(link) {
    if (link !== this.#link) return;
    const state = stateOf(link);
    link.up = state === "connected";
    if (link.up || state === "connecting" || state === "new") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { if (link === this.#link && !link.up) this.#again(); }, state === "disconnected" ? DISCONNECTED_MS : 0);
  }

  /// The line broke, or the house has let go: the next offer tells which.
  #again() {
    if (!this.#begun) return;
    this.#stage = { stage: "again" };
    this.#draw();
    const pause = AGAIN_MS[Math.min(this.#tries++, AGAIN_MS.length - 1)];
    this.#timer = setTimeout(() => this.#connect(), pause);
  }

  #refused({ code, reason, busy }) {
    if (reason === "status 410") return this.#over();
    if (this.#begun && (code === "offline" || reason !== "status 404")) {
      if (this.#tries < AGAIN_MS.length) return this.#again();
      return this.#over();
    }
    this.#failed(busy ? "too_many" : code);
  }

  #failed(code) {
    this.#problem = code;
    if (!this.#begun) { this.#mic.stop(); this.#stage = { stage: "failed" }; }
    this.#draw(true);
  }

  #drop() {
    clearTimeout(this.#timer);
    const link = this.#link;
    this.#link = null;
    link?.pc.close();
  }

  #over() {
    const was = this.#stage.stage;
    this.#begun = false;
    this.#o.inCall(false);
    this.#drop();
    this.#mic.stop();
    this.#mute(false);
    this.#audio.srcObject = null;
    this.#pictures?.end();
    this.#asks = "";
    this.#agreed = false;
    this.#panel = "";
    this.#since = 0;
    if (was === "idle" || was === "over" || was === "failed") return;
    if (was === "rings") return this.#close();
    this.#stage = { stage: "over" };
    this.#draw();
  }

  #close() {
    this.#stage = { stage: "idle" };
    this.#survey = "";
    this.#draw();
  }

  async #play() {
    try {
      await this.#audio.play();
      if (this.#sink && this.#audio.sinkId !== this.#sink) await this.#audio.setSinkId?.(this.#sink);
      this.#blocked = false;
    } catch (error) {
      this.#blocked = error.name === "NotAllowedError";
    }
    this.#draw();
  }

  // ---- hands

  #accept(video = false) {
    this.#begun = true;
    this.#films = video ? "camera" : "";
    this.#stage = { stage: "calling" };
    this.#begin();
  }

  #decline() {
    this.#o.tell({ type: "hang_up", declines: true });
    this.#close();
  }

  #hangUp() {
    this.#o.tell({ type: "hang_up" });
    this.#over();
  }

  #mute(on) {
    this.#muted = on;
    this.#mic.mute(on);
  }

  // ---- pictures

  async #film(kind, turn) {
    // Whoever may be recorded is told before the camera is on.
    this.#asks = kind && this.#o.records() && !this.#agreed ? kind : "";
    if (this.#asks) return this.#draw(true);
    const wrong = await this.#pictures.film(kind, turn);
    if (wrong || PICTURE_PROBLEMS.includes(this.#problem)) this.#problem = wrong || null;
    // The call may have ended while the browser asked.
    if (["idle", "over", "failed"].includes(this.#stage.stage)) this.#pictures.end();
    this.#draw(true);
  }

  #press(key) {
    this.#link?.sender.dtmf?.insertDTMF(this.#link.sender.dtmf.toneBuffer + key, 120, 80);
  }

  #open(panel) {
    this.#panel = this.#panel === panel ? "" : panel;
    this.#draw(true);
  }

  // ---- drawing

  #words() {
    const { stage, position, estimate_s: estimate, agent, held } = this.#stage;
    if (this.#problem && !this.#begun) return "";
    switch (stage) {
      case "waiting": return position ? this.#t("place", { n: position }) + (estimate ? ` · ${this.#t("estimate", { m: Math.max(1, Math.round(estimate / 60)) })}` : "") : this.#t("queued");
      case "talking": return this.#t(held ? "held" : "talking", { name: agent });
      case "rings": return this.#t(this.#stage.video ? "rings_video" : "rings", { name: agent });
      case "failed": return "";
      default: return this.#t(stage);
    }
  }

  #draw(anew = false) {
    const { stage } = this.#stage;
    this.#box.hidden = stage === "idle";
    this.#box.dataset.stage = stage;
    const what = this.#words();
    if (this.#what.textContent !== what) this.#what.textContent = what;
    const hint = this.#asks ? this.#t("consent") : this.#problem ? this.#t(this.#problem) : this.#muted ? this.#t("muted") : "";
    this.#hint.textContent = hint;
    this.#hint.hidden = !hint;
    this.#hint.classList.toggle("bad", !!this.#problem && !this.#asks);
    clearInterval(this.#clock);
    const tick = () => {
      const s = Math.floor((Date.now() - this.#since) / 1000);
      this.#time.textContent = stage === "talking" ? `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}` : "";
    };
    tick();
    if (stage === "talking") this.#clock = setInterval(tick, 1000);
    // Buttons that stay keep the focus.
    const sign = [stage === "rings", ["over", "failed"].includes(stage) && stage, this.#problem, this.#muted, this.#panel, this.#blocked, this.#pictures?.sign, stage].join();
    if (!anew && sign === this.#drawn) return;
    const focused = this.#o.root.activeElement?.dataset?.act;
    this.#drawn = sign;
    for (const old of [...this.#row.children]) if (old !== this.#end) old.remove();
    this.#end.hidden = ["rings", "over", "failed"].includes(stage);
    this.#end.before(...this.#buttons(stage));
    this.#drawPanel();
    if (focused) this.#box.querySelector(`[data-act="${focused}"]`)?.focus();
  }

  #buttons(stage) {
    const { el, icon } = this.#o;
    const button = (act, look, press, more = {}, ...inside) =>
      el("button", { type: "button", className: `b2 ${look}`, onclick: press, "data-act": act, "aria-label": this.#t(act), title: this.#t(act), ...more }, ...inside);
    const text = (act, look, press) => button(act, look, press, {}, this.#t(act));
    if (stage === "rings") {
      const filmed = this.#stage.video && this.#pictures;
      const accepts = filmed ? [text("accept_video", "go", () => this.#accept(true)), text("accept_sound", "", () => this.#accept())] : [text("accept", "go", () => this.#accept())];
      return [...accepts, text("decline", "stop wide", () => this.#decline())];
    }
    const rate = this.#survey && el("a", { className: "b2 go", href: this.#survey, target: "_blank", rel: "noopener", "data-act": "rate" }, this.#t("rate"));
    if (stage === "over") return [rate || null, text("close", "", () => this.#close())].filter(Boolean);
    if (stage === "failed") return [text("retry", "go", () => { this.#close(); this.start(); }), text("close", "", () => this.#close())];
    if (this.#asks) return [text("agree", "go", () => { this.#agreed = true; this.#film(this.#asks); }), text("not_now", "", () => { this.#asks = ""; this.#draw(true); })];
    return [
      this.#blocked ? text("listen", "go", () => this.#play()) : null,
      this.#problem?.startsWith("mic_") ? text("retry", "", () => this.#microphone()) : null,
      button("mute", "", () => { this.#mute(!this.#muted); this.#draw(); }, { "aria-pressed": String(this.#muted) }, icon(...ICONS.mic)),
      ...(this.#pictures?.buttons((kind, turn) => this.#film(kind, turn)) ?? []).map(([act, pressed, paths, press]) =>
        button(act, "", press, pressed === null ? {} : { "aria-pressed": String(pressed) }, icon(...paths))),
      button("keys", "", () => this.#open("keys"), { "aria-expanded": String(this.#panel === "keys") }, icon(...ICONS.keys)),
      button("devices", "", () => this.#open("devices"), { "aria-expanded": String(this.#panel === "devices") }, icon(...ICONS.devices)),
    ].filter(Boolean);
  }

  async #drawPanel() {
    const { el } = this.#o;
    const panel = this.#panel;
    this.#more.hidden = !panel;
    this.#more.className = panel === "keys" ? "pad" : "";
    if (!panel) return this.#more.replaceChildren();
    if (panel === "keys") return this.#more.replaceChildren(...KEYS.map((key) => el("button", { type: "button", textContent: key, "data-act": `key${key}`, onclick: () => this.#press(key) })));
    const { microphones, speakers } = await devices().catch(() => ({ microphones: [], speakers: [] }));
    if (this.#panel !== panel) return;
    const choose = (name, list, chosen, change) => {
      const options = [{ id: "", label: this.#t("standard") }, ...list.filter(({ id }) => id !== "default")];
      const select = el("select", { onchange: () => change(select.value), "data-act": name }, ...options.map(({ id, label }) => el("option", { value: id, textContent: label || id.slice(0, 8), selected: id === chosen })));
      return el("label", {}, this.#t(name), select);
    };
    const parts = [choose("microphone", microphones, this.#micId, (id) => { this.#micId = id; this.#microphone(); })];
    if (this.#audio.setSinkId) parts.push(choose("speaker", speakers, this.#sink, (id) => { this.#sink = id; this.#audio.setSinkId(id).catch(() => {}); }));
    this.#more.replaceChildren(...parts);
  }
}
