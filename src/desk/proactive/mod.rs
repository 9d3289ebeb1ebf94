//! Messages that the house sends of its own accord, through the channel that reaches the customer best. Whether and when is decided here:
//! consent, how often, quiet hours; `way.rs` finds the way. What is asked twice under one key is sent once. What does not arrive on one
//! channel goes by the next.

mod way;

use super::fact::{Fact, ProactiveFact, Unsent, Waits};
use super::id::*;
use super::input::{Ask, Delivery, Purpose, Recipient};
use super::person::{Consent, Identity, Unreachable, Who};
use super::refusal::Refusal;
use super::step::Answer;
use super::work::{Job, Stage};
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// A key is remembered so long after its message was settled, ms: the store's is the lasting lock, this one covers what has not been
/// committed yet.
const REMEMBERED_MS: i64 = 10 * 60_000;
/// One that was sent and is not known to have arrived may fail so long, ms; later the next way is no help any more.
const FOLLOWED_MS: i64 = 3_600_000;
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
    /// Where it did not arrive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tried: Vec<(ChannelId, Identity)>,
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
        /// What it became, while that may still fail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        follows: Option<MessageId>,
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
            State::Over { at, follows: Some(_), .. } => at.after(FOLLOWED_MS),
            State::Over { at, .. } => at.after(REMEMBERED_MS),
        }
    }

    /// Not sent yet, and not given up.
    pub fn waits(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    pub fn follows(&self) -> Option<MessageId> {
        match self.state {
            State::Over { follows, .. } => follows,
            State::Waiting { .. } => None,
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
        if ask.text.trim().is_empty() && ask.card.is_none() && ask.template.is_none() {
            return Err(Refusal::Empty);
        }
        let id = ProactiveId(self.mint(|ids| &mut ids.proactive));
        let Ask { by, key, digest, purpose, .. } = ask.clone();
        let person = ask.to.who.person.as_ref().map(|person| person.id);
        self.proactive_fact(id, ProactiveFact::Asked { by: by.clone(), key: key.clone(), digest, person, purpose });
        self.asked.insert((by, key), id);
        let (at, state) = (self.now, State::Waiting { until: self.now, why: Waits::QuietHours });
        self.proactives.insert(id, Proactive { id, ask, at, state, tried: Vec::new() });
        self.settle_proactive(id);
        Ok(Answer::Proactive(id))
    }

    pub(super) fn proactive_due(&mut self, id: ProactiveId) {
        let Some(proactive) = self.proactives.get(&id).filter(|proactive| proactive.due() <= self.now) else { return };
        match proactive.state {
            State::Waiting { .. } => self.settle_proactive(id),
            State::Over { follows, .. } => {
                if let Some(message) = follows {
                    self.followed.remove(&message);
                }
                if let Some(proactive) = self.proactives.remove(&id) {
                    self.asked.remove(&(proactive.ask.by, proactive.ask.key));
                }
                self.touch(Key::Proactive(id));
            }
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
                State::Over { at: now, sent: false, follows: None }
            }
            Verdict::Send(chosen) => match self.send_proactive(id, proactive.ask, proactive.tried.len(), *chosen) {
                Some((fact, message)) => {
                    self.proactive_fact(id, fact);
                    self.followed.insert(message, id);
                    State::Over { at: now, sent: true, follows: Some(message) }
                }
                None => {
                    self.proactive_fact(id, ProactiveFact::Refused { why: Unsent::NoWay });
                    State::Over { at: now, sent: false, follows: None }
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
        if ask.to.consent == Consent::Nothing {
            return Verdict::Refuse(Unsent::DoNotContact);
        }
        if ask.purpose == Purpose::Offer {
            match ask.to.consent {
                Consent::Offers => {}
                Consent::Unknown => return Verdict::Refuse(Unsent::NoConsent),
                Consent::ServiceOnly | Consent::Nothing => return Verdict::Refuse(Unsent::DoNotContact),
            }
            if self.offered_lately(proactive) {
                return Verdict::Refuse(Unsent::TooOften);
            }
        }
        // News that are none any more.
        let over = ask.outage.as_ref().is_some_and(|channel| !self.outages.contains_key(channel));
        if over || too_late(now) {
            return Verdict::Refuse(Unsent::TooLate);
        }
        let chosen = match self.best_way(ask, &proactive.tried) {
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
            State::Over { at, sent, .. } => sent && lately(at),
        };
        pause > 0 && (proactive.ask.to.offered_at.is_some_and(lately) || self.proactives.values().filter(other).any(counts))
    }

    /// What became of the message that one has become. Nobody is written to twice because nobody knows.
    pub(super) fn followed_came(&mut self, conversation: ConversationId, message: MessageId, state: &Delivery) {
        let Some(id) = self.followed.get(&message).copied() else { return };
        match state {
            Delivery::Failed { reason } => self.fall_back(id, conversation, message, reason.clone()),
            Delivery::Delivered | Delivery::Read => self.unfollow(id, message),
            Delivery::Queued | Delivery::Unknown | Delivery::Sent => {}
        }
    }

    fn unfollow(&mut self, id: ProactiveId, message: MessageId) {
        self.followed.remove(&message);
        if let Some(State::Over { follows, .. }) = self.proactives.get_mut(&id).map(|proactive| &mut proactive.state) {
            *follows = None;
        }
        self.touch(Key::Proactive(id));
    }

    /// The next way, by the same rules; where there is none it has failed, as its message says.
    fn fall_back(&mut self, id: ProactiveId, conversation: ConversationId, message: MessageId, reason: String) {
        self.unfollow(id, message);
        let Some((channel, identity)) = self.conversations.get(&conversation).map(|c| (c.channel.clone(), c.job.identity.clone())) else {
            return;
        };
        let Some(proactive) = self.proactives.get_mut(&id) else { return };
        proactive.tried.push((channel.clone(), identity));
        let proactive = proactive.clone();
        if matches!(self.judge(&proactive), Verdict::Refuse(_)) {
            return;
        }
        self.proactive_fact(id, ProactiveFact::FellBack { channel, reason });
        self.settle_proactive(id);
    }

    /// The channel works: what was to be told of it is news no more.
    pub(super) fn drop_news_of(&mut self, channel: &ChannelId) {
        let waits =
            |proactive: &&Proactive| matches!(proactive.state, State::Waiting { .. }) && proactive.ask.outage.as_ref() == Some(channel);
        let ids: Vec<ProactiveId> = self.proactives.values().filter(waits).map(|proactive| proactive.id).collect();
        for id in ids {
            self.settle_proactive(id);
        }
    }

    fn send_proactive(&mut self, id: ProactiveId, ask: Ask, tried: usize, chosen: way::Chosen) -> Option<(ProactiveFact, MessageId)> {
        let way::Chosen { channel, identity, body } = chosen;
        let job = self.job_for(Who { identity, ..ask.to.who });
        let person = job.person;
        // A letter about something else is no answer to the last one.
        let threads = self.catalog.channels.get(&channel).is_some_and(|spec| spec.traits.threads);
        let conversation = match threads {
            true => self.begin_conversation(channel.clone(), Job { ticketed: false, stage: Stage::Apart, ..job }, &body.text),
            false => self.conversation_with(channel.clone(), job, &body.text),
        };
        let message = self.send(conversation, None, body, key_of(id, tried))?;
        Some((ProactiveFact::Sent { person, conversation, message, channel, purpose: ask.purpose }, message))
    }

    /// What becomes known of a customer while something for them waits, or may yet go another way, counts when it is sent.
    fn tell_waiting(&mut self, concerns: impl Fn(&Proactive) -> bool, change: impl Fn(&mut Recipient)) {
        let waits = |proactive: &&Proactive| {
            (matches!(proactive.state, State::Waiting { .. }) || proactive.follows().is_some()) && concerns(proactive)
        };
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

/// The reply key of one; each further way is a message of its own.
fn key_of(id: ProactiveId, tried: usize) -> String {
    if tried == 0 { format!("proactive-{id}") } else { format!("proactive-{id}-{tried}") }
}
