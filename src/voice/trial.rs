//! Trying a trunk: a call out that plays a tune and listens for it, and the watch over a call in. Each finding is told as it is made, so
//! that whoever tries reads along. The desk is asked first: a trial leaves the house by the same rules as every call.

mod ear;
mod finding;
mod watch;

pub use finding::{Finding, Mark};

use super::health;
use super::session::{Session, recorded_as};
use super::{Settings, Voice, moment, way};
use crate::desk::dial::book::TrunkProblem;
use crate::desk::dial::{DialRoute, Dialler};
use crate::desk::id::{CallId, TrunkId};
use crate::desk::input::{Input, Trial};
use crate::desk::step::Answer;
use crate::media::{Clip, LegId, LegStats, MediaEvent, Place, Remote, Repeat, Room};
use crate::rtp::Codec;
use crate::rtp::Law;
use crate::sip::{Dialog, DialogEvent, SipError};
use ear::Heard;
use finding::refusal;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// The server must have an address by then.
const REACH: Duration = Duration::from_secs(4);
/// No answer at all for so long, and nobody is there. Longer than a caller is made to wait, because one packet may be lost.
const SILENCE: Duration = Duration::from_secs(8);
/// It may ring for so long.
const RING: Duration = Duration::from_secs(45);
/// Before the tune: the far side's audio begins, and its first packets are learned.
const SETTLE: Duration = Duration::from_millis(1_200);
/// The tune is 1.4 s long; satellites and echo tests that repeat whole sentences take a while.
const LISTEN: Duration = Duration::from_secs(5);
/// After the keys.
const LAST: Duration = Duration::from_millis(2_500);
/// Last figures and the end of the recording.
const FAREWELL: Duration = Duration::from_secs(3);
/// What is pressed towards the far side.
const KEYS: &str = "159#";

/// What is to be tried.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub by: Dialler,
    pub trunk: TrunkId,
    /// To be called; `None`: watch for a call that comes in.
    pub number: Option<String>,
    /// The lines that this trunk may bring calls for.
    pub lines: Vec<String>,
}

impl Voice {
    /// Tries a trunk. Ends by itself, at the latest after two minutes, or when nobody reads along any more.
    pub async fn try_trunk(&self, wanted: Wanted, tell: mpsc::Sender<Finding>) {
        let settings = self.settings();
        let Some(number) = wanted.number.clone() else {
            return watch::incoming(self, wanted, &tell).await;
        };
        let call = self.shared.switchboard.number_call();
        let asked = Trial::Ask { by: wanted.by, trunk: wanted.trunk.clone(), number };
        let route = match self.shared.switchboard.ask(Input::Trial(call, asked)).await {
            Ok(Answer::Routes(mut routes)) if !routes.is_empty() => routes.remove(0),
            Ok(_) => return,
            Err(refusal) => return drop(tell.send(Finding::Refused(refusal)).await),
        };
        let recording = self.shared.recordings.join(format!("trial-{call}.tmp"));
        // Where it cannot be made, nothing is recorded, and the verdict says that nothing was heard.
        let _ = std::fs::create_dir_all(&self.shared.recordings);
        let mut test = Test { voice: self.clone(), settings, call, route, tell, recording };
        let reader = test.tell.clone();
        tokio::select! {
            // Whoever tried has gone: dropping the call ends it.
            () = reader.closed() => {}
            () = test.run() => {}
        }
        let _ = test.voice.shared.switchboard.tell(Input::Trial(call, Trial::Over));
        // Gone already where nothing was recorded.
        let _ = std::fs::remove_file(&test.recording);
    }
}

/// One call out.
struct Test {
    voice: Voice,
    settings: std::sync::Arc<Settings>,
    call: CallId,
    route: DialRoute,
    tell: mpsc::Sender<Finding>,
    recording: PathBuf,
}

/// The far side has picked up.
struct Up {
    dialog: Dialog,
    session: Session,
    room: Room,
    leg: LegId,
    law: Law,
}

impl Test {
    async fn say(&self, finding: Finding) {
        // A reader who has gone ends the trial elsewhere.
        let _ = self.tell.send(finding).await;
    }

    fn hear(&self, trial: Trial) {
        // A busy desk misses a figure, nothing else.
        let _ = self.voice.shared.switchboard.tell(Input::Trial(self.call, trial));
    }

