// Settings: what this browser speaks, hears and rings with. Kept in this browser, because the next one has other devices.

const KEYS = { microphone: "hubline.microphone", speaker: "hubline.speaker", ringer: "hubline.ringer" };
let box = null, words = {};

const make = (tag, props, ...children) => {
  const el = Object.assign(document.createElement(tag), props);
  el.append(...children);
  return el;
};

// A device without a name is one that this page may not know yet.
const named = list => list.filter(device => device.deviceId && device.label && !["default", "communications"].includes(device.deviceId));

function choice(kind, list) {
  const id = `device-${kind}`, kept = localStorage.getItem(KEYS[kind]) || "";
  const select = make("select", { id, className: "in" }, new Option(words.standard, ""), ...list.map(device => new Option(device.label, device.deviceId)));
  // What was chosen and is not plugged in stays chosen.
  if (kept && !list.some(device => device.deviceId === kept)) select.append(new Option(words.absent, kept));
  select.value = kept;
  select.onchange = () => {
    select.value ? localStorage.setItem(KEYS[kind], select.value) : localStorage.removeItem(KEYS[kind]);
    // The phone of this page speaks, hears and rings with it from now on, in a call too.
    document.dispatchEvent(new CustomEvent("desk:device", { detail: { kind, id: select.value } }));
  };
  return make("div", { className: "fld" }, make("label", { htmlFor: id, textContent: words[kind] }), select);
}

async function draw() {
  if (!box?.isConnected) return;
  const all = await navigator.mediaDevices.enumerateDevices();
  const inputs = named(all.filter(device => device.kind === "audioinput")), outputs = named(all.filter(device => device.kind === "audiooutput"));
  const said = make("p", { className: "err", role: "alert", hidden: true });
  if (!inputs.length) {
    const allow = make("button", { type: "button", className: "btn", textContent: words.allow });
    allow.onclick = async () => {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
        stream.getTracks().forEach(track => track.stop());
        await draw();
      } catch (error) {
        said.textContent = error.name === "NotFoundError" ? words.missing : words.denied;
        said.hidden = false;
      }
    };
    box.replaceChildren(make("p", { className: "sub", textContent: words.unknown }), make("p", {}, allow), said);
    return;
  }
  // Where the browser cannot choose a speaker, the system does.
  const rows = [choice("microphone", inputs)];
  if ("setSinkId" in HTMLMediaElement.prototype) rows.push(choice("speaker", outputs), choice("ringer", outputs));
  box.replaceChildren(...rows);
}

/// Fills the settings page, when that is what was drawn.
export function mount() {
  const drawn = document.getElementById("devices");
  if (!drawn || drawn === box) return;
  box = drawn;
  words = JSON.parse(box.dataset.words);
  if (navigator.mediaDevices) draw();
  else box.replaceChildren(make("p", { className: "sub", textContent: words.insecure }));
}
navigator.mediaDevices?.addEventListener("devicechange", draw);
