//! `GET /notices`: what is not seen yet, tasks to come, and what was seen lately. `GET /notices/count`: how many are not seen, as JSON.

use crate::store::notices::{self, NoticeKind, NoticeRow};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::Json;
use axum::response::Response;

/// What was seen stays on the page so long, ms.
const LATELY_MS: i64 = 3 * 86_400_000;
const MOST: u32 = 200;

/// `templates/notices/list.html`
#[derive(Template)]
#[template(path = "notices/list.html")]
struct NoticesPage {
    page: Page,
    frame: Frame,
    lines: Vec<Line>,
}

struct Line {
    id: i64,
    glyph: &'static str,
    title: String,
    text: String,
    href: Option<String>,
    when: String,
    seen: bool,
    task: bool,
    /// A task whose time has not come.
    later: bool,
}

pub async fn list(reader: Reader) -> Result<Response, WebError> {
    let now = reader.page.now;
    let rows = notices::list(&reader.state.store, reader.me(), now.after(-LATELY_MS), MOST).await?;
    let lines = rows.into_iter().map(|row| line(&reader, row)).collect();
    let frame = Frame::load(&reader).await?;
    Ok(html(&NoticesPage { frame, lines, page: reader.page }))
}

fn line(reader: &Reader, row: NoticeRow) -> Line {
    let say = reader.say();
    let who = row.by.as_ref().map(|by| say.agent(by));
    let name = row.person_name.unwrap_or_default();
    let (glyph, title) = match (row.kind, who) {
        (NoticeKind::Task, _) if name.is_empty() => ("clock", say.t("notices.task")),
        (NoticeKind::Task, _) => ("clock", say.with1("notices.task_of", "name", &name)),
        (NoticeKind::Mention, who) => ("users", say.with("notices.mention", &[("by", &who.unwrap_or_default()), ("name", &name)])),
        (NoticeKind::Rule, _) => {
            let rule = row.rule.as_ref().map(|rule| say.rule(rule)).unwrap_or_default();
            ("bot", say.with("notices.rule", &[("rule", &rule), ("name", &name)]))
        }
        (NoticeKind::Low, _) => ("warn", say.with1("notices.low", "name", &name)),
        (NoticeKind::Follow, Some(by)) => ("eye", say.with("notices.follow_by", &[("by", &by), ("name", &name)])),
        (NoticeKind::Follow, None) => ("eye", say.with1("notices.follow", "name", &name)),
    };
    Line {
        id: row.id,
        glyph,
        title,
        text: row.text,
        href: row.person.map(|person| format!("/inbox/person/{person}")),
        when: say.until(row.at),
        seen: row.seen,
        task: row.kind == NoticeKind::Task,
        later: row.at > reader.page.now,
    }
}

pub async fn count(reader: Reader) -> Result<Json<serde_json::Value>, WebError> {
    let count = notices::open(&reader.state.store, reader.me(), reader.page.now).await?;
    Ok(Json(serde_json::json!({ "open": count })))
}
