//! `GET /admin/sessions`: who may sign in, who is signed in where; ending sessions and making invitations.

use crate::auth::{Admin, InviteError, Known, Session, SessionId, people};
use crate::desk::id::AgentId;
use crate::store::users;
use crate::web::inbox::frame::Frame;
use crate::web::login::Note;
use crate::web::settings::SignedIn;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::{Redirect, Response};
use http::{HeaderMap, header};
use serde::Deserialize;

/// `templates/admin/sessions.html`
#[derive(Template)]
#[template(path = "admin/sessions.html")]
struct SessionsPage {
    page: Page,
    frame: Frame,
    members: Vec<Member>,
    /// A link just made: whose, and the address. Shown once; only its hash is kept.
    invited: Option<(String, String)>,
    note: Option<Note>,
}

/// Somebody who may sign in, with their open sessions.
struct Member {
    known: Known,
    has_password: bool,
    devices: Vec<SignedIn>,
}

impl Member {
    fn role_key(&self) -> &'static str {
        match self.known.role {
            crate::auth::Role::Admin => "role.admin",
            crate::auth::Role::Supervisor => "role.supervisor",
            crate::auth::Role::Agent => "role.agent",
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Done {
    done: String,
}

pub async fn list(
    State(state): State<WebState>,
    Admin(me): Admin,
    page: Page,
    Query(Done { done }): Query<Done>,
) -> Result<Response, WebError> {
    let note = if done == "ended" { Note::ok(page.t("settings.ended")) } else { None };
    draw(&state, &me, page, None, note).await
}

pub async fn end(State(state): State<WebState>, Admin(_): Admin, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    state.gate.revoke(SessionId(id)).await?;
    Ok(Redirect::to("/admin/sessions?done=ended"))
}

/// Answers with the page itself, not with a redirect: the link exists in this answer only.
pub async fn invite(
    State(state): State<WebState>,
    Admin(me): Admin,
    page: Page,
    Path(agent): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let agent = AgentId::from(agent.as_str());
    match state.gate.invite(&agent).await {
        Ok(path) => {
            tracing::info!(%agent, by = %me.agent, "invitation made");
            let link = format!("{}{path}", own_address(&state, &headers, &uri));
            draw(&state, &me, page, Some((agent.to_string(), link)), None).await
        }
        Err(InviteError::UnknownAgent) => Err(WebError::NotFound),
        Err(InviteError::Store(error)) => Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "invitation could not be made");
            Err(WebError::Internal)
        }
    }
}

/// `https://desk.example.com`: as configured, else as the admin reached us.
fn own_address(state: &WebState, headers: &HeaderMap, uri: &http::Uri) -> String {
    if let Some(url) = &state.config.load().config.server.public_url {
        return url.get_ref().trim_end_matches('/').to_owned();
    }
    let scheme = match state.gate.cookies() {
        crate::auth::Cookies::Https => "https",
        crate::auth::Cookies::Localhost => "http",
    };
    let host =
        headers.get(header::HOST).and_then(|h| h.to_str().ok()).or_else(|| uri.authority().map(|a| a.as_str())).unwrap_or("localhost");
    format!("{scheme}://{host}")
}

async fn draw(
    state: &WebState,
    me: &Session,
    page: Page,
    invited: Option<(String, String)>,
    note: Option<Note>,
) -> Result<Response, WebError> {
    let users = users::list(&state.store).await?;
    let mut open = state.gate.sessions().await?;
    let known: Vec<Known> = people(&state.config.load()).collect();
    let members = known
        .into_iter()
        .map(|known| {
            let has_password = users.iter().any(|u| u.id == known.id && u.has_password);
            let own = open.extract_if(.., |row| row.user == known.id).map(|row| SignedIn::new(row, me.id)).collect();
            Member { known, has_password, devices: own }
        })
        .collect();
    let frame = Frame::around(state, &page, me).await?;
    Ok(html(&SessionsPage { page, frame, members, invited, note }))
}
