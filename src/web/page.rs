//! What every page is drawn with: who reads it, in which language and look, and the helpers that templates call. One extractor
//! fills it, so that no handler repeats this. Helpers take `impl Borrow`, because templates pass some values by reference and some not.

use super::assets;
use super::error::WebError;
use super::i18n::{COOKIE, Locale};
use super::state::WebState;
use crate::auth::{Denied, MaybeSession, Role, Session, read_cookie};
use crate::desk::catalog::Catalog;
use crate::desk::fact::StatusName;
use crate::desk::floor::FloorAgent;
use crate::desk::id::{AgentId, At};
use crate::desk::input::Medium;
use crate::desk::takes::medium_of;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::response::{Html, IntoResponse, Response};
use http::header;
use http::request::Parts;
use jiff::tz::TimeZone;
use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt::{self, Display};

/// The shared context of one page.
#[derive(Clone)]
pub struct Page {
    pub session: Option<Session>,
    pub locale: Locale,
    /// The path asked for, without the query.
    pub path: String,
    /// The firm's name.
    pub site: String,
    pub zone: TimeZone,
    pub now: At,
    /// The reader on the floor, when they are an agent whom the desk knows.
    pub me: Option<FloorAgent>,
    /// Conversations and calls that the reader has now.
    pub open_work: usize,
    /// Customers on the list of missed calls.
    pub missed: usize,
    /// What agents may give as the reason of a break.
    pub break_reasons: Vec<String>,
    /// What comes to the house, and an agent may take none of for a time.
    pub media: Vec<Medium>,
    /// Languages to choose from: (tag, own name).
    pub languages: Vec<(String, String)>,
    pub demo: bool,
}

/// What the house has doors for. One kind alone needs no choice beside the status.
fn media(catalog: &Catalog) -> Vec<Medium> {
    let calls = (!catalog.lines.is_empty()).then_some(Medium::Calls);
    let written = catalog.channels.values().map(|channel| medium_of(&channel.kind));
    let media: BTreeSet<Medium> = written.chain(calls).collect();
    if media.len() > 1 { media.into_iter().collect() } else { Vec::new() }
}

fn none_key(medium: Medium) -> &'static str {
    match medium {
        Medium::Calls => "status.none.calls",
        Medium::Chats => "status.none.chats",
        Medium::Mail => "status.none.mail",
    }
}

impl Page {
    /// A page as somebody sees it; `session` none for the pages before log-in and for tests of partials.
    pub fn new(state: &WebState, session: Option<Session>, locale: Locale, path: &str) -> Page {
        let loaded = state.config.load();
        let floor = state.switchboard.floor();
        let agent = session.as_ref().map(|s| s.agent.clone());
        Page {
            me: agent.as_ref().and_then(|a| floor.agents.iter().find(|f| f.id == *a).cloned()),
            open_work: floor.serving.iter().filter(|s| Some(&s.agent) == agent.as_ref()).count(),
            missed: floor.callbacks,
            session,
            locale,
            path: path.to_owned(),
            site: loaded.config.site.name.clone(),
            zone: TimeZone::get(loaded.config.site.timezone.as_ref()).unwrap_or(TimeZone::UTC),
            now: state.clock.now(),
            break_reasons: loaded.catalog.routing.break_reasons.clone(),
            media: media(&loaded.catalog),
            languages: state.i18n.menu(),
            demo: state.site.demo,
        }
    }

    /// The context in which a live push to this agent is drawn: the same partial, the same language as their page.
    pub fn for_push(state: &WebState, session: &Session) -> Page {
        let language = state.config.load().config.site.language.as_ref().clone();
        let locale = state.i18n.choose(session.language.as_deref(), None, None, &language);
        Page::new(state, Some(session.clone()), locale, "")
    }

