//! `GET /me/day`: what the reader has done since midnight, for themselves.

use crate::store::{day, figures};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::wallboard::today::midnight;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::response::Response;

/// `templates/me/day.html`
#[derive(Template)]
#[template(path = "me/day.html")]
struct DayPage {
    page: Page,
    frame: Frame,
    since: String,
    figures: Vec<Figure>,
}

/// One figure; where there are contacts behind it, it leads to them.
struct Figure {
    label: String,
    value: String,
    href: Option<&'static str>,
}

pub async fn show(reader: Reader) -> Result<Response, WebError> {
    let (store, now) = (&reader.state.store, reader.page.now);
    let from = midnight(&reader.page.zone, now);
    let mine = day::of(store, reader.me(), from, now).await?;
    let time = figures::times(store, vec![reader.me().clone()], from, now).await?.remove(reader.me()).unwrap_or_default();
    let say = reader.say();
    let average = (mine.calls > 0).then(|| mine.talked / mine.calls);
    let count = |name: &str, count: i64, href| figure(&say, name, count.to_string(), href);
    let span = |name: &str, millis: i64| figure(&say, name, say.span(millis), None);
    let figures = vec![
        count("calls", mine.calls, None),
        span("talked", mine.talked),
        figure(&say, "average", average.map_or_else(|| "–".to_owned(), |millis| say.span(millis)), None),
        span("held", mine.held),
        count("taken", mine.taken, Some("/conversations?agent=me")),
        count("sent", mine.sent, None),
        count("resolved", mine.resolved, Some("/conversations?state=resolved&agent=me")),
        count("notes", mine.notes, None),
        count("missed", mine.missed, None),
        count("declined", mine.declined, None),
        span("available", time.available),
        span("wrapped", time.wrapped_up),
        figure(&say, "csat", mine.csat.map_or_else(|| "–".to_owned(), |mean| format!("{}.{:02}", mean / 100, mean % 100)), None),
        figure(&say, "rated", format!("{} / {}", mine.rated, mine.asked), None),
        figure(&say, "occupancy", time.occupancy().map_or_else(|| "–".to_owned(), |percent| format!("{percent} %")), None),
    ];
    let since = say.with1("day.since", "time", say.clock(from));
    let frame = Frame::load(&reader).await?;
    Ok(html(&DayPage { frame, since, figures, page: reader.page }))
}

fn figure(say: &Say, name: &str, value: String, href: Option<&'static str>) -> Figure {
    Figure { label: say.t(format!("day.{name}")), value, href }
}
