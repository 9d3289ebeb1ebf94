//! Pages that visitors look at, where the site tells and they have agreed; and whom the house invites to a talk because of it. What a page says is
//! text: it is bounded, kept for a time, and believed as far as it can be true. Whether somebody is invited is decided here.

use super::hear::identity;
use super::limits::Counted;
use super::visitors::Visitor;
use super::wire::{Cart, VisitorHears};
use super::{WebChat, Window};
use crate::desk::fact::StatusName;
use crate::desk::hours::Hours;
use crate::desk::id::{At, QueueId};
use crate::desk::person::plain_name;
use crate::store::conversations;
use crate::store::visits::{self, Known, Seen};
use crate::switchboard::{Here, SeenPage};
use http::HeaderMap;
use std::collections::BTreeMap;

/// Longest address and title that are kept, characters.
const LONGEST_URL: usize = 500;
const LONGEST_TITLE: usize = 200;
const LONGEST_KEY: usize = 32;
/// Nobody is invited twice in one visit: so long, ms.
const ONE_VISIT_MS: i64 = 30 * 60_000;

/// What a window does with the pages of its visitors.
#[derive(Debug, Clone)]
pub struct Visits {
    pub keep_ms: i64,
    /// What stands behind `?` is kept too.
    pub query: bool,
    pub invitations: Vec<Invitation>,
    pub queue: QueueId,
    /// Of that queue; `None`: always.
    pub hours: Option<Hours>,
}

/// A reason to invite somebody.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: String,
    /// Any of these, `*` for anything; none: every page.
    pub urls: Vec<String>,
    /// So long on that page, ms.
    pub after_ms: i64,
    /// What is in the cart is worth so much.
    pub cart: Option<f64>,
    /// They have been there on so many days, today among them.
    pub days: u32,
    /// Only while an agent of the queue has room.
    pub available: bool,
    /// Not again before so long, ms; and after they said no.
    pub every_ms: i64,
    pub dismissed_ms: i64,
    /// By language.
    pub text: BTreeMap<String, String>,
}

/// Whether a browser says of its user that they will not be followed: `Sec-GPC` (Global Privacy Control) or, older, `DNT` (W3C Tracking
/// Preference Expression). The page's script asks it before it tells anything; this is for pages that do not.
pub(super) fn refused(headers: &HeaderMap) -> bool {
    ["sec-gpc", "dnt"].into_iter().any(|name| headers.get(name).is_some_and(|value| value.as_bytes().trim_ascii() == b"1"))
}

/// A page as its script tells of it.
pub(super) struct Told {
    pub key: String,
    pub url: String,
    pub title: String,
    pub seconds: u32,
    pub cart: Option<Cart>,
}

/// Keeps a page; the answer is an invitation, where there is a reason.
pub(super) async fn visited(chat: &WebChat, window: &Window, visitor: &Visitor, told: Told) -> Option<VisitorHears> {
    let rules = window.visits.as_ref()?;
    let now = chat.shared.clock.now();
    if !chat.shared.limits.allow(Counted::Visits(visitor.1.clone()), now) {
        return None;
    }
    let url = address(&told.url, rules.query)?;
    let key: String = told.key.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_KEY).collect();
    if key.is_empty() {
        return None;
    }
    let seen = Seen {
        key,
        url: url.clone(),
        title: plain_name(&told.title, LONGEST_TITLE),
        dwell_ms: i64::from(told.seconds) * 1_000,
        keep_until: now.after(rules.keep_ms),
    };
    let (who, title) = (identity(visitor), seen.title.clone());
    let read = async {
        let known = visits::keep(&chat.shared.store, who.clone(), seen, now).await?;
        let talks = conversations::open_of(&chat.shared.store, &visitor.0, &who).await?;
        if let Some(conversation) = talks {
            let page = SeenPage { url: url.clone(), title, since: now.after(-known.dwell_ms) };
            chat.shared.switchboard.show_here(Here { conversation, page: Some(page) });
        }
        if rules.invitations.is_empty() || talks.is_some() {
            return Ok(None);
        }
        let invited = visits::invited(&chat.shared.store, who.clone()).await?;
        let open = rules.hours.as_ref().is_none_or(|hours| hours.open_at(now));
        let room = || has_room(chat, &rules.queue);
        let fits = |one: &&Invitation| one.fits(&url, known, told.cart.as_ref()) && (!one.available || room());
        let Some(one) = rules.invitations.iter().filter(|_| open).find(|one| fits(one) && may_invite(one, &invited, now)) else {
            return Ok(None);
        };
        let id = visits::invite(&chat.shared.store, who.clone(), one.id.clone(), now).await?;
        Ok::<_, crate::store::StoreError>(Some(VisitorHears::Invite { id, text: one.text.clone() }))
    };
    read.await.inspect_err(|error| tracing::error!(%error, "a page that a visitor looked at could not be kept")).ok().flatten()
}

/// The visitor takes an invitation, or will not.
pub(super) async fn settle(chat: &WebChat, visitor: &Visitor, id: i64, accepted: bool) {
    if let Err(error) = visits::settle(&chat.shared.store, identity(visitor), id, accepted).await {
        tracing::error!(%error, "what became of an invitation could not be kept");
    }
}

/// They have agreed no more.
pub(super) async fn forget(chat: &WebChat, visitor: &Visitor) {
    if let Err(error) = visits::forget(&chat.shared.store, identity(visitor)).await {
        tracing::error!(%error, "the pages of a visitor could not be forgotten");
    }
    if let Some(conversation) = chat.shared.visitors.conversation_of(visitor) {
        chat.shared.switchboard.show_here(Here { conversation, page: None });
    }
}

