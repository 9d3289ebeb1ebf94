//! `GET /admin/trunks`: how each trunk is, what went out through it today, and which numbers were not called. `POST /admin/trunks/call`
//! tries one; what is found comes line by line over the page's socket.

use crate::auth::{Admin, Supervisor};
use crate::desk::dial::Dialler;
use crate::desk::dial::book::TrunkProblem;
use crate::desk::fact::{DialFact, Fact, TrunkFact};
use crate::desk::floor::FloorTrunk;
use crate::desk::id::{AgentId, At};
use crate::store::events;
use crate::web::error::dial_key;
use crate::web::i18n::Locale;
use crate::web::inbox::frame::Frame;
use crate::web::live;
use crate::web::state::{TrialAsk, TrialLine};
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

/// Refused numbers that are shown.
const BLOCKED: u32 = 20;
/// Lines of a trial that may wait for the page.
const LINES: usize = 16;
/// Longest number that is read.
const NUMBER: usize = 64;

/// `templates/admin/trunks.html`
#[derive(Template)]
#[template(path = "admin/trunks.html")]
struct TrunksPage {
    page: Page,
    frame: Frame,
    trunks: Vec<Card>,
    blocked: Vec<Blocked>,
    /// Numbers refused today.
    today: usize,
}

/// One trunk.
struct Card {
    floor: FloorTrunk,
    server: Option<String>,
    registers: bool,
    /// What may go out, or `None` for nothing but emergency calls.
    allow: Option<String>,
    max_calls: u32,
    minutes: u32,
    /// Money a day, millionths.
    budget: i64,
    priced: bool,
}

impl Card {
    /// `ok`, `warn` or `bad`, and the key of its word.
    fn state(&self) -> (&'static str, &'static str) {
        match (&self.floor.down, &self.floor.unregistered, &self.server) {
            (Some(_), ..) => ("bad", "admin.trunks.down"),
            (None, Some(_), _) => ("bad", "admin.trunks.not_logged_in"),
            (None, None, None) => ("", "admin.trunks.only_brings"),
            (None, None, Some(_)) if self.registers => ("ok", "admin.trunks.logged_in"),
            (None, None, Some(_)) => ("ok", "admin.trunks.up"),
        }
    }

    fn talked(&self) -> i64 {
        self.floor.talked_ms / 60_000
    }

    /// Percent of a day's minutes or money that are used, whichever is more.
    fn used(&self) -> Option<i64> {
        let minutes = (self.minutes > 0).then(|| self.floor.talked_ms / 600 / i64::from(self.minutes));
        let money = (self.budget > 0).then(|| self.floor.cost.saturating_mul(100) / self.budget);
        minutes.into_iter().chain(money).max().map(|percent| percent.min(100))
    }
}

/// A number that was not called.
struct Blocked {
    at: At,
    number: String,
    why: &'static str,
    by: String,
}

/// A place as the configuration names it, in the reader's words.
fn shown(page: &Page, place: &str) -> String {
    match place {
        "any" => page.t("admin.trunks.any").to_owned(),
        "national" => page.t("admin.trunks.national").to_owned(),
        other => other.to_owned(),
    }
}

pub async fn list(State(state): State<WebState>, Supervisor(me): Supervisor, page: Page) -> Result<Response, WebError> {
    let floor = state.switchboard.floor();
    let loaded = state.config.load_full();
    let cards = loaded.config.trunks.iter().filter_map(|section| {
        let floor = floor.trunks.iter().find(|trunk| trunk.id.as_str() == section.id.get_ref())?.clone();
        let outbound = section.outbound.as_ref();
        Some(Card {
            floor,
            server: section.server.as_ref().map(|server| server.get_ref().clone()),
            registers: *section.register.get_ref(),
            allow: outbound.map(|outbound| outbound.allow.iter().map(|place| shown(&page, place.get_ref())).collect::<Vec<_>>().join(", ")),
            max_calls: outbound.map_or(0, |outbound| *outbound.max_calls.get_ref()),
            minutes: outbound.map_or(0, |outbound| *outbound.minutes_per_day.get_ref()),
            budget: outbound.map_or(0, |outbound| (*outbound.cost_per_day.get_ref() * 1e6) as i64),
            priced: outbound.is_some_and(|outbound| !outbound.prices.is_empty()),
        })
    });
    let trunks = cards.collect();
    let rows = events::blocked(&state.store, BLOCKED).await?;
    let blocked = rows.into_iter().filter_map(|row| match row.fact {
        Fact::Dial(by, DialFact::Blocked { number, why, .. }) => {
            Some(Blocked { at: row.at, number, why: dial_key(why), by: who(&page, &by) })
        }
        _ => None,
    });
    let blocked = blocked.collect();
    let frame = Frame::around(&state, &page, &me).await?;
    Ok(html(&TrunksPage { page, frame, trunks, blocked, today: floor.blocked as usize }))
}

