//! Forms that customers were sent: each is one link for one person and a time. Remembered until it is answered, judged where somebody
//! judges, withdrawn or too old. The answers themselves never come here.

pub mod read;
pub mod spec;

use super::Desk;
use super::callback::Missed;
use super::dial::DialRefusal;
use super::fact::{BookedBy, Fact, FormFact, MissedWhy};
use super::id::*;
use super::input::{Callee, FormCommand, FormUse, Source};
use super::person::{Identity, PersonBrief, Who};
use super::place::Placing;
use super::refusal::Refusal;
use super::step::Answer;
use super::ticket::Ticket;
use super::work::{Job, Stage};
use super::{Key, Work};
use serde::{Deserialize, Serialize};

/// Longest reason that is kept, characters.
const REASON: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Form {
    pub id: FormId,
    /// The customer, as the contact knew them.
    pub job: Job,
    /// In the customer's language: the subject of a ticket.
    pub title: String,
    pub by: AgentId,
    pub work: Work,
    pub conversation: ConversationId,
    pub sent: At,
    /// The link works until then.
    pub until: At,
    /// How long answers are kept, ms.
    pub keep_ms: i64,
    /// The customer is called when the answer comes: it counts to this queue if nobody can call at that moment, from then on.
    pub calls: Option<(QueueId, At)>,
    pub verdict: bool,
    pub answered: Option<At>,
}

impl Form {
    /// When it is forgotten, unless something comes.
    pub fn due(&self) -> At {
        self.answered.map_or(self.until, |at| at.after(self.keep_ms))
    }
}

impl Desk {
    pub(super) fn form_fact(&mut self, id: FormId, fact: FormFact) {
        self.facts.push(Fact::Form(id, fact));
    }

    /// The customer has filled it in.
    pub(super) fn form_used(&mut self, id: FormId, usage: FormUse) -> Result<Answer, Refusal> {
        let FormUse::Answered { number } = usage;
        let open = |form: &&Form| form.answered.is_none() && form.until > self.now;
        let form = self.forms.get(&id).filter(open).ok_or(Refusal::Gone)?.clone();
        let ticket = if form.verdict { Some(self.ticket_of_form(&form)) } else { self.open_ticket_of(form.job.person) };
        let keep_until = self.now.after(form.keep_ms);
        self.form_fact(id, FormFact::Answered { keep_until, ticket });
        if form.verdict {
            let now = self.now;
            if let Some(form) = self.forms.get_mut(&id) {
                form.answered = Some(now);
            }
            self.touch(Key::Form(id));
        } else {
            self.forget_form(id);
        }
        if let (Some((queue, since)), Some(number)) = (form.calls.clone(), number) {
            self.call_who_answered(form, number, queue, since);
        }
        Ok(Answer::Done)
    }

    /// What an agent has to judge belongs to a ticket: the customer's open one, or one of its own.
    fn ticket_of_form(&mut self, form: &Form) -> TicketId {
        let person = form.job.person;
        if let Some(ticket) = self.open_ticket_of(person) {
            return ticket;
        }
        let queue = self.serving(form.work).map(|serving| serving.queue.clone());
        self.add_ticket(person, form.title.clone(), Some(form.work), queue, Source::House)
    }

    fn open_ticket_of(&self, person: PersonId) -> Option<TicketId> {
        let theirs = self.tickets_of.get(&person).into_iter().flatten().rev();
        theirs.copied().find(|id| self.tickets.get(id).is_some_and(Ticket::is_open))
    }

    /// A chat goes on by telephone: the agent who asked calls at once. One who cannot at this moment has promised it: theirs alone, and as
    /// if the customer had waited since the chat was answered.
    fn call_who_answered(&mut self, form: Form, number: String, queue: QueueId, since: At) {
        let identity = Identity { kind: "phone".into(), namespace: String::new(), value: number.clone() };
        let who = Who { identity: identity.clone(), display: None, person: Some(brief_of(&form.job)) };
        let placing = Placing {
            callee: Callee::Number { who, number: number.clone(), line: None },
            queue: None,
            chat: Some(form.conversation),
            given: true,
        };
        let slot = self.slot(&form.by);
        match slot.ok_or(Refusal::UnknownAgent).and_then(|slot| self.place_call(slot, placing)) {
            Ok(_) => {}
            Err(Refusal::Dial(why)) if why != DialRefusal::TooManyCalls && why != DialRefusal::TooFast => {
                self.form_fact(form.id, FormFact::NotCalled { why });
            }
            Err(_) => {
                let job = Job { identity, ticketed: false, stage: Stage::Apart, ..form.job };
                let only = slot.map(|_| form.by.clone());
                let missed = Missed { job, number, line: None, page: None, queue, only, why: MissedWhy::Asked, call: None, since };
                let callback = self.list_missed(missed);
                if let Some(callback) = self.callbacks.get_mut(&callback) {
                    callback.chat = Some(form.conversation);
                }
                // What can never be promised by the hours stays on the list, for somebody to settle.
                self.book_callback(callback, BookedBy::Agent(form.by), None);
            }
        }
    }

    pub(super) fn form_command(&mut self, by: AgentId, id: FormId, command: FormCommand) -> Result<Answer, Refusal> {
        let form = self.forms.get(&id).ok_or(Refusal::Gone)?;
        match command {
            FormCommand::Judge { .. } if form.answered.is_none() => return Err(Refusal::Gone),
            FormCommand::Judge { accepted, reason } => {
                let reason: String = reason.trim().chars().take(REASON).collect();
                if !accepted && reason.is_empty() {
                    return Err(Refusal::Empty);
                }
                self.form_fact(id, FormFact::Judged { by, accepted, reason: Some(reason).filter(|text| !text.is_empty()) });
            }
            FormCommand::Withdraw if form.answered.is_some() => return Err(Refusal::Gone),
            FormCommand::Withdraw => self.form_fact(id, FormFact::Withdrawn { by }),
        }
        self.forget_form(id);
        Ok(Answer::Done)
    }

    pub(super) fn form_due(&mut self, id: FormId) {
        let Some(form) = self.forms.get(&id).filter(|form| form.due() <= self.now) else { return };
        if form.answered.is_none() {
            self.form_fact(id, FormFact::Expired);
        }
        self.forget_form(id);
    }

    fn forget_form(&mut self, id: FormId) {
        self.forms.remove(&id);
        self.touch(Key::Form(id));
    }
}

/// The customer of a contact, as an edge would have looked them up.
pub(super) fn brief_of(job: &Job) -> PersonBrief {
    PersonBrief {
        id: job.person,
        name: String::new(),
        tier: job.tier.clone(),
        language: job.language.clone(),
        dedicated: job.dedicated.clone(),
        last_agent: job.last_agent.clone(),
        tags: job.asks.tags.iter().cloned().collect(),
        blocked: false,
        opted_out: job.opted_out,
        unreachable: job.unreachable,
        kept: job.kept.clone(),
    }
}
