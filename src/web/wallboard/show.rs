//! `GET /wallboard`: for supervisors.

use super::board::{self, Board};
use super::filter::{Choices, Filter};
use super::today;
use crate::auth::Supervisor;
use crate::store::StoreError;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render::draw;
use crate::web::inbox::say::{Html, Say};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::{Query, RawQuery};
use axum::response::{Html as HtmlBody, IntoResponse, Response};

/// `templates/wallboard/show.html`
#[derive(Template)]
#[template(path = "wallboard/show.html")]
struct ShowPage {
    page: Page,
    frame: Frame,
    board: Html,
    forms: Html,
    filters: Vec<Choices>,
    /// Where the board is drawn anew.
    part: String,
    filtered: bool,
}

/// `templates/wallboard/_board.html`
#[derive(Template)]
#[template(path = "wallboard/_board.html")]
struct BoardPart<'a> {
    s: &'a Say<'a>,
    b: &'a Board,
}

/// `templates/wallboard/_forms.html`: what is asked before an agent is moved or an overlay switched on.
#[derive(Template)]
#[template(path = "wallboard/_forms.html")]
struct FormsPart<'a> {
    s: &'a Say<'a>,
    queues: Vec<(String, String)>,
    skills: Vec<(String, String)>,
    breaks: Vec<String>,
}

impl FormsPart<'_> {
    /// Minutes to choose from, with the key of their name.
    fn durations(&self) -> [(u32, &'static str); 7] {
        [
            (30, "wallboard.time.m30"),
            (60, "wallboard.time.h1"),
            (120, "wallboard.time.h2"),
            (240, "wallboard.time.h4"),
            (480, "wallboard.time.h8"),
            (1_440, "wallboard.time.d1"),
            (10_080, "wallboard.time.d7"),
        ]
    }
}

pub async fn show(
    Supervisor(_): Supervisor,
    reader: Reader,
    RawQuery(query): RawQuery,
    Query(filter): Query<Filter>,
) -> Result<Response, WebError> {
    let board = load(&reader, &filter).await?;
    let forms = forms(&reader);
    let filters = filter.choices(&reader, &reader.say());
    let part = format!("/wallboard/parts/board?{}", query.unwrap_or_default());
    let frame = Frame::load(&reader).await?;
    Ok(html(&ShowPage { board, forms, filters, part, filtered: filter.is_on(), frame, page: reader.page }))
}

/// `GET /wallboard/parts/board`: the same after a connection was lost.
pub async fn part(Supervisor(_): Supervisor, reader: Reader, Query(filter): Query<Filter>) -> Result<Response, WebError> {
    Ok(HtmlBody(load(&reader, &filter).await?.0).into_response())
}

async fn load(reader: &Reader, filter: &Filter) -> Result<Html, StoreError> {
    let today = reader.state.today.of(reader, today::FRESH).await?;
    Ok(drawn(reader, &today, filter))
}

/// The board as this reader sees it.
pub(super) fn drawn(reader: &Reader, today: &today::Today, filter: &Filter) -> Html {
    let board = board::board(reader, today, filter);
    draw(&BoardPart { s: &reader.say(), b: &board })
}

fn forms(reader: &Reader) -> Html {
    let say = reader.say();
    let catalog = reader.catalog();
    let queues = catalog.queues.keys().map(|id| (id.to_string(), say.queue(id))).collect();
    let of_agents = catalog.agents.values().flat_map(|agent| agent.skills.keys());
    let of_queues = catalog.queues.values().flat_map(|queue| queue.requires.iter().map(|wanted| &wanted.skill));
    let skills: std::collections::BTreeSet<_> = of_agents.chain(of_queues).chain(catalog.skill_names.keys()).collect();
    let skills = skills.into_iter().map(|id| (id.to_string(), say.skill(id))).collect();
    draw(&FormsPart { s: &say, queues, skills, breaks: catalog.routing.break_reasons.clone() })
}
