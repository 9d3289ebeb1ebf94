//! What a handler fails with, and the pages that say so: the plain fact, what is safe, and the next action.

use super::i18n::{COOKIE, Locale};
use super::{Page, WebState};
use crate::auth::{MaybeSession, read_cookie};
use crate::desk::card::CardProblem;
use crate::desk::dial::DialRefusal;
use crate::desk::person::Unreachable;
use crate::desk::refusal::{NoWay, Refusal};
use crate::desk::template::TemplateProblem;
use crate::store::StoreError;
use askama::Template;
use axum::body::HttpBody;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};

/// Why a request has no ordinary answer. Logged here, once.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    #[error("not found")]
    NotFound,
    #[error("role too low")]
    Forbidden,
    /// The form or the address makes no sense; the text is for whoever wrote the client.
    #[error("bad request: {0}")]
    Bad(&'static str),
    /// The desk does not do it.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("internal error")]
    Internal,
}

/// Tells the error-page layer what happened; it knows the reader's language, this does not.
#[derive(Debug, Clone)]
pub struct Cause(pub Option<Refusal>);

impl From<Refusal> for WebError {
    fn from(refusal: Refusal) -> WebError {
        WebError::Refused(refusal)
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let status = match &self {
            WebError::NotFound => StatusCode::NOT_FOUND,
            WebError::Forbidden => StatusCode::FORBIDDEN,
            WebError::Bad(_) => StatusCode::BAD_REQUEST,
            WebError::Refused(Refusal::Busy | Refusal::NotRecorded) => StatusCode::SERVICE_UNAVAILABLE,
            WebError::Refused(_) => StatusCode::CONFLICT,
            WebError::Store(error) => {
                tracing::error!(%error, "store failed a page");
                StatusCode::SERVICE_UNAVAILABLE
            }
            WebError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let refusal = match self {
            WebError::Refused(refusal) => Some(refusal),
            _ => None,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(Cause(refusal));
        response
    }
}

/// The key of the plain sentence for a refusal; its values are filled by [`refusal_text`].
fn refusal_key(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownAgent => "refusal.unknown_agent",
        Refusal::UnknownQueue => "refusal.unknown_queue",
        Refusal::Gone => "refusal.gone",
        Refusal::NoLongerOffered => "refusal.no_longer_offered",
        Refusal::NotYours => "refusal.not_yours",
        Refusal::NotWaiting => "refusal.not_waiting",
        Refusal::NoCapacity => "refusal.no_capacity",
        Refusal::AgentUnavailable => "refusal.agent_unavailable",
        Refusal::VoiceNotReady { .. } => "refusal.voice_not_ready",
        Refusal::Empty => "refusal.empty",
        Refusal::TooLong { .. } => "refusal.too_long",
        Refusal::TooManyBytes { .. } => "refusal.too_many_bytes",
        Refusal::ListFull { .. } => "refusal.list_full",
        Refusal::Offline => "refusal.offline",
        Refusal::InWrapUp => "refusal.in_wrap_up",
        Refusal::UnknownLine => "refusal.unknown_line",
        Refusal::NobodyFree => "refusal.nobody_free",
        Refusal::NotAnswered => "refusal.not_answered",
        Refusal::InTheCall => "refusal.in_the_call",
        Refusal::OthersInTheCall => "refusal.others_in_the_call",
        Refusal::NoConsult => "refusal.no_consult",
        Refusal::ConsultRunning => "refusal.consult_running",
        Refusal::NobodyLeft => "refusal.nobody_left",
        Refusal::NotASupervisor => "refusal.not_a_supervisor",
        Refusal::UnknownSkill => "refusal.unknown_skill",
        Refusal::UnknownOverlay => "refusal.unknown_overlay",
        Refusal::NoIdentity { .. } => "refusal.no_identity",
        Refusal::SomebodyElses => "refusal.somebody_elses",
        Refusal::IdentityInUse => "refusal.identity_in_use",
        Refusal::NothingToChange => "refusal.nothing_to_change",
        Refusal::BadTime => "refusal.bad_time",
        Refusal::NobodyTalks => "refusal.nobody_talks",
        Refusal::AmongColleagues => "refusal.among_colleagues",
        Refusal::CallFull => "refusal.call_full",
        Refusal::NoSlot => "refusal.no_slot",
        Refusal::NothingParked => "refusal.nothing_parked",
        Refusal::TooManyParts { .. } => "refusal.too_many_parts",
        Refusal::TextOnly => "refusal.text_only",
        Refusal::NotThisFile => "refusal.not_this_file",
        Refusal::FileTooLarge { .. } => "refusal.file_too_large",
        Refusal::NotAmendable => "refusal.not_amendable",
        Refusal::TooLateToAmend => "refusal.too_late_to_amend",
        Refusal::NotSent => "refusal.not_sent",
        Refusal::Recalled => "refusal.recalled",
        Refusal::WindowClosed => "refusal.window_closed",
        Refusal::WindowTooSmall { .. } => "refusal.window_too_small",
        Refusal::TemplatesOnly => "refusal.templates_only",
        Refusal::Template(TemplateProblem::Unknown) => "refusal.template.unknown",
        Refusal::Template(TemplateProblem::NotApproved) => "refusal.template.not_approved",
        Refusal::Template(TemplateProblem::Variables { .. }) => "refusal.template.variables",
        Refusal::Template(TemplateProblem::Empty { .. }) => "refusal.template.empty",
        Refusal::Template(TemplateProblem::Long { .. }) => "refusal.template.long",
        Refusal::Card(CardProblem::NoQuestion) => "refusal.card.no_question",
        Refusal::Card(CardProblem::LongQuestion { .. }) => "refusal.card.long_question",
        Refusal::Card(CardProblem::FewChoices) => "refusal.card.few_choices",
        Refusal::Card(CardProblem::ManyChoices { .. }) => "refusal.card.many_choices",
        Refusal::Card(CardProblem::LongChoice { .. }) => "refusal.card.long_choice",
        Refusal::Card(CardProblem::SameChoice { .. }) => "refusal.card.same_choice",
        Refusal::Card(CardProblem::NoTitle) => "refusal.card.no_title",
        Refusal::Card(CardProblem::LongTitle { .. }) => "refusal.card.long_title",
        Refusal::Card(CardProblem::LongAbout { .. }) => "refusal.card.long_about",
        Refusal::Card(CardProblem::BadAddress) => "refusal.card.bad_address",
        Refusal::Card(CardProblem::BadPlace) => "refusal.card.bad_place",
        Refusal::NoLetters => "refusal.no_letters",
        Refusal::NoAddress { .. } => "refusal.no_address",
        Refusal::NotOurAddress { .. } => "refusal.not_our_address",
        Refusal::TooManyCopies { .. } => "refusal.too_many_copies",
        Refusal::NoReplyHere => "refusal.no_reply_here",
        Refusal::NoPage => "refusal.no_page",
        Refusal::OptedOut => "refusal.opted_out",
        Refusal::DoNotContact => "refusal.do_not_contact",
        Refusal::Unreachable(why) => unreachable_key(*why),
        Refusal::NoWay(NoWay::NoNumber) => "refusal.no_way.no_number",
        Refusal::NoWay(NoWay::NotMobile) => "refusal.no_way.not_mobile",
        Refusal::NoWay(NoWay::NoGateway) => "refusal.no_way.no_gateway",
        Refusal::WayChanged => "refusal.way_changed",
        Refusal::UnknownForm => "refusal.unknown_form",
        Refusal::NoLinks => "refusal.no_links",
        Refusal::CalledAlready => "refusal.called_already",
        Refusal::KeyUsed => "refusal.key_used",
        Refusal::NeverOpen => "refusal.never_open",
        Refusal::DispositionRequired => "refusal.disposition_required",
        Refusal::WrapUpField { .. } => "refusal.wrap_up_field",
        Refusal::UnknownDisposition => "refusal.unknown_disposition",
        Refusal::UnknownBreakReason => "refusal.unknown_break_reason",
        Refusal::Dial(why) => dial_key(*why),
        Refusal::BadTransition => "refusal.bad_transition",
        Refusal::UnknownTicketKind => "refusal.unknown_ticket_type",
        Refusal::UnknownDepartment => "refusal.unknown_department",
        Refusal::UnknownField => "refusal.unknown_field",
        Refusal::BadField { .. } => "refusal.bad_field",
        Refusal::FieldsMissing { .. } => "refusal.fields_missing",
        Refusal::ChecklistOpen => "refusal.checklist_open",
        Refusal::NotApproved => "refusal.not_approved",
        Refusal::MayNotApprove => "refusal.may_not_approve",
        Refusal::OwnRequest => "refusal.own_request",
        Refusal::OpenChildren { .. } => "refusal.open_children",
        Refusal::BadRelation => "refusal.bad_relation",
        Refusal::OtherCustomer => "refusal.other_customer",
        Refusal::Busy => "refusal.busy",
        Refusal::NotRecorded => "refusal.not_recorded",
    }
}

/// The same for customers whom nothing reaches any more.
pub fn unreachable_key(why: Unreachable) -> &'static str {
    match why {
        Unreachable::Blocked => "refusal.unreachable.blocked",
        Unreachable::Unfollowed => "refusal.unreachable.unfollowed",
        Unreachable::SwitchedOff => "refusal.unreachable.switched_off",
        Unreachable::NoSuchAddress => "refusal.unreachable.no_such_address",
        Unreachable::Unspecified => "refusal.unreachable.unspecified",
    }
}

