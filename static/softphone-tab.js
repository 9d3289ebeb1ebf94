// Which of an agent's tabs is the phone; see softphone.js. A lock goes with its tab, however the tab ends.

/// Events: "gained" (later than claim() said false: the other tab has gone), "lost" (another tab took over).
export class Tab extends EventTarget {
  #name; #release = null; #waiting = null;

  /// name: of the lock; null if this tab is the only one, or the page sees to that itself.
  constructor(name) {
    super();
    this.#name = name;
  }

  /// True if this tab is the phone now; otherwise it waits until it is.
  claim(steal) {
    if (this.#name === null) return Promise.resolve(true);
    return new Promise((resolve) => {
      const hold = (lock) => {
        resolve(lock !== null);
        return lock ? this.#hold() : this.#wait();
      };
      const options = steal ? { steal: true } : { ifAvailable: true };
      navigator.locks.request(this.#name, options, hold).catch(() => this.#stolen());
    });
  }

  release() {
    this.#waiting?.abort();
    this.#waiting = null;
    this.#release?.();
    this.#release = null;
  }

  #hold() {
    this.#waiting?.abort();
    this.#waiting = null;
    return new Promise((release) => { this.#release = release; });
  }

  #wait() {
    const waiting = new AbortController();
    this.#waiting = waiting;
    let held = false;
    const hold = () => {
      held = true;
      this.dispatchEvent(new CustomEvent("gained"));
      return this.#hold();
    };
    // Rejects when the wait is given up, too; only a lock once held can be stolen.
    navigator.locks.request(this.#name, { signal: waiting.signal }, hold).catch(() => { if (held) this.#stolen(); });
  }

  #stolen() {
    this.#release = null;
    this.dispatchEvent(new CustomEvent("lost"));
    this.#wait();
  }
}
