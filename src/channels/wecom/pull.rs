//! Asking for what is new: at once after a hint, page by page while there is more, and now and then without a hint, because calls get lost.

use super::Wecom;
use super::send::{CLAIMED, claim};
use super::wire::{Item, Page};
use crate::channels::platform::{Polled, Raw, Trouble};
use crate::channels::wechat::errors::{Fault, Outcome};
use crate::channels::wechat::send::clean;
use crate::desk::id::At;
use serde_json::json;
use std::sync::PoisonError;
use std::time::Duration;

const SYNC: &str = "/cgi-bin/kf/sync_msg";
const ON_EVENT: &str = "/cgi-bin/kf/send_msg_on_event";
/// Items of one page.
const LIMIT: u32 = 1_000;
/// Waits for a hint are no longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(50);
/// A welcome must be said within 20 s of the event; later it is not even tried.
const WELCOME_MS: i64 = 20_000;
/// Longest `msgid`, bytes.
const LONGEST_KEY: usize = 200;

/// What was asked last.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// There is more behind the cursor, to be asked for with this token.
    more: Option<Option<String>>,
    /// Asked without a hint at this time at the latest.
    due: Option<At>,
}

impl Wecom {
    pub(super) async fn pull(&self, cursor: Option<&str>) -> Result<Polled, Trouble> {
        let Some(token) = self.turn().await else {
            return Ok(Polled { wait: Duration::ZERO, ..Polled::default() });
        };
        let now = self.clock.now();
        let every = i64::try_from(self.poll_every.as_millis()).unwrap_or(i64::MAX);
        // Also after a failure: the pause between tries is the pipeline's.
        self.paced(|pace| pace.due = Some(now.after(every)));
        let page = match self.page(cursor.unwrap_or_default(), token.as_deref()).await {
            Ok(page) => page,
            Err(trouble) => {
                self.paced(|pace| pace.more = Some(token));
                return Err(trouble);
            }
        };
        self.paced(|pace| pace.more = (page.has_more == 1).then_some(token));
        let (mut events, mut new) = (Vec::new(), Vec::new());
        for value in page.msg_list {
            let item: Item = serde_json::from_value(value.clone()).unwrap_or_default();
            if item.msgid.is_empty() || item.msgid.len() > LONGEST_KEY {
                tracing::warn!(account = self.open_kfid, "an item without a usable msgid is not kept");
                continue;
            }
            events.push(Raw { key: item.msgid.clone(), body: value.to_string().into_bytes() });
            new.push(item);
        }
        self.attend(new, now);
        let cursor = Some(page.next_cursor).filter(|next| !next.is_empty());
        Ok(Polled { events, cursor, wait: Duration::ZERO })
    }

    /// Waits for a reason to ask; with the token to ask with. `None`: there was none for a while.
    async fn turn(&self) -> Option<Option<String>> {
        let reason = || {
            let now = self.clock.now();
            let hinted = self.hint.take(now);
            if hinted.is_some() {
                return Ok(hinted);
            }
            self.paced(|pace| match (pace.more.take(), pace.due) {
                (Some(token), _) => Ok(token),
                (None, Some(due)) if due > now => Err(due.since(now)),
                (None, _) => Ok(None),
            })
        };
        let wait = match reason() {
            Ok(token) => return Some(token),
            Err(wait) => Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(LONGEST_WAIT),
        };
        tokio::select! {
            () = self.hint.given.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
        reason().ok()
    }

    async fn page(&self, cursor: &str, token: Option<&str>) -> Result<Page, Trouble> {
        match self.ask(cursor, token).await {
            // The token of the hint has ended: without one it is asked less often, but it is asked.
            Err(Trouble::Refused(why)) if token.is_some() && why.starts_with("95007") => self.ask(cursor, None).await,
            // A cursor that means nothing any more: from the beginning, which is three days ago. What is known is known by its msgid.
            Err(Trouble::Refused(why)) if !cursor.is_empty() => {
                tracing::warn!(account = self.open_kfid, why, "the cursor is refused: the last three days are asked for again");
                self.ask("", token).await
            }
            asked => asked,
        }
    }

    async fn ask(&self, cursor: &str, token: Option<&str>) -> Result<Page, Trouble> {
        let mut body = json!({ "cursor": cursor, "limit": LIMIT, "voice_format": 0, "open_kfid": self.open_kfid });
        if let Some(token) = token {
            body["token"] = json!(token);
        }
        self.api.look(SYNC, &body).await.map_err(Fault::trouble)
    }

    /// What must be done at once about what is new: a welcome, and sessions that nobody has are taken. None of it delays hearing.
    fn attend(&self, new: Vec<Item>, now: At) {
        let mut mine = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        if mine.len() > CLAIMED {
            mine.clear();
        }
        for item in new {
            let event = &item.event;
            if event.event_type == "session_status_change" {
                mine.remove(&event.external_userid);
            }
            let age = now.0.saturating_sub(item.send_time.saturating_mul(1_000));
            if event.event_type == "enter_session"
                && !event.welcome_code.is_empty()
                && age < WELCOME_MS
                && let Some(welcome) = &self.welcome
            {
                let (api, account) = (self.api.clone(), self.open_kfid.clone());
                let body = json!({ "code": event.welcome_code, "msgtype": "text", "text": { "content": clean(welcome) } });
                tokio::spawn(async move {
                    if let Err(fault) = api.post::<Outcome>(ON_EVENT, &body).await {
                        tracing::warn!(account, trouble = %fault.trouble(), "a welcome was not said");
                    }
                });
            }
            if item.origin == 3 && !item.external_userid.is_empty() && mine.insert(item.external_userid.clone()) {
                let (api, account, ours) = (self.api.clone(), self.open_kfid.clone(), self.ours.clone());
                tokio::spawn(async move {
                    if let Err(fault) = claim(&api, &account, &item.external_userid).await {
                        tracing::debug!(account, trouble = %fault.trouble(), "a session is not ours yet");
                        ours.lock().unwrap_or_else(PoisonError::into_inner).remove(&item.external_userid);
                    }
                });
            }
        }
    }

    fn paced<T>(&self, change: impl FnOnce(&mut Pace) -> T) -> T {
        change(&mut self.pace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
