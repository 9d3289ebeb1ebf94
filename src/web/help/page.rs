//! `GET /help`: categories with their articles, or with `q` what was found. `GET /help/{id}?lang=`: an article. `GET /help/files/{id}`: its
//! pictures.

use super::once::{Did, Once};
use crate::config::Loaded;
use crate::desk::id::{At, FileId};
use crate::store::StoreError;
use crate::store::knowledge::{self, Audience, Day, Filter, Hit, Public};
use crate::web::client::ClientIp;
use crate::web::customer::{Lang, Page};
use crate::web::i18n::Locale;
use crate::web::inbox::say::Html;
use crate::web::knowledge::{language_name, markup};
use crate::web::search::marked;
use crate::web::{WebError, WebState, html};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Articles named below a category, and found by a search.
const NAMED: u32 = 50;
const FOUND: usize = 20;
/// A page may be kept this long before it is asked for again, seconds.
const KEPT: &str = "public, max-age=300";

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    pub q: String,
    pub lang: Lang,
    done: String,
}

/// A category with what stands in it.
struct Shelf {
    name: String,
    below: bool,
    /// Address and title.
    articles: Vec<(String, String)>,
}

/// An article.
struct View {
    title: String,
    body: Html,
    language: String,
    changed: String,
    vote: String,
    thanked: bool,
}

/// What the page shows.
enum Say {
    Home(Vec<Shelf>),
    /// Address, title, excerpt, language.
    Found(Vec<(String, Html, Html, String)>),
    Article(View),
    Gone,
    Busy,
}

/// `templates/help/show.html`
#[derive(Template)]
#[template(path = "help/show.html")]
struct HelpPage {
    page: Page,
    title: String,
    home: String,
    query: String,
    /// By which names customers know what does not work, while that is announced.
    outages: Vec<String>,
    say: Say,
}

pub async fn home(
    State(state): State<WebState>,
    Extension(once): Extension<Once>,
    ClientIp(from): ClientIp,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let Some(mut page) = page(&state, &asked, &headers, "/help") else { return away() };
    let now = state.clock.now();
    let query: String = asked.q.trim().chars().take(200).collect();
    let made = if query.is_empty() {
        shelves(&state, &page.page.locale, now).await.map(Say::Home)
    } else if once.may_search(from, now) {
        search(&state, &query, page.page.locale.code(), now, FOUND).await.map(|hits| Say::Found(hits.into_iter().map(found).collect()))
    } else {
        page.say = Say::Busy;
        return draw(StatusCode::TOO_MANY_REQUESTS, "no-store", &page);
    };
    page.query = query;
    answer(page, made)
}

pub async fn article(
    State(state): State<WebState>,
    Extension(once): Extension<Once>,
    ClientIp(from): ClientIp,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let Some(mut page) = page(&state, &asked, &headers, &format!("/help/{id}")) else { return away() };
    let now = state.clock.now();
    // Whatever is no number is no article.
    let versions = match id.parse::<i64>() {
        Ok(id) => knowledge::public_article(&state.store, id, now).await,
        Err(_) => Ok(Vec::new()),
    };
    let made = versions.map(|versions| {
        let Some(version) = nearest(&versions, asked.lang.get().unwrap_or_default(), page.page.locale.code()) else { return Say::Gone };
        page.title.clone_from(&version.title);
        page.page.languages = versions
            .iter()
            .filter(|other| other.language != version.language)
            .map(|other| {
                (format!("/help/{}?lang={}", other.article, other.language), other.language.clone(), language_name(&other.language))
            })
            .collect();
        Say::Article(view(&state, &page.page.locale, version, asked.done == "thanks"))
    });
    if let (Ok(Say::Article(_)), Ok(id)) = (&made, id.parse::<i64>()) {
        count(&state, &once, from, id, now).await;
    }
    answer(page, made)
}

pub async fn picture(State(state): State<WebState>, Path(id): Path<u64>, request: HeaderMap) -> Result<Response, WebError> {
    i64::try_from(id).map_err(|_| WebError::NotFound)?;
    if !state.config.load().config.knowledge.help_centre {
        return Err(WebError::NotFound);
    }
    let row = knowledge::public_picture(&state.store, FileId(id), state.clock.now()).await?.ok_or(WebError::NotFound)?;
    crate::web::knowledge::files::send(&state, &row, &request, "public, max-age=3600").await
}

/// The page around whatever it shows; `None` while there is no help centre.
fn page(state: &WebState, asked: &Asked, headers: &HeaderMap, here: &str) -> Option<HelpPage> {
    let loaded = state.config.load();
    let section = &loaded.config.knowledge;
    let mut page = Page::new(state, headers, &asked.lang, None).in_each(state, |code| format!("{here}?lang={code}"));
    if let Some(title) = &section.title {
        page.site.clone_from(title.get_ref());
    }
    section.help_centre.then(|| HelpPage {
        title: String::new(),
        home: format!("/help?lang={}", page.locale.code()),
        query: String::new(),
        outages: outages(state, &loaded, &page.locale),
        say: Say::Gone,
        page,
    })
}

