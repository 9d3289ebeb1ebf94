//! `GET /knowledge`: the list; `GET /knowledge/{id}?lang=`: an article beside it, as readers see it, with what is known of it.

use super::lines::{Asked, Lines, lines};
use super::{language_name, markup, publishes};
use crate::desk::id::At;
use crate::store::knowledge::{self, Article, Audience, Category, Due, Feedback, FeedbackKind, State, Translation, Used};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Html;
use crate::web::login::Note;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;

/// Figures of use go back so far, ms.
const USE_MS: i64 = 30 * 24 * 3600 * 1000;

/// What of the reader's own has to be looked at.
struct Mine {
    due: Vec<Due>,
    feedback: usize,
}

/// One article in one language.
struct View {
    id: i64,
    /// The version on the page, and whether readers see it.
    version: u32,
    shown: bool,
    newest: u32,
    state: State,
    state_name: String,
    language: String,
    title: String,
    body: Html,
    path: Vec<String>,
    owner: String,
    audience: String,
    expires: Option<String>,
    expired: bool,
    due: bool,
    changed: String,
    /// Name, address, its own, a word on its state.
    languages: Vec<(String, String, bool, String)>,
    /// Languages it is not in yet.
    used: Used,
    solve: Option<u32>,
    feedback: Vec<Remark>,
    /// What was done with the newest version may be published by the reader.
    may_publish: bool,
    /// The newest version is to be read; the shown one is another.
    newer: Option<String>,
    edit: String,
    versions: String,
    help: Option<String>,
}

/// One remark, in words.
pub(super) struct Remark {
    pub id: i64,
    pub kind: String,
    pub words: String,
    pub by: String,
    pub when: String,
    pub article: Option<i64>,
    pub title: String,
    /// The reader may say that it is seen to.
    pub closes: bool,
}

/// `templates/knowledge/show.html`
#[derive(Template)]
#[template(path = "knowledge/show.html")]
struct KnowledgePage {
    page: Page,
    frame: Frame,
    list: Lines,
    view: Option<View>,
    mine: Mine,
    note: Option<Note>,
}

pub async fn list(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    draw(reader, asked, None).await
}

pub async fn article(reader: Reader, Path(id): Path<i64>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let article = knowledge::article(&reader.state.store, id).await?.ok_or(WebError::NotFound)?;
    draw(reader, asked, Some(article)).await
}

async fn draw(reader: Reader, asked: Asked, article: Option<Article>) -> Result<Response, WebError> {
    let (store, page) = (&reader.state.store, &reader.page);
    let categories = knowledge::categories(store).await?;
    let list = lines(&reader, page, &asked, &categories, article.as_ref().map(|article| article.id)).await?;
    let view = match article {
        Some(article) => Some(view(&reader, &asked, article, &categories).await?),
        None => None,
    };
    let remind = page.now.after(reader.loaded.config.knowledge.remind_before.get_ref().millis());
    let supervises = publishes(reader.viewer.role);
    let mine = Mine {
        due: knowledge::due(store, reader.me(), remind).await?,
        feedback: knowledge::open_feedback(store, None, Some(reader.me()), supervises).await?.len(),
    };
    let note = done(page, &asked.done);
    let frame = Frame::load(&reader).await?;
    Ok(html(&KnowledgePage { frame, list, view, mine, note, page: reader.page }))
}

fn done(page: &Page, done: &str) -> Option<Note> {
    match done {
        "saved" | "submitted" | "published" | "withdrawn" | "sent_back" | "thanked" | "closed" => {
            Note::ok(page.t(&format!("knowledge.done.{done}")))
        }
        "stale" | "own_work" => Note::bad(page.t(&format!("knowledge.done.{done}"))),
        _ => None,
    }
}

/// The translation asked for, or the one nearest to the reader.
fn chosen<'a>(article: &'a Article, asked: &str, reader: &str) -> Option<&'a Translation> {
    let near = |tag: &str| article.translations.iter().find(|t| knowledge::primary(&t.language) == knowledge::primary(tag));
    article.translations.iter().find(|t| t.language == asked).or_else(|| near(reader)).or_else(|| article.translations.first())
}

