//! `GET /notices`: what is not seen yet, tasks to come, and what was seen lately. `GET /notices/count`: how many are not seen, as JSON.

use crate::desk::fact::TicketNews;
use crate::desk::id::Work;
use crate::store::notices::{self, NoticeKind, NoticeRow, TicketOf};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render::work_path;
use crate::web::inbox::say::{Say, capital};
use crate::web::tickets::phrase::{department_text, state_text};
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
    let name = row.person_name.clone().unwrap_or_default();
    let (glyph, title) = titled(&say, &row, &name);
    let href = match (&row.ticket, row.person) {
        (Some(ticket), _) => Some(format!("/tickets/{}", ticket.id)),
        (None, _) if row.kind == NoticeKind::Assist => row.work.map(|work| format!("/inbox/{}", work_path(&work))),
        (None, person) => person.map(|person| format!("/inbox/person/{person}")),
    };
    Line {
        id: row.id,
        glyph,
        title,
        // What is said of a ticket without words is at least whose it is.
        text: if row.text.is_empty() && row.ticket.is_some() { name } else { row.text },
        href,
        when: say.until(row.at),
        seen: row.seen,
        task: row.kind == NoticeKind::Task,
        later: row.at > reader.page.now,
    }
}

fn titled(say: &Say, row: &NoticeRow, name: &str) -> (&'static str, String) {
    let who = row.by.as_ref().map(|by| say.agent(by));
    if let Some(ticket) = &row.ticket {
        return of_ticket(say, ticket, row.kind, who, name);
    }
    match (row.kind, who) {
        (NoticeKind::Task, _) if name.is_empty() => ("clock", say.t("notices.task")),
        (NoticeKind::Task, _) => ("clock", say.with1("notices.task_of", "name", name)),
        (NoticeKind::Mention, who) => ("users", say.with("notices.mention", &[("by", &who.unwrap_or_default()), ("name", name)])),
        (NoticeKind::Rule, _) => {
            let rule = row.rule.as_ref().map(|rule| say.rule(rule)).unwrap_or_default();
            ("bot", say.with("notices.rule", &[("rule", &rule), ("name", name)]))
        }
        (NoticeKind::Assist, who) => ("help", say.with("notices.assist", &[("by", &who.unwrap_or_default()), ("name", name)])),
        (NoticeKind::Low, _) => ("warn", say.with1("notices.low", "name", name)),
        (NoticeKind::Follow, Some(by)) => ("eye", say.with("notices.follow_by", &[("by", &by), ("name", name)])),
        (NoticeKind::Follow, None) if matches!(row.work, Some(Work::Call(_))) => ("phone", say.with1("notices.follow_call", "name", name)),
        (NoticeKind::Follow, None) => ("eye", say.with1("notices.follow", "name", name)),
        // A ticket that is not there any more.
        (NoticeKind::Ticket, _) => ("ticket", say.t("desk.ticket.title")),
    }
}

fn of_ticket(say: &Say, of: &TicketOf, kind: NoticeKind, by: Option<String>, name: &str) -> (&'static str, String) {
    let by = capital(&by.unwrap_or_else(|| say.t("desk.system")));
    let (number, state) = (of.id.to_string(), state_text(say, of.state));
    let agent = of.assignee.as_ref().map(|agent| say.agent_name(agent));
    let department = of.department.as_ref().map(|department| department_text(say, department)).unwrap_or_default();
    let key = match (kind, of.news) {
        (NoticeKind::Mention, _) | (_, Some(TicketNews::Mention)) => "mention",
        (_, None) => "follow",
        (_, Some(TicketNews::Yours)) => "yours",
        (_, Some(TicketNews::Arrived)) => "arrived",
        (_, Some(TicketNews::Handed)) if agent.is_some() => "handed",
        (_, Some(TicketNews::Handed)) => "nobody",
        (_, Some(TicketNews::Left)) => "left",
        (_, Some(TicketNews::Comment)) => "comment",
        (_, Some(TicketNews::State)) => "state",
        (_, Some(TicketNews::Changed)) => "changed",
        (_, Some(TicketNews::NotSolved)) => "not_solved",
        (_, Some(TicketNews::Merged)) => "merged",
        (_, Some(TicketNews::Asked)) => "asked",
        (_, Some(TicketNews::Judged)) => "judged",
    };
    let values = [
        ("by", by.as_str()),
        ("ticket", number.as_str()),
        ("subject", of.subject.as_str()),
        ("state", state.as_str()),
        ("agent", agent.as_deref().unwrap_or_default()),
        ("department", department.as_str()),
        ("name", name),
    ];
    let glyph = if key == "mention" { "users" } else { "ticket" };
    (glyph, say.with(&format!("notices.ticket.{key}"), &values))
}

pub async fn count(reader: Reader) -> Result<Json<serde_json::Value>, WebError> {
    let count = notices::open(&reader.state.store, reader.me(), reader.page.now).await?;
    Ok(Json(serde_json::json!({ "open": count })))
}