fn who(page: &Page, by: &Dialler) -> String {
    match by {
        Dialler::Agent(agent) => agent.to_string(),
        Dialler::Flow(flow) => page.t1("admin.trunks.by_flow", "flow", flow),
        Dialler::House => page.t("admin.trunks.by_house").to_owned(),
    }
}

#[derive(Deserialize)]
pub struct Asked {
    trunk: String,
    #[serde(default)]
    number: String,
    /// `out` or `in`.
    way: String,
}

/// 204; the findings follow as frames `trial {html, first, last}` on the administrator's own pages.
pub async fn call(State(state): State<WebState>, Admin(me): Admin, page: Page, Form(asked): Form<Asked>) -> Result<StatusCode, WebError> {
    let number = match asked.way.as_str() {
        "in" => None,
        _ if asked.number.trim().is_empty() || asked.number.len() > NUMBER => {
            return Err(WebError::Refused(crate::desk::refusal::Refusal::Empty));
        }
        _ => Some(asked.number.trim().to_owned()),
    };
    let (lines, mut found) = mpsc::channel::<TrialLine>(LINES);
    let ask = TrialAsk { trunk: Some(asked.trunk), number, by: Some(me.agent.to_string()), language: page.lang().to_owned(), lines };
    if !state.trials.begin(ask) {
        return Err(WebError::Refused(crate::desk::refusal::Refusal::Busy));
    }
    tokio::spawn(async move {
        let tell = |body: serde_json::Value| state.live.to_agent(&me.agent, live::Frame::new("trial", body));
        tell(json!({ "first": true, "last": false }));
        while let Some(line) = found.recv().await {
            if state.live.open_pages(&me.agent) == 0 {
                // Nobody reads along: dropping the lines ends the trial.
                return;
            }
            tell(json!({ "html": trial_line(&page, &line), "last": false }));
        }
        tell(json!({ "last": true }));
    });
    Ok(StatusCode::NO_CONTENT)
}

/// `templates/admin/_trial.html`
#[derive(Template)]
#[template(path = "admin/_trial.html")]
struct TrialDrawn<'a> {
    page: &'a Page,
    line: &'a TrialLine,
}

fn trial_line(page: &Page, line: &TrialLine) -> String {
    TrialDrawn { page, line }.render().unwrap_or_default()
}

impl TrialDrawn<'_> {
    fn glyph(&self) -> &'static str {
        match self.line.mark {
            "ok" => "ok",
            "odd" => "warn",
            "bad" => "alert",
            _ => "info",
        }
    }
}

/// What supervisors are told of a fact at once: the key of the notice and its text, empty when it is well again.
pub fn alarm(locale: &Locale, fact: &Fact) -> Option<(String, String)> {
    match fact {
        Fact::Trunk(trunk, TrunkFact::Down { .. }) => {
            Some((format!("trunk-{trunk}"), locale.t1("admin.trunks.alarm_down", "trunk", trunk)))
        }
        Fact::Trunk(trunk, TrunkFact::Up) => Some((format!("trunk-{trunk}"), String::new())),
        Fact::Trunk(trunk, TrunkFact::Unregistered { .. }) => {
            Some((format!("login-{trunk}"), locale.t1("admin.trunks.alarm_login", "trunk", trunk)))
        }
        Fact::Trunk(trunk, TrunkFact::Registered) => Some((format!("login-{trunk}"), String::new())),
        Fact::Dial(by, DialFact::Alarm { number, why, .. }) => {
            let text = locale.t2("admin.trunks.alarm_blocked", "number", number, "why", locale.t(dial_key(*why)));
            Some((format!("blocked-{by}"), text))
        }
        Fact::Dial(by, DialFact::Emergency { number, .. }) => {
            let who = match by {
                Dialler::Agent(agent) => agent.clone(),
                Dialler::Flow(_) | Dialler::House => AgentId::from("–"),
            };
            Some((format!("emergency-{number}"), locale.t2("admin.trunks.alarm_emergency", "number", number, "agent", who)))
        }
        _ => None,
    }
}

/// What is wrong with a trunk, as half a sentence.
fn problem(page: &Page, problem: &TrunkProblem) -> String {
    match problem {
        TrunkProblem::Silent => page.t("admin.trunks.problem.silent").to_owned(),
        TrunkProblem::Unreachable => page.t("admin.trunks.problem.unreachable").to_owned(),
        TrunkProblem::NoAddress => page.t("admin.trunks.problem.no_address").to_owned(),
        TrunkProblem::Login => page.t("admin.trunks.problem.login").to_owned(),
        TrunkProblem::Redirected => page.t("admin.trunks.problem.redirected").to_owned(),
        TrunkProblem::Status(status) => page.t1("admin.trunks.problem.status", "status", status),
    }
}

impl TrunksPage {
    fn problem(&self, wrong: &TrunkProblem) -> String {
        problem(&self.page, wrong)
    }

    /// Millionths as money.
    fn money(&self, micros: &i64) -> String {
        format!("{:.2}", *micros as f64 / 1e6)
    }
}
