//! `GET /survey/{token}?score=`: the question, with what a button of a letter has chosen. Changes nothing.

use super::{NoSurvey, opened};
use crate::desk::survey::{Scale, SurveySpec};
use crate::store::surveys::SurveyRow;
use crate::web::client::ClientIp;
use crate::web::customer::Limit;
use crate::web::i18n::Locale;
use crate::web::{WebState, html};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub struct Where {
    pub lang: Option<String>,
    /// Chosen by a button.
    pub score: Option<u8>,
    /// It has just been sent.
    #[serde(default)]
    pub said: bool,
    /// It was sent without a number.
    #[serde(skip)]
    pub missing: bool,
}

/// What the page says.
#[derive(PartialEq, Eq)]
enum Say {
    Ask,
    Gone,
    Closed,
    TooMany,
    Busy,
}

/// `templates/survey/show.html`
#[derive(Template)]
#[template(path = "survey/show.html")]
struct SurveyPage {
    locale: Locale,
    site: String,
    token: String,
    languages: Vec<(String, String, String)>,
    say: Say,
    question: String,
    thanks: String,
    worst: String,
    best: String,
    /// Number, chosen.
    scores: Vec<(u8, bool)>,
    many: bool,
    comment: Option<String>,
    answered: bool,
    said: bool,
    missing: bool,
}

pub async fn show(
    State(state): State<WebState>,
    Extension(limit): Extension<Limit>,
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    Query(place): Query<Where>,
    headers: HeaderMap,
) -> Response {
    let found = opened(&state, &limit, from, &token).await;
    draw(&state, &headers, token, &place, found)
}

/// The page for whatever a link has opened, in the language that was chosen on it, else the customer's own.
pub(super) fn draw(state: &WebState, headers: &HeaderMap, token: String, place: &Where, found: Result<SurveyRow, NoSurvey>) -> Response {
    let loaded = state.config.load();
    let chosen = place.lang.as_deref().filter(|lang| crate::config::LANGUAGES.contains(lang));
    let theirs = found.as_ref().ok().and_then(|row| row.language.as_deref());
    let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let locale = state.i18n.choose(chosen, theirs, accept, loaded.config.site.language.as_ref());
    let others = state.i18n.menu().into_iter().filter(|(code, _)| code != locale.code());
    let score = place.score.map(|score| format!("&score={score}")).unwrap_or_default();
    let languages = others.map(|(code, name)| (format!("/survey/{token}?lang={code}{score}"), code, name)).collect();
    let mut page = SurveyPage {
        site: loaded.config.site.name.clone(),
        languages,
        token,
        say: Say::Ask,
        question: String::new(),
        thanks: String::new(),
        worst: String::new(),
        best: String::new(),
        scores: Vec::new(),
        many: false,
        comment: None,
        answered: false,
        said: place.said,
        missing: place.missing,
        locale,
    };
    let status = match found {
        Ok(row) => {
            let spec = loaded.catalog.surveys.iter().find(|spec| spec.id == row.survey);
            fill(&mut page, &row, spec, place);
            if page.missing { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
        }
        Err(none) => {
            let (say, status) = match none {
                NoSurvey::Gone => (Say::Gone, StatusCode::NOT_FOUND),
                NoSurvey::Closed => (Say::Closed, StatusCode::GONE),
                NoSurvey::TooMany => (Say::TooMany, StatusCode::TOO_MANY_REQUESTS),
                NoSurvey::Busy => (Say::Busy, StatusCode::SERVICE_UNAVAILABLE),
            };
            page.say = say;
            status
        }
    };
    (status, html(&page)).into_response()
}

fn fill(page: &mut SurveyPage, row: &SurveyRow, spec: Option<&SurveySpec>, place: &Where) {
    let texts = spec.map(|spec| spec.texts_for(page.locale.code()).clone()).unwrap_or_default();
    let site = |text: String| text.replace("{site}", &page.site);
    (page.question, page.thanks) = (site(texts.question), site(texts.thanks));
    (page.worst, page.best) = (texts.worst, texts.best);
    if page.question.is_empty() {
        page.question = page.locale.t("survey.title").to_owned();
    }
    let chosen = place.score.or(row.score);
    page.scores = row.scale.range().map(|score| (score, chosen == Some(score))).collect();
    page.many = row.scale == Scale::Nps;
    page.comment = spec.is_none_or(|spec| spec.comment).then(|| row.comment.clone());
    page.answered = row.score.is_some();
    page.said &= page.answered;
}
