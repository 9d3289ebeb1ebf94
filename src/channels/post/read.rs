//! Kept events, read in the order in which they came and told to the desk; done when all that they mean is recorded. One customer's messages
//! wait for each other (and for their files), different customers' do not.

use super::{Open, Post, Running, mailboxes, receipt, take};
use crate::channels::platform::{Heard, Wrote};
use crate::desk::id::{At, ChannelId};
use crate::desk::input::{Belongs, Besides, Body, Change, Delivery, Extra, Input, MessageHeard};
use crate::desk::person::{Identity, Unreachable, Who};
use crate::desk::refusal::Refusal;
use crate::desk::same::Clue;
use crate::desk::window::Narrow;
use crate::store::channel_events::{self, ChannelEvent, Done};
use crate::store::messages::MessageKind;
use crate::store::{StoreError, conversations, messages, persons, pieces, threads};
use crate::switchboard::{Typing, Typist};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Events read at once.
const PAGE: u32 = 256;
/// A pause after the desk or the disk could not take an event; the event waits.
const PAUSE: Duration = Duration::from_millis(500);
/// Tries before an event that can be read is set aside with its reason.
const TRIES: u32 = 240;
/// Longest id of a platform's, bytes, and longest text, characters.
const LONGEST_ID: usize = 512;
const LONGEST_TEXT: usize = 100_000;
/// A message is not older than this, ms: a platform's clock is believed no further.
const OLDEST_MS: i64 = 30 * 24 * 3_600_000;
/// An answer to a request of ours does not stay out for longer, ms.
const UNDER_WAY_MS: i64 = 60_000;
/// What is echoed was sent no longer ago, ms.
const ECHOED_MS: i64 = 600_000;
/// Who typed longer ago, ms, may have stopped.
const TYPING_MS: i64 = 10_000;

/// Events that are being read at once, all customers together; one whose lane waits leaves room for others.
const ROOM: usize = 4_096;

pub(super) async fn run(post: Post, id: ChannelId, running: Arc<Running>) {
    let mut reading = Reading { more: true, ..Reading::default() };
    loop {
        // Without an account nobody can read what was kept; what is being read is told all the same.
        if let Some(open) = post.account(&id) {
            reading.understand(&post, &open);
            reading.begin(&post, &open);
            reading.look(&post, &id);
        }
        reading.note(&post, &id);
        tokio::select! {
            () = running.kept.notified() => reading.more = true,
            Some(done) = reading.under_way.next(), if !reading.under_way.is_empty() => reading.over(done),
        }
        // Whatever else is over by now is noted with it.
        while let Some(Some(done)) = reading.under_way.next().now_or_never() {
            reading.over(done);
        }
    }
}

/// What one event means, in its customer's lane.
struct Item {
    event: i64,
    at: At,
    heard: Heard,
    /// Whose it is: of several mailboxes of the house, perhaps another one's.
    channel: ChannelId,
}

/// Whose lane; receipts have one together.
type Lane = Option<Identity>;

/// Events on their way to the desk. Each customer's are told one after the other in a lane of their own, so that nobody waits for
/// somebody else's files, or for what a platform has not named yet.
#[derive(Default)]
struct Reading {
    /// The last event that was read from the disk.
    after: i64,
    /// There may be more on the disk after it.
    more: bool,
    /// The next page is on its way: read beside the lanes, because nobody is told anything while this task waits.
    looking: bool,
    page: Vec<ChannelEvent>,
    waiting: BTreeMap<Lane, Vec<Item>>,
    busy: BTreeSet<Lane>,
    /// How much of each event is not told yet, and why what of it was not taken.
    left: BTreeMap<i64, (usize, Option<String>)>,
    over: Vec<Done>,
    /// Something is being noted: what is over meanwhile is noted together after it.
    noting: bool,
    under_way: FuturesUnordered<BoxFuture<'static, Over>>,
}

