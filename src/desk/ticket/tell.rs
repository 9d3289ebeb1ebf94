//! What customers are told of their tickets: on every channel that they used, in their language, and at once when they ask. The ways are
//! looked up by the edge (`Act::Ways`); what may be written where, and when, is decided as for all messages of the house's own accord.

use super::spec::TicketTexts;
use super::{Desk, Ticket};
use crate::desk::act::Act;
use crate::desk::callback::number;
use crate::desk::id::*;
use crate::desk::input::{Ask, Body, Purpose, Reach, Recipient, TicketState, Wording};
use crate::desk::voicemail::VOICEMAIL;
use crate::desk::{Key, callback::link::Links};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The ways are asked for again after so long, ms, and so often.
const AGAIN_MS: i64 = 60_000;
const TRIES: u32 = 5;
/// Tickets that are named to one who asks.
const MOST: usize = 5;
/// Who asks for these messages, in the log of messages of the house's own accord.
const ASKER: &str = "ticket";

/// One piece of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::desk) enum News {
    Opened,
    State(TicketState),
    Approved,
    Denied,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::desk) struct Telling {
    pub news: News,
    /// When the ways were last asked for, and how often.
    pub at: At,
    pub tries: u32,
}

impl Telling {
    pub fn again(&self) -> At {
        self.at.after(AGAIN_MS)
    }
}

impl Desk {
    /// Has the customer told. News that come before the last ones are out take their place.
    pub(in crate::desk) fn tell_customer(&mut self, id: TicketId, news: News) {
        let now = self.now;
        let Some(ticket) = self.tickets.get(&id).filter(|ticket| !ticket.quiet && !self.is_hidden(ticket)) else { return };
        let rules = &self.catalog.tickets;
        let wanted = match news {
            News::Opened => rules.tell.contains(&TicketState::New),
            News::State(state) => rules.tell.contains(&state),
            News::Approved | News::Denied => true,
        };
        if !wanted || rules.texts.is_empty() {
            return;
        }
        let person = ticket.person;
        if let Some(ticket) = self.tickets.get_mut(&id) {
            ticket.serial = ticket.serial.wrapping_add(1);
            let serial = ticket.serial;
            ticket.telling = Some(Telling { news, at: now, tries: 1 });
            // One question for all that one step changes.
            self.acts.retain(|act| !matches!(act, Act::Ways { ticket, .. } if *ticket == id));
            self.acts.push(Act::Ways { ticket: id, person, serial });
        }
        self.touch(Key::Ticket(id));
    }

    /// The ways did not come in time.
    pub(in crate::desk) fn telling_due(&mut self, id: TicketId) {
        let now = self.now;
        let Some(ticket) = self.tickets.get_mut(&id) else { return };
        let Some(telling) = ticket.telling.as_mut().filter(|telling| telling.again() <= now) else { return };
        (telling.at, telling.tries) = (now, telling.tries + 1);
        if telling.tries > TRIES {
            ticket.telling = None;
        } else {
            self.acts.push(Act::Ways { ticket: id, person: ticket.person, serial: ticket.serial });
        }
        self.touch(Key::Ticket(id));
    }

    pub(in crate::desk) fn ways_found(&mut self, id: TicketId, serial: u32, to: Option<Recipient>) {
        let Some(ticket) = self.tickets.get_mut(&id).filter(|ticket| ticket.serial == serial) else { return };
        let Some(telling) = ticket.telling.take() else { return };
        let ticket = ticket.clone();
        self.touch(Key::Ticket(id));
        let Some(to) = to else { return };
        let language = to.who.person.as_ref().and_then(|person| person.language.clone()).unwrap_or_else(|| self.catalog.language.clone());
        let (text, subject) = self.news_text(&ticket, telling.news, &language);
        if text.is_empty() {
            return;
        }
        let template = self.wording(&ticket, telling.news, &language);
        for (nth, (channel, to)) in self.told_ways(&ticket, &to).into_iter().enumerate() {
            let ask = Ask {
                to,
                text: text.clone(),
                subject: subject.clone(),
                template: template.clone(),
                purpose: Purpose::Service,
                channels: channel.into_iter().collect(),
                not_after: None,
                card: None,
                outage: None,
                by: ASKER.into(),
                key: format!("{id}-{serial}-{nth}"),
                digest: text.clone(),
            };
            // What cannot be sent is said in the facts of that message.
            let _ = self.proactive(ask);
        }
    }

