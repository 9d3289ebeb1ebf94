//! Who hears whom in a call. It follows from the state of the call alone; `retune` tells the call's task what has changed.
//!
//! Those who talk together hear each other. Whoever steps out of a talk (holds, is silent, consults somebody) hears nothing of it. Whoever is
//! left alone has music, so that nobody hears silence where a talk is due. While somebody is still being rung, the one who waits for them hears the
//! ring-back tone, or the far side itself once it sends its own.

use super::act::VoiceAct;
use super::call::{Apart, Call, Reaching};
use super::id::*;
use super::input::LegParty;
use super::input::WatchMode;
use super::party::Presence;
use super::watch::Watch;
use super::work::Stage;
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// Heard while somebody is rung whose side sends no tone of its own.
pub(super) const RING_BACK: &str = "ringback";

/// What the call's task was told last. Prompts and the music of those who wait for an agent are told apart from this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Told {
    #[default]
    Nothing,
    /// Customer and agent hear each other.
    Bridge(AgentId),
    /// The customer hears this music.
    Hold { agent: AgentId, music: String },
    /// Any other picture of who hears whom.
    Hear { hearing: Vec<(LegParty, Vec<LegParty>)>, music: Vec<(LegParty, String)> },
}

/// Somebody in a talk.
struct Member {
    party: LegParty,
    /// Holds, is silent, or is with somebody else.
    out: bool,
}

impl Desk {
    /// Tells the call's task who hears whom, if that has changed. To be called after everything that changes who is in a call.
    pub(super) fn retune(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let next = self.picture(call);
        if next == call.told {
            return;
        }
        let act = match &next {
            Told::Nothing => None,
            Told::Bridge(agent) => Some(VoiceAct::Bridge { agent: agent.clone() }),
            Told::Hold { agent, music } => Some(VoiceAct::Hold { agent: agent.clone(), music: music.clone() }),
            Told::Hear { hearing, music } => Some(VoiceAct::Hear { hearing: hearing.clone(), music: music.clone() }),
        };
        if let Some(call) = self.calls.get_mut(&id) {
            call.told = next;
        }
        self.touch(Key::Call(id));
        if let Some(act) = act {
            self.voice(id, act);
        }
        self.announce(id);
    }

    /// Whom each hears, by the state of the call.
    pub(super) fn picture(&self, call: &Call) -> Told {
        let (serving, queue) = match (&call.job.stage, &call.apart) {
            (Stage::Serving(serving), _) => (Some(serving), &serving.queue),
            (Stage::Apart, Some(Apart::Parked { queue, .. } | Apart::Handed { queue, .. })) => (None, queue),
            _ => return Told::Nothing,
        };
        let music = self.music(queue);
        let mut paint = Paint::default();
        if let (Some(reaching), Some(serving)) = (&call.reaching, serving) {
            paint.reaching(call, reaching, LegParty::Agent(serving.agent.clone()));
            return paint.done();
        }
        let aside = call.consult.as_ref().filter(|consult| consult.aside);
        let with = call.consult.as_ref().map(|consult| &consult.with);
        let mut talk = Vec::new();
        if call.has_customer() {
            talk.push(Member { party: LegParty::Customer, out: call.silent.is_some() });
        }
        if let Some(serving) = serving {
            talk.push(Member {
                party: LegParty::Agent(serving.agent.clone()),
                out: serving.held || serving.silent.is_some() || aside.is_some(),
            });
        }
        for party in &call.parties {
            if let Presence::In { held, silent, .. } = &party.presence
                && Some(&party.who) != with
            {
                talk.push(Member { party: party.who.clone(), out: *held || silent.is_some() });
            }
        }
        // Who barges in is where the agent is: with the customer, or with the one consulted.
        let beside = aside.is_some_and(|consult| call.parties.iter().any(|party| party.who == consult.with && party.is_in()));
        let here = || call.watches.iter().filter(|watch| watch.is_here());
        let barging: Vec<LegParty> = here().filter(|watch| watch.mode == WatchMode::Barge).map(Watch::leg).collect();
        let with_them = |members: &mut Vec<Member>| members.extend(barging.iter().map(|leg| Member { party: leg.clone(), out: false }));
        if !beside {
            with_them(&mut talk);
        }
        if serving.is_none() && talk.len() < 2 && call.parties.iter().any(|party| !party.is_in()) {
            // Handed on to a number that is still rung.
            paint.waits_for(call, LegParty::Customer);
            return paint.done();
        }
        paint.talk(&talk, &music);
        if let (Some(consult), Some(serving)) = (&call.consult, serving) {
            let there = call.parties.iter().find(|party| party.who == consult.with);
            match there {
                Some(party) if party.is_in() => {
                    let agent = LegParty::Agent(serving.agent.clone());
                    let mut pair = vec![
                        Member { party: agent, out: !consult.aside || serving.silent.is_some() },
                        Member { party: party.who.clone(), out: party.is_out() },
                    ];
                    if beside {
                        with_them(&mut pair);
                    }
                    paint.talk(&pair, &music);
                }
                Some(_) if consult.aside && serving.silent.is_none() => paint.waits_for(call, LegParty::Agent(serving.agent.clone())),
                _ => {}
            }
        } else if call.parties.is_empty()
            && here().next().is_none()
            && let Some(serving) = serving
            && call.has_customer()
            && call.silent.is_none()
        {
            return simple(&talk, &serving.agent, music);
        }
        if let Some(serving) = serving {
            let agent = LegParty::Agent(serving.agent.clone());
            let before = Heard::of(&paint, &agent);
            for watch in here().filter(|watch| watch.mode != WatchMode::Barge) {
                paint.listener(watch, &agent, &before, serving.silent.is_none());
            }
        }
        paint.done()
    }
}

