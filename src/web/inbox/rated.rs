//! What a customer says of a contact, told at once to whoever served it and to supervisors: `rated {text, href, low}`.

use super::push;
use super::reader::Reader;
use crate::desk::fact::{Fact, SurveyFact};
use crate::desk::id::{AgentId, Work};
use crate::desk::step::Step;
use crate::desk::survey::Scale;
use crate::store::viewer::Role;
use crate::web::WebState;
use crate::web::live::{Audience, Frame};
use serde_json::json;

/// The frame for one of those who have a page open, if it is for them.
fn frame(reader: &Reader, step: &Step, reads: &AgentId, role: Role) -> Option<(Audience, Frame)> {
    let (person, work, by, scale, score, comment, low) = step.facts.iter().find_map(|fact| match fact {
        Fact::Survey(_, SurveyFact::Answered { person, work, agent, scale, score, comment, low, .. }) => {
            Some((*person, *work, agent.as_ref()?, *scale, *score, comment, *low))
        }
        _ => None,
    })?;
    if reads != by && role < Role::Supervisor {
        return None;
    }
    let say = reader.say();
    let key = if comment.is_empty() { "desk.rated" } else { "desk.rated_why" };
    let (score_text, best) = (score.to_string(), scale.best().to_string());
    let text = say.with(key, &[("agent", &say.agent(by)), ("score", &score_text), ("best", &best), ("comment", comment)]);
    let href = match work {
        Some(Work::Conversation(id)) => format!("/inbox/conversation/{id}"),
        _ => format!("/people/{person}"),
    };
    let low = low || scale == Scale::Csat && score <= 2;
    let body = json!({ "text": text, "href": href, "low": low });
    Some((Audience::Agent(reads.clone()), Frame::new("rated", body)))
}

/// For all of them.
pub(super) async fn frames(state: &WebState, step: &Step) -> Vec<(Audience, Frame)> {
    let mut frames = Vec::new();
    if !step.facts.iter().any(|fact| matches!(fact, Fact::Survey(_, SurveyFact::Answered { .. }))) {
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
