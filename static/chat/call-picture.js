// The pictures of a visitor's call as the chat window and the page of a link show them; see call.js.

import { Arrows } from "./softphone-arrows.js";
import { Pictures } from "./softphone-picture.js";

const ICONS = {
  camera: ["M3 7h11v10H3z", "m14 10 6-3v10l-6-3"],
  turn: ["M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5", "M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5"],
  screen: ["M3 5h18v11H3z", "M9 20h6M12 16v4"],
  large: ["M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"],
};

export class Stage {
  #pictures; #box; #arrows; #cameras = 0;

  /// t: words; changed: draw me; point: tell the other side; el: see call.js.
  constructor({ el, t, kept, changed, point }) {
    const video = (name, label) => el("video", { className: name, autoplay: true, playsInline: true, muted: true, hidden: true, "aria-label": t(label) });
    const theirs = video("theirs", "theirs"), mine = video("mine", "mine");
    this.#box = el("div", { className: "stage", hidden: true, title: t("point") }, theirs, mine);
    this.#pictures = new Pictures({ theirs, mine, kept });
    this.#arrows = new Arrows(this.#box, { agent: theirs, customer: mine }, point);
    this.#pictures.addEventListener("change", () => { this.#draw(); changed(); });
  }

  get box() { return this.#box; }
  get kind() { return this.#pictures.kind; }
  get before() { return this.#pictures.before; }

  arrow(at) { this.#arrows.show(at); }
  attach(picture) { this.#pictures.attach(picture); }
  end() { this.#pictures.end(); }

  /// In a click. Gives what went wrong, or "".
  async film(kind, turn) {
    const wrong = await this.#pictures.film(kind, turn);
    if (kind === "camera" && !wrong) this.#cameras = (await navigator.mediaDevices.enumerateDevices().catch(() => [])).filter((it) => it.kind === "videoinput").length;
    this.#draw();
    return wrong;
  }

  /// The buttons of a call: [name, pressed or null, icon, what it does].
  buttons(film) {
    const { kind, seen } = this.#pictures;
    const toggle = (name) => [name, kind === name, ICONS[name], () => film(kind === name ? "" : name)];
    return [
      toggle("camera"),
      kind === "camera" && this.#cameras > 1 ? ["turn", null, ICONS.turn, () => film("camera", true)] : null,
      navigator.mediaDevices?.getDisplayMedia ? toggle("screen") : null,
      seen && this.#box.requestFullscreen ? ["large", null, ICONS.large, () => document.fullscreenElement ? document.exitFullscreen() : this.#box.requestFullscreen()] : null,
    ].filter(Boolean);
  }

  /// What the buttons depend on.
  get sign() { return [this.#pictures.kind, this.#pictures.seen, this.#cameras].join(); }

  #draw() {
    this.#box.hidden = !this.#pictures.seen && !this.#pictures.kind;
  }
}
