// One media connection of the softphone; see softphone.js.

const CODECS = [["audio/pcmu", 8000], ["audio/pcma", 8000], ["audio/telephone-event", 8000]];

/// Why there is no connection: a problem code of softphone.js, and more for those who look closer.
export class Failure extends Error {
  /// busy: the server asks for patience.
  constructor(code, reason, busy = false) {
    super(reason);
    this.code = code;
    this.reason = reason;
    this.busy = busy;
  }
}

/// Offers, has the server answer, and waits until media can flow. Sends nothing yet: the sender has no track.
export async function open({ url, headers, name, video = false, relays = "" }, signal) {
  const iceServers = relays ? await relay(relays, headers, signal) : [];
  const pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
  try {
    const { sender, receiver } = offerAudio(pc);
    const picture = video ? offerPicture(pc) : null;
    await pc.setLocalDescription();
    const sdp = await ask(url, headers, { sdp: pc.localDescription.sdp, phone: name }, signal);
    await pc.setRemoteDescription({ type: "answer", sdp });
    await connected(pc, signal);
    return { pc, sender, track: receiver.track, picture: picture && { sender: picture.sender, track: picture.receiver.track }, up: true };
  } catch (error) {
    pc.close();
    throw error instanceof Failure ? error : new Failure("media_failed", String(error.message));
  }
}

/// What the connection is now; the server's goodbye closes DTLS, of which Chrome's connectionState takes eight
/// seconds to learn.
export function stateOf({ pc, sender }) {
  return ["closed", "failed"].includes(sender.transport?.state) ? "closed" : pc.connectionState;
}

function offerAudio(pc) {
  const transceiver = pc.addTransceiver("audio", { direction: "sendrecv" });
  const known = RTCRtpReceiver.getCapabilities("audio").codecs;
  const is = (codec, [mime, rate]) => codec.mimeType.toLowerCase() === mime && codec.clockRate === rate;
  transceiver.setCodecPreferences?.(CODECS.flatMap((wanted) => known.filter((codec) => is(codec, wanted))));
  return transceiver;
}

/// Carries nothing until somebody turns a camera on: no second connection is made for it.
function offerPicture(pc) {
  const transceiver = pc.addTransceiver("video", { direction: "sendrecv" });
  const known = RTCRtpReceiver.getCapabilities("video").codecs;
  transceiver.setCodecPreferences?.(known.filter((codec) => codec.mimeType.toLowerCase() === "video/vp8"));
  return transceiver;
}

/// The relay with a name for us; without it one tries as well.
async function relay(url, headers, signal) {
  const response = await fetch(url, { method: "POST", credentials: "same-origin", headers: { "x-requested-with": "hubline", ...headers }, signal }).catch(() => null);
  return response?.ok ? [await response.json()] : [];
}

/// Gives the server our offer, returns its answer.
async function ask(url, headers, offer, signal) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", "x-requested-with": "hubline", ...headers },
    body: JSON.stringify(offer),
    signal,
  }).catch((error) => { throw new Failure("offline", error.name); });
  if (!response.ok) throw new Failure("media_failed", `status ${response.status}`, response.status === 429);
  return (await response.json()).sdp;
}

/// Resolves when media can flow, rejects when it never will.
function connected(pc, signal) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (pc.connectionState === "connected") resolve();
      else if (signal.aborted) reject(new Failure("media_failed", "timeout"));
      else if (pc.connectionState === "failed") reject(new Failure("media_failed", "failed"));
    };
    pc.addEventListener("connectionstatechange", look);
    signal.addEventListener("abort", look);
    look();
  });
}

/// Figures of a connection since `then`, and the running totals to compare with next time.
export async function measure(pc, then) {
  const now = { lost: 0, received: 0, sent: 0, asked: 0, answered: 0, jitter_ms: 0, rtt_ms: null };
  for (const report of (await pc.getStats()).values()) {
    if (report.kind === "video") continue;
    if (report.type === "inbound-rtp") {
      now.lost = report.packetsLost;
      now.received = report.packetsReceived;
      now.jitter_ms = report.jitter * 1000;
    } else if (report.type === "outbound-rtp") {
      now.sent = report.packetsSent;
    } else if (report.type === "candidate-pair" && report.nominated) {
      now.asked = report.requestsSent + (report.consentRequestsSent ?? 0);
      now.answered = report.responsesReceived;
      if (report.currentRoundTripTime !== undefined) now.rtt_ms = report.currentRoundTripTime * 1000;
    }
  }
  const since = (name) => Math.max(0, now[name] - (then ?? now)[name]);
  const [lost, received] = [since("lost"), since("received")];
  const loss = lost + received > 0 ? lost / (lost + received) : 0;
  const quality = { loss, jitter_ms: now.jitter_ms, rtt_ms: now.rtt_ms, sent: since("sent"), received };
  return { totals: now, quality, unanswered: since("asked") - since("answered") };
}
