//! One task per call: owns the legs and their media, does what the desk says, tells what it hears, decides nothing.

mod agents;
mod dial;
mod legs;
mod page;
mod say;
mod second;
mod sound;

use super::customer::{self, Customer, CustomerEvent, LegError};
use super::keys::{Keys, Way};
use super::page_leg::PageLeg;
use super::pages::PageLine;
use super::party::{self, PartyEvent, PartyLeg};
use super::quality::{Figures, Lately};
use super::taking::{self, Taking, Way as TakingWay};
use super::voicemail;
use super::{Settings, Voice, moment};
use crate::desk::act::VoiceAct;
use crate::desk::id::{CallId, TrunkId};
use crate::desk::input::{CallHeard, EndCause, EndedBy, Input, LegParty};
use crate::desk::person::Who;
use crate::desk::refusal::Refusal;
use crate::media::{LegId, LegStats, MediaEvent, Place, Repeat, Room};
use crate::sip::{Caller, DialogEvent, IncomingCall, Srtp};
use crate::switchboard::LineQuality;
use page::Sounding;
use say::Saying;
use second::Second;
use sound::Picture;
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
    pub began: Began,
    pub line: mpsc::Receiver<VoiceAct>,
    /// Given back with the desk's first word.
    pub waits: Option<super::admission::Place>,
}

/// Who begins a call.
pub(super) enum Began {
    Phone(Box<IncomingCall>),
    Page(PageLine),
    Desk,
}

/// The state of one call's legs.
struct Call {
    voice: Voice,
    settings: Arc<Settings>,
    id: CallId,
    who: Who,
    room: Room,
    /// Who called, or the page that we rang; `None` in other calls of ours.
    caller: Option<Customer>,
    /// Agents, and whomever we dialled: the customer of a call of ours, and outside parties.
    parties: Vec<(LegParty, PartyLeg)>,
    /// What an agent's phone has dialled besides.
    second: Option<Second>,
    /// Legs that were closed, until their figures have come.
    closing: Vec<(LegId, LegParty)>,
    /// The recording that is being written.
    recording: Option<PathBuf>,
    /// Whose leg it has on the left.
    left: Option<LegId>,
    /// By which phones that take over are led here.
    way: TakingWay,
    takings: mpsc::Receiver<Taking>,
    /// `None` until the desk has said who hears whom.
    picture: Option<Picture>,
    /// The customer's.
    keys: Keys,
    lately: Lately,
    /// What plays again and again, and to whom.
    playing: Vec<(LegId, String)>,
    /// What the customer hears while nobody talks to them.
    sounding: Option<Sounding>,
    /// The one that was finished last.
    recorded: Option<String>,
    saying: Saying,
}

/// Whether the call goes on after an event.
#[derive(PartialEq)]
enum Next {
    On,
    /// Over; who ended it and why is told to the desk once the legs are closed.
    Over(EndedBy, EndCause),
}