/// The channels that are announced as not working, each name once.
fn outages(state: &WebState, loaded: &Loaded, locale: &Locale) -> Vec<String> {
    let rules = &loaded.catalog.outages;
    if !rules.help {
        return Vec::new();
    }
    let floor = state.switchboard.floor();
    let announced = floor.outages.iter().filter(|(_, outage)| outage.announced.is_some());
    announced.map(|(id, _)| rules.name(id, locale.code())).collect::<BTreeSet<_>>().into_iter().collect()
}

fn answer(page: HelpPage, made: Result<Say, StoreError>) -> Response {
    let (say, status, keep) = match made {
        Ok(Say::Gone) => (Say::Gone, StatusCode::NOT_FOUND, "no-store"),
        // Thanks are for who voted.
        Ok(Say::Article(view)) if view.thanked => (Say::Article(view), StatusCode::OK, "no-store"),
        // An outage shall not outlive itself on pages that were kept.
        Ok(say) if !page.outages.is_empty() => (say, StatusCode::OK, "no-store"),
        Ok(say) => (say, StatusCode::OK, KEPT),
        Err(error) => {
            tracing::error!(%error, "the help centre cannot be read");
            (Say::Busy, StatusCode::SERVICE_UNAVAILABLE, "no-store")
        }
    };
    draw(status, keep, &HelpPage { say, ..page })
}

fn draw(status: StatusCode, keep: &'static str, page: &HelpPage) -> Response {
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static(keep))], html(page)).into_response()
}

/// There is no help centre, and nothing that would say so.
pub(super) fn away() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

async fn shelves(state: &WebState, locale: &Locale, now: At) -> Result<Vec<Shelf>, StoreError> {
    let categories = knowledge::categories(&state.store).await?;
    let mut shelves: Vec<Shelf> = Vec::new();
    // The one at the top that was last passed, while it is not shown for itself.
    let mut above: Option<&str> = None;
    for category in categories.iter().map(Some).chain([None]) {
        let own = category.map(|category| category.id);
        let articles = knowledge::of_category(&state.store, own, locale.code(), now, NAMED).await?;
        let articles: Vec<_> = articles.into_iter().map(|(id, title)| (format!("/help/{id}?lang={}", locale.code()), title)).collect();
        let name = category.map_or_else(|| locale.t("help.other"), |category| category.name(locale.code()));
        let below = category.is_some_and(|category| category.parent.is_some());
        if !below {
            above = articles.is_empty().then_some(name);
        }
        if articles.is_empty() {
            continue;
        }
        if let Some(name) = above.take() {
            shelves.push(Shelf { name: name.to_owned(), below: false, articles: Vec::new() });
        }
        shelves.push(Shelf { name: name.to_owned(), below, articles });
    }
    Ok(shelves)
}

/// Public articles that fit, those in this language first.
pub(super) async fn search(state: &WebState, query: &str, language: &str, now: At, limit: usize) -> Result<Vec<Hit>, StoreError> {
    let every = Filter { audience: Some(Audience::Public), shown: true, ..Filter::default() };
    let near = Filter { near: Some(knowledge::primary(language).to_owned()), ..every.clone() };
    let hits = knowledge::find(&state.store, query, &near, now, limit).await?;
    if hits.is_empty() { knowledge::find(&state.store, query, &every, now, limit).await } else { Ok(hits) }
}

fn found(hit: Hit) -> (String, Html, Html, String) {
    (format!("/help/{}?lang={}", hit.article, hit.language), marked(&hit.title), marked(&hit.text), hit.language)
}

fn nearest<'a>(versions: &'a [Public], asked: &str, reader: &str) -> Option<&'a Public> {
    let near = |tag: &str| versions.iter().find(|v| knowledge::primary(&v.language) == knowledge::primary(tag));
    versions.iter().find(|v| v.language == asked).or_else(|| near(asked)).or_else(|| near(reader)).or_else(|| versions.first())
}

fn view(state: &WebState, locale: &Locale, version: &Public, thanked: bool) -> View {
    let zone = jiff::tz::TimeZone::get(state.config.load().config.site.timezone.as_ref()).unwrap_or(jiff::tz::TimeZone::UTC);
    View {
        title: version.title.clone(),
        body: markup::article(&version.body, "/help/files/"),
        changed: locale.day(version.changed_at, state.clock.now(), &zone),
        vote: format!("/help/{}/vote?lang={}", version.article, version.language),
        language: version.language.clone(),
        thanked,
    }
}

/// A reader counts once in a while; that it cannot be counted keeps nobody from reading.
async fn count(state: &WebState, once: &Once, from: IpAddr, id: i64, now: At) {
    if once.first(from, Did::View(id), now)
        && let Err(error) = knowledge::used_by_customers(&state.store, id, Day::View, now).await
    {
        tracing::error!(%error, "a view of the help centre could not be counted");
    }
}