/// Customer and one agent: the ordinary call.
fn simple(talk: &[Member], agent: &AgentId, music: String) -> Told {
    if talk.iter().any(|member| member.out) { Told::Hold { agent: agent.clone(), music } } else { Told::Bridge(agent.clone()) }
}

#[derive(Default)]
struct Paint {
    hearing: Vec<(LegParty, Vec<LegParty>)>,
    music: Vec<(LegParty, String)>,
}

impl Paint {
    /// Everybody who is in hears all others who are in; one who is left alone has music.
    fn talk(&mut self, members: &[Member], music: &str) {
        let present: Vec<&LegParty> = members.iter().filter(|member| !member.out).map(|member| &member.party).collect();
        if let [alone] = present.as_slice() {
            self.music.push(((*alone).clone(), music.to_owned()));
            return;
        }
        for listener in &present {
            let others = present.iter().filter(|other| *other != listener).map(|other| (*other).clone()).collect();
            self.hearing.push(((*listener).clone(), others));
        }
    }

    /// This one waits for somebody who is being rung.
    fn waits_for(&mut self, call: &Call, who: LegParty) {
        let early = call.parties.iter().find(|party| matches!(party.presence, Presence::Ringing { early: true, .. }));
        match early {
            Some(party) => self.hearing.push((who, vec![party.who.clone()])),
            None => self.music.push((who, RING_BACK.to_owned())),
        }
    }

    /// We call, and the one called has not answered yet.
    fn reaching(&mut self, call: &Call, reaching: &Reaching, agent: LegParty) {
        match reaching {
            Reaching::Own { .. } | Reaching::Notice { .. } => {}
            Reaching::Customer { early: true, .. } => self.hearing.push((agent, vec![LegParty::Customer])),
            Reaching::Customer { .. } => self.music.push((agent, RING_BACK.to_owned())),
            Reaching::Colleague => self.waits_for(call, agent),
        }
    }

    /// A supervisor hears what the agent hears, and the agent; nobody but the agent hears them, and that only when they whisper. While the
    /// agent is away from the talk, a listener hears what is left of it, and who whispers talks with the agent alone.
    fn listener(&mut self, watch: &Watch, agent: &LegParty, heard: &Heard, agent_here: bool) {
        let me = watch.leg();
        let whispers = watch.mode == WatchMode::Whisper;
        match heard {
            Heard::Talk(others) => {
                let all = others.iter().cloned().chain([agent.clone()]).collect();
                self.hearing.push((me.clone(), all));
                if whispers {
                    self.also(agent, &me);
                }
            }
            // Who is whispered to hears that instead of a ring-back tone, or of the music while the customer is gone for a moment.
            Heard::Music(_) if whispers => {
                self.music.retain(|(who, _)| who != agent);
                self.also(agent, &me);
                self.hearing.push((me, vec![agent.clone()]));
            }
            Heard::Music(name) => self.music.push((me, name.clone())),
            Heard::Nothing { .. } if whispers && agent_here => {
                self.also(agent, &me);
                self.hearing.push((me, vec![agent.clone()]));
            }
            Heard::Nothing { left: Some(Left::Talk(talk)) } => self.hearing.push((me, talk.clone())),
            Heard::Nothing { left: Some(Left::Music(name)) } => self.music.push((me, name.clone())),
            Heard::Nothing { left: None } => {}
        }
    }

    /// This listener hears one more.
    fn also(&mut self, listener: &LegParty, source: &LegParty) {
        match self.hearing.iter_mut().find(|(who, _)| who == listener) {
            Some((_, sources)) => sources.push(source.clone()),
            None => self.hearing.push((listener.clone(), vec![source.clone()])),
        }
    }

    fn done(self) -> Told {
        Told::Hear { hearing: self.hearing, music: self.music }
    }
}

/// What an agent hears, without any supervisor's whisper.
enum Heard {
    Talk(Vec<LegParty>),
    Music(String),
    /// Holds, or is silent: what is left without them.
    Nothing {
        left: Option<Left>,
    },
}

enum Left {
    Talk(Vec<LegParty>),
    Music(String),
}

impl Heard {
    fn of(paint: &Paint, agent: &LegParty) -> Heard {
        let hears = |who: &LegParty| paint.hearing.iter().find(|(listener, _)| listener == who).map(|(_, sources)| sources);
        let music = |who: &LegParty| paint.music.iter().find(|(listener, _)| listener == who).map(|(_, name)| name.clone());
        if let Some(others) = hears(agent) {
            return Heard::Talk(others.clone());
        }
        if let Some(name) = music(agent) {
            return Heard::Music(name);
        }
        let customer = LegParty::Customer;
        let talk = hears(&customer).map(|others| Left::Talk(others.iter().cloned().chain([customer.clone()]).collect()));
        Heard::Nothing { left: talk.or_else(|| music(&customer).map(Left::Music)) }
    }
}
