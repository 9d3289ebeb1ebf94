//! What a customer says of a conversation, told at once to whoever served it and to supervisors: `rated {text, href, low}`.

use super::push;
use super::reader::Reader;
use crate::desk::fact::{ConversationFact, Fact};
use crate::desk::id::AgentId;
use crate::desk::step::Step;
use crate::store::viewer::Role;
use crate::web::WebState;
use crate::web::live::{Audience, Frame};
use serde_json::json;

/// The frame for one of those who have a page open, if it is for them.
fn frame(reader: &Reader, step: &Step, reads: &AgentId, role: Role) -> Option<(Audience, Frame)> {
    let (conversation, by, score, comment) = step.facts.iter().find_map(|fact| match fact {
        Fact::Conversation(id, ConversationFact::Rated { agent, score, comment, .. }) => Some((*id, agent, *score, comment)),
        _ => None,
    })?;
    if reads != by && role < Role::Supervisor {
        return None;
    }
    let say = reader.say();
    let key = if comment.is_empty() { "desk.rated" } else { "desk.rated_why" };
    let text = say.with(key, &[("agent", &say.agent(by)), ("score", &score.to_string()), ("comment", comment)]);
    let body = json!({ "text": text, "href": format!("/inbox/conversation/{conversation}"), "low": score <= 2 });
    Some((Audience::Agent(reads.clone()), Frame::new("rated", body)))
}

/// For all of them.
pub(super) async fn frames(state: &WebState, step: &Step) -> Vec<(Audience, Frame)> {
    let mut frames = Vec::new();
    if !step.facts.iter().any(|fact| matches!(fact, Fact::Conversation(_, ConversationFact::Rated { .. }))) {
        return frames;
    }
    for agent in state.live.agents() {
        // One that cannot be told in their language now finds it in the story.
        let Ok(reader) = push::reader(state, &agent).await else { continue };
        let role = reader.viewer.role;
        frames.extend(frame(&reader, step, &agent, role));
    }
    frames
}