/// An address of the web, without what may be secret: name and password never, the query where it is wanted, no fragment.
fn address(text: &str, query: bool) -> Option<String> {
    let uri: http::Uri = text.split('#').next()?.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = uri.authority()?;
    let host = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
    let path = if query { uri.path_and_query().map_or("/", |it| it.as_str()) } else { uri.path() };
    let whole = format!("{scheme}://{host}{path}");
    (whole.chars().count() <= LONGEST_URL && !whole.chars().any(char::is_control)).then_some(whole)
}

/// Somebody of this queue is there and not full.
fn has_room(chat: &WebChat, queue: &QueueId) -> bool {
    let floor = chat.shared.switchboard.floor();
    let free = |agent: &crate::desk::floor::FloorAgent| {
        agent.status == StatusName::Available && agent.page_open && agent.used < agent.capacity && agent.queues.contains(queue)
    };
    floor.agents.iter().any(free)
}

/// Once in a visit, seldom altogether, and not to who said no a while ago.
fn may_invite(one: &Invitation, before: &[visits::Invited], now: At) -> bool {
    before.iter().all(|past| {
        let ago = now.since(past.at);
        let same = past.name == one.id && ago < one.every_ms;
        ago >= ONE_VISIT_MS && !same && !(past.dismissed && ago < one.dismissed_ms)
    })
}

impl Invitation {
    fn fits(&self, url: &str, known: Known, cart: Option<&Cart>) -> bool {
        let here = self.urls.is_empty() || self.urls.iter().any(|pattern| matches(pattern, url));
        let full = self.cart.is_none_or(|least| cart.is_some_and(|cart| cart.value.is_finite() && cart.value >= least));
        here && full && known.dwell_ms >= self.after_ms && known.days >= self.days
    }
}

/// `*` stands for anything; a pattern without a scheme is the end of an address.
fn matches(pattern: &str, url: &str) -> bool {
    let anywhere = format!("*{pattern}");
    let pattern = if pattern.contains("://") { pattern } else { anywhere.as_str() };
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| url.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(before) = last.replace(part) {
            let Some(at) = rest.find(before) else { return false };
            rest = rest.get(at + before.len()..).unwrap_or_default();
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_may_refuse_for_its_user() {
        let says = |name: &'static str, value: &'static str| {
            refused(&HeaderMap::from_iter([(http::HeaderName::from_static(name), http::HeaderValue::from_static(value))]))
        };
        assert!(says("sec-gpc", "1") && says("dnt", "1") && says("dnt", " 1 "));
        // Nothing else says so.
        assert!(!says("sec-gpc", "0") && !says("dnt", "0") && !says("dnt", "null") && !says("x-dnt", "1") && !refused(&HeaderMap::new()));
    }

    #[test]
    fn addresses_are_of_the_web_and_without_secrets() {
        let kept = |text: &str| address(text, false);
        assert_eq!(kept("https://shop.example/lamps?token=1#top").as_deref(), Some("https://shop.example/lamps"));
        assert_eq!(address("https://shop.example/lamps?size=2#top", true).as_deref(), Some("https://shop.example/lamps?size=2"));
        assert_eq!(kept("http://anna:pass@shop.example/").as_deref(), Some("http://shop.example/"));
        for wrong in ["javascript:alert(1)", "data:text/html,x", "/lamps", "", "https://", "file:///etc/passwd", "ftp://shop.example/"] {
            assert_eq!(kept(wrong), None, "{wrong}");
        }
        assert_eq!(kept(&format!("https://shop.example/{}", "x".repeat(600))), None, "too long");
    }

    #[test]
    fn patterns_fit_whole_addresses() {
        let url = "https://shop.example/lamps/42";
        assert!(matches("https://shop.example/*", url) && matches("/lamps/*", url) && matches("*", url) && matches("/lamps/42", url));
        assert!(matches("https://*/lamps/*2", url) && matches("https://shop.example/lamps/42", url));
        assert!(!matches("https://shop.example/", url) && !matches("/lamps", url) && !matches("https://other.example/*", url));
    }

    #[test]
    fn nobody_is_invited_too_often() {
        let one = Invitation {
            id: "lamps".into(),
            urls: vec!["/lamps*".into()],
            after_ms: 30_000,
            cart: Some(50.0),
            days: 2,
            available: false,
            every_ms: 7 * 86_400_000,
            dismissed_ms: 30 * 86_400_000,
            text: BTreeMap::new(),
        };
        let known = Known { days: 2, dwell_ms: 30_000 };
        let cart = |value: f64| Some(Cart { value, items: 1 });
        let fits = |known, cart: Option<Cart>| one.fits("https://s.example/lamps", known, cart.as_ref());
        assert!(fits(known, cart(50.0)));
        assert!(!fits(known, cart(49.9)) && !fits(known, None) && !fits(known, cart(f64::NAN)));
        assert!(!fits(Known { days: 1, ..known }, cart(50.0)) && !fits(Known { dwell_ms: 29_000, ..known }, cart(50.0)));
        let day = 86_400_000;
        let past = |name: &str, ago: i64, dismissed| visits::Invited { name: name.into(), at: At(100 * day - ago), dismissed };
        let may = |past: visits::Invited| may_invite(&one, &[past], At(100 * day));
        assert!(may_invite(&one, &[], At(0)));
        assert!(may(past("lamps", 8 * day, false)) && may(past("other", day, false)));
        assert!(!may(past("lamps", 6 * day, false)), "not again within a week");
        assert!(!may(past("other", 60_000, false)), "once in a visit");
        assert!(!may(past("other", 29 * day, true)), "who said no is left alone");
        assert!(may(past("other", 31 * day, true)));
    }
}
