//! `GET /work/{kind}/{id}/push`: what could be sent to the customer of this contact, and where it would go.
//! `POST` sends it: a text or link, files, or a form. `key` makes a repeated post harmless.

use super::reply::attachments;
use super::{WorkPath, ask, empty_is_none};
use crate::auth::Agent;
use crate::desk::id::{ConversationId, FormKind, PersonId, Work};
use crate::desk::input::{Body, Command, Push, Seen, Way};
use crate::desk::step::Answer;
use crate::store::viewer::shown;
use crate::store::{calls, conversations};
use crate::web::error::refusal_text;
use crate::web::inbox::reader::{Reader, glyph};
use crate::web::inbox::render;
use crate::web::inbox::targets::replies;
use crate::web::inbox::view::{PushBox, PushForm};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Html;
use http::StatusCode;
use serde::Deserialize;

/// The dialog.
pub async fn open(reader: Reader, State(state): State<WebState>, Path(path): Path<WorkPath>) -> Result<Html<String>, WebError> {
    let (say, work) = (reader.say(), path.work());
    let (person, name) = customer(&reader, work).await?.ok_or(WebError::NotFound)?;
    let asked = crate::desk::input::Input::Command(reader.me().clone(), Command::PushWay { work });
    let (glyph, goes, seen) = match state.switchboard.ask(asked).await {
        Ok(Answer::Way(Way::Conversation(id))) => {
            let row = conversations::get(&reader.state.store, &reader.viewer, id).await?.ok_or(WebError::NotFound)?;
            let kind = reader.catalog().channels.get(&row.channel).map_or("webchat", |spec| spec.kind.as_str());
            let goes = if kind == "webchat" {
                say.t("desk.push.to_webchat")
            } else {
                say.with("desk.push.to_channel", &[("channel", &say.channel(kind))])
            };
            (glyph(kind), Ok(goes), format!("conversation/{id}"))
        }
        Ok(Answer::Way(Way::Window(_))) => (glyph("webchat"), Ok(say.t("desk.push.to_webchat")), "window".to_owned()),
        Ok(Answer::Way(Way::Text { number })) => {
            let number = shown(&reader.viewer, "phone", &number);
            ("sms", Ok(say.with("desk.push.to_sms", &[("number", &number)])), "text".to_owned())
        }
        Ok(_) => return Err(WebError::NotFound),
        Err(refusal) => {
            let why = refusal_text(reader.locale(), &refusal);
            ("info", Err(say.with("desk.push.no_way", &[("why", &why)])), String::new())
        }
    };
    let forms = reader.catalog().forms.values().filter(|form| !form.calls || matches!(work, Work::Conversation(_)));
    let push = PushBox {
        path: render::work_path(&work),
        title: say.with("desk.push.title", &[("name", &name)]),
        glyph,
        goes,
        seen,
        forms: forms.map(|form| PushForm { kind: form.kind.to_string(), title: say.form(&form.kind), verdict: form.verdict }).collect(),
        replies: replies(&reader, person, None).await?,
    };
    Ok(Html(render::push_box(&say, &push).0))
}

/// Whose contact it is.
async fn customer(reader: &Reader, work: Work) -> Result<Option<(PersonId, String)>, WebError> {
    let (store, viewer) = (&reader.state.store, &reader.viewer);
    Ok(match work {
        Work::Call(id) => calls::get(store, viewer, id).await?.map(|call| (call.call.person, call.call.person_name)),
        Work::Conversation(id) => conversations::get(store, viewer, id).await?.map(|row| (row.person, row.person_name)),
        Work::Callback(_) => None,
    })
}

#[derive(Deserialize)]
pub struct Pushed {
    #[serde(default)]
    text: String,
    /// Numbers of files uploaded before, with commas between.
    #[serde(default)]
    files: String,
    /// A declared form instead of a text.
    #[serde(default, deserialize_with = "empty_is_none")]
    form: Option<String>,
    /// Where the dialog said that it would go: `text`, `window`, or `conversation/88`.
    #[serde(default)]
    seen: String,
    key: String,
}

pub async fn send(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(path): Path<WorkPath>,
    Form(pushed): Form<Pushed>,
) -> Result<StatusCode, WebError> {
    if pushed.key.is_empty() || pushed.key.len() > 80 {
        return Err(WebError::Bad("key"));
    }
    let seen = match pushed.seen.as_str() {
        "" => None,
        "text" => Some(Seen::Text),
        "window" => Some(Seen::Window),
        place => {
            let id = place.strip_prefix("conversation/").and_then(|id| id.parse().ok()).ok_or(WebError::Bad("seen"))?;
            Some(Seen::Conversation(ConversationId(id)))
        }
    };
    let what = match pushed.form {
        Some(form) => Push::Form(FormKind::from(form.as_str())),
        None => {
            let files = attachments(&state, &me.agent, &pushed.files).await?;
            Push::Body(Body { files, ..Body::text(pushed.text.trim_end()) })
        }
    };
    ask(&state, &me, Command::Push { work: path.work(), what, seen, key: pushed.key }).await?;
    Ok(StatusCode::NO_CONTENT)
}
