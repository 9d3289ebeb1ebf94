//! A mailbox at its server (IMAP, RFC 3501 and 9051): signing in, selecting, finding what is new, fetching, waiting. Small and our own: a
//! polling client needs nine commands, and the servers that matter here answer them in ways that strict parsers refuse.

mod wire;

use super::login::{Login, Proof, plain, xoauth2};
use super::net::{NetError, PATIENCE, Server, Wire};
use super::{config::Security, login};
use crate::channels::platform::Trouble;
use crate::clock::Clock;
use bytes::Bytes;
use secrecy::ExposeSecret;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use wire::{Broken, Reader, Response, Status, Value};

/// A literal that was not asked to be long.
const SLACK: usize = 1 << 20;
/// How long a server may take for one command.
const COMMAND: Duration = Duration::from_secs(120);
/// Responses to one command.
const MOST_RESPONSES: usize = 200_000;

/// What went wrong with a mailbox.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImapError {
    #[error(transparent)]
    Net(#[from] NetError),
    #[error(transparent)]
    Broken(#[from] Broken),
    #[error("the server ended the connection: {0}")]
    Bye(String),
    #[error("{what}: {text}")]
    No { what: &'static str, text: String, code: String },
    #[error("the server does not offer {0}")]
    Lacks(&'static str),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl ImapError {
    /// What to do about it.
    pub fn trouble(self) -> Trouble {
        match self {
            ImapError::Trouble(trouble) => trouble,
            ImapError::No { what, text, code } => match code.as_str() {
                "UNAVAILABLE" | "INUSE" | "LIMIT" | "SERVERBUG" | "OVERQUOTA" => Trouble::Retry(format!("{what}: {text}")),
                _ => Trouble::Down(format!("{what}: {text}")),
            },
            ImapError::Lacks(_) | ImapError::Net(NetError::Authority { .. } | NetError::NoAuthorities | NetError::Tls { .. }) => {
                Trouble::Down(self.to_string())
            }
            _ => Trouble::Retry(self.to_string()),
        }
    }
}

/// The folder that is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Selected {
    pub validity: u32,
    /// The number that the next letter gets.
    pub next: Option<u32>,
    pub exists: u64,
}

/// A letter that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct There {
    pub uid: u32,
    pub size: u64,
    /// Milliseconds since 1970.
    pub at: Option<i64>,
}

/// A connection, signed in.
pub(super) struct Session {
    wire: Wire,
    reader: Reader,
    tag: u32,
    can: BTreeSet<String>,
    folder: Option<(String, Selected)>,
    /// How each folder was when it was selected last.
    before: BTreeMap<String, Selected>,
    /// The server has spoken of letters since they were listed: it will not say it again.
    news: bool,
}

/// What a command brought.
struct Answer {
    responses: Vec<Response>,
}

impl Session {
    /// Connects and signs in. `most`: the longest letter that will be asked for.
    pub async fn open(server: &Server, login: &Login, most: usize) -> Result<Session, ImapError> {
        let wire = Wire::open(server).await?;
        let mut session = Session {
            wire,
            reader: Reader::new(most + SLACK),
            tag: 0,
            can: BTreeSet::new(),
            folder: None,
            before: BTreeMap::new(),
            news: false,
        };
        let greeting = session.response(PATIENCE).await?;
        let welcome = match greeting {
            Response::Status { status: Status::Bye, text, .. } => return Err(ImapError::Bye(text)),
            Response::Status { tag: None, status, code, .. } => {
                session.learn(&code);
                status == Status::PreAuth
            }
            _ => return Err(Broken("no greeting").into()),
        };
        if server.security == Security::Starttls {
            session = session.starttls(server, most, welcome).await?;
        }
        if session.can.is_empty() {
            session.capabilities().await?;
        }
        if !(welcome && server.security != Security::Starttls) {
            session.sign_in(login).await?;
            // What may be done is told anew to those who are known (RFC 9051 §6.2.3).
            session.capabilities().await?;
        }
        // NetEase (163, 126, yeah.net) lets nobody select who has not said this before; others like to know it.
        if session.offers("ID") {
            let id = concat!("ID (\"name\" \"Hubline\" \"version\" \"", env!("CARGO_PKG_VERSION"), "\" \"vendor\" \"Hubline\")");
            session.command("ID", id).await?;
        }
        Ok(session)
    }

    pub fn offers(&self, what: &str) -> bool {
        self.can.contains(what)
    }

    async fn starttls(mut self, server: &Server, most: usize, welcome: bool) -> Result<Session, ImapError> {
        if self.can.is_empty() {
            self.capabilities().await?;
        }
        // A greeting that signs us in leaves no way to TLS; so might somebody on the way want it (RFC 8314 §4.1).
        if !self.offers("STARTTLS") || welcome {
            return Err(ImapError::Lacks("STARTTLS"));
        }
        self.command("STARTTLS", "STARTTLS").await?;
        if !self.reader.is_empty() {
            return Err(NetError::Injected.into());
        }
        let wire = self.wire.secure(server).await?;
        // Nothing that was said in the open counts.
        Ok(Session { wire, reader: Reader::new(most + SLACK), can: BTreeSet::new(), ..self })
    }

    async fn capabilities(&mut self) -> Result<(), ImapError> {
        let answer = self.command("CAPABILITY", "CAPABILITY").await?;
        self.can.clear();
        for response in &answer.responses {
            if let Response::Data { what, values } = response
                && what == "CAPABILITY"
            {
                self.can.extend(values.iter().filter_map(Value::atom).map(str::to_ascii_uppercase));
            }
        }
        Ok(())
    }

    fn learn(&mut self, code: &[String]) {
        if code.first().is_some_and(|word| word.eq_ignore_ascii_case("CAPABILITY")) {
            self.can = code.iter().skip(1).map(|word| word.to_ascii_uppercase()).collect();
        }
    }

    async fn sign_in(&mut self, login: &Login) -> Result<(), ImapError> {
        let proof = login.proof().await?;
        let result = match &proof {
            Proof::Nobody => return Err(Trouble::Down("no password for the mailbox".into()).into()),
            Proof::Token(token) => self.authenticate("XOAUTH2", &xoauth2(login.user(), token)).await,
            Proof::Password(password) => {
                let quoted = (wire::quote(login.user()), wire::quote(password.expose_secret()));
                match quoted {
                    (Some(user), Some(password)) if !self.offers("LOGINDISABLED") => {
                        self.command("LOGIN", &format!("LOGIN {user} {password}")).await.map(drop)
                    }
                    _ => self.authenticate("PLAIN", &plain(login.user(), password)).await,
                }
            }
        };
        if let Err(ImapError::No { .. }) = &result {
            login.refused(&proof).await;
        }
        result
    }

    /// With the first word at once where the server allows it (RFC 4959). A challenge after it tells why it was refused; answered by
    /// nothing, as Google and Microsoft want.
    async fn authenticate(&mut self, how: &'static str, word: &str) -> Result<(), ImapError> {
        let at_once = self.offers("SASL-IR");
        let command = if at_once { format!("AUTHENTICATE {how} {word}") } else { format!("AUTHENTICATE {how}") };
        let tag = self.send(&command).await?;
        let (mut said, mut why) = (at_once, String::new());
        loop {
            match self.response(COMMAND).await? {
                Response::Continue(_) if !said => {
                    said = true;
                    self.wire.say(format!("{word}\r\n").as_bytes()).await?;
                }
                Response::Continue(text) => {
                    why = login::challenge(&text);
                    self.wire.say(b"\r\n").await?;
                }
                Response::Status { tag: Some(heard), status, code, text } if heard == tag => {
                    if status == Status::Ok {
                        self.learn(&code);
                        return Ok(());
                    }
                    let text = if why.is_empty() { text } else { format!("{text} {why}") };
                    return Err(ImapError::No { what: "AUTHENTICATE", text, code: code.into_iter().next().unwrap_or_default() });
                }
                Response::Status { tag: None, status: Status::Bye, text, .. } => return Err(ImapError::Bye(text)),
                _ => {}
            }
        }
    }

    /// Selects a folder; nothing if it is selected already.
    pub async fn select(&mut self, name: &str, write: bool) -> Result<Selected, ImapError> {
        if let Some((folder, selected)) = &self.folder
            && folder == name
        {
            return Ok(*selected);
        }
        let quoted = wire::quote(&wire::folder(name)).ok_or(ImapError::Lacks("such a folder"))?;
        self.folder = None;
        let verb = if write { "SELECT" } else { "EXAMINE" };
        let answer = self.command("SELECT", &format!("{verb} {quoted}")).await?;
        let mut selected = Selected::default();
        for response in &answer.responses {
            match response {
                Response::Numbered { number, what, .. } if what == "EXISTS" => selected.exists = *number,
                Response::Status { tag: None, code, .. } => {
                    let number = code.get(1).and_then(|number| number.parse().ok());
                    match code.first().map(|word| word.to_ascii_uppercase()).as_deref() {
                        Some("UIDVALIDITY") => selected.validity = number.unwrap_or_default(),
                        Some("UIDNEXT") => selected.next = number,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        self.folder = Some((name.to_owned(), selected));
        // A count is told each time; news is another one.
        self.news = self.before.insert(name.to_owned(), selected).is_some_and(|before| before != selected);
        Ok(selected)
    }

    /// Letters with numbers from `first` on, in their order. `n:*` always names the last letter, whatever its number (RFC 9051 §9), so those
    /// before `first` are left out.
    pub async fn from(&mut self, first: u32) -> Result<Vec<There>, ImapError> {
        // What comes while they are listed may be told without being in the list.
        self.news = false;
        let answer = self.command("UID FETCH", &format!("UID FETCH {first}:* (UID RFC822.SIZE INTERNALDATE)")).await?;
        let mut found: Vec<There> = answer.responses.iter().filter_map(there).filter(|there| there.uid >= first).collect();
        found.sort_by_key(|there| there.uid);
        found.dedup_by_key(|there| there.uid);
        Ok(found)
    }

    /// Numbers of letters that came since a day (`1-Feb-2026`), only those that nobody has read if so asked.
    pub async fn since(&mut self, day: &str, unseen: bool) -> Result<BTreeSet<u32>, ImapError> {
        let unseen = if unseen { "UNSEEN " } else { "" };
        let answer = self.command("UID SEARCH", &format!("UID SEARCH {unseen}SINCE {day}")).await?;
        let numbers = answer.responses.iter().filter_map(|response| match response {
            Response::Data { what, values } if what == "SEARCH" => Some(values),
            _ => None,
        });
        Ok(numbers.flatten().filter_map(|value| u32::try_from(value.number()?).ok()).collect())
    }

    /// A letter, its first `most` bytes; `None`: it is there no more.
    pub async fn fetch(&mut self, uid: u32, most: Option<usize>) -> Result<Option<Bytes>, ImapError> {
        let part = most.map_or(String::new(), |most| format!("<0.{most}>"));
        let answer = self.command("UID FETCH", &format!("UID FETCH {uid} (UID BODY.PEEK[]{part})")).await?;
        let body =
            answer.responses.iter().filter_map(values).find(|values| item(values, "UID").and_then(Value::number) == Some(uid.into()));
        let Some(values) = body else { return Ok(None) };
        let text = values.chunks(2).find_map(|pair| match pair {
            [Value::Atom(name), Value::Text(text)] if name.to_ascii_uppercase().starts_with("BODY[]") => Some(text.clone()),
            _ => None,
        });
        Ok(text)
    }

    /// Marks letters as read.
    pub async fn mark_seen(&mut self, uids: &[u32]) -> Result<(), ImapError> {
        let set: Vec<String> = uids.iter().map(u32::to_string).collect();
        self.command("UID STORE", &format!("UID STORE {} +FLAGS.SILENT (\\Seen)", set.join(","))).await.map(drop)
    }

    /// Until something has come that was not listed yet, or this time is over; the server says so by itself (RFC 2177).
    pub async fn idle(&mut self, within: Duration, answer: Duration) -> Result<(), ImapError> {
        if self.news {
            return Ok(());
        }
        let tag = self.send("IDLE").await?;
        loop {
            match self.response(COMMAND).await? {
                Response::Continue(_) => break,
                Response::Status { tag: Some(heard), text, .. } if heard == tag => {
                    return Err(ImapError::No { what: "IDLE", text, code: String::new() });
                }
                Response::Status { status: Status::Bye, text, .. } => return Err(ImapError::Bye(text)),
                _ => {}
            }
        }
        let until = Clock::system().instant() + within;
        while !self.news {
            let rest = until.saturating_duration_since(Clock::system().instant());
            match self.response(rest).await {
                Ok(Response::Status { status: Status::Bye, text, .. }) => return Err(ImapError::Bye(text)),
                Ok(_) => {}
                Err(ImapError::Net(NetError::Slow)) => break,
                Err(error) => return Err(error),
            }
        }
        // A connection that died in silence is found out here: nobody ends the command.
        self.wire.say(b"DONE\r\n").await?;
        self.ended(&tag, "IDLE", answer).await.map(drop)
    }

    /// Says that nothing is wrong, and hears what is new.
    pub async fn noop(&mut self) -> Result<(), ImapError> {
        self.command("NOOP", "NOOP").await.map(drop)
    }

    async fn command(&mut self, what: &'static str, command: &str) -> Result<Answer, ImapError> {
        let tag = self.send(command).await?;
        self.ended(&tag, what, COMMAND).await
    }

    async fn send(&mut self, command: &str) -> Result<String, ImapError> {
        self.tag += 1;
        let tag = format!("h{}", self.tag);
        self.wire.say(format!("{tag} {command}\r\n").as_bytes()).await?;
        Ok(tag)
    }

    async fn ended(&mut self, tag: &str, what: &'static str, within: Duration) -> Result<Answer, ImapError> {
        let mut responses = Vec::new();
        loop {
            match self.response(within).await? {
                Response::Status { tag: Some(heard), status, code, text } if heard == tag => {
                    if status != Status::Ok {
                        return Err(ImapError::No { what, text, code: code.into_iter().next().unwrap_or_default().to_ascii_uppercase() });
                    }
                    self.learn(&code);
                    return Ok(Answer { responses });
                }
                Response::Status { tag: None, status: Status::Bye, text, .. } => return Err(ImapError::Bye(text)),
                response if responses.len() < MOST_RESPONSES => responses.push(response),
                _ => return Err(Broken("answers without an end").into()),
            }
        }
    }

    async fn response(&mut self, within: Duration) -> Result<Response, ImapError> {
        let until = Clock::system().instant() + within;
        loop {
            if let Some(response) = self.reader.next()? {
                self.news |= matches!(&response, Response::Numbered { what, .. } if what == "EXISTS");
                return Ok(response);
            }
            let rest = until.saturating_duration_since(Clock::system().instant());
            self.wire.hear(self.reader.buffer(), rest).await?;
        }
    }
}

/// What a FETCH tells of one letter.
fn values(response: &Response) -> Option<&[Value]> {
    match response {
        Response::Numbered { what, values, .. } if what == "FETCH" => values.first().and_then(Value::list),
        _ => None,
    }
}

fn item<'a>(values: &'a [Value], name: &str) -> Option<&'a Value> {
    values.chunks(2).find_map(|pair| match pair {
        [Value::Atom(found), value] if found.eq_ignore_ascii_case(name) => Some(value),
        _ => None,
    })
}

fn there(response: &Response) -> Option<There> {
    let values = values(response)?;
    let uid = u32::try_from(item(values, "UID")?.number()?).ok()?;
    let size = item(values, "RFC822.SIZE").and_then(Value::number).unwrap_or_default();
    let at = match item(values, "INTERNALDATE") {
        Some(Value::Text(text)) => date(&String::from_utf8_lossy(text)),
        _ => None,
    };
    Some(There { uid, size, at })
}

/// `17-Jul-1996 02:44:25 -0700`, in milliseconds.
fn date(text: &str) -> Option<i64> {
    let time = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?;
    time.to_timestamp().ok().map(|time| time.as_millisecond())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_servers_date_is_read() {
        assert_eq!(super::date(" 7-Jul-1996 02:44:25 -0700"), Some(836_732_665_000));
        assert_eq!(super::date("17-Jul-1996 02:44:25 +0000"), Some(837_571_465_000));
        assert_eq!(super::date("yesterday"), None);
    }
}
