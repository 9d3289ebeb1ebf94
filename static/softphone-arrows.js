// Arrows over the pictures of a call: whoever drags over a picture points at something, both sides see it, and it goes away. Agents' and
// customers' pages share it.
//
//   const arrows = new Arrows(stage, { customer: video, agent: video }, send);   // whose picture is in which <video>
//   arrows.show({ over: "customer", from: [x, y], to: [x, y] });                 // as `send` was given it on the other side
//
// Places are thousandths of the picture itself, not of the element around it, so that they fit every size.

const LASTS_MS = 6000;
/// A drag shorter than this, in pixels, is a click and points from below.
const CLICK = 12;
const NS = "http://www.w3.org/2000/svg";

export class Arrows {
  #stage; #pictures; #send; #sheet;

  constructor(stage, pictures, send) {
    [this.#stage, this.#pictures, this.#send] = [stage, pictures, send];
    this.#sheet = document.createElementNS(NS, "svg");
    this.#sheet.setAttribute("class", "arrows");
    this.#sheet.setAttribute("aria-hidden", "true");
    stage.append(this.#sheet);
    for (const [over, video] of Object.entries(pictures)) video.addEventListener("pointerdown", (event) => this.#drag(event, over, video));
  }

  show({ over, from, to }) {
    const video = this.#pictures[over];
    if (!video || video.hidden) return;
    // Nobody could tell what is meant on a small picture: a click makes it the large one.
    if (video.classList.contains("small")) video.click();
    const box = this.#box(video), place = ([x, y]) => [box.left + (x / 1000) * box.width, box.top + (y / 1000) * box.height];
    const mark = this.#draw(place(from), place(to));
    mark.animate([{ opacity: 1 }, { opacity: 1, offset: 0.85 }, { opacity: 0 }], LASTS_MS).onfinish = () => mark.remove();
  }

  #drag(event, over, video) {
    if (event.button !== 0 || video.classList.contains("small")) return;
    event.preventDefault();
    video.setPointerCapture(event.pointerId);
    const edge = this.#stage.getBoundingClientRect(), at = ({ clientX, clientY }) => [clientX - edge.left, clientY - edge.top];
    const begin = at(event);
    let mark = null;
    const reach = (now) => Math.hypot(now[0] - begin[0], now[1] - begin[1]) < CLICK ? [[begin[0] - 40, begin[1] + 40], begin] : [begin, now];
    const move = (moved) => { mark?.remove(); mark = this.#draw(...reach(at(moved))); };
    const end = (last) => {
      mark?.remove();
      for (const [name, run] of Object.entries(hands)) video.removeEventListener(name, run);
      if (last.type !== "pointerup") return;
      const box = this.#box(video), part = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1000);
      const [from, to] = reach(at(last)).map(([x, y]) => [part((x - box.left) / box.width), part((y - box.top) / box.height)]);
      this.show({ over, from, to });
      this.#send({ over, from, to });
    };
    const hands = { pointermove: move, pointerup: end, pointercancel: end };
    for (const [name, run] of Object.entries(hands)) video.addEventListener(name, run);
  }

  /// Where the picture itself lies in the stage: the element keeps its proportions by bars (object-fit: contain).
  #box(video) {
    const outer = video.getBoundingClientRect(), edge = this.#stage.getBoundingClientRect();
    const scale = Math.min(outer.width / (video.videoWidth || outer.width), outer.height / (video.videoHeight || outer.height));
    const [width, height] = [(video.videoWidth || outer.width) * scale, (video.videoHeight || outer.height) * scale];
    return { left: outer.left - edge.left + (outer.width - width) / 2, top: outer.top - edge.top + (outer.height - height) / 2, width, height };
  }

  #draw([fromX, fromY], [toX, toY]) {
    const turn = Math.atan2(toY - fromY, toX - fromX), wing = (by) => `${toX - 16 * Math.cos(turn + by)} ${toY - 16 * Math.sin(turn + by)}`;
    const way = `M${fromX} ${fromY}L${toX} ${toY}M${wing(0.5)}L${toX} ${toY}L${wing(-0.5)}`;
    const mark = document.createElementNS(NS, "g");
    // Light below, colour above: seen over any picture.
    for (const name of ["under", "over"]) {
      const line = document.createElementNS(NS, "path");
      line.setAttribute("class", name);
      line.setAttribute("d", way);
      mark.append(line);
    }
    this.#sheet.append(mark);
    return mark;
  }
}