    /// This build.
    pub fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    pub fn lang(&self) -> &str {
        self.locale.code()
    }

    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.locale.t(key)
    }

    pub fn t1(&self, key: &str, name: &str, value: impl Display) -> String {
        self.locale.t1(key, name, value)
    }

    pub fn t2(&self, key: &str, n1: &str, v1: impl Display, n2: &str, v2: impl Display) -> String {
        self.locale.t2(key, n1, v1, n2, v2)
    }

    /// By count, see [`Locale::n`]; templates pass lengths.
    pub fn n(&self, key: &str, count: impl Borrow<usize>) -> String {
        self.locale.n(key, i64::try_from(*count.borrow()).unwrap_or(i64::MAX))
    }

    /// `light`, `dark`, or empty for the system's.
    pub fn theme(&self) -> &str {
        self.session.as_ref().and_then(|s| s.theme.as_deref()).unwrap_or("")
    }

    /// `compact`, or empty.
    pub fn density(&self) -> &str {
        self.session.as_ref().map(|s| s.prefs.density.as_str()).filter(|d| *d == "compact").unwrap_or("")
    }

    /// `no new chats, no new mail`; empty for whoever takes everything.
    pub fn takes_none(&self, me: &FloorAgent) -> String {
        let none: Vec<&str> = me.refuses.iter().filter(|medium| self.media.contains(medium)).map(|m| self.t(none_key(*m))).collect();
        none.join(self.t("refusal.comma"))
    }

    /// Whose page it is.
    pub fn agent(&self) -> Option<&AgentId> {
        self.session.as_ref().map(|s| &s.agent)
    }

    pub fn is_supervisor(&self) -> bool {
        self.session.as_ref().is_some_and(|s| s.role >= Role::Supervisor)
    }

    pub fn is_admin(&self) -> bool {
        self.session.as_ref().is_some_and(|s| s.role >= Role::Admin)
    }

    /// ` aria-current="page"` where the page lies under this path.
    pub fn current(&self, path: &str) -> Markup {
        let here = self.path == path || self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        Markup(if here { " aria-current=\"page\"".into() } else { String::new() })
    }

    /// The address of a static file, with the hash that lets it be kept for ever.
    pub fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    /// An icon of the sprite, hidden from screen readers; `size` is empty, `s`, `xs` or `l`.
    pub fn icon(&self, name: &str, size: &str) -> Markup {
        icon(name, size)
    }

    /// An icon that says something.
    pub fn icon_labelled(&self, name: &str, size: &str, label: &str) -> Markup {
        let space = if size.is_empty() { "" } else { " " };
        Markup(format!(
            "<svg class=\"i{space}{size}\" role=\"img\" aria-label=\"{}\"><use href=\"{}#{name}\"/></svg>",
            escaped(label),
            assets::url("icons.svg")
        ))
    }

    /// The presence glyph of a status.
    pub fn presence(&self, status: impl Borrow<StatusName>) -> Markup {
        let (class, name) = match status.borrow() {
            StatusName::Available => ("p-available", "st-available"),
            StatusName::Busy => ("p-contact", "st-contact"),
            StatusName::Break => ("p-break", "st-break"),
            StatusName::WrapUp => ("p-wrap", "st-wrap"),
            StatusName::Offline => ("p-off", "st-off"),
        };
        Markup(format!("<span class=\"pres {class}\">{}</span>", icon(name, "")))
    }

    /// The presence glyph by its short name: `available`, `busy`, `break`, `wrap`, else offline.
    pub fn presence_of(&self, name: &str) -> Markup {
        self.presence(match name {
            "available" => StatusName::Available,
            "busy" => StatusName::Busy,
            "break" => StatusName::Break,
            "wrap" => StatusName::WrapUp,
            _ => StatusName::Offline,
        })
    }

    /// Why calls cannot be offered, in the reader's language; an unknown code is shown as it is.
    pub fn voice_problem(&self, code: &str) -> String {
        let key = format!("voice.problem.{code}");
        self.t(if self.locale.has(&key) { &key } else { "voice.problem.other" }).to_owned()
    }

    /// What the reader may do, in their language.
    pub fn role_name(&self) -> &str {
        self.t(match self.session.as_ref().map(|s| s.role) {
            Some(Role::Admin) => "role.admin",
            Some(Role::Supervisor) => "role.supervisor",
            _ => "role.agent",
        })
    }

    /// The name of a status in the reader's language.
    pub fn status_name(&self, status: impl Borrow<StatusName>) -> &str {
        self.t(match status.borrow() {
            StatusName::Available => "status.available",
            StatusName::Busy => "status.busy",
            StatusName::Break => "status.break",
            StatusName::WrapUp => "status.wrap_up",
            StatusName::Offline => "status.offline",
        })
    }

    /// The key of what a status means for what is offered.
    pub fn status_means(&self, status: impl Borrow<StatusName>) -> &'static str {
        match status.borrow() {
            StatusName::Available => "status.all_channels",
            StatusName::WrapUp => "status.after_call",
            StatusName::Busy | StatusName::Break | StatusName::Offline => "status.nothing",
        }
    }

    /// Two letters for a face: initials, or the given name in Chinese.
    pub fn initials(&self, name: &str) -> String {
        initials(name)
    }

    pub fn time(&self, at: impl Borrow<At>) -> String {
        self.locale.time(*at.borrow(), &self.zone)
    }

    pub fn day(&self, at: impl Borrow<At>) -> String {
        self.locale.day(*at.borrow(), self.now, &self.zone)
    }

    pub fn moment(&self, at: impl Borrow<At>) -> String {
        self.locale.moment(*at.borrow(), self.now, &self.zone)
    }

    pub fn ago(&self, at: impl Borrow<At>) -> String {
        self.locale.ago(*at.borrow(), self.now)
    }

    pub fn duration(&self, millis: impl Borrow<i64>) -> String {
        self.locale.duration(*millis.borrow())
    }

    /// `0:31`
    pub fn clock(&self, millis: impl Borrow<i64>) -> String {
        super::i18n::clock(*millis.borrow())
    }

    /// `2026-11-21T18:02:00Z`, for `<time datetime>`.
    pub fn iso(&self, at: impl Borrow<At>) -> String {
        jiff::Timestamp::from_millisecond(at.borrow().0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
    }

    /// Milliseconds since `at`, for timers that tick in the page.
    pub fn since(&self, at: impl Borrow<At>) -> i64 {
        self.now.since(*at.borrow())
    }
}

