//! One task per call: owns the legs and their media, does what the desk says, tells what it hears, decides nothing.

mod legs;

use super::agent::{self, AgentEvent, AgentLeg};
use super::customer::{self, Customer};
use super::{Settings, Voice};
use crate::desk::act::VoiceAct;
use crate::desk::id::{AgentId, CallId};
use crate::desk::input::{CallHeard, EndCause, EndedBy, Input, LegFailure, LegParty};
use crate::desk::person::Who;
use crate::media::{LegId, MediaEvent, Place, Repeat, Room};
use crate::sip::{DialogEvent, IncomingCall};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a finished call waits for its last figures and the end of its recording.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// The desk says what is to be done within milliseconds. A caller of whom it never heard (it panicked just then) must not ring for ever.
const FIRST_ACT: Duration = Duration::from_secs(10);
/// How often, and for how long, a desk that is busy is told again that a call is over: else its agent would stay taken.
const AGAIN: Duration = Duration::from_millis(100);
const AGAINS: usize = 100;

/// What a call begins with.
pub(super) struct Start {
    pub voice: Voice,
    pub settings: Arc<Settings>,
    pub call: CallId,
    pub who: Who,
    pub invited: IncomingCall,
    pub line: mpsc::Receiver<VoiceAct>,
}

/// The state of one call's legs.
struct Call {
    voice: Voice,
    settings: Arc<Settings>,
    id: CallId,
    who: Who,
    room: Room,
    customer: Customer,
    /// Rarely more than one: the agent talking and, in a transfer, the one being rung.
    agents: Vec<(AgentId, AgentLeg)>,
    /// Legs that were closed, until their figures have come.
    closing: Vec<(LegId, LegParty)>,
    /// The recording that is being written.
    recording: Option<PathBuf>,
}

/// Whether the call goes on after an event.
#[derive(PartialEq)]
enum Next {
    On,
    /// Over; who ended it and why is told to the desk once the legs are closed.
    Over(EndedBy, EndCause),
}

/// Runs a call from the INVITE to its end.
pub(super) async fn run(start: Start) {
    let Start { voice, settings, call, who, invited, mut line } = start;
    let stop = voice.shared.stop.clone();
    let place = if settings.browser_agents { Place::Web } else { Place::Any };
    let room = voice.shared.plane.room(place);
    let mut call = Call {
        voice,
        settings,
        id: call,
        who,
        room,
        customer: Customer::new(invited),
        agents: Vec::new(),
        closing: Vec::new(),
        recording: None,
    };
    let mut unheard = true;
    let mut patience = pin!(tokio::time::sleep(FIRST_ACT));
    loop {
        let next = tokio::select! {
            act = line.recv() => match act {
                Some(act) => {
                    unheard = false;
                    call.act(act).await
                }
                None => Next::Over(EndedBy::System, EndCause::Failed),
            },
            () = &mut patience, if unheard => {
                tracing::error!(%call.id, "the desk did not say what to do with a call");
                call.customer.dialog.reject(503, "");
                Next::Over(EndedBy::System, EndCause::Failed)
            }
            () = stop.cancelled() => Next::Over(EndedBy::System, EndCause::Restart),
            event = call.customer.dialog.recv() => call.customer_event(event),
            event = call.room.recv() => match event {
                Some(event) => call.media_event(event),
                None => Next::Over(EndedBy::System, EndCause::Failed),
            },
            (agent, event) = agent::next(&mut call.agents) => call.agent_event(agent, event),
        };
        if let Next::Over(by, cause) = next {
            return call.finish(by, cause).await;
        }
    }
}

