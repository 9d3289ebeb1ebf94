//! `GET /settings`

use crate::auth::{Agent, Session, SessionId};
use crate::desk::id::At;
use crate::store::StoreError;
use crate::store::sessions::SessionRow;
use crate::web::inbox::frame::Frame;
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// What `static/devices.js` says.
const DEVICE_WORDS: &[&str] =
    &["standard", "absent", "microphone", "speaker", "ringer", "allow", "unknown", "denied", "missing", "insecure"];

/// `templates/settings/show.html`
#[derive(Template)]
#[template(path = "settings/show.html")]
pub struct SettingsPage {
    pub page: Page,
    pub frame: Frame,
    pub me: Session,
    pub devices: Vec<SignedIn>,
    /// JSON for the script that lets one choose a headset.
    pub device_words: String,
    pub shortest: usize,
    /// Until when they want no sounds; empty: they hear everything.
    pub quiet: String,
    pub note: Option<Note>,
}

/// One signed-in browser as the lists show it.
pub struct SignedIn {
    pub row: SessionRow,
    /// The reader's own.
    pub here: bool,
    /// `Firefox · Windows`, or `None` for something unknown.
    pub browser: Option<String>,
}

impl SignedIn {
    pub fn new(row: SessionRow, own: SessionId) -> SignedIn {
        SignedIn { here: row.id == own.0, browser: browser(&row.user_agent), row }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Done {
    done: String,
}

pub async fn show(
    State(state): State<WebState>,
    Agent(me): Agent,
    page: Page,
    Query(Done { done }): Query<Done>,
) -> Result<Response, WebError> {
    let note = match done.as_str() {
        "saved" => Note::ok(page.t("settings.saved")),
        "password" => Note::ok(page.t("password.changed")),
        "ended" => Note::ok(page.t("settings.ended")),
        _ => None,
    };
    Ok(draw(&state, me, page, note).await?)
}

pub(super) async fn draw(state: &WebState, me: Session, page: Page, note: Option<Note>) -> Result<Response, StoreError> {
    let words: serde_json::Map<String, serde_json::Value> =
        DEVICE_WORDS.iter().map(|word| ((*word).to_owned(), page.t(&format!("settings.devices_words.{word}")).into())).collect();
    let device_words = serde_json::Value::from(words).to_string();
    let devices = state.gate.sessions_of(&me.agent).await?.into_iter().map(|row| SignedIn::new(row, me.id)).collect();
    let quiet = me.prefs.quiet_until.filter(|until| *until > page.now.0);
    let quiet = quiet.map(|until| page.t1("quiet.until", "time", page.moment(At(until)))).unwrap_or_default();
    let frame = Frame::around(state, &page, &me).await?;
    Ok(html(&SettingsPage { quiet, page, frame, devices, device_words, shortest: state.gate.shortest_password(), me, note }))
}

/// What a `User-Agent` boasts of, in two words; the order matters, because most claim to be their rivals as well.
fn browser(agent: &str) -> Option<String> {
    let name =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")];
    let system =
        [("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"), ("Linux", "Linux")];
    let find = |table: &[(&str, &'static str)]| table.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    match (find(&name), find(&system)) {
        (Some(name), Some(system)) => Some(format!("{name} · {system}")),
        (Some(name), None) => Some(name.into()),
        (None, _) => None,
    }
}
