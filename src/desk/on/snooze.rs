//! A conversation put aside until a time: it takes no capacity meanwhile, and comes back to whoever put it aside, if they can take it then.
//! A customer who writes meanwhile waits for nobody: it comes back at once.

use crate::desk::Desk;
use crate::desk::conversation::Snooze;
use crate::desk::fact::{ConversationFact, QueuedReason, Woken};
use crate::desk::id::*;
use crate::desk::queue::DIRECT;
use crate::desk::refusal::Refusal;
use crate::desk::stage::Entry;
use crate::desk::step::Answer;
use crate::desk::work::{Claim, Prefer, Stage};

/// The longest, ms.
const LONGEST_MS: i64 = 31 * 86_400_000;

impl Desk {
    pub(super) fn snooze(&mut self, id: AgentId, conversation: ConversationId, until: At) -> Result<Answer, Refusal> {
        let work = Work::Conversation(conversation);
        self.mine(&id, work)?;
        if !(1..=LONGEST_MS).contains(&until.since(self.now)) {
            return Err(Refusal::BadTime);
        }
        let serving = self.release(work).ok_or(Refusal::Gone)?;
        self.set_stage(work, Stage::Apart);
        if let Some(state) = self.conversations.get_mut(&conversation) {
            // Whoever puts it aside has seen it.
            state.opening = None;
            state.snoozed = Some(Snooze { by: id.clone(), queue: serving.queue, until });
        }
        self.conversation_fact(conversation, ConversationFact::Snoozed { by: id, until });
        Ok(Answer::Done)
    }

    /// An agent fetches it before its time; not only whoever put it aside, because they may be away when it matters.
    pub(super) fn wake_up(&mut self, slot: usize, id: AgentId, conversation: ConversationId) -> Result<Answer, Refusal> {
        let work = Work::Conversation(conversation);
        if !self.is_snoozed(conversation) {
            return Err(Refusal::Gone);
        }
        self.can_reach_for(slot, work)?;
        self.wake(conversation, Woken::By(id), Some(slot));
        Ok(Answer::Done)
    }

    pub(super) fn is_snoozed(&self, id: ConversationId) -> bool {
        self.conversations.get(&id).is_some_and(|c| c.snoozed.is_some())
    }

    /// Its time has come, if it has.
    pub(super) fn snooze_due(&mut self, id: ConversationId) {
        let until = self.conversations.get(&id).and_then(|c| c.snoozed.as_ref()).map(|snooze| snooze.until);
        if until.is_some_and(|until| until <= self.now) {
            self.wake(id, Woken::Due, None);
        }
    }

    /// `to` has reached for it; else it goes to whoever put it aside, and to their queue where they cannot take it.
    pub(super) fn wake(&mut self, id: ConversationId, why: Woken, to: Option<usize>) {
        let Some(state) = self.conversations.get_mut(&id) else { return };
        let Some(snooze) = state.snoozed.take() else { return };
        // Whoever left while it lay is no missed chat: we come back to them.
        state.left_at = None;
        let channel = state.channel.clone();
        let work = Work::Conversation(id);
        self.conversation_fact(id, ConversationFact::Woken { why });
        let declared = |queue: &QueueId| self.lane(queue).is_some_and(|lane| lane.declared);
        let home = || self.catalog.channels.get(&channel).map(|spec| spec.queue.clone()).filter(declared);
        let queue = Some(snooze.queue).filter(declared).or_else(home).unwrap_or_else(|| QueueId::from(DIRECT));
        let first = Some(Prefer { agent: snooze.by.clone(), claim: Claim::LastAgent });
        let slot = to.or_else(|| self.slot(&snooze.by).filter(|_| self.can_take(&snooze.by, work).is_ok()));
        self.enqueue(work, Entry { first, ..Entry::at_head(queue, self.now, QueuedReason::Snoozed) });
        if let Some(slot) = slot {
            self.assign(work, slot);
        }
    }
}