impl Call {
    /// Does one act of the desk.
    async fn act(&mut self, act: VoiceAct) -> Next {
        tracing::debug!(call = %self.id, ?act, "act");
        match act {
            VoiceAct::Ring => self.customer.dialog.ringing(None),
            VoiceAct::Answer => {
                if let Err(error) = self.customer.answer(&mut self.room) {
                    tracing::warn!(call = %self.id, %error, "the call cannot be answered");
                    self.customer.dialog.reject(488, "");
                    return Next::Over(EndedBy::System, EndCause::Failed);
                }
            }
            VoiceAct::Reject(cause) => {
                self.customer.dialog.reject(customer::status(cause), "");
                return Next::Over(EndedBy::System, EndCause::Rejected);
            }
            VoiceAct::Play { prompt } => {
                if !self.play(&prompt, Repeat::Once) {
                    // What cannot be played must not hold the call up.
                    self.tell(CallHeard::PromptDone);
                }
            }
            VoiceAct::Music { name } => {
                self.play(&name, Repeat::Forever);
            }
            VoiceAct::Echo => {
                if let Some(leg) = self.customer.leg() {
                    self.room.echo(leg, true);
                }
            }
            VoiceAct::RingPhone { agent, uri } => self.ring_phone(agent, &uri).await,
            VoiceAct::Join { agent } => self.join(agent),
            VoiceAct::Drop { agent } => self.drop_agent(&agent),
            VoiceAct::Bridge { agent } => {
                if let (Some(customer), Some(leg)) = (self.customer.leg(), self.agent_leg(&agent)) {
                    self.room.stop_play(customer);
                    self.room.bridge(customer, leg);
                }
            }
            VoiceAct::Hold { agent, music } => {
                if let Some(leg) = self.agent_leg(&agent) {
                    self.room.unbridge(leg);
                }
                self.play(&music, Repeat::Forever);
            }
            VoiceAct::Record { file } => {
                match self.customer.leg() {
                    Some(leg) => {
                        let path = self.voice.shared.recordings.join(&file);
                        self.room.record(leg, path.clone(), self.customer.law());
                        self.recording = Some(path);
                    }
                    // What was promised to be recorded and is not must not look as if it were running.
                    None => self.tell(CallHeard::RecordingFailed { file, error: "the caller has no audio".into() }),
                }
            }
            VoiceAct::PauseRecording { on } => self.room.pause_record(on),
            VoiceAct::SendDigits { digits } => {
                if let Some(leg) = self.customer.leg() {
                    self.room.digits(leg, &digits);
                }
            }
            VoiceAct::End { cause } => return Next::Over(EndedBy::System, cause),
        }
        Next::On
    }

    fn customer_event(&mut self, event: Option<DialogEvent>) -> Next {
        match event {
            Some(DialogEvent::Cancelled) => return Next::Over(EndedBy::Customer, EndCause::Abandoned),
            Some(DialogEvent::Ended { by_peer, status, .. }) => {
                let (by, cause) =
                    if by_peer && status.is_none() { (EndedBy::Customer, EndCause::Normal) } else { (EndedBy::Network, EndCause::Failed) };
                return Next::Over(by, cause);
            }
            None => return Next::Over(EndedBy::Network, EndCause::Failed),
            Some(DialogEvent::Dtmf { digit, .. }) => {
                self.tell(CallHeard::Digit(digit));
                for leg in self.agents.iter().filter_map(|(_, agent)| agent.leg) {
                    self.room.digits(leg, &digit.to_string());
                }
            }
            Some(event) => self.customer.negotiate(&self.room, &event),
        }
        Next::On
    }

    fn agent_event(&mut self, agent: AgentId, event: AgentEvent) -> Next {
        let event = match event {
            AgentEvent::Dialog(event) => event,
            AgentEvent::DialogGone => return self.agent_gone(agent, LegFailure::Unreachable),
            AgentEvent::Peer(peer) => {
                self.replace_peer(&agent, peer);
                return Next::On;
            }
        };
        match event {
            DialogEvent::Progress { status: 180..=199, .. } => self.tell(CallHeard::AgentRinging { agent }),
            DialogEvent::Progress { .. } => {}
            DialogEvent::Answered { sdp } => {
                let room = &self.room;
                let Some((_, leg)) = self.agents.iter_mut().find(|(id, _)| *id == agent) else { return Next::On };
                match leg.picked_up(room, sdp.as_deref()) {
                    Ok(()) => {
                        leg.answered = true;
                        self.tell(CallHeard::AgentAnswered { agent });
                    }
                    Err(error) => {
                        tracing::warn!(call = %self.id, %agent, %error, "the phone's answer cannot be used");
                        return self.agent_gone(agent, LegFailure::Unreachable);
                    }
                }
            }
            DialogEvent::Rejected { status, .. } => return self.agent_gone(agent, agent::failure(status)),
            DialogEvent::Ended { .. } => return self.agent_gone(agent, LegFailure::NoAnswer),
            DialogEvent::Dtmf { digit, .. } => {
                if let Some(customer) = self.customer.leg() {
                    self.room.digits(customer, &digit.to_string());
                }
            }
            event => {
                let room = &self.room;
                let leg = self.agents.iter_mut().find(|(id, _)| *id == agent).map(|(_, leg)| leg);
                // On hold by the phone's own key there is nobody to hear, as when a browser falls silent: the customer has music.
                match leg.and_then(|leg| leg.negotiate(room, &event)) {
                    Some(true) => self.tell(CallHeard::AgentSilent { agent }),
                    Some(false) => self.tell(CallHeard::AgentHeard { agent }),
                    None => {}
                }
            }
        }
        Next::On
    }

