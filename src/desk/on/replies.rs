//! The agent's side of a conversation: writing, reading, resolving.

use crate::desk::act::{Act, Outbound};
use crate::desk::fact::{ConversationFact, Fact, PersonFact};
use crate::desk::id::*;
use crate::desk::input::{Body, Extra, Mail};
use crate::desk::letter::headed;
use crate::desk::parts;
use crate::desk::push::sendable;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::voicemail::VOICEMAIL;
use crate::desk::work::Stage;
use crate::desk::wrapup::with_fields;
use crate::desk::{Desk, Key};

impl Desk {
    pub(in crate::desk) fn reply(
        &mut self,
        id: AgentId,
        conversation: ConversationId,
        mut body: Body,
        key: String,
    ) -> Result<Answer, Refusal> {
        let state = self.conversations.get(&conversation).ok_or(Refusal::Gone)?;
        // A page that did not hear the answer asks again with the same key.
        if let Some(known) = state.replied_as(&key) {
            return Ok(Answer::Known(known));
        }
        self.mine(&id, Work::Conversation(conversation))?;
        if body.text.trim().is_empty() && body.files.is_empty() {
            return Err(Refusal::Empty);
        }
        if let Some(channel) = self.catalog.channels.get(&state.channel) {
            if channel.kind == VOICEMAIL {
                return Err(Refusal::NoReplyHere);
            }
            sendable(channel, &state.job, &body)?;
            body = headed(channel, body)?;
            let standing = state.window(channel.traits.window, self.now);
            let (template, parts) = (matches!(body.extra, Some(Extra::Template { .. })), parts::count(&channel.traits, &body));
            match standing.left {
                _ if template => {}
                _ if standing.closed => return Err(Refusal::WindowClosed),
                // Half of it would go out.
                Some(left) if left < parts => return Err(Refusal::WindowTooSmall { left, parts }),
                _ => {}
            }
        }
        let message = self.send(conversation, Some(id), body, key).ok_or(Refusal::Gone)?;
        Ok(Answer::Message(message))
    }

    /// Records an outgoing message and has it sent after the commit.
    pub(in crate::desk) fn send(&mut self, id: ConversationId, by: Option<AgentId>, mut body: Body, key: String) -> Option<MessageId> {
        let message = self.mint_message();
        if by.is_none() && self.is_mail(id) && body.extra.is_none() {
            // So that no machine answers it (RFC 3834 §5).
            body.extra = Some(Extra::Mail(Box::new(Mail { automatic: true, ..Mail::default() })));
        }
        let conversation = self.conversations.get_mut(&id)?;
        let parts = self.catalog.channels.get(&conversation.channel).map_or(1, |channel| parts::count(&channel.traits, &body));
        conversation.newest = Some(message);
        conversation.answers = conversation.answers.saturating_add(parts);
        if by.is_some() {
            conversation.opening = None;
        }
        conversation.remember_reply(key.clone(), message);
        conversation.asks(message, &body);
        let unfollowed = conversation.follow(message);
        let (person, channel, to) = (conversation.job.person, conversation.channel.clone(), conversation.job.identity.clone());
        if let Some(unfollowed) = unfollowed {
            self.outgoing.remove(&unfollowed);
        }
        self.outgoing.insert(message, id);
        self.touch(Key::Conversation(id));
        let answered = by.clone();
        self.conversation_fact(id, ConversationFact::Queued { message, person, by, body: body.clone(), key, parts });
        self.acts.push(Act::Send(Outbound { message, conversation: id, channel, to, body, amends: None }));
        if let Some(agent) = answered {
            self.tickets_answered(person, Work::Conversation(id), &agent);
        }
        Some(message)
    }

    fn is_mail(&self, id: ConversationId) -> bool {
        let channel = self.conversations.get(&id).and_then(|c| self.catalog.channels.get(&c.channel));
        channel.is_some_and(|channel| channel.traits.threads)
    }

    pub(super) fn mark_read(&mut self, id: AgentId, conversation: ConversationId, upto: MessageId) -> Result<Answer, Refusal> {
        self.mine(&id, Work::Conversation(conversation))?;
        let state = self.conversations.get_mut(&conversation).ok_or(Refusal::Gone)?;
        let Some(upto) = state.newest.map(|newest| upto.min(newest)) else {
            return Ok(Answer::Done);
        };
        if state.read_by_agent < Some(upto) {
            state.read_by_agent = Some(upto);
            self.touch(Key::Conversation(conversation));
            self.conversation_fact(conversation, ConversationFact::ReadByAgent { by: id, upto });
        }
        Ok(Answer::Done)
    }

    /// What the queue asks for besides, and what the agent writes to it, stays with the customer as a note of this conversation.
    pub(super) fn resolve(
        &mut self,
        id: AgentId,
        conversation: ConversationId,
        disposition: Option<String>,
        fields: &[(String, String)],
        note: String,
    ) -> Result<Answer, Refusal> {
        let work = Work::Conversation(conversation);
        let queue = self.mine(&id, work)?.queue.clone();
        self.check_disposition(&queue, disposition.as_deref())?;
        self.check_fields(&queue, fields)?;
        let text = with_fields(fields, note)?;
        if let (false, Some(person)) = (text.is_empty(), self.job(work).map(|job| job.person)) {
            let message = self.mint_message();
            let note = PersonFact::NoteAdded { message, work: Some(work), by: id.clone(), text };
            self.facts.push(Fact::Person(person, note));
        }
        let served = self.release(work);
        self.set_stage(work, Stage::Apart);
        let now = self.now;
        if let Some(state) = self.conversations.get_mut(&conversation) {
            state.resolved = Some(now);
        }
        self.conversation_fact(conversation, ConversationFact::Resolved { by: Some(id), disposition });
        if let Some(served) = served {
            self.survey_after_text(conversation, &served);
        }
        Ok(Answer::Done)
    }
}
