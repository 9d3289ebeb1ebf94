//! An agent's own messages get other words, or are taken back: what a channel lets be done, within its time, to what the customer has.

use crate::desk::act::{Act, Amends, Outbound};
use crate::desk::conversation::Amending;
use crate::desk::fact::ConversationFact;
use crate::desk::id::*;
use crate::desk::input::{Body, Change, Delivery, Ours};
use crate::desk::push::takes_words;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::traits::Traits;
use crate::desk::{Desk, Key};

/// Amendments of one conversation that may be on their way.
const MOST: usize = 16;

impl Desk {
    pub(in crate::desk) fn amend(
        &mut self,
        id: AgentId,
        conversation: ConversationId,
        ours: Option<Ours>,
        change: Change,
    ) -> Result<Answer, Refusal> {
        self.mine(&id, Work::Conversation(conversation))?;
        let ours = ours.ok_or(Refusal::Gone)?;
        if ours.by.as_ref() != Some(&id) {
            return Err(Refusal::NotYours);
        }
        let state = self.conversations.get(&conversation).ok_or(Refusal::Gone)?;
        let channel = self.catalog.channels.get(&state.channel).ok_or(Refusal::Gone)?;
        let pending = state.amending.iter().rev().find(|amending| amending.message == ours.message);
        if let Some(pending) = pending.filter(|pending| pending.change == change) {
            return Ok(Answer::Known(pending.amendment));
        }
        if ours.recalled || pending.is_some_and(|pending| pending.change == Change::Recalled) {
            return Err(Refusal::Recalled);
        }
        // What the desk follows it has heard of before the store.
        let reached = state.out.get(&ours.message).unwrap_or(&ours.state);
        if matches!(reached, Delivery::Failed { .. } | Delivery::Unknown) {
            return Err(Refusal::NotSent);
        }
        let within = match change {
            Change::Edited(_) => channel.traits.edit,
            Change::Recalled => channel.traits.recall,
        };
        if !within.allows(0) {
            return Err(Refusal::NotAmendable);
        }
        // The platform's time begins when it has the message.
        if *reached != Delivery::Queued && !within.allows(self.now.since(ours.at)) {
            return Err(Refusal::TooLateToAmend);
        }
        if state.amending.len() >= MOST {
            return Err(Refusal::Busy);
        }
        if let Change::Edited(text) = &change {
            let words = match pending.map(|pending| &pending.change) {
                Some(Change::Edited(text)) => text,
                _ => &ours.body.text,
            };
            if text == words {
                return Err(Refusal::NothingToChange);
            }
            in_place(&channel.traits, &ours.body, text)?;
            takes_words(channel, &state.job, &Body::text(text))?;
        }
        self.send_amendment(id, conversation, ours.message, change).ok_or(Refusal::Gone)
    }

    /// Records what shall become of a message, and has it done after the commit, behind whatever is still to be sent there.
    fn send_amendment(&mut self, by: AgentId, id: ConversationId, message: MessageId, change: Change) -> Option<Answer> {
        let amendment = self.mint_message();
        let conversation = self.conversations.get_mut(&id)?;
        conversation.amending.push(Amending { amendment, message, change: change.clone() });
        let (person, channel, to) = (conversation.job.person, conversation.channel.clone(), conversation.job.identity.clone());
        self.outgoing.insert(amendment, id);
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::Amending { amendment, message, person, by, change: change.clone() });
        let amends = Some(Amends { message, change });
        self.acts.push(Act::Send(Outbound { message: amendment, conversation: id, channel, to, body: Body::default(), amends }));
        Some(Answer::Message(amendment))
    }

    /// The channel has done it, or has not; nobody tells more of it afterwards.
    pub(super) fn amended(&mut self, id: ConversationId, amendment: MessageId, state: Delivery) {
        if state == Delivery::Queued {
            return;
        }
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        let Some(at) = conversation.amending.iter().position(|amending| amending.amendment == amendment) else { return };
        let Amending { message, change, .. } = conversation.amending.remove(at);
        let person = conversation.job.person;
        self.outgoing.remove(&amendment);
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::Amended { amendment, message, person, change, state });
    }
}

/// Other words take the place of one text: not of what was cut into several, nor of a card.
fn in_place(traits: &Traits, body: &Body, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    if body.text.trim().is_empty() || body.extra.is_some() {
        return Err(Refusal::NotAmendable);
    }
    if traits.whole {
        return Ok(());
    }
    let caption = match body.files.as_slice() {
        [file] => traits.captions(&file.mime, file.bytes) && traits.text.count(&body.text) <= traits.caption,
        _ => false,
    };
    if caption {
        return if traits.text.count(text) <= traits.caption { Ok(()) } else { Err(Refusal::TooLong { limit: traits.caption }) };
    }
    let one = |text: &str| traits.text.pieces(text).is_some_and(|pieces| pieces.len() == 1);
    if !one(&body.text) {
        return Err(Refusal::NotAmendable);
    }
    if one(text) { Ok(()) } else { Err(Refusal::TooLong { limit: traits.text.most }) }
}
