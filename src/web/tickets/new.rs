//! `GET /tickets/new?person=`: the whole form, filled in from the contact that the agent is in with them. `?kind=` shows that kind's fields.

use super::fields::{FieldView, fields};
use super::phrase::{department_text, kind_spec, kind_text};
use crate::desk::id::{PersonId, TicketId, TicketKind, Work};
use crate::desk::input::Extra;
use crate::store::messages::MessageRow;
use crate::store::{messages, persons, tickets};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::work::empty_is_none;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Characters of a subject that is proposed: one line.
const SUBJECT: usize = 120;
/// As long as a subject may be.
const LONGEST: usize = 200;

#[derive(Deserialize)]
pub struct Asked {
    person: u64,
    #[serde(default, deserialize_with = "empty_is_none")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    subject: Option<String>,
    /// Hangs under this one.
    parent: Option<u64>,
    /// Goes on from this closed one.
    follows: Option<u64>,
}

/// `templates/tickets/new.html`
#[derive(Template)]
#[template(path = "tickets/new.html")]
struct NewPage {
    page: Page,
    frame: Frame,
    person: u64,
    name: String,
    subject: String,
    /// `conversation/88`, and what it is called.
    work: Option<(String, String)>,
    kinds: Vec<(String, String, bool)>,
    departments: Vec<(String, String, bool)>,
    agents: Vec<(String, String)>,
    priorities: Vec<(u8, String, bool)>,
    fields: Vec<FieldView>,
    parent: Option<u64>,
    follows: Option<u64>,
    /// Customers hear nothing of this kind.
    internal: bool,
    key: String,
}

pub async fn new(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let say = reader.say();
    let (store, viewer) = (&reader.state.store, &reader.viewer);
    let card = persons::card(store, viewer, PersonId(asked.person)).await?.ok_or(WebError::NotFound)?;
    let serving = reader.floor.serving.iter().find(|s| s.agent == *reader.me() && s.person.0 == asked.person);
    let work = serving.map(|serving| serving.work).filter(|work| !matches!(work, Work::Callback(_)));
    let kind = asked.kind.as_deref().map(TicketKind::from);
    let rules = &reader.catalog().tickets;
    let spec = kind_spec(&say, kind.as_ref());
    let queue = serving.map(|serving| &serving.queue);
    let department = spec.and_then(|spec| spec.department.clone()).or_else(|| queue.and_then(|queue| rules.department_of(queue).cloned()));
    let subject = match (asked.subject, asked.parent.or(asked.follows)) {
        (Some(subject), _) => subject,
        (None, Some(other)) => tickets::get(store, TicketId(other)).await?.map(|other| other.ticket.subject).unwrap_or_default(),
        (None, None) => subject_of(&reader, &say, work).await?,
    };
    let priority = spec.map_or(3, |spec| spec.priority);
    let words = [(1, "desk.ticket.urgent"), (2, "desk.ticket.high"), (3, "desk.ticket.normal"), (4, "desk.ticket.low")];
    let made = NewPage {
        person: asked.person,
        name: card.person.name,
        subject,
        work: work.map(|work| named(&say, &work)),
        kinds: rules.kinds.keys().map(|id| (id.to_string(), kind_text(&say, id), kind.as_ref() == Some(id))).collect(),
        departments: rules
            .departments
            .keys()
            .map(|id| (id.to_string(), department_text(&say, id), department.as_ref() == Some(id)))
            .collect(),
        agents: reader
            .catalog()
            .agents
            .values()
            .filter(|agent| !agent.always_available)
            .map(|agent| (agent.id.to_string(), agent.name.clone()))
            .collect(),
        priorities: words.into_iter().map(|(p, key)| (p, say.t(key), p == priority)).collect(),
        fields: fields(&say, kind.as_ref(), &BTreeMap::new()),
        parent: asked.parent,
        follows: asked.follows,
        internal: spec.is_some_and(|spec| spec.internal),
        // The same form sent twice opens one ticket.
        key: format!("form-{}-{}", reader.me(), say.now.0),
        frame: Frame::load(&reader).await?,
        page: reader.page.clone(),
    };
    Ok(html(&made))
}

/// What the customer came with: the subject of their letter, or what they wrote first.
async fn subject_of(reader: &Reader, say: &Say<'_>, work: Option<Work>) -> Result<String, WebError> {
    Ok(match work {
        Some(Work::Conversation(id)) => match messages::came_with(&reader.state.store, id).await? {
            Some(MessageRow { extra: Some(Extra::Mail(mail)), .. }) if !mail.subject.is_empty() => {
                mail.subject.chars().take(LONGEST).collect()
            }
            Some(row) => row.text.lines().next().unwrap_or_default().chars().take(SUBJECT).collect(),
            None => String::new(),
        },
        Some(Work::Call(_)) => {
            let serving = reader.floor.serving.iter().find(|s| Some(s.work) == work);
            serving.map(|serving| say.queue(&serving.queue)).unwrap_or_default()
        }
        Some(Work::Callback(_)) | None => String::new(),
    })
}

fn named(say: &Say, work: &Work) -> (String, String) {
    match work {
        Work::Call(id) => (format!("call/{id}"), say.with("desk.ticket.work_call", &[("id", &id.to_string())])),
        Work::Conversation(id) => (format!("conversation/{id}"), say.with("desk.ticket.work_conversation", &[("id", &id.to_string())])),
        Work::Callback(id) => (format!("callback/{id}"), say.with("desk.ticket.work_callback", &[("id", &id.to_string())])),
    }
}
