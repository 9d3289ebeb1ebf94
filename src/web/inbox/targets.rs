//! `GET /inbox/targets`: who could take a transfer, with presence. `GET /inbox/canned`: replies to choose from, filled in for one person.

use super::fill::Places;
use super::phrase::{presence, status_text};
use super::reader::Reader;
use super::render;
use super::view::{TargetLine, Targets};
use crate::desk::catalog::LineTarget;
use crate::desk::fact::StatusName;
use crate::desk::id::{ConversationId, PersonId};
use crate::store::canned::CannedRow;
use crate::store::{persons, users};
use crate::web::WebError;
use crate::web::canned::seen;
use axum::Json;
use axum::extract::Query;
use axum::response::Html;
use serde::{Deserialize, Serialize};

/// Lines shown at most; a group of desk phones may have thousands.
const LINES: usize = 30;

pub async fn list(reader: Reader) -> Html<String> {
    let targets = targets(&reader);
    Html(render::targets(&reader.say(), &targets).0)
}

/// Queues in the order of the configuration's names; colleagues who are here, the free first.
fn targets(reader: &Reader) -> Targets {
    let say = reader.say();
    let queues = reader.catalog().queues.values().map(|queue| {
        let waiting = reader.floor.waiting.iter().filter(|w| w.queue == queue.id).count();
        TargetLine {
            id: queue.id.to_string(),
            name: queue.name.clone(),
            presence: "available",
            sub: say.with1("desk.targets.waiting", "n", waiting),
            able: true,
        }
    });
    let lines = reader.catalog().lines.iter().filter(|line| line.trunk.is_none()).filter_map(|line| {
        let leads_to = match &line.to {
            LineTarget::Queue(queue) => say.queue(queue),
            LineTarget::Agent(agent) => say.agent_name(agent),
            LineTarget::Flow(flow) => flow.to_string(),
            LineTarget::Echo => return None,
        };
        Some(TargetLine { id: line.number.clone(), name: line.number.clone(), presence: "available", sub: leads_to, able: true })
    });
    Targets { queues: queues.collect(), agents: colleagues(reader), lines: lines.take(LINES).collect() }
}

/// Colleagues who are here, the free first.
pub(super) fn colleagues(reader: &Reader) -> Vec<TargetLine> {
    let say = reader.say();
    let mut agents: Vec<TargetLine> = reader
        .floor
        .agents
        .iter()
        .filter(|agent| agent.id != *reader.me() && agent.status != StatusName::Offline)
        .map(|agent| {
            let able = agent.status == StatusName::Available && agent.used < agent.capacity;
            let load = say.with("desk.targets.used", &[("used", &agent.used.to_string()), ("capacity", &agent.capacity.to_string())]);
            let state = agent.reason.clone().unwrap_or_else(|| status_text(&say, agent.status));
            TargetLine {
                id: agent.id.to_string(),
                name: say.agent_name(&agent.id),
                presence: presence(agent.status),
                sub: if agent.used == 0 && able { say.t("desk.targets.free") } else { format!("{state} · {load}") },
                able,
            }
        })
        .collect();
    agents.sort_by_key(|line| (!line.able, line.name.clone()));
    agents
}

/// A colleague as notes name them.
#[derive(Serialize)]
pub struct Named {
    id: String,
    name: String,
}

/// `GET /inbox/colleagues`: everybody who can be named in a note, as JSON.
pub async fn all(reader: Reader) -> Result<Json<Vec<Named>>, WebError> {
    let users = users::list(&reader.state.store).await?;
    let others = users.into_iter().filter(|user| user.active && user.id != *reader.me());
    Ok(Json(others.map(|user| Named { id: user.id.to_string(), name: user.name }).collect()))
}

#[derive(Deserialize)]
pub struct For {
    person: u64,
    conversation: Option<u64>,
}

/// One reply as the picker shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Canned {
    pub shortcut: String,
    pub title: String,
    pub text: String,
    pub folder: String,
}

pub async fn canned(reader: Reader, Query(For { person, conversation }): Query<For>) -> Result<Json<Vec<Canned>>, WebError> {
    Ok(Json(replies(&reader, PersonId(person), conversation.map(ConversationId)).await?))
}

/// All replies that the reader may use, filled in for this person.
pub async fn replies(reader: &Reader, person: PersonId, conversation: Option<ConversationId>) -> Result<Vec<Canned>, WebError> {
    let places = Places::of(reader, person, conversation).await?;
    let mut rows = seen(reader).await?;
    // The customer's language first, texts for everybody next; within one, the agent's own before those of the house.
    let theirs = persons::get(&reader.state.store, person).await?.and_then(|person| person.language).unwrap_or_default();
    let near = |language: &str| !language.is_empty() && theirs.starts_with(language.split('-').next().unwrap_or(language));
    rows.sort_by_key(|CannedRow { form, .. }| {
        (!near(&form.language), !form.language.is_empty(), !form.shared.starts_with("agent/"), form.shortcut.clone())
    });
    let reply =
        |CannedRow { form, .. }| Canned { text: places.fill(&form.text), shortcut: form.shortcut, title: form.title, folder: form.folder };
    Ok(rows.into_iter().map(reply).collect())
}

/// `{{name}}` and `{name}` replaced in one pass; what a value itself contains is never replaced again.
pub(super) fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let found = values.iter().find_map(|(name, value)| {
            let double = format!("{{{{{name}}}}}");
            let single = format!("{{{name}}}");
            [double, single].into_iter().find(|mark| from.starts_with(mark.as_str())).map(|mark| (mark.len(), *value))
        });
        let (skip, put) = found.unwrap_or((1, "{"));
        out.push_str(put);
        rest = &from[skip..];
    }
    out.push_str(rest);
    out
}