    async fn run(&mut self) {
        let route = &self.route;
        self.say(Finding::Calling { trunk: route.trunk.clone(), number: route.number.clone(), shown: route.caller_id.clone() }).await;
        let mut room = self.voice.shared.plane.room(Place::Any);
        let (leg, local) = match room.add_rtp() {
            Ok(added) => added,
            Err(error) => return self.say(Finding::Failed(error.to_string())).await,
        };
        let spoken = Voice::trunk(&self.settings, &self.route.trunk).map_or(Codec::ALL.to_vec(), |trunk| trunk.codecs.clone());
        let mut session = Session::new(local.port(), spoken, self.settings.trunk_srtp(&self.route.trunk));
        let Some(outgoing) = way::outgoing(&self.settings, &self.route, None, session.offer()) else {
            return self.say(Finding::NoServer).await;
        };
        let begun = moment();
        let dialog = match tokio::time::timeout(REACH, self.voice.shared.endpoint.invite(outgoing)).await {
            Ok(Ok(dialog)) => dialog,
            Ok(Err(error)) => return self.not_sent(&error).await,
            Err(_) => return self.not_sent(&SipError::Unresolved(String::new())).await,
        };
        if let Some(mut up) = self.ring(dialog, session, room, leg, begun).await {
            self.hear(Trial::Answered);
            self.talk(&mut up).await;
        }
    }

    async fn not_sent(&self, error: &SipError) {
        let problem = health::problem(error);
        let finding = match problem {
            TrunkProblem::NoAddress => Finding::NoAddress,
            TrunkProblem::Unreachable => Finding::Unreachable,
            _ => Finding::Failed(error.to_string()),
        };
        self.hear(Trial::RouteFailed { trunk: self.route.trunk.clone(), problem });
        self.say(finding).await;
    }

    /// From the INVITE to the answer.
    async fn ring(&self, mut dialog: Dialog, mut session: Session, room: Room, leg: LegId, begun: Instant) -> Option<Up> {
        let (mut heard, mut rang) = (false, false);
        loop {
            let limit = if heard { RING } else { SILENCE };
            let Ok(event) = tokio::time::timeout_at(begun + limit, dialog.recv()).await else {
                if heard {
                    self.say(Finding::NotPickedUp).await;
                } else {
                    self.silent().await;
                }
                return None;
            };
            let ms = begun.elapsed().as_millis() as u64;
            match event? {
                DialogEvent::Progress { status, sdp } => {
                    if !std::mem::replace(&mut heard, true) {
                        self.say(Finding::Trying { ms }).await;
                    }
                    if status >= 180 && !std::mem::replace(&mut rang, true) {
                        self.hear(Trial::Rings);
                        self.say(Finding::Ringing { early: sdp.is_some() }).await;
                    }
                }
                DialogEvent::Answered { sdp } => {
                    let Some(remote) = sdp.and_then(|sdp| session.answered(&sdp).ok()) else {
                        self.say(Finding::NoCodec).await;
                        return None;
                    };
                    room.set_remote(leg, remote);
                    self.answered(ms, &remote).await;
                    return Some(Up { dialog, session, room, leg, law: recorded_as(remote.codec) });
                }
                // Our own 408: the server never said a word.
                DialogEvent::Rejected { status: 408, .. } if !heard => {
                    self.silent().await;
                    return None;
                }
                DialogEvent::Rejected { status: 503, reason, .. } if !heard && reason.is_empty() => {
                    self.hear(Trial::RouteFailed { trunk: self.route.trunk.clone(), problem: TrunkProblem::Unreachable });
                    self.say(Finding::Unreachable).await;
                    return None;
                }
                DialogEvent::Rejected { status, reason, .. } => {
                    let has_login = Voice::trunk(&self.settings, &self.route.trunk).is_some_and(|trunk| trunk.credentials.is_some());
                    self.say(refusal(status, &reason, has_login)).await;
                    return None;
                }
                DialogEvent::Ended { .. } => return None,
                _ => {}
            }
        }
    }

    async fn silent(&self) {
        self.hear(Trial::RouteFailed { trunk: self.route.trunk.clone(), problem: TrunkProblem::Silent });
        self.say(Finding::Silent { ms: SILENCE.as_millis() as u64 }).await;
    }

    /// What can be told from the answer alone.
    async fn answered(&self, ms: u64, remote: &Remote) {
        let codec = match remote.codec {
            Codec::Law(Law::Pcmu) => "G.711 µ-law",
            Codec::Law(Law::Pcma) => "G.711 A-law",
            Codec::G722 => "G.722",
            Codec::Opus => "Opus",
        };
        self.say(Finding::Answered { ms, to: remote.addr, codec }).await;
        let Some(server) = self.server().await else { return };
        if let Ok(ours) = self.voice.shared.endpoint.audio_facing(server).await
            && hidden_from(ours, server)
        {
            self.say(Finding::PrivateOurs(ours)).await;
        }
        if hidden_from(remote.addr.ip(), server) {
            self.say(Finding::PrivateTheirs(remote.addr.ip())).await;
        }
    }