impl FromRequestParts<WebState> for Page {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Denied> {
        let MaybeSession(session) = MaybeSession::from_request_parts(parts, state).await?;
        let site_language = state.config.load().config.site.language.as_ref().clone();
        let locale = state.i18n.choose(
            session.as_ref().and_then(|s| s.language.as_deref()),
            read_cookie(&parts.headers, COOKIE),
            parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()),
            &site_language,
        );
        Ok(Page::new(state, session, locale, parts.uri.path()))
    }
}

/// Draws a template; a failure to draw is logged and becomes the error page.
pub fn html(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "template could not be drawn");
            WebError::Internal.into_response()
        }
    }
}

/// HTML that our own code made and that needs no escaping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markup(pub String);

impl Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

fn icon(name: &str, size: &str) -> Markup {
    let space = if size.is_empty() { "" } else { " " };
    Markup(format!("<svg class=\"i{space}{size}\" aria-hidden=\"true\"><use href=\"{}#{name}\"/></svg>", assets::url("icons.svg")))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn initials(name: &str) -> String {
    let han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}');
    let name = name.trim();
    if name.chars().any(han) {
        let all: Vec<char> = name.chars().filter(|c| han(*c)).collect();
        return all[all.len().saturating_sub(2)..].iter().collect();
    }
    let mut words = name.split_whitespace().filter_map(|w| w.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}
