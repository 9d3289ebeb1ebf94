//! What a step touches on pages: whose timeline and panel, which lists, which tickets.

use crate::desk::fact::*;
use crate::desk::floor::Floor;
use crate::desk::id::{AgentId, ConversationId, MessageId, PersonId, TicketId, Work};
use crate::desk::step::Step;
use crate::store::viewer::{Role, Viewer};
use crate::store::{callbacks, calls, conversations, forms, tickets};
use crate::web::WebState;
use std::collections::BTreeSet;

/// What a step touches on pages.
#[derive(Default)]
pub(super) struct Touched {
    pub people: BTreeSet<PersonId>,
    pub receipts: Vec<MessageId>,
    /// Messages that have other words, or none, wherever they stand.
    pub amended: BTreeSet<MessageId>,
    pub tickets: BTreeSet<TicketId>,
    /// Their contacts: a list that shows one of them shows what is promised about it.
    pub contacts: BTreeSet<Work>,
    /// Who has one of those put aside.
    pub aside: BTreeSet<AgentId>,
    /// Who did it: they look at it even when it is not theirs.
    pub by: BTreeSet<AgentId>,
    pub callbacks: bool,
    /// Customers who closed their window, or are back.
    pub left: Vec<(ConversationId, bool)>,
    /// Whose call strip shows something else now: whether their call is recorded.
    pub strips: BTreeSet<AgentId>,
    /// Whom the desk set away because they missed what rang.
    pub away: BTreeSet<AgentId>,
}

/// The calls and conversations that a step is about.
fn works(step: &Step) -> BTreeSet<Work> {
    let work = |fact: &Fact| match fact {
        Fact::Call(id, _) => Some(Work::Call(*id)),
        Fact::Conversation(id, _) => Some(Work::Conversation(*id)),
        Fact::Callback(id, _) => Some(Work::Callback(*id)),
        Fact::Routing(work, _) | Fact::Flow(work, _) => Some(*work),
        Fact::Rule(_, RuleFact::Did { subject, .. } | RuleFact::Refused { subject, .. }) => subject.work(),
        Fact::Survey(_, SurveyFact::Answered { work, .. }) => *work,
        Fact::Person(..)
        | Fact::Survey(..)
        | Fact::Form(..)
        | Fact::Proactive(..)
        | Fact::Agent(..)
        | Fact::Ticket(..)
        | Fact::Trunk(..)
        | Fact::Channel(..)
        | Fact::Dial(..)
        | Fact::Overlay(..)
        | Fact::Source(..) => None,
    };
    step.facts.iter().filter_map(work).collect()
}

/// Whose contact it is: the floor knows those that go on, the store those that are over. One that cannot be read is read when its page asks.
async fn person_of(state: &WebState, floor: &Floor, work: &Work) -> Option<PersonId> {
    let serving = floor.serving.iter().find(|s| s.work == *work).map(|s| s.person);
    if let Some(person) = serving.or_else(|| floor.waiting.iter().find(|w| w.work == *work).map(|w| w.person)) {
        return Some(person);
    }
    let viewer = Viewer { agent: AgentId::from("push"), role: Role::Agent };
    match work {
        Work::Call(id) => calls::get(&state.store, &viewer, *id).await.ok()?.map(|call| call.call.person),
        Work::Conversation(id) => conversations::get(&state.store, &viewer, *id).await.ok()?.map(|row| row.person),
        Work::Callback(id) => callbacks::for_customer(&state.store, *id).await.ok()?.map(|row| row.person),
    }
}