/// Runs a call from the INVITE, or the desk's first act, to its end.
pub(super) async fn run(start: Start) {
    let Start { voice, settings, call, who, began, mut line, mut waits } = start;
    let stop = voice.shared.stop.clone();
    let caller = match began {
        Began::Phone(invited) => Some(at_phone(&settings, invited)),
        Began::Page(line) => Some(Customer::Page(PageLeg::new(line))),
        Began::Desk => None,
    };
    let place = if settings.browsers { Place::Web } else { Place::Any };
    let room = voice.shared.plane.room(place);
    let saying = Saying::new(settings.prompts.clone(), settings.speech.clone(), settings.language.clone());
    let (way, takings) = taking::way();
    let mut call = Call {
        voice,
        settings,
        id: call,
        who,
        room,
        caller,
        parties: Vec::new(),
        second: None,
        closing: Vec::new(),
        recording: None,
        left: None,
        way,
        takings,
        picture: None,
        keys: Keys::default(),
        lately: Lately::default(),
        playing: Vec::new(),
        sounding: None,
        recorded: None,
        saying,
    };
    let mut unheard = true;
    let mut patience = pin!(tokio::time::sleep(FIRST_ACT));
    loop {
        let next = tokio::select! {
            act = line.recv() => match act {
                Some(act) => {
                    unheard = false;
                    drop(waits.take());
                    call.act(act).await
                }
                None => Next::Over(EndedBy::System, EndCause::Failed),
            },
            () = &mut patience, if unheard => {
                tracing::error!(%call.id, "the desk did not say what to do with a call");
                call.refuse(503);
                Next::Over(EndedBy::System, EndCause::Failed)
            }
            () = stop.cancelled() => Next::Over(EndedBy::System, EndCause::Restart),
            event = customer::next(call.caller.as_mut()) => match event {
                CustomerEvent::Dialog(event) => call.caller_event(event),
                CustomerEvent::Page(heard) => call.page_event(heard),
            },
            event = call.room.recv() => match event {
                Some(event) => call.media_event(event),
                None => Next::Over(EndedBy::System, EndCause::Failed),
            },
            (who, event) = party::next(&mut call.parties) => call.party_event(who, event).await,
            event = second::next(call.second.as_mut()) => call.second_event(event),
            Some(taking) = call.takings.recv() => {
                call.taken_over(taking);
                Next::On
            }
            ready = call.saying.next() => {
                call.voiced(ready);
                Next::On
            }
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
            // Its wire and task are there.
            VoiceAct::Open { .. } => {}
            VoiceAct::Ring => {
                if let Some(caller) = &self.caller {
                    caller.ringing();
                }
            }
            VoiceAct::Answer => {
                if let Some(Err(error)) = self.caller.as_mut().map(|caller| caller.answer(&mut self.room)) {
                    tracing::warn!(call = %self.id, %error, "the call cannot be answered");
                    // What we lack just now is not what the caller did wrong: another time, or another server, may do.
                    self.refuse(if matches!(error, LegError::Media(_)) { 503 } else { 488 });
                    return Next::Over(EndedBy::System, EndCause::Failed);
                }
            }
            VoiceAct::Reject(cause) => {
                self.refuse(customer::status(cause));
                return Next::Over(EndedBy::System, EndCause::Rejected);
            }
            VoiceAct::Play { prompt } => {
                self.picture = None;
                if !self.customer_leg().is_some_and(|leg| self.play_to(leg, &prompt, Repeat::Once)) {
                    // What cannot be played must not hold the call up.
                    self.tell(CallHeard::PromptDone);
                }
            }
            VoiceAct::Say { serial, pieces } => self.say(serial, pieces),
            VoiceAct::Hush => self.hush(),
            VoiceAct::Language { language } => self.saying.speak(language),
            VoiceAct::Music { name } => {
                // Whoever talked to the customer does so no more.
                self.picture = None;
                self.sounding = Some(Sounding::Music(name.clone()));
                if let Some(leg) = self.customer_leg() {
                    self.music_to(leg, &name);
                }
            }
            VoiceAct::Echo => {
                if let Some(leg) = self.customer_leg() {
                    self.room.echo(leg, true);
                }
            }
            VoiceAct::RingPhone { agent, phone } => self.ring_phone(agent, &phone).await,
            VoiceAct::OffHook { agent } => self.off_hook(agent),
            VoiceAct::SecondLine { agent } => self.second_line(agent),
            VoiceAct::EndSecond { .. } => self.end_second(),
            VoiceAct::Join { agent } => self.join(agent),
            VoiceAct::Drop { agent } => self.drop_party(&LegParty::Agent(agent)),
            VoiceAct::Referred { agent, done } => self.referred(&agent, if done { 200 } else { 603 }),
            VoiceAct::Dial { party, routes, ring_ms } => self.dial(party, routes, ring_ms).await,
            VoiceAct::Knock { page, ring_ms } => self.knock(&page, ring_ms),
            VoiceAct::Dismiss { party } => self.drop_party(&party),
            VoiceAct::Bridge { agent } => {
                self.saying.over();
                let agent = LegParty::Agent(agent);
                self.paint(vec![(LegParty::Customer, vec![agent.clone()]), (agent, vec![LegParty::Customer])], Vec::new());
            }
            VoiceAct::Hold { agent: _, music } => self.paint(Vec::new(), vec![(LegParty::Customer, music)]),
            VoiceAct::Hear { hearing, music } => self.paint(hearing, music),
            VoiceAct::Record { file } => self.record(file),
            VoiceAct::RecordMessage { file, silence_ms } => self.record_message(file, silence_ms),
            VoiceAct::EndMessage => self.room.stop_record(),
            VoiceAct::PauseRecording { on } => self.room.pause_record(on),
            VoiceAct::StopRecording => self.room.stop_record(),
            VoiceAct::SendDigits { digits } => {
                if let Some(leg) = self.customer_leg() {
                    self.room.digits(leg, &digits);
                }
            }
            VoiceAct::Tone { to, prompt } => self.tone(&to, &prompt),
            VoiceAct::Press { party, digits } => {
                if let Some(leg) = self.leg_of(&party) {
                    self.room.digits(leg, &digits);
                }
            }
            VoiceAct::End { cause } => return Next::Over(EndedBy::System, cause),
        }
        Next::On
    }

    fn refuse(&self, status: u16) {
        if let Some(caller) = &self.caller {
            caller.refuse(status, &self.voice.shared.plane);
        }
    }

    /// Left what the customer says, right what is said to them; between colleagues the first one's leg stands for the customer's.
    fn record(&mut self, file: String) {
        self.begin_recording(file, None);
    }

    /// A message of the customer alone: the desk is told when they have said nothing for so long.
    fn record_message(&mut self, file: String, silence_ms: i64) {
        let quiet = u64::try_from(silence_ms).ok().filter(|ms| *ms > 0).map(Duration::from_millis);
        self.begin_recording(file, quiet);
    }

    fn begin_recording(&mut self, file: String, quiet: Option<Duration>) {
        let first = self.parties.iter().find_map(|(_, leg)| Some((leg.leg?, leg.law)));
        let customer = match &self.caller {
            Some(caller) => caller.leg().map(|leg| (leg, caller.law())),
            None => self.parties.iter().find(|(who, _)| *who == LegParty::Customer).and_then(|(_, leg)| Some((leg.leg?, leg.law))),
        };
        match customer.or(first) {
            Some((leg, law)) => {
                let path = self.voice.shared.recordings.join(&file);
                self.room.record_message(leg, path.clone(), law, quiet);
                (self.recording, self.left) = (Some(path), Some(leg));
            }
            // What was promised to be recorded and is not must not look as if it were running.
            None => self.tell(CallHeard::RecordingFailed { file, error: "the caller has no audio".into() }),
        }
    }

    /// A key that the customer's phone told by INFO. For who hears them it is pressed anew: it was in no audio.
    fn customer_pressed(&mut self, digit: char) {
        if !self.keys.press(moment(), Way::Info, digit) {
            return;
        }
        self.tell(CallHeard::Digit(digit));
        for leg in self.parties.iter().filter(|(who, _)| *who != LegParty::Customer).filter_map(|(_, leg)| leg.leg) {
            self.room.digits(leg, &digit.to_string());
        }
    }

    fn caller_event(&mut self, event: Option<DialogEvent>) -> Next {
        match event {
            Some(DialogEvent::Cancelled) => return Next::Over(EndedBy::Customer, EndCause::Abandoned),
            Some(DialogEvent::Ended { by_peer, status, .. }) => {
                let (by, cause) =
                    if by_peer && status.is_none() { (EndedBy::Customer, EndCause::Normal) } else { (EndedBy::Network, EndCause::Failed) };
                return Next::Over(by, cause);
            }
            None => return Next::Over(EndedBy::Network, EndCause::Failed),
            Some(DialogEvent::Dtmf { digit, .. }) => self.customer_pressed(digit),
            Some(event) => {
                if let Some(caller) = &mut self.caller {
                    caller.negotiate(&self.room, &event);
                }
            }
        }
        Next::On
    }

    async fn party_event(&mut self, who: LegParty, event: PartyEvent) -> Next {
        match who {
            LegParty::Agent(agent) => self.agent_event(agent, event),
            who => self.dialled_event(who, event).await,
        }
    }

    fn media_event(&mut self, event: MediaEvent) -> Next {
        match event {
            MediaEvent::Digit { leg, digit, tone, .. } if Some(leg) == self.customer_leg() => {
                let way = if tone { Way::Tone } else { Way::Event };
                if self.keys.press(moment(), way, digit) {
                    self.tell(CallHeard::Digit(digit));
                }
            }
            MediaEvent::PlayDone { leg } if Some(leg) == self.customer_leg() => self.played(),
            MediaEvent::Silent { leg } => {
                if let Some(agent) = self.browser_agent(leg) {
                    self.tell(CallHeard::AgentSilent { agent });
                } else if Some(leg) == self.customer_leg() {
                    self.page_silent();
                    tracing::info!(call = %self.id, "no audio from the customer");
                }
            }
            MediaEvent::Heard { leg } => self.heard(leg),
            MediaEvent::LegClosed { leg, stats } => return self.leg_closed(leg, stats),
            MediaEvent::RecordingDone { path, millis, bytes, films } => {
                self.recording = None;
                let file = file_name(&path);
                self.tell(CallHeard::RecordingDone { file: file.clone(), millis, bytes, films: films.join(" ") });
                self.recorded = Some(file);
            }
            MediaEvent::RecordingFailed { path, error } => {
                tracing::error!(call = %self.id, %error, "the recording failed");
                self.recording = None;
                self.tell(CallHeard::RecordingFailed { file: file_name(&path), error });
            }
            MediaEvent::Quality { leg, stats } => self.show_line(leg, &stats),
            MediaEvent::Digit { .. } | MediaEvent::PlayDone { .. } => {}
            MediaEvent::Quiet => self.tell(CallHeard::Quiet),
        }
        Next::On
    }

    fn show_line(&mut self, leg: LegId, stats: &LegStats) {
        let Some((party, _)) = self.everybody().find(|(_, of)| *of == leg) else { return };
        let Figures { loss_percent, jitter_ms, rtt_ms, mos } = self.lately.look(leg, stats);
        let line = LineQuality { call: self.id, party, loss_percent, jitter_ms, rtt_ms, mos };
        self.voice.shared.switchboard.show_line(line);
    }

    /// Ends every leg at once, tells the desk, then waits for the last figures and the end of the recording.
    async fn finish(mut self, by: EndedBy, cause: EndCause) {
        if let Some(caller) = &self.caller {
            caller.end(&self.voice.shared.plane);
        }
        let parties: Vec<LegParty> = self.parties.iter().map(|(party, _)| party.clone()).collect();
        for party in parties {
            self.drop_party(&party);
        }
        if let Some(leg) = self.caller.as_ref().and_then(Customer::leg) {
            self.closing.push((leg, LegParty::Customer));
        }
        self.room.close();
        let (id, switchboard) = (self.id, self.voice.shared.switchboard.clone());
        // Waited for: what the desk says to the call until it has heard of the end must find the wire still there, or it would take the
        // call for one that was lost.
        let told = async {
            for _ in 0..AGAINS {
                match switchboard.ask(Input::Call(id, CallHeard::Ended { by, cause })).await {
                    Err(Refusal::Busy) => tokio::time::sleep(AGAIN).await,
                    _ => return,
                }
            }
        };
        let last_words = async {
            while !self.closing.is_empty() || self.recording.is_some() {
                match self.room.recv().await {
                    Some(event) => drop(self.media_event(event)),
                    None => return,
                }
            }
        };
        let (_, last) = tokio::join!(told, tokio::time::timeout(LAST_WORDS, last_words));
        if last.is_err() {
            tracing::warn!(call = %self.id, "the call's last figures did not come");
        }
        // Only now, because the desk must have heard of the call's end: it is then that the caller stands on its list.
        if let Some(file) = &self.recorded {
            voicemail::keep(&self.voice, self.id, file);
        }
    }

    fn tell(&self, heard: CallHeard) {
        if self.voice.shared.switchboard.tell(Input::Call(self.id, heard)).is_err() {
            tracing::error!(call = %self.id, "the desk is too busy to hear of a call");
        }
    }
}

fn at_phone(settings: &Settings, invited: Box<IncomingCall>) -> Customer {
    let trunk = match &invited.caller {
        Caller::Trunk(trunk) => Some(TrunkId(trunk.clone())),
        Caller::Phone(_) => None,
    };
    let srtp = trunk.as_ref().map_or(Srtp::Off, |trunk| settings.trunk_srtp(trunk));
    Customer::at_phone(invited, trunk.and_then(|trunk| Voice::trunk(settings, &trunk)), srtp)
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
