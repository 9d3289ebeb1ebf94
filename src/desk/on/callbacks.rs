//! What agents and customers do with the list of those who did not reach us.

use crate::desk::callback::Missed;
use crate::desk::fact::{BookedBy, CallbackEnd, CallbackFact, MissedWhy};
use crate::desk::id::*;
use crate::desk::input::{Body, CallbackCommand, LinkUse};
use crate::desk::person::Who;
use crate::desk::push::sendable;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::{Desk, Key};

/// Longest outcome that is kept, characters.
const OUTCOME: usize = 500;
/// Two texts to one customer within this time are one that was sent twice, ms.
const AGAIN_MS: i64 = 3_000;
/// Stands for the address at which they can call us.
const LINK: &str = "{link}";

impl Desk {
    pub(super) fn callback_command(
        &mut self,
        slot: usize,
        by: AgentId,
        id: CallbackId,
        command: CallbackCommand,
    ) -> Result<Answer, Refusal> {
        let callback = self.callbacks.get(&id).filter(|c| c.closed.is_none()).ok_or(Refusal::Gone)?;
        let theirs = callback.claimed.as_ref().is_some_and(|claimed| *claimed != by);
        if theirs && !matches!(command, CallbackCommand::LetGo) {
            return Err(Refusal::NotYours);
        }
        match command {
            CallbackCommand::Claim => self.claim(id, by),
            CallbackCommand::LetGo => return self.let_go(id, by),
            CallbackCommand::Call => return self.dial_back(slot, by, id),
            CallbackCommand::Write { text } => return self.write_to_page(by, id, &text),
            CallbackCommand::Book { at } => {
                self.may_book(id)?;
                self.book_callback(id, BookedBy::Agent(by), at).ok_or(Refusal::NeverOpen)?;
            }
            CallbackCommand::Settle { outcome } => {
                if callback.attempt.is_some() {
                    return Err(Refusal::CalledAlready);
                }
                let outcome: String = outcome.trim().chars().take(OUTCOME).collect();
                self.close_callback(id, CallbackEnd::Settled, Some(by), Some(outcome).filter(|text| !text.is_empty()));
            }
        }
        Ok(Answer::Done)
    }

    /// Who called from a page, or left a chat, has no number: it stands in their chat window when they look.
    fn write_to_page(&mut self, by: AgentId, id: CallbackId, text: &str) -> Result<Answer, Refusal> {
        let callback = self.callbacks.get(&id).ok_or(Refusal::Gone)?;
        let (job, page) = (callback.job.clone(), callback.page.clone().ok_or(Refusal::NoPage)?);
        // A second click is the same click.
        if callback.told.is_some_and(|told| self.now.since(told) < AGAIN_MS) {
            return Ok(Answer::Done);
        }
        let mut body = Body::text(text.trim());
        let channel = self.catalog.channels.get(&page.channel).ok_or(Refusal::NoPage)?;
        sendable(channel, &job, &body)?;
        let rules = self.catalog.callbacks.clone();
        let links = rules.links.as_ref().filter(|_| channel.calls.is_some());
        if body.text.contains(LINK) && links.is_none() {
            return Err(Refusal::NoLinks);
        }
        let conversation = self.chat_at(&page, &job).ok_or(Refusal::NoPage)?;
        if let Some(links) = links {
            body.text = body.text.replace(LINK, &links.call_address(conversation, self.now.after(rules.link_ms)));
        }
        let key = format!("written-{id}-{}", self.now.0);
        self.send(conversation, Some(by), body, key).ok_or(Refusal::Gone)?;
        let now = self.now;
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.told = Some(now);
        }
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::Told { conversation, wait_s: None });
        Ok(Answer::Done)
    }

    /// A callback that an agent has taken in hand is in no line: it would be offered to others.
    fn claim(&mut self, id: CallbackId, by: AgentId) {
        if self.callbacks.get(&id).is_some_and(|c| c.claimed.is_some()) {
            return;
        }
        self.leave_line(id, crate::desk::fact::OfferEnd::Withdrawn);
        let now = self.now;
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.claim(by.clone(), now);
        }
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::Claimed { by });
    }

    /// Anyone may let go what a colleague who went home has claimed, unless they are calling at this moment.
    fn let_go(&mut self, id: CallbackId, by: AgentId) -> Result<Answer, Refusal> {
        let callback = self.callbacks.get_mut(&id).ok_or(Refusal::Gone)?;
        if callback.attempt.is_some() {
            return Err(Refusal::CalledAlready);
        }
        if callback.claimed.is_some() {
            self.end_claim(id, by);
        }
        Ok(Answer::Done)
    }

    /// It is everybody's again; one that was promised for now rings at whoever is free.
    pub(in crate::desk) fn end_claim(&mut self, id: CallbackId, by: AgentId) {
        let now = self.now;
        let Some(callback) = self.callbacks.get_mut(&id) else { return };
        callback.unclaim();
        let promised = callback.booked.is_some_and(|at| at <= now);
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::LetGo { by });
        if promised {
            self.join_line(id);
        }
    }

    fn may_book(&self, id: CallbackId) -> Result<(), Refusal> {
        match self.callbacks.get(&id).filter(|c| c.closed.is_none()) {
            None => Err(Refusal::Gone),
            Some(callback) if callback.live_call().is_some() => Err(Refusal::CalledAlready),
            Some(_) => Ok(()),
        }
    }

    /// An agent promises a call to a customer of whom no missed call is known.
    pub(super) fn promise_call(
        &mut self,
        by: AgentId,
        who: Who,
        number: String,
        queue: QueueId,
        at: Option<At>,
    ) -> Result<Answer, Refusal> {
        self.lane(&queue).filter(|lane| lane.declared).ok_or(Refusal::UnknownQueue)?;
        if number.trim().is_empty() {
            return Err(Refusal::Empty);
        }
        let job = self.job_for(who);
        let missed = Missed { job, number, line: None, page: None, queue, only: None, why: MissedWhy::Asked, call: None, since: self.now };
        let id = self.list_missed(missed);
        self.may_book(id)?;
        self.book_callback(id, BookedBy::Agent(by), at).ok_or(Refusal::NeverOpen)?;
        Ok(Answer::Callback(id))
    }

    /// A customer confirms, changes or calls off the call that their link speaks of.
    pub(super) fn link_used(&mut self, id: CallbackId, usage: LinkUse) -> Result<Answer, Refusal> {
        self.may_book(id)?;
        match usage {
            LinkUse::Book { at } => {
                self.book_callback(id, BookedBy::Link, at).ok_or(Refusal::NeverOpen)?;
            }
            LinkUse::Withdraw => self.close_callback(id, CallbackEnd::Withdrawn, None, None),
        }
        Ok(Answer::Done)
    }
}