pub(super) async fn touched(state: &WebState, floor: &Floor, step: &Step) -> Touched {
    let mut touched = Touched::default();
    for work in works(step) {
        touched.people.extend(person_of(state, floor, &work).await);
    }
    for fact in &step.facts {
        match fact {
            Fact::Person(person, fact) => {
                touched.people.insert(*person);
                if let PersonFact::Merged { from, .. } | PersonFact::Unmerged { from, .. } = fact {
                    touched.people.insert(*from);
                }
                if let PersonFact::NoteAdded { by, .. }
                | PersonFact::Consent { by, .. }
                | PersonFact::Tagged { by, .. }
                | PersonFact::Untagged { by, .. }
                | PersonFact::Merged { by, .. }
                | PersonFact::Unmerged { by, .. }
                | PersonFact::IdentityAdded { by: Some(by), .. }
                | PersonFact::IdentityRemoved { by, .. }
                | PersonFact::Blocked { by, .. }
                | PersonFact::KeptApart { by, .. } = fact
                {
                    touched.by.insert(by.clone());
                }
            }
            Fact::Call(id, fact) => {
                // The floor does not know of recordings.
                if matches!(fact, CallFact::RecordingStarted { .. } | CallFact::RecordingPaused { .. } | CallFact::RecordingFailed { .. }) {
                    touched.strips.extend(floor.serving.iter().filter(|s| s.work == Work::Call(*id)).map(|s| s.agent.clone()));
                }
            }
            Fact::Callback(_, fact) => {
                touched.callbacks = true;
                if let CallbackFact::Claimed { by } | CallbackFact::LetGo { by } = fact {
                    touched.by.insert(by.clone());
                }
            }
            Fact::Conversation(id, fact) => match fact {
                ConversationFact::Opened { person, .. }
                | ConversationFact::Abandoned { person, .. }
                | ConversationFact::OpeningUnsent { person, .. } => _ = touched.people.insert(*person),
                ConversationFact::Received { person, .. } => {
                    touched.people.insert(*person);
                    touched.left.push((*id, false));
                }
                ConversationFact::Elsewhere { person, .. }
                | ConversationFact::Changed { person, .. }
                | ConversationFact::FileCame { person, .. } => _ = touched.people.insert(*person),
                ConversationFact::Amending { message, person, .. } | ConversationFact::Amended { message, person, .. } => {
                    touched.people.insert(*person);
                    touched.amended.insert(*message);
                }
                ConversationFact::Queued { person, by, .. } => {
                    touched.people.insert(*person);
                    touched.by.extend(by.clone());
                }
                ConversationFact::Delivery { message, .. } => touched.receipts.push(*message),
                ConversationFact::Resolved { by, .. } => touched.by.extend(by.clone()),
                ConversationFact::Snoozed { by, .. } => _ = touched.by.insert(by.clone()),
                // The floor tells who has it now.
                ConversationFact::Woken { .. } => {}
                ConversationFact::ReadByCustomer { upto } => touched.receipts.push(*upto),
                ConversationFact::CustomerLeft => touched.left.push((*id, true)),
                ConversationFact::Continued { .. } => {}
                ConversationFact::CustomerBack => touched.left.push((*id, false)),
                ConversationFact::ReadByAgent { .. } => {}
            },
            Fact::Routing(_, fact) => match fact {
                RoutingFact::Queued { person, .. } | RoutingFact::Offered { person, .. } => _ = touched.people.insert(*person),
                RoutingFact::Assigned { person, agent, .. } => {
                    touched.people.insert(*person);
                    touched.by.insert(agent.clone());
                }
                RoutingFact::Transferred { by, .. } => _ = touched.by.insert(by.clone()),
                RoutingFact::Released { agent } | RoutingFact::WrapUpDone { agent, .. } => _ = touched.by.insert(agent.clone()),
                // Whose it is has been found above.
                RoutingFact::AssistAsked { agent, .. } | RoutingFact::AssistEnded { agent, .. } => {
                    touched.by.insert(agent.clone());
                    touched.strips.insert(agent.clone());
                }
                RoutingFact::CardShown { .. } => {}
                // The floor tells.
                RoutingFact::OfferEnded { .. } | RoutingFact::WrapUpStarted { .. } => {}
                RoutingFact::WrapUpExtended { .. } | RoutingFact::WrapUpOverdue { .. } => {}
            },
            Fact::Form(id, fact) => {
                touched.by.extend(form_by(fact).cloned());
                // One that cannot be read now is read when its page asks.
                if let Ok(Some(form)) = forms::for_customer(&state.store, *id).await {
                    touched.people.insert(form.form.person);
                    touched.by.insert(form.form.by);
                    touched.tickets.extend(form.form.ticket);
                }
            }
            // Whose it is has been found above.
            Fact::Flow(..) => {}
            // Stands beside the fact that it tells of.
            Fact::Ticket(_, TicketFact::Notified { .. }) => {}
            Fact::Ticket(id, fact) => {
                touched.tickets.insert(*id);
                if let TicketFact::Merged { into: other, .. } | TicketFact::Split { to: other, .. } = fact {
                    touched.tickets.insert(*other);
                }
                if let TicketFact::Changed { by: Some(by), .. } | TicketFact::Opened { by: Some(by), .. } = fact {
                    touched.by.insert(by.clone());
                }
                // A ticket that cannot be read now is read when its page asks.
                if let Ok(Some(ticket)) = tickets::get(&state.store, *id).await {
                    touched.people.insert(ticket.ticket.person);
                    touched.contacts.extend(ticket.links.into_iter().map(|(work, _)| work));
                }
                touched.aside.extend(tickets::aside(&state.store, *id).await.unwrap_or_default());
            }
            Fact::Agent(agent, AgentFact::Status { why: StatusWhy::MissedOffers, .. }) => _ = touched.away.insert(agent.clone()),
            Fact::Rule(_, RuleFact::Did { person, .. } | RuleFact::Refused { person, .. }) => _ = touched.people.insert(*person),
            // What was sent is a message; of the rest no page tells.
            Fact::Survey(_, SurveyFact::Answered { person, .. }) => _ = touched.people.insert(*person),
            Fact::Survey(..) | Fact::Proactive(..) => {}
            Fact::Agent(..) | Fact::Channel(..) | Fact::Trunk(..) | Fact::Dial(..) | Fact::Overlay(..) | Fact::Source(..) => {}
        }
    }
    touched
}

fn form_by(fact: &FormFact) -> Option<&AgentId> {
    match fact {
        FormFact::Sent { by, .. } | FormFact::Judged { by, .. } | FormFact::Withdrawn { by } => Some(by),
        FormFact::Answered { .. } | FormFact::NotCalled { .. } | FormFact::Expired => None,
    }
}
