//! What is new in the mailbox. The cursor says for each folder which numbering it was in and which letter was the last; it is moved past a
//! letter only after the letter was kept.

use super::imap::{ImapError, Selected, Session};
use super::raw::{self, Fetched};
use super::{Email, imap};
use crate::channels::platform::{Polled, Raw, Trouble};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Letters, and bytes of them, that are taken at once.
const MOST_LETTERS: usize = 50;
const MOST_BYTES: u64 = 8 << 20;
/// Where the server does not tell by itself.
const PAUSE: Duration = Duration::from_secs(30);
/// Of a letter that is too long, so much is fetched: heads and text stand at its beginning.
const BEGINNING: usize = 1 << 20;

/// Where each folder has been read to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Cursor(BTreeMap<String, Place>);

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Place {
    /// UIDVALIDITY: another one, and all numbers mean other letters.
    validity: u32,
    /// The last letter that was read.
    last: u32,
    /// Letters up to `until` are read only if they are of a search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    back: Option<Back>,
}

/// A search for letters that were there before us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Back {
    until: u32,
    /// As IMAP writes a day.
    since: String,
    unseen: bool,
}

impl Cursor {
    /// One that cannot be read is none: letters are known by their keys, too.
    fn read(text: Option<&str>) -> Cursor {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// What came since, or what comes within a minute.
pub(super) async fn poll(email: &Email, cursor: Option<&str>) -> Result<Polled, Trouble> {
    // Taken out while it is used: whoever is interrupted leaves no connection in the middle of an answer.
    let kept = email.session.lock().await.take();
    let mut session = match kept {
        Some(session) => session,
        None => Session::open(&email.imap, &email.imap_login, email.most).await.map_err(ImapError::trouble)?,
    };
    let polled = look(email, &mut session, Cursor::read(cursor)).await.map_err(ImapError::trouble)?;
    *email.session.lock().await = Some(session);
    Ok(polled)
}

async fn look(email: &Email, session: &mut Session, before: Cursor) -> Result<Polled, ImapError> {
    let mut cursor = before.clone();
    seen(email, session).await?;
    for waited in [false, true] {
        let mut events = Vec::new();
        let mut more = false;
        for folder in &email.folders {
            let (found, rest) = folder_news(email, session, folder, &mut cursor).await?;
            events.extend(found);
            more |= rest;
        }
        if waited || more || !events.is_empty() || cursor != before {
            let wait = if waited && events.is_empty() && !session.offers("IDLE") { PAUSE } else { Duration::ZERO };
            return Ok(Polled { events, cursor: cursor.write(), wait });
        }
        if !session.offers("IDLE") {
            session.noop().await?;
            return Ok(Polled { events, cursor: cursor.write(), wait: PAUSE });
        }
        if let Some(first) = email.folders.first() {
            session.select(first, email.mark_seen).await?;
            session.idle(email.pace.idle, email.pace.answer).await?;
        }
    }
    Ok(Polled { events: Vec::new(), cursor: cursor.write(), wait: Duration::ZERO })
}

/// What is new in one folder, and whether there is more of it.
async fn folder_news(email: &Email, session: &mut Session, folder: &str, cursor: &mut Cursor) -> Result<(Vec<Raw>, bool), ImapError> {
    let selected = session.select(folder, email.mark_seen).await?;
    let mut place = match cursor.0.get(folder) {
        Some(place) if place.validity == selected.validity => place.clone(),
        other => anew(email, session, selected, other.is_none()).await?,
    };
    let wanted = match &place.back {
        Some(back) if place.last < back.until => Some((session.since(&back.since, back.unseen).await?, back.until)),
        _ => None,
    };
    let found = session.from(place.last.saturating_add(1)).await?;
    let (mut events, mut bytes, mut more) = (Vec::new(), 0, false);
    for letter in found {
        let skipped = wanted.as_ref().is_some_and(|(wanted, until)| letter.uid <= *until && !wanted.contains(&letter.uid));
        if !skipped {
            if events.len() >= MOST_LETTERS || (bytes > 0 && bytes + letter.size > MOST_BYTES) {
                more = true;
                break;
            }
            let event = fetch(email, session, folder, &letter).await?;
            bytes += letter.size;
            if email.mark_seen && event.is_some() {
                email.given(folder, letter.uid);
            }
            events.extend(event);
        }
        place.last = letter.uid;
    }
    if place.back.as_ref().is_some_and(|back| back.until <= place.last || !more) {
        place.back = None;
    }
    cursor.0.insert(folder.to_owned(), place);
    Ok((events, more))
}

/// A folder that we do not know, or whose numbers mean other letters now: what came lately is looked through, at first only what nobody has
/// read. Letters that were kept already are known by their keys.
async fn anew(email: &Email, session: &mut Session, selected: Selected, first: bool) -> Result<Place, ImapError> {
    if !first {
        tracing::warn!(channel = %email.id, "the mail server has counted its letters anew; the latest are looked through");
    }
    let since = email.day_before();
    let until = match selected.next {
        Some(next) => next.saturating_sub(1),
        None => session.from(1).await?.last().map_or(0, |letter| letter.uid),
    };
    // Everything before the oldest that is wanted need not be listed.
    let oldest = session.since(&since, first).await?.first().copied();
    let last = oldest.map_or(until, |oldest| oldest.saturating_sub(1).min(until));
    let back = (last < until).then_some(Back { until, since, unseen: first });
    Ok(Place { validity: selected.validity, last, back })
}

async fn fetch(email: &Email, session: &mut Session, folder: &str, letter: &imap::There) -> Result<Option<Raw>, ImapError> {
    let long = letter.size > email.most as u64;
    let Some(bytes) = session.fetch(letter.uid, long.then_some(BEGINNING)).await? else { return Ok(None) };
    let cut = long.then_some(letter.size);
    let fetched = Fetched { folder: folder.to_owned(), uid: letter.uid, at: letter.at, cut };
    Ok(Some(Raw { key: raw::key(&bytes), body: fetched.join(&bytes) }))
}

/// The letters that were given out the last time are kept now.
async fn seen(email: &Email, session: &mut Session) -> Result<(), ImapError> {
    for (folder, uids) in email.take_given() {
        session.select(&folder, true).await?;
        for uids in uids.chunks(100) {
            session.mark_seen(uids).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_rubbish_is_none() {
        let place = Place { validity: 7, last: 41, back: Some(Back { until: 90, since: "1-Feb-2026".into(), unseen: true }) };
        let cursor = Cursor([("INBOX".to_owned(), place), ("客服".to_owned(), Place::default())].into());
        let text = cursor.write().expect("JSON");
        assert_eq!(Cursor::read(Some(&text)), cursor);
        assert_eq!(Cursor::read(Some("{\"INBOX\":3}")), Cursor::default());
        assert_eq!(Cursor::read(None), Cursor::default());
    }
}
