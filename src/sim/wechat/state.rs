//! What the platform remembers: tokens, who may be written to and how often, what was uploaded, what was sent.

use super::wire::{Dice, now_ms};
use axum::body::Bytes;
use std::collections::HashMap;

/// Temporary media stay for three days.
const MEDIA_MS: i64 = 3 * 24 * 3_600_000;
const TOKEN_S: i64 = 7_200;
/// A new token is given so long before the old one ends, and both are good meanwhile.
const OVERLAP_MS: i64 = 300_000;

/// One message as the customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    pub to: String,
    /// `text`, `image`, `voice`, `video`, `msgmenu`, `news`, `link`, `template`.
    pub kind: String,
    pub text: String,
    pub options: Vec<String>,
    /// What a tap on each says.
    pub ids: Vec<String>,
    pub media: Option<Bytes>,
}

/// Why and until when the firm may write.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// How long this kind of trigger lasts.
    ms: i64,
    until: i64,
    left: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Media {
    pub kind: String,
    pub mime: &'static str,
    pub bytes: Bytes,
    pub at: i64,
}

#[derive(Default)]
pub(super) struct Book {
    pub sent: Vec<Sent>,
    pub refused: Vec<String>,
    pub acknowledged: Vec<u64>,
    pub faults: usize,
    pub dice: Dice,
    pub offset_ms: i64,
    pub rotated: Option<String>,
    pub outside: bool,
    pub windows: HashMap<String, Vec<Window>>,
    /// Who follows; a customer who writes does.
    pub followers: HashMap<String, bool>,
    pub media: HashMap<String, Media>,
    pub typing: HashMap<String, u32>,
    pub client_ids: HashMap<String, u64>,
    tokens: HashMap<String, i64>,
    stable: Option<String>,
    former: Option<String>,
    count: u64,
}

impl Book {
    pub fn new(seed: u64) -> Book {
        Book { dice: Dice(seed | 1), ..Book::default() }
    }

    pub fn now(&self) -> i64 {
        now_ms() + self.offset_ms
    }

    pub fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// The stable token and for how long it is good, s.
    pub fn stable(&mut self, force: bool) -> (String, i64) {
        let now = self.now();
        let left = |book: &Book| book.stable.as_ref().and_then(|token| Some(book.tokens.get(token)? - now)).unwrap_or(0);
        if force && let Some(old) = self.stable.take() {
            self.tokens.remove(&old);
        }
        if left(self) <= OVERLAP_MS {
            let token = self.token("stable");
            self.stable = Some(token);
        }
        (self.stable.clone().unwrap_or_default(), left(self) / 1_000)
    }

    /// A token in the old way: the former one ends in five minutes.
    pub fn legacy(&mut self) -> String {
        let now = self.now();
        if let Some(until) = self.former.take().and_then(|former| self.tokens.get_mut(&former)) {
            *until = (*until).min(now + OVERLAP_MS);
        }
        let token = self.token("legacy");
        self.former = Some(token.clone());
        token
    }

    fn token(&mut self, kind: &str) -> String {
        let token = format!("{kind}_{:016x}{:016x}", self.dice.roll(), self.number());
        let until = self.now() + TOKEN_S * 1_000;
        self.tokens.insert(token.clone(), until);
        token
    }

    /// The code of a token that is not good.
    pub fn believes(&self, token: &str) -> Result<(), (i64, &'static str)> {
        match self.tokens.get(token) {
            None => Err((40001, "invalid credential, access_token is invalid or not latest")),
            Some(until) if *until <= self.now() => Err((42001, "access_token expired")),
            Some(_) => Ok(()),
        }
    }

    pub fn expire(&mut self, token: &str) {
        let now = self.now();
        if let Some(until) = self.tokens.get_mut(token) {
            *until = now;
        }
    }

    /// A trigger of the same kind takes the place of the former one; another kind opens beside it.
    pub fn open_window(&mut self, openid: &str, ms: i64, messages: u32) {
        let until = self.now() + ms;
        let windows = self.windows.entry(openid.to_owned()).or_default();
        windows.retain(|window| window.ms != ms);
        windows.push(Window { ms, until, left: messages });
    }

    /// Counts one message to this customer, or says why there may be none.
    pub fn spend(&mut self, openid: &str) -> Result<(), (i64, &'static str)> {
        let now = self.now();
        let windows = self.windows.entry(openid.to_owned()).or_default();
        windows.retain(|window| window.until > now);
        if windows.is_empty() {
            return Err((45015, "response out of time limit or subscription is canceled"));
        }
        match windows.iter_mut().filter(|window| window.left > 0).min_by_key(|window| window.until) {
            Some(window) => window.left -= 1,
            None => return Err((45047, "out of response count limit")),
        }
        Ok(())
    }

    pub fn keep(&mut self, kind: &str, mime: &'static str, bytes: Bytes) -> String {
        let id = format!("{kind}-{:016x}-{}", self.dice.roll(), self.number());
        let at = self.now();
        self.media.insert(id.clone(), Media { kind: kind.to_owned(), mime, bytes, at });
        id
    }

    /// What was uploaded and has not expired.
    pub fn medium(&self, id: &str) -> Option<&Media> {
        self.media.get(id).filter(|media| self.now() - media.at < MEDIA_MS)
    }
}