enum Over {
    /// A lane has told these; the error is why one never will be.
    Lane(Lane, Vec<(i64, Result<(), String>)>),
    Noted,
    Looked(Vec<ChannelEvent>),
    /// The disk could not be read, and a pause is over.
    NotLooked,
}

impl Reading {
    /// Reads what is new from the disk, as far as there is room.
    fn look(&mut self, post: &Post, id: &ChannelId) {
        if self.looking || !self.more || self.left.len() >= ROOM {
            return;
        }
        (self.looking, self.more) = (true, false);
        let (post, id, after) = (post.clone(), id.clone(), self.after);
        self.under_way.push(Box::pin(async move {
            match channel_events::open(&post.shared.store, &id, after, PAGE).await {
                Ok(events) => Over::Looked(events),
                Err(error) => {
                    tracing::error!(channel = %id, %error, "kept events could not be read");
                    tokio::time::sleep(PAUSE).await;
                    Over::NotLooked
                }
            }
        }));
    }

    fn understand(&mut self, post: &Post, open: &Arc<Open>) {
        for event in std::mem::take(&mut self.page) {
            match mailboxes::home(post, open, &event.body) {
                Some(home) => self.take(&home, event),
                None => self.over.push((event.id, None)),
            }
        }
    }

    /// Sets lanes to work that have something to tell and do not tell yet.
    fn begin(&mut self, post: &Post, open: &Arc<Open>) {
        let free: Vec<Lane> = self.waiting.keys().filter(|lane| !self.busy.contains(*lane)).cloned().collect();
        for lane in free {
            let Some(items) = self.waiting.remove(&lane) else { continue };
            self.busy.insert(lane.clone());
            self.under_way.push(Box::pin(tell_lane(post.clone(), open.clone(), lane, items)));
        }
    }

    fn take(&mut self, open: &Open, event: ChannelEvent) {
        match open.account.platform.read(&event.body) {
            Ok(heard) if heard.is_empty() => self.over.push((event.id, None)),
            Ok(heard) => {
                self.left.insert(event.id, (heard.len(), None));
                for heard in heard {
                    let item = Item { event: event.id, at: event.at, heard, channel: open.account.id.clone() };
                    self.waiting.entry(whose(&item.heard)).or_default().push(item);
                }
            }
            Err(error) => {
                tracing::warn!(channel = %open.account.id, event = event.id, %error, "an event cannot be understood");
                self.over.push((event.id, Some(error.to_string())));
            }
        }
    }

    fn over(&mut self, over: Over) {
        let (lane, told) = match over {
            Over::Noted => return self.noting = false,
            Over::NotLooked => return (self.looking, self.more) = (false, true),
            Over::Looked(events) => {
                self.looking = false;
                self.more |= events.len() == PAGE as usize;
                self.after = events.last().map_or(self.after, |event| event.id);
                self.page.extend(events);
                return;
            }
            Over::Lane(lane, told) => (lane, told),
        };
        self.busy.remove(&lane);
        for (id, result) in told {
            let Some((left, failure)) = self.left.get_mut(&id) else { continue };
            *left = left.saturating_sub(1);
            if let Err(why) = result {
                *failure = Some(why);
            }
            if *left == 0 {
                let failure = failure.take();
                self.left.remove(&id);
                self.over.push((id, failure));
            }
        }
    }

    /// Notes on disk what has been told, while others are told.
    fn note(&mut self, post: &Post, id: &ChannelId) {
        if self.noting || self.over.is_empty() {
            return;
        }
        self.noting = true;
        let (post, id, done) = (post.clone(), id.clone(), std::mem::take(&mut self.over));
        self.under_way.push(Box::pin(async move {
            while let Err(error) = channel_events::done(&post.shared.store, done.clone(), post.shared.clock.now()).await {
                tracing::error!(channel = %id, %error, "what was read could not be noted");
                tokio::time::sleep(PAUSE).await;
            }
            Over::Noted
        }));
    }
}