    /// Every channel that they used about this, or not long before; a telephone is told by text. Whoever used none is reached as well as
    /// can be.
    fn told_ways(&self, ticket: &Ticket, to: &Recipient) -> Vec<(Option<ChannelId>, Recipient)> {
        let since = ticket.opened_at.after(-self.catalog.tickets.tell_within_ms);
        let only = |way: &Reach| {
            let mut to = to.clone();
            to.who.identity = way.identity.clone();
            to.ways = vec![way.clone()];
            to
        };
        let mut told: BTreeMap<(ChannelId, String), Recipient> = BTreeMap::new();
        for way in &to.ways {
            let used = way.channel.as_ref().filter(|channel| channel.as_str() != VOICEMAIL && way.used_at.is_some_and(|at| at >= since));
            if let Some(channel) = used {
                told.insert((channel.clone(), way.identity.value.clone()), only(way));
            }
        }
        let called = ticket.works.iter().any(|work| matches!(work, Work::Call(_) | Work::Callback(_)));
        let rules = &self.catalog.callbacks;
        if let Some(texts) = rules.text_channel.as_ref().filter(|_| called) {
            let mobile = |way: &&Reach| way.identity.kind == "phone" && number::begins(&way.identity.value, &rules.mobile);
            for way in to.ways.iter().filter(mobile) {
                let key = (texts.clone(), way.identity.value.clone());
                let way = Reach { channel: Some(texts.clone()), ..way.clone() };
                told.entry(key).or_insert_with(|| only(&way));
            }
        }
        if told.is_empty() {
            return vec![(None, to.clone())];
        }
        told.into_iter().map(|((channel, _), to)| (Some(channel), to)).collect()
    }

    /// The text, and a letter's subject.
    fn news_text(&self, ticket: &Ticket, news: News, language: &str) -> (String, String) {
        let rules = &self.catalog.tickets;
        let texts = rules.texts_for(language);
        let (text, state) = match news {
            News::Opened => (&texts.opened, ticket.state),
            News::State(state) => (&texts.changed, state),
            News::Approved => (&texts.approved, ticket.state),
            News::Denied => (&texts.denied, ticket.state),
        };
        let state = rules.state_name(state, language);
        let link = self.status_link(ticket);
        let text = match &link {
            Some(_) if !text.is_empty() => format!("{text} {}", texts.link),
            _ => text.clone(),
        };
        (self.filled(&text, ticket, &state, link.as_deref()), self.filled(&texts.subject, ticket, &state, None))
    }

    fn filled(&self, text: &str, ticket: &Ticket, state: &str, link: Option<&str>) -> String {
        // The subject comes last: what a customer has written names no place of ours.
        let text = text.replace("{site}", &self.catalog.callbacks.site).replace("{number}", &ticket.id.to_string());
        let text = text.replace("{state}", state).replace("{link}", link.unwrap_or_default());
        text.replace("{subject}", &ticket.subject).trim().to_owned()
    }

    fn wording(&self, ticket: &Ticket, news: News, language: &str) -> Option<Wording> {
        let rules = &self.catalog.tickets;
        let state = match news {
            News::State(state) => state,
            News::Opened | News::Approved | News::Denied => ticket.state,
        };
        let variables = vec![ticket.id.to_string(), rules.state_name(state, language), self.status_link(ticket).unwrap_or_default()];
        Some(Wording { name: rules.template.clone()?, language: language.to_owned(), variables })
    }

    fn status_link(&self, ticket: &Ticket) -> Option<String> {
        let links: &Links = self.catalog.callbacks.links.as_ref()?;
        Some(links.ticket_address(ticket.id, self.now.after(self.catalog.tickets.link_ms)))
    }

    /// The tickets of theirs that a customer may hear of, the newest first; with a number that one alone.
    pub(in crate::desk) fn tickets_shown(&self, person: PersonId, number: Option<u64>) -> Vec<&Ticket> {
        let theirs = self.tickets_of.get(&person).into_iter().flatten().rev().filter_map(|id| self.tickets.get(id));
        let wanted = theirs.filter(|ticket| number.is_none_or(|number| ticket.id.0 == number) && !self.is_hidden(ticket));
        wanted.take(MOST).collect()
    }

    /// The state of their tickets, in words.
    pub(in crate::desk) fn states_text(&self, person: PersonId, number: Option<u64>, language: &str) -> String {
        let rules = &self.catalog.tickets;
        let texts: &TicketTexts = rules.texts_for(language);
        let shown = self.tickets_shown(person, number);
        if shown.is_empty() {
            return texts.none.replace("{site}", &self.catalog.callbacks.site).replace("{number}", &number.unwrap_or_default().to_string());
        }
        shown.into_iter().map(|ticket| self.state_line(ticket, language)).collect::<Vec<_>>().join("\n")
    }

    /// One ticket's state in a line.
    pub(in crate::desk) fn state_line(&self, ticket: &Ticket, language: &str) -> String {
        let rules = &self.catalog.tickets;
        let link = self.status_link(ticket);
        self.filled(&rules.texts_for(language).line, ticket, &rules.state_name(ticket.state, language), link.as_deref())
    }

    /// Answers a customer who asks for the state, at once and without ringing anybody.
    pub(in crate::desk) fn answer_state(&mut self, id: ConversationId, message: MessageId, number: Option<u64>) {
        let language = self.language_of(Work::Conversation(id));
        let Some(person) = self.job(Work::Conversation(id)).map(|job| job.person) else { return };
        let text = self.states_text(person, number, &language);
        if !text.is_empty() {
            self.send(id, None, Body::text(text), format!("ticket-{message}"));
        }
    }
}
