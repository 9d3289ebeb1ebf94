//! `GET /wallboard/screen`: the same for a large screen, without navigation, in figures that one reads across the room.

use super::board::{self, Board, Row};
use super::filter::Filter;
use super::today::{self, Today};
use crate::auth::Supervisor;
use crate::store::StoreError;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render::draw;
use crate::web::inbox::say::{Html, Say};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::{Html as HtmlBody, IntoResponse, Response};

/// Lines that fit; those where it is worst come first.
const MOST: usize = 8;

/// `templates/wallboard/screen.html`
#[derive(Template)]
#[template(path = "wallboard/screen.html")]
struct ScreenPage {
    page: Page,
    screen: Html,
    /// For the script: the server's clock and its words.
    settings: String,
}

/// `templates/wallboard/_screen.html`
#[derive(Template)]
#[template(path = "wallboard/_screen.html")]
struct ScreenPart<'a> {
    s: &'a Say<'a>,
    b: &'a Board,
    tiles: Vec<(&'a str, &'a Row)>,
    more: u32,
}

pub async fn show(Supervisor(_): Supervisor, reader: Reader, Query(filter): Query<Filter>) -> Result<Response, WebError> {
    let screen = load(&reader, &filter).await?;
    let say = reader.say();
    let words =
        serde_json::json!({ "offline": say.t("desk.js.offline"), "session": say.t("desk.js.session"), "failed": say.t("desk.js.failed") });
    let age = serde_json::json!({ "s": say.t("desk.age.s"), "m": say.t("desk.age.m"), "h": say.t("desk.age.h"), "d": say.t("desk.age.d") });
    let settings = serde_json::json!({ "now": reader.page.now, "words": words, "age": age, "zone": reader.catalog().routing.timezone });
    Ok(html(&ScreenPage { screen, settings: settings.to_string(), page: reader.page }))
}

/// `GET /wallboard/parts/screen`: the same after a connection was lost.
pub async fn part(Supervisor(_): Supervisor, reader: Reader, Query(filter): Query<Filter>) -> Result<Response, WebError> {
    Ok(HtmlBody(load(&reader, &filter).await?.0).into_response())
}

async fn load(reader: &Reader, filter: &Filter) -> Result<Html, StoreError> {
    let today = reader.state.today.of(reader, today::FRESH).await?;
    Ok(drawn(reader, &today, filter))
}

pub(super) fn drawn(reader: &Reader, today: &Today, filter: &Filter) -> Html {
    let board = board::board(reader, today, filter);
    let mut tiles: Vec<(&str, &Row)> =
        board.queues.iter().flat_map(|group| group.rows.iter().map(|row| (group.name.as_str(), row))).collect();
    let rank = |row: &Row| ["bad", "warn", "ok", ""].iter().position(|class| *class == tile_class(row));
    tiles.sort_by_key(|(_, row)| (rank(row), std::cmp::Reverse(row.waiting), std::cmp::Reverse(row.offered)));
    let more = tiles.len().saturating_sub(MOST) as u32;
    tiles.truncate(MOST);
    draw(&ScreenPart { s: &reader.say(), b: &board, tiles, more })
}

/// Across the room nobody reads tenths.
fn whole(level: &str) -> &str {
    level.split('.').next().unwrap_or(level)
}

/// The colour of a tile: nobody there for those who wait is as bad as a missed goal.
fn tile_class(row: &Row) -> &'static str {
    if row.waiting > 0 && row.ready == 0 || row.longest_class == "hot bad" { "bad" } else { row.class }
}