    /// An address of the trunk's server.
    async fn server(&self) -> Option<IpAddr> {
        let trunk = Voice::trunk(&self.settings, &self.route.trunk)?;
        let uri = trunk.server.as_ref()?;
        if let Some(addr) = uri.socket_addr() {
            return Some(addr.ip());
        }
        let mut found = tokio::net::lookup_host((uri.host.as_str(), uri.port.unwrap_or(5060))).await.ok()?;
        found.next().map(|addr| addr.ip())
    }

    /// Plays, listens, presses keys, and hangs up.
    async fn talk(&self, up: &mut Up) {
        let mut keys = String::new();
        let mut alive = self.wait(up, SETTLE, &mut keys).await;
        if alive && let Ok(clip) = Clip::from_pcm(&ear::tune()) {
            up.room.record(up.leg, self.recording.clone(), up.law);
            up.room.play(up.leg, clip, Repeat::Once);
            alive = self.wait(up, LISTEN, &mut keys).await;
            up.room.stop_record();
        }
        if alive {
            up.room.digits(up.leg, KEYS);
            alive = self.wait(up, LAST, &mut keys).await;
        }
        if !alive {
            self.say(Finding::HungUp).await;
        }
        up.dialog.end(None);
        let stats = figures(&mut up.room, up.leg).await;
        self.judge(&stats, &keys).await;
    }

    /// Lets the call run; false when the far side has hung up.
    async fn wait(&self, up: &mut Up, time: Duration, keys: &mut String) -> bool {
        let until = moment() + time;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return true,
                event = up.dialog.recv() => match event {
                    None | Some(DialogEvent::Ended { .. }) => return false,
                    Some(DialogEvent::Dtmf { digit, .. }) => keys.push(digit),
                    Some(event) => {
                        if let Some(remote) = super::customer::renegotiate(&mut up.session, &up.dialog, &event) {
                            up.room.set_remote(up.leg, remote);
                        }
                    }
                },
                event = up.room.recv() => match event {
                    None => return false,
                    Some(MediaEvent::Digit { digit, .. }) => keys.push(digit),
                    Some(_) => {}
                },
            }
        }
    }

    /// In words what the audio was like.
    async fn judge(&self, stats: &LegStats, keys: &str) {
        if stats.packets_in == 0 {
            let finding = match stats.refused {
                0 => Finding::NothingHeard { sent: stats.packets_out },
                refused => Finding::OtherSource { refused },
            };
            return self.say(finding).await;
        }
        let file = std::fs::read(&self.recording).unwrap_or_default();
        self.say(match ear::listen(&ear::left(&file)) {
            Heard::Tune { after_ms } => Finding::BothWays { ms: after_ms },
            Heard::Other => Finding::NotOurTones,
            Heard::Silence => Finding::OnlySilence,
        })
        .await;
        self.say(if keys.is_empty() { Finding::NoKeys } else { Finding::Keys(keys.to_owned()) }).await;
        self.say(quality(stats)).await;
    }
}

fn quality(stats: &LegStats) -> Finding {
    let expected = stats.packets_in + stats.lost;
    Finding::Quality {
        packets: stats.packets_in,
        loss_percent: if expected == 0 { 0.0 } else { 100.0 * stats.lost as f32 / expected as f32 },
        jitter_ms: stats.jitter_ms,
        rtt_ms: stats.rtt_ms,
        mos: stats.mos,
    }
}

/// Closes the leg and waits for its figures and the end of the recording.
async fn figures(room: &mut Room, leg: LegId) -> LegStats {
    room.remove(leg);
    let mut stats = LegStats::default();
    let told = async {
        while let Some(event) = room.recv().await {
            if let MediaEvent::LegClosed { leg: closed, stats: last } = event
                && closed == leg
            {
                stats = last;
                return;
            }
        }
    };
    // Without figures the trial says so by its verdict.
    let _ = tokio::time::timeout(FAREWELL, told).await;
    room.close();
    let rest = async { while room.recv().await.is_some() {} };
    let _ = tokio::time::timeout(FAREWELL, rest).await;
    stats
}

/// Whether an address of a private network is told to somebody who is not in such a network: they cannot send to it (RFC 1918, RFC 6598).
fn hidden_from(addr: IpAddr, other: IpAddr) -> bool {
    is_private(addr) && !is_private(other)
}

fn is_private(addr: IpAddr) -> bool {
    match addr.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || (v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1])),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
