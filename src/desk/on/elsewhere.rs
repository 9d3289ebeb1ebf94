//! What platforms tell besides messages: what the firm wrote with another tool of theirs, and that nothing reaches a customer any more.

use crate::desk::fact::{ConversationFact, Fact, OfferEnd, PersonFact};
use crate::desk::id::*;
use crate::desk::input::MessageHeard;
use crate::desk::person::{Identity, Unreachable, Who};
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::work::Stage;
use crate::desk::{Desk, Key};

/// Nobody reads and answers so soon, ms: it was the platform's own greeting, and the customer still waits.
const TOO_SOON_MS: i64 = 10_000;

impl Desk {
    /// Kept in the story and never sent. Who waited has been answered: they leave the queue, and come back with their next message.
    pub(super) fn elsewhere(&mut self, heard: MessageHeard) -> Result<Answer, Refusal> {
        if let Some(known) = heard.known {
            return Ok(Answer::Known(known));
        }
        if !self.catalog.channels.contains_key(&heard.channel) {
            return Err(Refusal::UnknownQueue);
        }
        let at_hand = self.at_hand(&heard);
        if let Some(known) = at_hand.and_then(|id| self.conversations.get(&id)).and_then(|c| c.heard_as(&heard.external_id)) {
            return Ok(Answer::Known(known));
        }
        if heard.body.text.trim().is_empty() && heard.body.files.is_empty() {
            return Err(Refusal::Empty);
        }
        let MessageHeard { channel, external_id, who, body, sent, besides, .. } = heard;
        let id = match at_hand {
            Some(id) => id,
            None => {
                let job = self.job_for(who);
                self.begin_conversation(channel.clone(), job, &body.text)
            }
        };
        let message = self.mint_message();
        let work = Work::Conversation(id);
        let waited = self.waiting(work).is_some();
        let asked = self.conversations.get(&id).and_then(|c| c.heard_at);
        let settles = waited && !besides.automatic && asked.is_none_or(|at| sent.since(at) > TOO_SOON_MS);
        if settles {
            self.end_offer(work, OfferEnd::Withdrawn);
            self.set_stage(work, Stage::Apart);
        }
        let now = self.now;
        let Some(conversation) = self.conversations.get_mut(&id) else { return Err(Refusal::Gone) };
        if settles {
            conversation.begun = Some(now);
        }
        conversation.newest = Some(message);
        conversation.answers = conversation.answers.saturating_add(1);
        if !besides.automatic {
            conversation.opening = None;
        }
        conversation.remember_heard(external_id.clone(), message);
        let (person, seq) = (conversation.job.person, besides.seq);
        self.wait_in_quiet(id);
        self.touch(Key::Conversation(id));
        let fact = ConversationFact::Elsewhere { message, person, channel, external_id, body, sent, seq, settles };
        self.conversation_fact(id, fact);
        Ok(Answer::Message(message))
    }

    /// The platform says that nothing reaches them by this identity: nothing is sent there until they write again.
    pub(super) fn unreachable(&mut self, who: Who, why: Unreachable) {
        let Some(brief) = who.person else { return };
        if brief.unreachable == Some(why) && self.known_by(&who.identity).iter().all(|work| self.is_unreachable(*work, Some(why))) {
            return;
        }
        self.set_unreachable(brief.id, who.identity, Some(why));
    }

    /// They have written.
    pub(super) fn reachable_again(&mut self, id: ConversationId) {
        let Some(job) = self.conversations.get(&id).map(|c| &c.job).filter(|job| job.unreachable.is_some()) else { return };
        let (person, identity) = (job.person, job.identity.clone());
        self.set_unreachable(person, identity, None);
    }

    fn set_unreachable(&mut self, person: PersonId, identity: Identity, why: Option<Unreachable>) {
        for work in self.known_by(&identity) {
            if let Some(job) = self.job_mut(work) {
                job.unreachable = why;
            }
        }
        self.tell_waiting_unreachable(&identity, why);
        self.facts.push(Fact::Person(person, PersonFact::Unreachable { identity, why }));
    }

    fn is_unreachable(&self, work: Work, why: Option<Unreachable>) -> bool {
        self.job(work).is_some_and(|job| job.unreachable == why)
    }

    fn known_by(&self, identity: &Identity) -> Vec<Work> {
        let calls = self.calls.values().filter(|c| c.job.identity == *identity).map(|c| Work::Call(c.id));
        let talks = self.conversations.values().filter(|c| c.job.identity == *identity).map(|c| Work::Conversation(c.id));
        let owed = self.callbacks.values().filter(|c| c.job.identity == *identity).map(|c| Work::Callback(c.id));
        calls.chain(talks).chain(owed).collect()
    }
}