/// The same for numbers that are not called.
pub fn dial_key(why: DialRefusal) -> &'static str {
    match why {
        DialRefusal::NotANumber => "refusal.dial.not_a_number",
        DialRefusal::NotPermitted => "refusal.dial.not_permitted",
        DialRefusal::NoTrunk => "refusal.dial.no_trunk",
        DialRefusal::NotAllowed => "refusal.dial.not_allowed",
        DialRefusal::Premium => "refusal.dial.premium",
        DialRefusal::TooManyCalls => "refusal.dial.too_many_calls",
        DialRefusal::TooFast => "refusal.dial.too_fast",
        DialRefusal::MinutesSpent => "refusal.dial.minutes_spent",
        DialRefusal::CostSpent => "refusal.dial.cost_spent",
    }
}

/// One plain sentence in the reader's language.
pub fn refusal_text(locale: &Locale, refusal: &Refusal) -> String {
    let key = refusal_key(refusal);
    match refusal {
        Refusal::WrapUpField { name } => locale.t1(key, "name", name),
        Refusal::TooLong { limit } | Refusal::TooManyBytes { limit } => locale.t1(key, "limit", limit),
        Refusal::ListFull { most } => locale.t1(key, "most", most),
        Refusal::BadField { name, wrong } => locale.t2(key, "field", name, "wrong", locale.t(wrong.key())),
        Refusal::FieldsMissing { fields } => locale.t1(key, "fields", fields.join(locale.t("refusal.comma"))),
        Refusal::OpenChildren { count } => locale.t1(key, "n", count),
        Refusal::TooManyParts { parts } => locale.t1(key, "parts", parts),
        Refusal::WindowTooSmall { left, parts } => locale.t2(key, "left", left, "parts", parts),
        Refusal::FileTooLarge { most_bytes } => locale.t1(key, "mb", most_bytes.div_ceil(1 << 20)),
        Refusal::NoAddress { address } | Refusal::NotOurAddress { address } => locale.t1(key, "address", address),
        Refusal::NoIdentity { text } => locale.t1(key, "text", text),
        Refusal::TooManyCopies { most } => locale.t1(key, "most", most),
        Refusal::Template(TemplateProblem::Variables { wanted }) => locale.t1(key, "wanted", wanted),
        Refusal::Template(TemplateProblem::Empty { variable }) => locale.t1(key, "variable", variable),
        Refusal::Template(TemplateProblem::Long { variable, most }) => locale.t2(key, "variable", variable, "most", most),
        Refusal::Card(
            CardProblem::LongQuestion { most }
            | CardProblem::ManyChoices { most }
            | CardProblem::LongTitle { most }
            | CardProblem::LongAbout { most },
        ) => locale.t1(key, "most", most),
        Refusal::Card(CardProblem::LongChoice { choice, most }) => locale.t2(key, "choice", choice, "most", most),
        Refusal::Card(CardProblem::SameChoice { choice }) => locale.t1(key, "choice", choice),
        Refusal::VoiceNotReady { problem } => {
            let named = format!("voice.problem.{problem}");
            let why = locale.t(if locale.has(&named) { &named } else { "voice.problem.other" });
            locale.t1(key, "problem", why)
        }
        _ => locale.t(key).to_owned(),
    }
}