    /// An agent's phone refused, did not answer, or was put on hook.
    fn agent_gone(&mut self, agent: AgentId, cause: LegFailure) -> Next {
        let answered = self.agents.iter().any(|(id, leg)| *id == agent && leg.answered);
        self.drop_agent(&agent);
        self.tell(if answered { CallHeard::AgentLeft { agent } } else { CallHeard::AgentFailed { agent, cause } });
        Next::On
    }

    fn media_event(&mut self, event: MediaEvent) -> Next {
        match event {
            MediaEvent::Digit { leg, digit, .. } if Some(leg) == self.customer.leg() => self.tell(CallHeard::Digit(digit)),
            MediaEvent::PlayDone { leg } if Some(leg) == self.customer.leg() => self.tell(CallHeard::PromptDone),
            MediaEvent::Silent { leg } => {
                if let Some(agent) = self.browser_agent(leg) {
                    self.tell(CallHeard::AgentSilent { agent });
                } else if Some(leg) == self.customer.leg() {
                    tracing::info!(call = %self.id, "no audio from the customer");
                }
            }
            MediaEvent::Heard { leg } => self.heard(leg),
            MediaEvent::LegClosed { leg, stats } => return self.leg_closed(leg, stats),
            MediaEvent::RecordingDone { path, millis, bytes } => {
                self.recording = None;
                self.tell(CallHeard::RecordingDone { file: file_name(&path), millis, bytes });
            }
            MediaEvent::RecordingFailed { path, error } => {
                tracing::error!(call = %self.id, %error, "the recording failed");
                self.recording = None;
                self.tell(CallHeard::RecordingFailed { file: file_name(&path), error });
            }
            MediaEvent::Digit { .. } | MediaEvent::PlayDone { .. } | MediaEvent::Quality { .. } => {}
        }
        Next::On
    }

    /// Audio arrives on a leg for the first time, or again.
    fn heard(&mut self, leg: LegId) {
        let Some(agent) = self.browser_agent(leg) else { return };
        let Some((_, agent_leg)) = self.agents.iter_mut().find(|(id, _)| *id == agent) else { return };
        let first = !std::mem::replace(&mut agent_leg.answered, true);
        self.tell(if first { CallHeard::AgentAnswered { agent } } else { CallHeard::AgentHeard { agent } });
    }

    /// Plays to the customer; says whether it could.
    fn play(&mut self, name: &str, repeat: Repeat) -> bool {
        let Some(leg) = self.customer.leg() else { return false };
        match self.settings.prompts.get(name) {
            Ok(clip) => {
                self.room.play(leg, clip, repeat);
                true
            }
            Err(error) => {
                tracing::error!(call = %self.id, %error, "nothing is played");
                false
            }
        }
    }

    /// Ends every leg at once, tells the desk, then waits for the last figures and the end of the recording.
    async fn finish(mut self, by: EndedBy, cause: EndCause) {
        self.customer.dialog.end(None);
        let agents: Vec<AgentId> = self.agents.iter().map(|(agent, _)| agent.clone()).collect();
        for agent in agents {
            self.drop_agent(&agent);
        }
        if let Some(leg) = self.customer.leg() {
            self.closing.push((leg, LegParty::Customer));
        }
        self.room.close();
        let ended = CallHeard::Ended { by, cause };
        for _ in 0..AGAINS {
            if self.voice.shared.switchboard.tell(Input::Call(self.id, ended.clone())).is_ok() {
                break;
            }
            tokio::time::sleep(AGAIN).await;
        }
        let last_words = async {
            while !self.closing.is_empty() || self.recording.is_some() {
                match self.room.recv().await {
                    Some(event) => drop(self.media_event(event)),
                    None => return,
                }
            }
        };
        if tokio::time::timeout(LAST_WORDS, last_words).await.is_err() {
            tracing::warn!(call = %self.id, "the call's last figures did not come");
        }
    }

    fn tell(&self, heard: CallHeard) {
        if self.voice.shared.switchboard.tell(Input::Call(self.id, heard)).is_err() {
            tracing::error!(call = %self.id, "the desk is too busy to hear of a call");
        }
    }
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