/// One customer's, in order.
async fn tell_lane(post: Post, open: Arc<Open>, lane: Lane, mut items: Vec<Item>) -> Over {
    // Whoever wrote later can be reached again.
    let last_written = items.iter().filter(|item| matches!(item.heard, Heard::Message(_))).map(|item| item.event).max();
    // As they were written, not as they came; what came before stays before where the platform says nothing.
    items.sort_by_key(|item| place(&item.heard));
    let mut told = Vec::with_capacity(items.len());
    for Item { event, at, heard, channel } in items {
        let overtaken = matches!(heard, Heard::Unreachable { .. }) && last_written.is_some_and(|last| last > event);
        let open = post.account(&channel).unwrap_or_else(|| open.clone());
        told.push((event, if overtaken { Ok(()) } else { patiently(&post, &open, at, heard).await }));
    }
    Over::Lane(lane, told)
}

fn whose(heard: &Heard) -> Option<Identity> {
    match heard {
        Heard::Message(wrote) | Heard::Echo(wrote) => Some(wrote.from.identity.clone()),
        Heard::Edited { from, .. } | Heard::Recalled { from, .. } | Heard::Typing { from } => Some(from.clone()),
        Heard::Unreachable { who, .. } => Some(who.clone()),
        Heard::Receipt { .. } => None,
    }
}

/// Messages by their time; what changes them comes after all of them.
fn place(heard: &Heard) -> (i64, i64) {
    match heard {
        Heard::Message(wrote) | Heard::Echo(wrote) => (wrote.sent.0, wrote.seq),
        _ => (i64::MAX, 0),
    }
}

