//! Messages that the house sends of its own accord, through the channel that reaches the customer best. Whether and when is decided here:
//! consent, how often, quiet hours; `way.rs` finds the way. What is asked twice under one key is sent once.

mod way;

use super::fact::{Fact, ProactiveFact, Unsent, Waits};
use super::id::*;
use super::input::{Ask, Purpose, Recipient};
use super::person::{Consent, Identity, Unreachable, Who};
use super::refusal::Refusal;
use super::step::Answer;
use super::work::{Job, Stage};
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// A key is remembered so long after its message was settled, ms: the store's is the lasting lock, this one covers what has not been
/// committed yet.
const REMEMBERED_MS: i64 = 10 * 60_000;
/// While no channel works, it is tried again after so long, and given up after so long, ms.
const DOWN_MS: i64 = 60_000;
const DOWN_LONGEST_MS: i64 = 24 * 3_600_000;

/// One message that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Proactive {
    pub id: ProactiveId,
    pub ask: Ask,
    pub at: At,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Waiting {
        until: At,
        why: Waits,
    },
    /// Sent or refused then.
    Over {
        at: At,
        sent: bool,
    },
}

/// What shall become of one now.
enum Verdict {
    Send(Box<way::Chosen>),
    Wait(At, Waits),
    Refuse(Unsent),
}

impl Proactive {
    pub fn due(&self) -> At {
        match self.state {
            State::Waiting { until, .. } => until,
            State::Over { at, .. } => at.after(REMEMBERED_MS),
        }
    }

    fn person(&self) -> Option<PersonId> {
        self.ask.to.who.person.as_ref().map(|person| person.id)
    }
}

impl Desk {
    /// Sends a message through the customer's best channel, now or when it may be; what became of it is in the facts.
    pub(super) fn proactive(&mut self, ask: Ask) -> Result<Answer, Refusal> {
        if let Some(known) = self.asked.get(&(ask.by.clone(), ask.key.clone())).and_then(|id| self.proactives.get(id)) {
            return if known.ask.digest == ask.digest { Ok(Answer::Proactive(known.id)) } else { Err(Refusal::KeyUsed) };
        }
        if ask.text.trim().is_empty() && ask.template.is_none() {
            return Err(Refusal::Empty);
        }
        let id = ProactiveId(self.mint(|ids| &mut ids.proactive));
        let Ask { by, key, digest, purpose, .. } = ask.clone();
        let person = ask.to.who.person.as_ref().map(|person| person.id);
        self.proactive_fact(id, ProactiveFact::Asked { by: by.clone(), key: key.clone(), digest, person, purpose });
        self.asked.insert((by, key), id);
        let (at, state) = (self.now, State::Waiting { until: self.now, why: Waits::QuietHours });
        self.proactives.insert(id, Proactive { id, ask, at, state });
        self.settle_proactive(id);
        Ok(Answer::Proactive(id))
    }

    pub(super) fn proactive_due(&mut self, id: ProactiveId) {
        match self.proactives.get(&id).map(|proactive| proactive.state) {
            Some(State::Waiting { until, .. }) if until <= self.now => self.settle_proactive(id),
            Some(State::Over { at, .. }) if at.after(REMEMBERED_MS) <= self.now => {
                if let Some(proactive) = self.proactives.remove(&id) {
                    self.asked.remove(&(proactive.ask.by, proactive.ask.key));
                }
                self.touch(Key::Proactive(id));
            }
            Some(_) | None => {}
        }
    }

    fn settle_proactive(&mut self, id: ProactiveId) {
        let Some(proactive) = self.proactives.get(&id).cloned() else { return };
        let (now, before) = (self.now, proactive.state);
        let state = match self.judge(&proactive) {
            Verdict::Wait(until, why) => {
                // While a channel is down it is tried again and again, and told once.
                let same = |known: At| known > proactive.at && (why == Waits::ChannelDown || known == until);
                let told = matches!(before, State::Waiting { why: known, until } if known == why && same(until));
                if !told {
                    self.proactive_fact(id, ProactiveFact::Waits { until, why });
                }
                State::Waiting { until, why }
            }
            Verdict::Refuse(why) => {
                self.proactive_fact(id, ProactiveFact::Refused { why });
                State::Over { at: now, sent: false }
            }
            Verdict::Send(chosen) => match self.send_proactive(id, proactive.ask, *chosen) {
                Some(fact) => {
                    self.proactive_fact(id, fact);
                    State::Over { at: now, sent: true }
                }
                None => {
                    self.proactive_fact(id, ProactiveFact::Refused { why: Unsent::NoWay });
                    State::Over { at: now, sent: false }
                }
            },
        };
        if let Some(proactive) = self.proactives.get_mut(&id) {
            proactive.state = state;
        }
        self.touch(Key::Proactive(id));
    }

