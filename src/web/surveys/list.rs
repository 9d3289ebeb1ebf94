//! `GET /surveys?days=&channel=&queue=&agent=&survey=&show=`: the figures of a period, and the answers, the newest first.

use super::figure::{self, Figure, channel_name};
use super::filter::{Asked, PERIODS};
use crate::auth::Supervisor;
use crate::desk::id::{AgentId, ChannelId, QueueId, Work};
use crate::desk::survey::{CALLS, Scale};
use crate::store::surveys::{self, Part, SurveyRow, Which};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use std::collections::BTreeSet;

/// Answers on one page.
const PAGE: u32 = 50;

/// One choice of a list: value, text, whether it is chosen.
type Choice = (String, String, bool);

/// One way to look at the figures: by channel, by queue, by agent.
struct Table {
    title: String,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    kind: String,
    mark: String,
    top: String,
    rate: String,
    answered: i64,
    sent: i64,
    /// The lowest share of what the scale has, for the bar, percent.
    width: i64,
    low: bool,
}

struct Line {
    when: String,
    person: String,
    href: String,
    score: String,
    low: bool,
    survey: String,
    agent: String,
    channel: String,
    comment: String,
    about: Option<String>,
    ticket: Option<u64>,
}

/// `templates/surveys/list.html`
#[derive(Template)]
#[template(path = "surveys/list.html")]
struct ListPage {
    page: Page,
    frame: Frame,
    periods: Vec<Choice>,
    channels: Vec<Choice>,
    queues: Vec<Choice>,
    agents: Vec<Choice>,
    names: Vec<Choice>,
    shows: Vec<Choice>,
    figures: Vec<Figure>,
    tables: Vec<Table>,
    lines: Vec<Line>,
    /// Where older answers are.
    older: Option<String>,
    export: String,
    narrowed: bool,
    /// Surveys are declared, or were once.
    declared: bool,
}

pub async fn list(Supervisor(_): Supervisor, reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let (say, store) = (reader.say(), &reader.state.store);
    let filter = asked.filter(&reader.page.zone, reader.page.now);
    let results = surveys::results(store, filter.clone()).await?;
    let mut answers = surveys::answers(store, filter, asked.which(), asked.before(), PAGE + 1).await?;
    let known = surveys::names(store).await?;
    let more = answers.len() > PAGE as usize;
    answers.truncate(PAGE as usize);
    let older = answers.last().filter(|_| more).map(|row| format!("/surveys?{}&before={}", asked.query(), row.id));
    let declared = !known.is_empty() || !reader.catalog().surveys.is_empty();
    let choice = |value: &str, text: String, chosen: &str| (value.to_owned(), text, value == chosen);
    let mut names: BTreeSet<String> = known.into_iter().collect();
    names.extend(reader.catalog().surveys.iter().map(|spec| spec.id.to_string()));
    let channels = std::iter::once(CALLS)
        .chain(reader.catalog().channels.keys().map(ChannelId::as_str).filter(|id| *id != crate::desk::voicemail::VOICEMAIL));
    let channels = channels.map(|id| choice(id, channel_name(&reader, &say, id), &asked.channel)).collect();
    let queues = reader.catalog().queues.keys().map(|id| choice(id.as_str(), say.queue(id), &asked.queue)).collect();
    let agents = reader.catalog().agents.keys().map(|id| choice(id.as_str(), say.agent_name(id), &asked.agent)).collect();
    let names = names.iter().map(|name| choice(name, name.clone(), &asked.survey)).collect();
    let goal = *reader.loaded.config.wallboard.csat_target.get_ref();
    let table = |key: &str, parts: &[Part], name: &dyn Fn(&str) -> String| Table {
        title: say.t(format!("surveys.by_{key}")),
        rows: parts.iter().map(|part| row(&say, part, name(&part.part), goal)).collect(),
    };
    let dash = || say.t("surveys.none_of");
    let tables = vec![
        table("channel", &results.channels, &|id| if id.is_empty() { dash() } else { channel_name(&reader, &say, id) }),
        table("queue", &results.queues, &|id| if id.is_empty() { dash() } else { say.queue(&QueueId::from(id)) }),
        table("agent", &results.agents, &|id| if id.is_empty() { dash() } else { say.agent_name(&AgentId::from(id)) }),
    ];
    let days = asked.days().to_string();
    let page = ListPage {
        periods: PERIODS
            .map(|period| choice(&period.to_string(), say.n("surveys.days", u32::try_from(period).unwrap_or_default()), &days))
            .into(),
        shows: [Which::All, Which::Comments, Which::Low]
            .map(|which| choice(which.word(), say.t(format!("surveys.show_{}", which.word())), asked.which().word()))
            .into(),
        channels,
        queues,
        agents,
        names,
        figures: figure::figures(&say, &results.all),
        tables,
        lines: answers.into_iter().map(|row| line(&reader, &say, row)).collect(),
        older,
        export: format!("/surveys/answers.csv?{}", asked.query()),
        narrowed: asked.narrows(),
        declared,
        frame: Frame::load(&reader).await?,
        page: reader.page,
    };
    Ok(html(&page))
}

fn row(say: &Say, part: &Part, name: String, goal: f64) -> Row {
    let width = match part.scale {
        Scale::Csat => part.mean().map_or(0, |mean| (mean - 100) / 4),
        Scale::Nps => part.nps().map_or(0, |nps| (nps + 100) / 2),
    };
    Row {
        name,
        kind: say.t(format!("surveys.{}", part.scale.word())),
        mark: figure::mark(part),
        top: if part.scale == Scale::Csat { figure::percent(part.top_share()) } else { String::new() },
        rate: figure::percent(part.rate()),
        answered: part.answered,
        sent: part.sent,
        width,
        low: figure::below(part, goal),
    }
}

fn line(reader: &Reader, say: &Say, row: SurveyRow) -> Line {
    let score = row.score.unwrap_or_default();
    let about = match row.work {
        Some(Work::Conversation(id)) => Some(format!("/inbox/conversation/{id}")),
        Some(Work::Call(id)) => Some(format!("/inbox/call/{id}")),
        Some(Work::Callback(_)) | None => None,
    };
    Line {
        when: reader.page.moment(row.answered_at.unwrap_or(row.asked_at)),
        person: row.person_name,
        href: format!("/people/{}", row.person),
        score: format!("{score} / {}", row.scale.best()),
        low: row.low || row.scale == Scale::Csat && score <= 2,
        survey: row.survey.to_string(),
        agent: row.agent.as_ref().map(|agent| say.agent_name(agent)).unwrap_or_default(),
        channel: row.channel.as_deref().map(|id| channel_name(reader, say, id)).unwrap_or_default(),
        comment: row.comment,
        about,
        ticket: row.ticket.map(|ticket| ticket.0),
    }
}