async fn view(reader: &Reader, asked: &Asked, article: Article, categories: &[Category]) -> Result<View, WebError> {
    let (store, page, say) = (&reader.state.store, &reader.page, reader.say());
    let translation = chosen(&article, &asked.lang, page.lang()).ok_or(WebError::NotFound)?;
    let language = translation.language.clone();
    let version = translation.shown.unwrap_or(translation.newest);
    let text = knowledge::version(store, article.id, &language, version).await?.ok_or(WebError::NotFound)?;
    let used = knowledge::used(store, article.id, page.now.after(-USE_MS)).await?;
    let feedback = knowledge::open_feedback(store, Some(article.id), None, false).await?;
    let own = format!("/knowledge/{}", article.id);
    let languages = article.translations.iter().map(|t| {
        (
            language_name(&t.language),
            asked.beside(&own, &t.language),
            t.language == language,
            if t.shown.is_some() { String::new() } else { state_name(page, t.state) },
        )
    });
    let closes = publishes(reader.viewer.role) || article.owner == *reader.me();
    let remind = page.now.after(reader.loaded.config.knowledge.remind_before.get_ref().millis());
    let centre = reader.loaded.config.knowledge.help_centre;
    let expired = article.expires_at.is_some_and(|until| until <= page.now);
    let public = article.audience == Audience::Public;
    Ok(View {
        id: article.id,
        version,
        shown: translation.shown.is_some(),
        newest: translation.newest,
        state: translation.state,
        state_name: state_name(page, translation.state),
        title: text.title,
        body: markup::article(&text.body, "/knowledge/files/"),
        path: path(categories, article.category, page.lang()),
        owner: say.agent(&article.owner),
        audience: page.t(if public { "knowledge.audience.public" } else { "knowledge.audience.internal" }).to_owned(),
        expires: article.expires_at.map(|until| page.day(until.after(-1))),
        expired,
        due: article.expires_at.is_some_and(|until| until <= remind),
        changed: page.moment(translation.changed_at),
        languages: languages.collect(),
        solve: used.solve_rate(),
        used,
        feedback: feedback.into_iter().map(|f| remark(reader, f, closes)).collect(),
        may_publish: publishes(reader.viewer.role),
        newer: (translation.shown.is_some() && translation.state != State::Published).then(|| {
            let pairs = [("lang", language.clone()), ("version", translation.newest.to_string()), ("with", version.to_string())];
            super::lines::address(&format!("{own}/versions"), &pairs.each_ref().map(|(name, value)| (*name, value.as_str())))
        }),
        edit: super::lines::address(&format!("{own}/edit"), &[("lang", &language)]),
        versions: super::lines::address(&format!("{own}/versions"), &[("lang", &language)]),
        help: (centre && public && !expired && translation.shown.is_some()).then(|| help_link(reader, article.id, &language)).flatten(),
        language,
    })
}

/// The address at which customers find an article; `None` while it is not known where they reach us.
pub(super) fn help_link(reader: &Reader, article: i64, language: &str) -> Option<String> {
    let links = reader.state.links.load();
    let base = links.as_ref().as_ref().map(|links| links.base().to_owned())?;
    Some(super::lines::address(&format!("{base}/help/{article}"), &[("lang", language)]))
}

pub(super) fn state_name(page: &Page, state: State) -> String {
    let key = match state {
        State::Draft => "knowledge.state.draft",
        State::Review => "knowledge.state.review",
        State::Published => "knowledge.state.published",
    };
    page.t(key).to_owned()
}

/// The names of a category and of what it stands in.
pub(super) fn path(categories: &[Category], category: Option<i64>, language: &str) -> Vec<String> {
    let find = |id: Option<i64>| categories.iter().find(|c| Some(c.id) == id);
    let own = find(category);
    let above = own.and_then(|c| find(c.parent));
    above.into_iter().chain(own).map(|c| c.name(language).to_owned()).collect()
}

pub(super) fn remark(reader: &Reader, feedback: Feedback, closes: bool) -> Remark {
    let page = &reader.page;
    let kind = match feedback.kind {
        FeedbackKind::Wrong => "knowledge.feedback.wrong",
        FeedbackKind::Outdated => "knowledge.feedback.outdated",
        FeedbackKind::Missing => "knowledge.feedback.missing",
    };
    let when: At = feedback.at;
    Remark {
        id: feedback.id,
        kind: page.t(kind).to_owned(),
        words: feedback.words,
        by: reader.say().agent(&feedback.by),
        when: page.moment(when),
        article: feedback.article,
        title: feedback.title,
        closes,
    }
}
