//! `GET /inbox/templates?conversation=`: the texts that this conversation's platform has approved, or not. `POST` reads them from the platform
//! first.

use super::reader::Reader;
use crate::desk::id::{ChannelId, ConversationId};
use crate::desk::template::{Approval, Template};
use crate::store::{conversations, templates};
use crate::web::WebError;
use axum::Json;
use axum::extract::Query;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub struct Of {
    conversation: u64,
}

/// What the picker shows.
#[derive(Debug, Serialize)]
pub struct Listed {
    templates: Vec<Line>,
    /// When the platform told them, in words; and why it did not the last time.
    read: String,
    trouble: Option<String>,
}

#[derive(Debug, Serialize)]
struct Line {
    name: String,
    title: String,
    language: String,
    text: String,
    /// `approved`, `waiting` or `refused`, and the same in words.
    state: &'static str,
    state_text: String,
    /// The platform's words for why it cannot be sent.
    why: String,
    /// Longest text, characters.
    most: usize,
    variables: Vec<Place>,
}

#[derive(Debug, Serialize)]
struct Place {
    name: String,
    label: String,
    most: usize,
}

pub async fn list(reader: Reader, Query(of): Query<Of>) -> Result<Json<Listed>, WebError> {
    let channel = channel(&reader, of).await?;
    listed(&reader, &channel).await.map(Json)
}

pub async fn refresh(reader: Reader, Query(of): Query<Of>) -> Result<Json<Listed>, WebError> {
    let channel = channel(&reader, of).await?;
    // Whether it worked stands in the store.
    reader.state.channels.read_templates(channel.clone()).await;
    listed(&reader, &channel).await.map(Json)
}

async fn channel(reader: &Reader, Of { conversation }: Of) -> Result<ChannelId, WebError> {
    let row = conversations::get(&reader.state.store, &reader.viewer, ConversationId(conversation)).await?;
    row.map(|row| row.channel).ok_or(WebError::NotFound)
}

async fn listed(reader: &Reader, channel: &ChannelId) -> Result<Listed, WebError> {
    let known = templates::of(&reader.state.store, channel).await?;
    let say = reader.say();
    let read = match known.read_at {
        Some(at) => say.with1("desk.template.read", "time", reader.page.moment(at)),
        None => say.t("desk.template.never_read"),
    };
    let mut templates: Vec<Line> = known.list.into_iter().map(|template| line(reader, template)).collect();
    // What can be sent comes first; the platform's order otherwise.
    templates.sort_by_key(|line| line.state != "approved");
    Ok(Listed { templates, read, trouble: known.trouble.map(|why| say.with1("desk.template.trouble", "why", &why)) })
}

fn line(reader: &Reader, template: Template) -> Line {
    let say = reader.say();
    let (state, why) = match template.state {
        Approval::Approved => ("approved", String::new()),
        Approval::Waiting => ("waiting", String::new()),
        Approval::Unusable(why) => ("refused", why),
    };
    let place = |variable: crate::desk::template::Variable| {
        let numbered = variable.name.bytes().all(|b| b.is_ascii_digit());
        let label = if numbered { say.with1("desk.template.variable", "n", &variable.name) } else { variable.name.clone() };
        Place { label, name: variable.name, most: variable.most }
    };
    Line {
        state_text: say.t(format!("desk.template.{state}")),
        name: template.name,
        title: template.title,
        language: template.language,
        text: template.text,
        state,
        why,
        most: template.most,
        variables: template.variables.into_iter().map(place).collect(),
    }
}