/// `templates/error/show.html`
#[derive(Template)]
#[template(path = "error/show.html")]
struct ErrorPage {
    page: Page,
    status: u16,
    title: String,
    text: String,
}

/// For addresses that no route has.
pub async fn no_such_page() -> WebError {
    WebError::NotFound
}

/// Gives responses that failed without a body of their own a page, in the reader's language; scripts get the sentence alone.
pub async fn draw(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let wants_page = accepts_html(&parts.headers);
    // The session is looked up only for a failure, and the handler's own look-up is not repeated for it.
    let seen = parts.clone();
    let response = next.run(Request::from_parts(parts.clone(), body)).await;
    let status = response.status();
    let drawn = response.body().size_hint().upper() != Some(0);
    if !(status.is_client_error() || status.is_server_error()) || drawn {
        return response;
    }
    parts.extensions = seen.extensions;
    let session = MaybeSession::from_request_parts(&mut parts, &state).await.ok().and_then(|m| m.0);
    let loaded = state.config.load();
    let locale = state.i18n.choose(
        session.as_ref().and_then(|s| s.language.as_deref()),
        read_cookie(&parts.headers, COOKIE),
        parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()),
        loaded.config.site.language.as_ref(),
    );
    let refusal = response.extensions().get::<Cause>().and_then(|c| c.0.clone());
    let (title, text) = words(&locale, status, refusal.as_ref());
    let body = if wants_page {
        let page = Page::new(&state, session, locale, parts.uri.path());
        let drawn = ErrorPage { page, status: status.as_u16(), title, text }.render();
        drawn.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |html| Html(html).into_response())
    } else {
        text.into_response()
    };
    let (mut head, _) = response.into_parts();
    let (new, body) = body.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.extend(new.headers);
    Response::from_parts(head, body)
}

/// A browser that navigates says so in `Accept`; `fetch` says `*/*`.
pub(in crate::web) fn accepts_html(headers: &http::HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"))
        && !headers.contains_key("hx-request")
}

fn words(locale: &Locale, status: StatusCode, refusal: Option<&Refusal>) -> (String, String) {
    if let Some(refusal) = refusal {
        return (locale.t("error.refused.title").into(), refusal_text(locale, refusal));
    }
    let (title, text) = match status.as_u16() {
        401 => ("error.401.title", "error.401.text"),
        403 => ("error.403.title", "error.403.text"),
        404 | 405 => ("error.404.title", "error.404.text"),
        413 => ("error.413.title", "error.413.text"),
        429 => ("error.429.title", "error.429.text"),
        503 => ("error.503.title", "error.503.text"),
        400..500 => ("error.400.title", "error.400.text"),
        _ => ("error.500.title", "error.500.text"),
    };
    (locale.t(title).into(), locale.t(text).into())
}
