//! How content customers were with a conversation, as they say in the app or the chat window: while it goes on, or for a day after it.

use crate::desk::Desk;
use crate::desk::fact::ConversationFact;
use crate::desk::id::*;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::{Key, person::plain_name};

/// Longest comment, characters.
const LONGEST: usize = 1_000;

impl Desk {
    /// 1 to 5. Said again it replaces what was said; nobody rates what nobody has served.
    pub(super) fn rated(&mut self, id: ConversationId, score: u8, comment: &str) -> Result<Answer, Refusal> {
        let served = self.serving(Work::Conversation(id)).map(|serving| serving.agent.clone());
        let conversation = self.conversations.get_mut(&id).ok_or(Refusal::Gone)?;
        let agent = served.or_else(|| conversation.job.last_agent.clone().filter(|_| conversation.resolved.is_some()));
        let agent = agent.ok_or(Refusal::NotAnswered)?;
        let (score, comment) = (score.clamp(1, 5), plain_name(comment, LONGEST));
        if conversation.rated.as_ref() == Some(&(score, comment.clone())) {
            return Ok(Answer::Done);
        }
        conversation.rated = Some((score, comment.clone()));
        let person = conversation.job.person;
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::Rated { person, agent, score, comment });
        Ok(Answer::Done)
    }
}