    fn judge(&self, proactive: &Proactive) -> Verdict {
        let (ask, now, rules) = (&proactive.ask, self.now, &self.catalog.proactive);
        let too_late = |at: At| ask.not_after.is_some_and(|end| at > end);
        if ask.to.who.person.as_ref().is_some_and(|person| person.blocked) {
            return Verdict::Refuse(Unsent::Blocked);
        }
        if ask.purpose == Purpose::Offer {
            match ask.to.consent {
                Consent::Offers => {}
                Consent::Unknown => return Verdict::Refuse(Unsent::NoConsent),
                Consent::ServiceOnly => return Verdict::Refuse(Unsent::DoNotContact),
            }
            if self.offered_lately(proactive) {
                return Verdict::Refuse(Unsent::TooOften);
            }
        }
        if too_late(now) {
            return Verdict::Refuse(Unsent::TooLate);
        }
        let chosen = match self.best_way(ask) {
            Ok(chosen) => chosen,
            Err(way::NoWay::Never(why)) => return Verdict::Refuse(why),
            Err(way::NoWay::Down) => {
                let until = now.after(DOWN_MS);
                let given_up = too_late(until) || now.since(proactive.at) >= DOWN_LONGEST_MS;
                return if given_up { Verdict::Refuse(Unsent::TooLate) } else { Verdict::Wait(until, Waits::ChannelDown) };
            }
        };
        match rules.waking.as_ref().filter(|waking| !waking.open_at(now)).map(|waking| waking.next_open(now)) {
            None => Verdict::Send(Box::new(chosen)),
            Some(Some(until)) if !too_late(until) => Verdict::Wait(until, Waits::QuietHours),
            Some(_) => Verdict::Refuse(Unsent::TooLate),
        }
    }

    /// Another offer went to them not long ago, or waits for the morning.
    fn offered_lately(&self, proactive: &Proactive) -> bool {
        let (pause, now) = (self.catalog.proactive.offer_every_ms, self.now);
        let lately = |at: At| now.since(at) < pause;
        let other = |other: &&Proactive| {
            let theirs = other.id != proactive.id && other.ask.purpose == Purpose::Offer;
            theirs && other.person().is_some() && other.person() == proactive.person()
        };
        let counts = |other: &Proactive| match other.state {
            State::Waiting { .. } => other.id < proactive.id,
            State::Over { at, sent } => sent && lately(at),
        };
        pause > 0 && (proactive.ask.to.offered_at.is_some_and(lately) || self.proactives.values().filter(other).any(counts))
    }

    fn send_proactive(&mut self, id: ProactiveId, ask: Ask, chosen: way::Chosen) -> Option<ProactiveFact> {
        let way::Chosen { channel, identity, body } = chosen;
        let job = self.job_for(Who { identity, ..ask.to.who });
        let person = job.person;
        // A letter about something else is no answer to the last one.
        let threads = self.catalog.channels.get(&channel).is_some_and(|spec| spec.traits.threads);
        let conversation = match threads {
            true => self.begin_conversation(channel.clone(), Job { ticketed: false, stage: Stage::Apart, ..job }, &body.text),
            false => self.conversation_with(channel.clone(), job, &body.text),
        };
        let message = self.send(conversation, None, body, format!("proactive-{id}"))?;
        Some(ProactiveFact::Sent { person, conversation, message, channel, purpose: ask.purpose })
    }

    /// What becomes known of a customer while something for them waits counts when it is sent.
    fn tell_waiting(&mut self, concerns: impl Fn(&Proactive) -> bool, change: impl Fn(&mut Recipient)) {
        let waits = |proactive: &&Proactive| matches!(proactive.state, State::Waiting { .. }) && concerns(proactive);
        let ids: Vec<ProactiveId> = self.proactives.values().filter(waits).map(|proactive| proactive.id).collect();
        for id in ids {
            if let Some(proactive) = self.proactives.get_mut(&id) {
                change(&mut proactive.ask.to);
            }
            self.touch(Key::Proactive(id));
        }
    }

    pub(super) fn tell_waiting_consent(&mut self, person: PersonId, consent: Consent) {
        self.tell_waiting(|proactive| proactive.person() == Some(person), |to| to.consent = consent);
    }

    pub(super) fn tell_waiting_opt_out(&mut self, identity: &Identity, out: bool) {
        let theirs = |to: &Recipient| to.ways.iter().any(|way| way.identity == *identity);
        let change = |to: &mut Recipient| {
            to.ways.iter_mut().filter(|way| way.identity == *identity).for_each(|way| way.opted_out = out);
        };
        self.tell_waiting(|proactive| theirs(&proactive.ask.to), change);
    }

    pub(super) fn tell_waiting_unreachable(&mut self, identity: &Identity, why: Option<Unreachable>) {
        let theirs = |to: &Recipient| to.ways.iter().any(|way| way.identity == *identity);
        let change = |to: &mut Recipient| {
            to.ways.iter_mut().filter(|way| way.identity == *identity).for_each(|way| way.unreachable = why);
        };
        self.tell_waiting(|proactive| theirs(&proactive.ask.to), change);
    }

    fn proactive_fact(&mut self, id: ProactiveId, fact: ProactiveFact) {
        self.facts.push(Fact::Proactive(id, fact));
    }
}
