//! Data in bulk, to see how a house stands after years: customers who wrote, were answered and left, decided by a desk like any other and recorded
//! as it decides, so that no row is there that a real day would not have made.

pub mod articles;
pub mod words;

use super::plan::Dice;
use crate::desk::Desk;
use crate::desk::catalog::Catalog;
use crate::desk::fact::{ConversationFact, Fact, PersonFact, TicketFact};
use crate::desk::id::*;
use crate::desk::input::*;
use crate::desk::person::{Identity, PersonBrief, Who};
use crate::desk::step::Step;
use crate::store::{Store, StoreError};
use std::sync::Arc;
use words::{below, name, sentence};

/// Steps recorded at once: one commit.
const AT_ONCE: usize = 2_000;
/// Years that it spreads over, ms.
const SPAN_MS: i64 = 2 * 365 * 24 * 3_600_000;
/// Tickets that are still open, of a thousand.
const OPEN: u32 = 50;

/// How much of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts {
    pub people: u64,
    pub messages: u64,
    pub tickets: u64,
    pub articles: u64,
}

/// What a house needs for it: a channel on which customers write, and an agent of its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub channel: ChannelId,
    pub agent: AgentId,
}

/// Writes it all into an empty store; `now` is where it ends. `told` hears after each commit how many messages there are.
pub async fn write(
    store: &Store,
    catalog: Arc<Catalog>,
    place: Place,
    amounts: Amounts,
    now: At,
    mut told: impl FnMut(u64),
) -> Result<(), StoreError> {
    let dice = Dice::new(0x9e37_79b9);
    let mut years =
        Years { desk: Desk::new(catalog), store, place, steps: Vec::with_capacity(AT_ONCE), facts: Vec::new(), messages: 0, dice: &dice };
    let begin = now.after(-SPAN_MS);
    years.arrive(begin).await?;
    let (people, messages) = (amounts.people.max(1), amounts.messages);
    for number in 0..people {
        let at =
            begin.after(1_000 + i64::try_from(u128::from(number) * (SPAN_MS as u128 - 3_600_000) / u128::from(people)).unwrap_or_default());
        // What is due until now is spread evenly, and tickets likewise.
        let share = |all: u64| all.saturating_mul(number + 1) / people - all.saturating_mul(number) / people;
        years.customer(number, share(messages), share(amounts.tickets), at).await?;
        if years.steps.is_empty() {
            told(years.messages);
        }
    }
    years.leave(now).await?;
    told(years.messages);
    articles::write(store, &dice, amounts.articles, &years.place.agent.clone(), now).await
}

struct Years<'a> {
    desk: Desk,
    store: &'a Store,
    place: Place,
    steps: Vec<Arc<Step>>,
    /// Of the newest input.
    facts: Vec<Fact>,
    messages: u64,
    dice: &'a Dice,
}

