// Pictures of a call: one's own camera or screen, and the other side's as it comes. Agents' and customers' pages share it.
//
//   const pictures = new Pictures({ theirs, mine, kept });  // two <video> elements; the name under which the page remembers what it filmed
//   pictures.attach(link.picture);     // each new connection: goes on with what is filmed, watches what comes
//   await pictures.film("camera");     // "camera", "screen", or "" for nothing; in a click. Gives what went wrong, or ""
//   pictures.end();                    // nobody is filmed any more
//   pictures.before                    // what was filmed before the page was loaded again
//   "change"                           // of kind, seen

// A picture of which nothing has come for so long is over; a shared screen that stands still is sent once a second.
const STILL_MS = 3000;

export class Pictures extends EventTarget {
  #theirs; #mine; #kept; #sender = null; #own = null; #kind = ""; #seen = 0; #facing = "user"; #turned = false;

  constructor({ theirs, mine, kept }) {
    super();
    [this.#theirs, this.#mine, this.#kept] = [theirs, mine, kept];
    // The small picture and the large one change places.
    for (const video of [theirs, mine]) video.addEventListener("click", () => { if (video.classList.contains("small")) { this.#turned = !this.#turned; this.#change(); } });
    setInterval(() => { if (this.#seen && Date.now() - this.#seen > STILL_MS) this.#still(); }, 500);
  }

  get kind() { return this.#kind; }
  /// The other side's picture moves.
  get seen() { return !!this.#seen; }
  get before() {
    try { return sessionStorage.getItem(this.#kept) || ""; } catch { return ""; }
  }

  attach(picture) {
    this.#sender = picture?.sender ?? null;
    this.#still();
    if (!picture) return;
    this.#sender.replaceTrack(this.#own).catch(() => {});
    const { track } = picture, video = this.#theirs;
    video.srcObject = new MediaStream([track]);
    video.play().catch(() => {});
    const shown = () => {
      if (video.srcObject?.getVideoTracks()[0] !== track) return;
      const first = !this.#seen;
      this.#seen = Date.now();
      if (first) this.#change();
      video.requestVideoFrameCallback?.(shown);
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(shown);
    else video.ontimeupdate = shown;
  }

  async film(kind, turn = false) {
    if (turn) this.#facing = this.#facing === "user" ? "environment" : "user";
    if (kind === this.#kind && !turn) return "";
    if (!kind) { this.#put(null, ""); return ""; }
    // A telephone has one camera at a time.
    if (turn) this.#own?.stop();
    let track;
    try {
      const stream = kind === "screen" ? await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 } })
        : await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: this.#facing } });
      [track] = stream.getVideoTracks();
    } catch (error) {
      if (turn) this.#put(null, "");
      // Who closes the browser's own question about the screen has changed their mind.
      if (kind === "screen") return error.name === "NotAllowedError" ? "" : "no_screen";
      return error.name === "NotAllowedError" ? "camera_denied" : "no_camera";
    }
    // Text stays sharp.
    if (kind === "screen") track.contentHint = "detail";
    track.addEventListener("ended", () => { if (this.#own === track) this.#put(null, ""); });
    this.#put(track, kind);
    return "";
  }

  end() {
    this.#put(null, "");
    this.#still();
  }

  /// What the other side shows now; null where nothing is shown.
  snapshot() {
    const { videoWidth: width, videoHeight: height } = this.#theirs;
    if (!this.#seen || !width) return null;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d").drawImage(this.#theirs, 0, 0);
    return new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.92); });
  }

  #put(track, kind) {
    if (this.#own !== track) this.#own?.stop();
    this.#own = track;
    this.#kind = kind;
    this.#sender?.replaceTrack(track).catch(() => {});
    this.#mine.srcObject = track && new MediaStream([track]);
    try { kind ? sessionStorage.setItem(this.#kept, kind) : sessionStorage.removeItem(this.#kept); } catch { /* then it is not remembered */ }
    this.#change();
  }

  #still() {
    this.#seen = 0;
    this.#change();
  }

  #change() {
    const [theirs, mine] = [this.#theirs, this.#mine], both = this.seen && this.#kind;
    theirs.hidden = !this.seen;
    mine.hidden = !this.#kind;
    theirs.classList.toggle("small", !!both && this.#turned);
    mine.classList.toggle("small", !!both && !this.#turned);
    this.dispatchEvent(new Event("change"));
  }
}