/// Until the desk has taken it; the error is why it never will.
async fn patiently(post: &Post, open: &Open, at: At, heard: Heard) -> Result<(), String> {
    for _ in 0..TRIES {
        match tell(post, open, at, heard.clone()).await {
            Ok(()) => return Ok(()),
            Err(Untold::Never(why)) => {
                tracing::warn!(channel = %open.account.id, why, "what a platform told was not taken");
                return Err(why);
            }
            Err(Untold::NotNow(why)) => {
                tracing::warn!(channel = %open.account.id, why, "what a platform told waits");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    Err("the desk did not take it".into())
}

pub(super) enum Untold {
    NotNow(String),
    Never(String),
}

impl From<StoreError> for Untold {
    fn from(error: StoreError) -> Untold {
        Untold::NotNow(error.to_string())
    }
}

impl From<Refusal> for Untold {
    fn from(refusal: Refusal) -> Untold {
        match refusal {
            Refusal::Busy | Refusal::NotRecorded => Untold::NotNow(format!("{refusal:?}")),
            refusal => Untold::Never(format!("{refusal:?}")),
        }
    }
}

async fn tell(post: &Post, open: &Open, at: At, heard: Heard) -> Result<(), Untold> {
    match heard {
        Heard::Message(wrote) => message(post, open, at, wrote, By::Customer).await,
        Heard::Echo(wrote) if is_ours(post, open, &wrote).await? => Ok(()),
        Heard::Echo(wrote) => message(post, open, at, wrote, By::Firm).await,
        Heard::Edited { key, text, .. } => change(post, open, &key, Change::Edited(plain(&text))).await,
        Heard::Recalled { key, .. } => change(post, open, &key, Change::Recalled).await,
        Heard::Receipt { of, state } => receipt::told(post, open, at, of, state).await,
        Heard::Typing { from } => typing(post, open, at, &from).await,
        Heard::Unreachable { who, why } => unreachable(post, who, why).await,
    }
}

/// Who has written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Customer,
    /// With another tool of the platform's.
    Firm,
}

/// Platforms echo also what went out by us, perhaps before they answer our own request.
async fn is_ours(post: &Post, open: &Open, wrote: &Wrote) -> Result<bool, Untold> {
    let (store, channel, to) = (&post.shared.store, &open.account.id, &wrote.from.identity);
    // Asked first: what is named between the two questions is found by the second.
    let under_way = pieces::under_way(store, channel, to, post.shared.clock.now().after(-UNDER_WAY_MS)).await?;
    if pieces::named(store, channel, &wrote.key).await?.is_some() {
        return Ok(true);
    }
    // The answer to our request was lost, and here is what it would have said.
    let now = post.shared.clock.now();
    if !wrote.text.trim().is_empty()
        && let Some((message, part)) = pieces::doubted(store, channel, to, &wrote.text, now.after(-ECHOED_MS)).await?
    {
        let told = pieces::sent(store, channel, message, part, vec![wrote.key.clone()], now).await?;
        for state in std::iter::once(Delivery::Sent).chain(told) {
            receipt::record(post, message, state).await?;
        }
        return Ok(true);
    }
    if under_way { Err(Untold::NotNow("something of ours is under way to this customer".into())) } else { Ok(false) }
}

/// Shown to whoever serves them, if they type now.
async fn typing(post: &Post, open: &Open, at: At, from: &Identity) -> Result<(), Untold> {
    if post.shared.clock.now().since(at) > TYPING_MS {
        return Ok(());
    }
    if let Some(conversation) = conversations::open_of(&post.shared.store, &open.account.id, from).await? {
        post.shared.switchboard.show_typing(Typing { conversation, from: Typist::Customer, on: true, preview: None });
    }
    Ok(())
}

pub(super) async fn unreachable(post: &Post, identity: Identity, why: Unreachable) -> Result<(), Untold> {
    // Of a stranger there is nothing to remember.
    let Some(person) = persons::brief(&post.shared.store, identity.clone()).await? else { return Ok(()) };
    let who = Who { identity, display: None, person: Some(person) };
    post.shared.switchboard.ask(Input::Unreachable(who, why)).await?;
    Ok(())
}

async fn message(post: &Post, open: &Open, at: At, mut wrote: Wrote, by: By) -> Result<(), Untold> {
    let store = &post.shared.store;
    if wrote.key.is_empty() || wrote.key.len() > LONGEST_ID || wrote.from.identity.value.len() > LONGEST_ID {
        return Err(Untold::Never("an id that is none".into()));
    }
    let letter = open.account.platform.traits().threads;
    let _alone = if letter { Some(mailboxes::alone(post, &wrote.key)?) } else { None };
    let known = messages::known(store, &open.account.id, &wrote.key).await?;
    if known.is_some() || letter && mailboxes::has(post, &wrote.key).await? {
        return Ok(());
    }
    let (who, also) = who(post, open, &wrote).await?;
    let mut threads_named = std::mem::take(&mut wrote.threads);
    let (belongs, channel) = match letter {
        false => (Belongs::Newest, open.account.id.clone()),
        true => match mailboxes::thread(post, open, &threads_named).await? {
            Some((conversation, channel)) => (Belongs::To(conversation), channel),
            None => (Belongs::Anew, open.account.id.clone()),
        },
    };
    let (mut text, mut extra) = (plain(&wrote.text), wrote.extra.take());
    let files = take::all(post, open, &wrote, &mut text, &mut extra).await?;
    if text.trim().is_empty() && files.is_empty() {
        text = wordless(extra.as_ref());
    }
    let narrow = match wrote.window {
        Some(window) => Some(Narrow { window, before: messages::heard_from(store, &channel, &wrote.from.identity).await? }),
        None => None,
    };
    let now = post.shared.clock.now();
    let sent = Some(wrote.sent).filter(|sent| *sent <= now && now.since(*sent) < OLDEST_MS).unwrap_or(at);
    let heard = MessageHeard {
        channel: channel.clone(),
        external_id: wrote.key.clone(),
        who,
        body: Body { text, files, extra },
        page: None,
        sent,
        known,
        besides: Besides { also, seq: wrote.seq, belongs, automatic: wrote.automatic, narrow },
    };
    let input = match by {
        By::Customer => Input::Message(heard),
        By::Firm => Input::Elsewhere(heard),
    };
    post.shared.switchboard.ask(input).await?;
    if let Some(early) = post.shared.early.take(&(open.account.id.clone(), wrote.key.clone())) {
        change(post, open, &wrote.key, early).await?;
    }
    if letter
        && let Some(message) = messages::known(store, &channel, &wrote.key).await?
        && let Some(row) = messages::get(store, message).await?
        && let Some(conversation) = row.conversation
    {
        threads_named.insert(0, wrote.key);
        threads::name(store, &channel, conversation, threads_named, sent).await?;
    }
    Ok(())
}

/// What stands in the place of words where there are none: a letter that is only a subject or a picture, a kind of which its platform tells
/// no more. Nobody who wrote waits in vain because of it.
fn wordless(extra: Option<&Extra>) -> String {
    match extra {
        Some(Extra::Mail(mail)) if !mail.subject.trim().is_empty() => plain(&mail.subject),
        Some(Extra::Other { kind }) => format!("[{kind}]"),
        // A sign that is taken away asks for nothing.
        Some(Extra::Reaction { .. }) => String::new(),
        _ => "[…]".to_owned(),
    }
}

/// Who writes, and by what else they are known from now on. Somebody whose other name is known is that person.
async fn who(post: &Post, open: &Open, wrote: &Wrote) -> Result<(Who, Vec<Identity>), Untold> {
    let store = &post.shared.store;
    let mut identity = wrote.from.identity.clone();
    if let Some(Extra::Mail(mail)) = &wrote.extra
        && mail.signed == Some(false)
    {
        // Anybody can write this sender: who it is, an agent says.
        identity.namespace = persons::UNSIGNED.to_owned();
    }
    let (mut also, mut display) = (wrote.from.also.clone(), wrote.from.name.clone());
    let mut person = persons::brief(store, identity.clone()).await?;
    if person.is_none() {
        if display.is_none() || also.is_empty() {
            let profile = open.account.platform.profile(&identity).await.unwrap_or_default();
            display = display.or(profile.name);
            also.extend(profile.also);
        }
        also.push(identity.clone());
    }
    // Whom any of the names belongs to already is this person; what belongs to nobody yet is theirs from now on.
    let mut new = Vec::new();
    for other in also {
        match persons::brief(store, other.clone()).await? {
            Some(known) if person.as_ref().is_none_or(|person| person.id == known.id) => person = Some(known),
            // Two people whom the platform takes for one: an agent decides.
            Some(_) => persons::clue(store, Clue::Platform, identity.clone(), other, post.shared.clock.now()).await?,
            None => new.push(other),
        }
    }
    if person.is_none() {
        // A stranger is made with the identity by which they write.
        new.retain(|other| *other != identity);
    }
    Ok((Who { identity, display, person }, new))
}

async fn change(post: &Post, open: &Open, key: &str, change: Change) -> Result<(), Untold> {
    let (store, channel) = (&post.shared.store, &open.account.id);
    let Some(message) = messages::known(store, channel, key).await? else {
        // It has overtaken its message, or that never comes.
        post.shared.early.tell((channel.clone(), key.to_owned()), change);
        return Ok(());
    };
    let Some(row) = messages::get(store, message).await? else { return Ok(()) };
    // What we have sent ourselves is changed by us alone.
    let theirs = matches!(row.kind, MessageKind::In | MessageKind::Elsewhere);
    let Some(conversation) = row.conversation.filter(|_| theirs) else { return Ok(()) };
    post.shared.switchboard.ask(Input::Changed { message, conversation, person: row.person, change }).await?;
    Ok(())
}

/// Words, without what controls a terminal or a page.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(LONGEST_TEXT).collect()
}
