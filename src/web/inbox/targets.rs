//! `GET /inbox/targets`: who could take a transfer, with presence. `GET /inbox/canned`: replies to choose from, filled in for one person.

use super::phrase::{presence, status_text};
use super::reader::Reader;
use super::render;
use super::view::{TargetLine, Targets};
use crate::desk::catalog::LineTarget;
use crate::desk::fact::StatusName;
use crate::desk::id::PersonId;
use crate::store::{canned as stored, persons};
use crate::web::WebError;
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

#[derive(Deserialize)]
pub struct For {
    person: u64,
}

/// One reply as the picker shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Canned {
    pub shortcut: String,
    pub title: String,
    pub text: String,
}

pub async fn canned(reader: Reader, Query(For { person }): Query<For>) -> Result<Json<Vec<Canned>>, WebError> {
    Ok(Json(replies(&reader, PersonId(person)).await?))
}

/// All replies, filled in for this person.
pub async fn replies(reader: &Reader, person: PersonId) -> Result<Vec<Canned>, WebError> {
    let person = persons::get(&reader.state.store, person).await?;
    let name = person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
    let me = reader.say().agent_name(reader.me());
    let site = reader.page.site.clone();
    let mut rows = stored::list(&reader.state.store).await?;
    // The customer's language first, texts for everybody next.
    let theirs = person.and_then(|person| person.language).unwrap_or_default();
    let near = |language: &str| !language.is_empty() && theirs.starts_with(language.split('-').next().unwrap_or(language));
    rows.sort_by_key(|row| (!near(&row.language), !row.language.is_empty(), row.shortcut.clone()));
    let filled = |text: &str| filled(text, &[("name", &name), ("customer", &name), ("agent", &me), ("me", &me), ("site", &site)]);
    Ok(rows.into_iter().map(|row| Canned { text: filled(&row.text), shortcut: row.shortcut, title: row.title }).collect())
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
