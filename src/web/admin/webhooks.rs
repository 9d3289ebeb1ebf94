//! `GET /admin/webhooks`: the addresses that are told what happens. `GET /admin/webhooks/{id}`: what one was told, and telling it again.

use crate::auth::Admin;
use crate::desk::id::At;
use crate::store::webhooks::{self, Backlog, Cursor, DeliveryRow};
use crate::web::inbox::frame::Frame;
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use crate::webhooks::config::WebhookSection;
use crate::webhooks::event::{TRIAL, moment};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use serde_json::json;

/// Deliveries of one page.
const PAGE: u32 = 50;

/// `templates/admin/webhooks.html`
#[derive(Template)]
#[template(path = "admin/webhooks.html")]
struct WebhooksPage {
    page: Page,
    frame: Frame,
    hooks: Vec<Card>,
}

/// One address.
struct Card {
    id: String,
    url: String,
    events: String,
    cursor: Option<Cursor>,
    backlog: Backlog,
    newest: Option<DeliveryRow>,
}

/// `templates/admin/webhook.html`
#[derive(Template)]
#[template(path = "admin/webhook.html")]
struct WebhookPage {
    page: Page,
    frame: Frame,
    card: Card,
    failing: bool,
    deliveries: Vec<DeliveryRow>,
    /// The page after this one begins before this delivery.
    older: Option<i64>,
    note: Option<Note>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Shown {
    failing: bool,
    before: Option<i64>,
    done: String,
}

pub async fn list(State(state): State<WebState>, Admin(me): Admin, page: Page) -> Result<Response, WebError> {
    let loaded = state.config.load_full();
    let mut hooks = Vec::with_capacity(loaded.config.webhooks.len());
    for section in &loaded.config.webhooks {
        hooks.push(card(&state, section).await?);
    }
    let frame = Frame::around(&state, &page, &me).await?;
    Ok(html(&WebhooksPage { page, frame, hooks }))
}

pub async fn show(
    State(state): State<WebState>,
    Admin(me): Admin,
    page: Page,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, WebError> {
    let section = declared(&state, &id)?;
    let before = shown.before.unwrap_or(i64::MAX);
    let mut deliveries = webhooks::newest(&state.store, &id, before, shown.failing, PAGE + 1).await?;
    let older = if deliveries.len() > PAGE as usize { deliveries.pop().and(deliveries.last()).map(|last| last.due.id) } else { None };
    let note = match shown.done.as_str() {
        "tried" => Note::ok(page.t("webhooks.tried")),
        "again" => Note::ok(page.t("webhooks.told_again")),
        "started" => Note::ok(page.t("webhooks.started")),
        _ => None,
    };
    let (card, frame) = (card(&state, &section).await?, Frame::around(&state, &page, &me).await?);
    Ok(html(&WebhookPage { page, frame, card, failing: shown.failing, deliveries, older, note }))
}

/// Something that never happened is told, so that somebody sees it arrive.
pub async fn try_it(State(state): State<WebState>, Admin(me): Admin, Path(id): Path<String>) -> Result<Redirect, WebError> {
    let (section, now) = (declared(&state, &id)?, state.clock.now());
    let body = json!({ "type": TRIAL, "timestamp": moment(now), "data": { "webhook": id, "agent": me.agent } }).to_string();
    webhooks::trial(&state.store, section.id.get_ref(), TRIAL, body, now).await?;
    Ok(Redirect::to(&format!("/admin/webhooks/{id}?done=tried")))
}

pub async fn again(
    State(state): State<WebState>,
    Admin(me): Admin,
    Path((id, delivery)): Path<(String, i64)>,
) -> Result<Redirect, WebError> {
    declared(&state, &id)?;
    if !webhooks::again(&state.store, &id, delivery, state.clock.now()).await? {
        return Err(WebError::NotFound);
    }
    tracing::info!(webhook = %id, delivery, by = %me.agent, "told again");
    Ok(Redirect::to(&format!("/admin/webhooks/{id}?done=again")))
}

pub async fn all_again(State(state): State<WebState>, Admin(me): Admin, Path(id): Path<String>) -> Result<Redirect, WebError> {
    declared(&state, &id)?;
    let deliveries = webhooks::all_again(&state.store, &id, state.clock.now()).await?;
    tracing::info!(webhook = %id, deliveries, by = %me.agent, "told again what was given up");
    Ok(Redirect::to(&format!("/admin/webhooks/{id}?done=again")))
}

/// One that wanted to be told no more is told again.
pub async fn start(State(state): State<WebState>, Admin(me): Admin, Path(id): Path<String>) -> Result<Redirect, WebError> {
    declared(&state, &id)?;
    webhooks::stop(&state.store, &id, None).await?;
    tracing::info!(webhook = %id, by = %me.agent, "is told again");
    Ok(Redirect::to(&format!("/admin/webhooks/{id}?done=started")))
}

fn declared(state: &WebState, id: &str) -> Result<WebhookSection, WebError> {
    let loaded = state.config.load();
    loaded.config.webhooks.iter().find(|section| section.id.get_ref() == id).cloned().ok_or(WebError::NotFound)
}

async fn card(state: &WebState, section: &WebhookSection) -> Result<Card, WebError> {
    let id = section.id.get_ref().clone();
    let events: Vec<&str> = section.events.iter().map(|wanted| wanted.get_ref().as_str()).collect();
    Ok(Card {
        cursor: webhooks::known(&state.store, &id).await?,
        backlog: webhooks::backlog(&state.store, &id).await?,
        newest: webhooks::newest(&state.store, &id, i64::MAX, false, 1).await?.pop(),
        url: section.url.get_ref().clone(),
        events: events.join(", "),
        id,
    })
}

impl Card {
    fn stopped_at(&self) -> Option<At> {
        self.cursor.and_then(|cursor| cursor.stopped_at)
    }

    /// `ok`, `warn` or `bad`, and the key of its word.
    fn state(&self) -> (&'static str, &'static str) {
        match &self.newest {
            _ if self.stopped_at().is_some() => ("bad", "webhooks.stopped"),
            _ if self.backlog.given_up > 0 => ("bad", "webhooks.given_up_some"),
            None => ("", "webhooks.silent"),
            Some(row) if row.failure.is_some() => ("warn", "webhooks.troubled"),
            Some(_) => ("ok", "webhooks.works"),
        }
    }
}

impl WebhookPage {
    /// How a delivery looks, and the key of its word.
    fn state(&self, row: &DeliveryRow) -> (&'static str, &'static str) {
        match (row.state.as_str(), row.failure.is_some()) {
            ("done", _) => ("ok", "webhooks.done"),
            ("given_up", _) => ("bad", "webhooks.given_up"),
            (_, true) => ("warn", "webhooks.waits_again"),
            _ => ("", "webhooks.waits"),
        }
    }

    /// What was sent, laid out for people.
    fn body(&self, row: &DeliveryRow) -> String {
        let value: Result<serde_json::Value, _> = serde_json::from_str(&row.due.body);
        value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| row.due.body.clone())
    }
}