impl Years<'_> {
    async fn hear(&mut self, input: Input, at: At) -> Result<(), StoreError> {
        while let Some(due) = self.desk.next_deadline().filter(|due| *due <= at) {
            let step = Arc::new(self.desk.handle(due, Input::Clock));
            self.steps.push(step);
        }
        let step = Arc::new(self.desk.handle(at, input));
        self.facts = step.facts.clone();
        self.steps.push(step);
        if self.steps.len() >= AT_ONCE { self.commit().await } else { Ok(()) }
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        let steps = std::mem::take(&mut self.steps);
        self.store.record(steps).await.into_iter().try_for_each(|result| result.map(drop))
    }

    async fn arrive(&mut self, at: At) -> Result<(), StoreError> {
        let agent = self.place.agent.clone();
        for device in [Device::PageOpen, Device::VoiceReady { phone: "page".into() }] {
            self.hear(Input::Device(agent.clone(), device), at).await?;
        }
        self.hear(Input::Command(agent, Command::SetStatus(WantedStatus::Available)), at).await
    }

    async fn leave(&mut self, at: At) -> Result<(), StoreError> {
        let agent = self.place.agent.clone();
        self.hear(Input::Command(agent.clone(), Command::SetStatus(WantedStatus::Offline)), at).await?;
        self.hear(Input::Device(agent, Device::PageGone), at).await?;
        self.commit().await
    }

    /// Somebody writes by turns with the agent, and may get a ticket.
    async fn customer(&mut self, number: u64, messages: u64, tickets: u64, at: At) -> Result<(), StoreError> {
        let (agent, chinese) = (self.place.agent.clone(), number % 2 == 1);
        let identity = Identity { kind: "webchat".into(), namespace: self.place.channel.to_string(), value: format!("{number:032x}") };
        let display = name(self.dice, number);
        let (mut known, mut conversation) = (None::<PersonBrief>, None);
        let mut moment = at;
        for turn in 0..messages.max(1) {
            moment = moment.after(1_000);
            let (body, key) = (Body::text(sentence(self.dice, chinese)), format!("seed-{number}-{turn}"));
            match conversation.filter(|_| turn % 2 == 1) {
                Some(conversation) => {
                    self.hear(Input::Command(agent.clone(), Command::Reply { conversation, body, key }), moment).await?;
                    if let Some(message) = self.queued() {
                        self.hear(Input::Delivery(message, Delivery::Read), moment).await?;
                    }
                }
                None => {
                    let who = Who { identity: identity.clone(), display: Some(display.clone()), person: known.clone() };
                    let heard = MessageHeard {
                        channel: self.place.channel.clone(),
                        external_id: key,
                        who,
                        body,
                        page: None,
                        sent: moment,
                        known: None,
                        besides: Besides::default(),
                    };
                    self.hear(Input::Message(heard), moment).await?;
                    known = known.or_else(|| self.added(&display));
                    if let Some(opened) = self.opened() {
                        conversation = Some(opened);
                        self.hear(Input::Command(agent.clone(), Command::Accept(Work::Conversation(opened))), moment).await?;
                    }
                }
            }
            self.messages += 1;
        }
        if let Some(conversation) = conversation {
            self.hear(
                Input::Command(
                    agent.clone(),
                    Command::Resolve { conversation, disposition: None, fields: Vec::new(), note: String::new() },
                ),
                moment.after(1_000),
            )
            .await?;
        }
        let Some(person) = known.map(|known| known.id) else { return Ok(()) };
        for _ in 0..tickets {
            self.ticket(person, chinese, moment.after(2_000)).await?;
        }
        Ok(())
    }

    async fn ticket(&mut self, person: PersonId, chinese: bool, at: At) -> Result<(), StoreError> {
        let (agent, subject) = (self.place.agent.clone(), sentence(self.dice, chinese));
        self.hear(
            Input::Command(agent.clone(), Command::OpenTicket(Box::new(NewTicket { quiet: true, ..NewTicket::plain(person, subject) }))),
            at,
        )
        .await?;
        let opened = self.facts.iter().find_map(|fact| match fact {
            Fact::Ticket(id, TicketFact::Opened { .. }) => Some(*id),
            _ => None,
        });
        let Some(ticket) = opened.filter(|_| !self.dice.chance(OPEN)) else { return Ok(()) };
        let pause = i64::try_from(below(self.dice, 1_000)).unwrap_or_default();
        let change = TicketChange::State(TicketState::Resolved);
        self.hear(Input::Command(agent, Command::Ticket(ticket, TicketCommand::Change(change))), at.after(pause)).await
    }

    fn added(&self, display: &str) -> Option<PersonBrief> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Person(id, PersonFact::Added { .. }) => Some(PersonBrief {
                id: *id,
                name: display.to_owned(),
                tier: None,
                language: None,
                tags: Vec::new(),
                dedicated: None,
                last_agent: None,
                blocked: false,
                opted_out: false,
                unreachable: None,
                kept: Default::default(),
            }),
            _ => None,
        })
    }

    fn queued(&self) -> Option<MessageId> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Conversation(_, ConversationFact::Queued { message, .. }) => Some(*message),
            _ => None,
        })
    }

    fn opened(&self) -> Option<ConversationId> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Conversation(id, ConversationFact::Opened { .. }) => Some(*id),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests;
