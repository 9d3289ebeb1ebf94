//! `GET /admin/channels`: how each channel hears and sends, what waits, its templates. `POST /admin/channels/{channel}/try` tries live whether
//! everything that it needs works, and gives the findings as they are drawn.

use crate::auth::Admin;
use crate::desk::id::{At, ChannelId};
use crate::desk::template::{Approval, Template as Approved};
use crate::store::channel_events::{self, Backlog};
use crate::store::messages::{self, Newest};
use crate::store::templates::{self, Templates};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::glyph;
use crate::web::state::{ChannelStanding, Tried, Verdict, Way};
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

/// `templates/admin/channels.html`
#[derive(Template)]
#[template(path = "admin/channels.html")]
struct ChannelsPage {
    page: Page,
    frame: Frame,
    channels: Vec<Card>,
}

/// One channel.
struct Card {
    id: ChannelId,
    kind: &'static str,
    queue: String,
    /// `None`: no platform stands behind it.
    standing: Option<ChannelStanding>,
    backlog: Backlog,
    newest: Newest,
    templates: Option<Templates>,
}

impl Card {
    /// `ok`, `warn` or `bad`, and the key of its word.
    fn state(&self) -> (&'static str, &'static str) {
        match &self.standing {
            None => ("ok", "channels.ours"),
            Some(standing) => {
                let ways = [&standing.hearing, &standing.sending, &standing.probing];
                let unread = self.templates.as_ref().is_some_and(|known| known.trouble.is_some());
                if standing.down {
                    ("bad", "channels.down")
                } else if ways.iter().any(|way| way.failing.is_some()) {
                    ("warn", "channels.troubled")
                } else if unread || !standing.odd.is_empty() || standing.disbelieved.is_some() {
                    ("warn", "channels.to_see")
                } else if ways.iter().all(|way| way.worked_at.is_none()) {
                    ("", "channels.silent")
                } else {
                    ("ok", "channels.works")
                }
            }
        }
    }

    fn glyph(&self) -> &'static str {
        glyph(self.kind)
    }

    fn approved(&self) -> usize {
        self.templates.iter().flat_map(|known| &known.list).filter(|template| template.state == Approval::Approved).count()
    }
}

pub async fn list(State(state): State<WebState>, Admin(me): Admin, page: Page) -> Result<Response, WebError> {
    let loaded = state.config.load_full();
    let mut standings = state.channels.standing().await;
    let mut channels = Vec::with_capacity(loaded.config.channels.len());
    for section in &loaded.config.channels {
        let id = ChannelId::from(section.id.get_ref().as_str());
        let known = templates::of(&state.store, &id).await?;
        let offers = loaded.catalog.channels.get(&id).is_some_and(|spec| spec.traits.templates);
        channels.push(Card {
            kind: section.kind.as_str(),
            queue: section.queue.get_ref().clone(),
            standing: standings.iter().position(|standing| standing.channel == id).map(|at| standings.swap_remove(at)),
            backlog: channel_events::backlog(&state.store, &id).await?,
            newest: messages::newest(&state.store, &id).await?,
            templates: offers.then_some(known),
            id,
        });
    }
    let frame = Frame::around(&state, &page, &me).await?;
    Ok(html(&ChannelsPage { page, frame, channels }))
}

/// `templates/admin/_tried.html`
#[derive(Template)]
#[template(path = "admin/_tried.html")]
struct TriedDrawn<'a> {
    page: &'a Page,
    tried: &'a [Tried],
}

pub async fn try_it(State(state): State<WebState>, Admin(_): Admin, page: Page, Path(channel): Path<String>) -> Result<Response, WebError> {
    let tried = state.channels.try_it(ChannelId::from(channel.as_str())).await.ok_or(WebError::NotFound)?;
    Ok(html(&TriedDrawn { page: &page, tried: &tried }))
}

impl ChannelsPage {
    /// A direction in one sentence.
    fn way(&self, way: &Way) -> String {
        let page = &self.page;
        match (&way.failing, way.worked_at) {
            (Some((since, why)), _) => page.t2("channels.fails_since", "time", page.moment(since), "why", why),
            (None, Some(at)) => page.t1("channels.worked_at", "time", page.moment(at)),
            (None, None) => page.t("channels.not_yet").to_owned(),
        }
    }

    fn sentence(&self, tried: &Tried) -> String {
        sentence(&self.page, tried)
    }

    fn disbelieved(&self, (run, at, why): &(u32, At, &'static str)) -> String {
        let page = &self.page;
        [page.t2("channels.disbelieved", "n", run, "time", page.moment(at)), page.t1("channels.disbelieved_why", "why", why)].concat()
    }

    fn kind(&self, card: &Card) -> String {
        self.page.t(&format!("desk.channel.{}", card.kind)).to_owned()
    }

    fn when(&self, at: &Option<At>) -> String {
        at.map_or_else(|| "–".to_owned(), |at| self.page.moment(at))
    }

    /// `ok`, `warn` or `bad`, and the state in words.
    fn approval(&self, template: &Approved) -> (&'static str, String) {
        let (look, key) = match &template.state {
            Approval::Approved => ("ok", "desk.template.approved"),
            Approval::Waiting => ("warn", "desk.template.waiting"),
            Approval::Unusable(_) => ("bad", "desk.template.refused"),
        };
        (look, self.page.t(key).to_owned())
    }

    fn why(&self, template: &Approved) -> String {
        match &template.state {
            Approval::Unusable(why) => why.clone(),
            Approval::Approved | Approval::Waiting => String::new(),
        }
    }
}

impl TriedDrawn<'_> {
    fn sentence(&self, tried: &Tried) -> String {
        sentence(self.page, tried)
    }

    /// Its look and its picture.
    fn look(&self, tried: &Tried) -> (&'static str, &'static str) {
        match tried.verdict {
            Verdict::Works => ("ok", "ok"),
            Verdict::Odd(_) => ("odd", "warn"),
            Verdict::Fails(_) => ("bad", "alert"),
        }
    }
}

fn sentence(page: &Page, tried: &Tried) -> String {
    let what = page.t(&format!("channels.probe.{}", tried.what)).to_owned();
    let said = match tried.verdict {
        Verdict::Works if tried.said.is_empty() => return what,
        Verdict::Works => tried.said.clone(),
        Verdict::Odd(odd) => page.t1(&format!("channels.odd.{odd}"), "why", &tried.said),
        Verdict::Fails(trouble) => page.t1(&format!("channels.trouble.{trouble}"), "why", &tried.said),
    };
    page.t2("channels.found", "what", what, "said", said)
}
