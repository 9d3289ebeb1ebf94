//! `GET /survey/{token}?score=`: the question, with what a button of a letter has chosen. Changes nothing.

use super::{NoSurvey, opened};
use crate::desk::survey::{Scale, SurveySpec};
use crate::store::surveys::SurveyRow;
use crate::web::client::ClientIp;
use crate::web::customer::{Lang, Limit, Page};
use crate::web::{WebState, html};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub struct Where {
    #[serde(default)]
    pub lang: Lang,
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
enum Say {
    Ask,
    /// The heading that says why.
    Nothing(&'static str),
}

/// `templates/survey/show.html`
#[derive(Template)]
#[template(path = "survey/show.html")]
struct SurveyPage {
    page: Page,
    token: String,
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
    let theirs = found.as_ref().ok().and_then(|row| row.language.as_deref());
    let head = Page::new(state, headers, &place.lang, theirs);
    let score = place.score.map(|score| format!("&score={score}")).unwrap_or_default();
    let mut page = SurveyPage {
        page: head.in_each(state, |code| format!("/survey/{token}?lang={code}{score}")),
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
    };
    let status = match found {
        Ok(row) => {
            let loaded = state.config.load();
            let spec = loaded.catalog.surveys.iter().find(|spec| spec.id == row.survey);
            fill(&mut page, &row, spec, place);
            if page.missing { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
        }
        Err(none) => {
            let (key, status) = match none {
                NoSurvey::No(no) => (no.key("survey.gone"), no.status()),
                NoSurvey::Closed => ("survey.closed", StatusCode::GONE),
            };
            page.say = Say::Nothing(key);
            status
        }
    };
    (status, html(&page)).into_response()
}

fn fill(page: &mut SurveyPage, row: &SurveyRow, spec: Option<&SurveySpec>, place: &Where) {
    let texts = spec.map(|spec| spec.texts_for(page.page.locale.code()).clone()).unwrap_or_default();
    let site = |text: String| text.replace("{site}", &page.page.site);
    (page.question, page.thanks) = (site(texts.question), site(texts.thanks));
    (page.worst, page.best) = (texts.worst, texts.best);
    if page.question.is_empty() {
        page.question = page.page.locale.t("survey.title").to_owned();
    }
    let chosen = place.score.or(row.score);
    page.scores = row.scale.range().map(|score| (score, chosen == Some(score))).collect();
    page.many = row.scale == Scale::Nps;
    page.comment = spec.is_none_or(|spec| spec.comment).then(|| row.comment.clone());
    page.answered = row.score.is_some();
    page.said &= page.answered;
}
