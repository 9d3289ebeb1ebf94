//! E-mail: one mailbox, read by IMAP and answered by SMTP.
//!
//! ```text
//!  imap/, poll.rs    what is new, by a cursor of (folder, UIDVALIDITY, UID); waiting by IDLE
//!  raw.rs            the letter as it came, below one line about how it was fetched; its key
//!  letter/           what it says: heads mended, text folded, page cleaned, files
//!  hear.rs           what it means: a message and the names of its thread, or the fate of one of ours
//!    automatic.rs, bounce.rs, signed.rs, marks.rs, address.rs
//!  build.rs, smtp/   a letter of ours, and handing it over
//!  net.rs, login.rs, oauth.rs, probe.rs
//! ```

mod address;
mod automatic;
mod bounce;
mod build;
mod buttons;
pub mod config;
mod hear;
mod imap;
mod letter;
mod login;
mod marks;
mod net;
mod oauth;
mod poll;
mod probe;
mod raw;
mod signed;
#[cfg(test)]
mod sim_tests;
mod smtp;
#[cfg(test)]
mod tests;

use crate::channels::platform::{Fetched, Handed, Head, Heard, Piece, Platform, Polled, Probe, Trouble, Unreadable};
use crate::clock::Clock;
use crate::desk::id::{At, ChannelId};
use crate::desk::input::{Delivery, Extra};
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Within};
use crate::reach;
use address::Own;
use build::Enclosed;
use config::{EmailSection, Security, ServerSection};
use futures_util::future::BoxFuture;
use login::Login;
use marks::Marks;
use net::Server;
use oauth::Oauth;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The name under which a letter's page is given, cleaned, before everything that was attached.
pub const PAGE: &str = "letter.html";
/// Automatic letters to one address in an hour: two machines that answer each other end here.
const MOST_AUTOMATIC: usize = 4;
const HOUR_MS: i64 = 3_600_000;
/// Addresses that are remembered for that.
const MOST_REMEMBERED: usize = 10_000;
/// Bytes of the files of one letter; most servers take 25 MB with a third more for their encoding.
const MOST_FILES: u64 = 18 << 20;

/// How long a server is waited for.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// For it to tell that something has come; then everything is looked at again, whatever it said.
    idle: Duration,
    /// For it to end that: a connection that died in silence is found out by it.
    answer: Duration,
}

/// One mailbox.
pub struct Email {
    id: ChannelId,
    traits: Traits,
    own: Own,
    name: Option<String>,
    marks: Marks,
    plus: bool,
    trusted: Option<String>,
    signature: Option<String>,
    subject: Option<String>,
    folders: Vec<String>,
    look_back_days: u32,
    most: usize,
    mark_seen: bool,
    imap: Server,
    imap_login: Login,
    smtp: Server,
    smtp_login: Login,
    /// What we call ourselves to servers.
    hello: String,
    clock: Clock,
    pace: Pace,
    session: tokio::sync::Mutex<Option<imap::Session>>,
    /// Letters that were given out and are marked as read once they are kept.
    given: Mutex<BTreeMap<String, Vec<u32>>>,
    /// When automatic letters went to an address.
    automatic: Mutex<HashMap<String, Vec<At>>>,
}

impl Email {
    /// `key` is the house's own secret; `folder` that of the configuration.
    pub fn new(id: &ChannelId, section: &EmailSection, key: [u8; 32], folder: &Path, client: reach::Client, clock: Clock) -> Email {
        let aliases: Vec<String> = section.aliases.iter().map(|alias| alias.get_ref().clone()).collect();
        let own = Own::new(section.address.get_ref(), &aliases);
        let domain = own.first().rsplit_once('@').map_or("localhost", |(_, domain)| domain).to_owned();
        let domain = idna::domain_to_ascii(&domain).unwrap_or(domain);
        let oauth = section.oauth.clone().map(|oauth| Arc::new(Oauth::new(oauth, folder, client)));
        Email {
            id: id.clone(),
            traits: traits(),
            name: section.name.clone(),
            marks: Marks::new(key, &domain),
            plus: section.plus,
            trusted: section.trusted.as_ref().map(|trusted| trusted.get_ref().clone()),
            signature: section.signature.clone(),
            subject: section.subject.clone(),
            folders: section.folders.iter().map(|folder| folder.get_ref().clone()).collect(),
            look_back_days: *section.look_back_days.get_ref(),
            most: usize::try_from(*section.most_mb.get_ref()).unwrap_or(30) << 20,
            mark_seen: section.mark_seen,
            imap: server(&section.imap, folder, 993, 143),
            imap_login: Login::new(section, &section.imap, oauth.as_ref(), folder),
            smtp: server(&section.smtp, folder, 465, 587),
            smtp_login: Login::new(section, &section.smtp, oauth.as_ref(), folder),
            hello: domain,
            own,
            clock,
            pace: Pace { idle: Duration::from_secs(45), answer: Duration::from_secs(20) },
            session: tokio::sync::Mutex::default(),
            given: Mutex::default(),
            automatic: Mutex::default(),
        }
    }

    /// The first day of which letters are looked through, as IMAP writes it.
    fn day_before(&self) -> String {
        let now = jiff::Timestamp::from_millisecond(self.clock.now().0).unwrap_or_default();
        let day = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let day = day.checked_sub(jiff::Span::new().days(i64::from(self.look_back_days))).unwrap_or(day);
        day.strftime("%-d-%b-%Y").to_string()
    }

    fn given(&self, folder: &str, uid: u32) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.entry(folder.to_owned()).or_default().push(uid);
    }

    fn take_given(&self) -> BTreeMap<String, Vec<u32>> {
        std::mem::take(&mut self.given.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a machine of ours may write to this address once more.
    fn may_answer(&self, address: &str, now: At) -> bool {
        let mut told = self.automatic.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= MOST_REMEMBERED {
            told.retain(|_, times| times.iter().any(|at| now.since(*at) < HOUR_MS));
        }
        let times = told.entry(address.to_owned()).or_default();
        times.retain(|at| now.since(*at) < HOUR_MS);
        let may = times.len() < MOST_AUTOMATIC;
        if may {
            times.push(now);
        }
        may
    }

    async fn hand_over(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let now = self.clock.now();
        let automatic = matches!(&piece.extra, Some(Extra::Mail(mail)) if mail.automatic);
        if automatic && !self.may_answer(&piece.to.value, now) {
            return Err(Trouble::Refused(
                "too many automatic letters to this address within an hour: two machines may be answering each other".into(),
            ));
        }
        let mut files = Vec::with_capacity(piece.files.len());
        for file in &piece.files {
            let bytes = tokio::fs::read(&file.path).await.map_err(|error| Trouble::Refused(format!("{}: {error}", file.name)))?;
            files.push(Enclosed { name: file.name.clone(), mime: file.mime.clone(), bytes });
        }
        let built = build::build(self, piece, files, now)?;
        let session = smtp::Session::open(&self.smtp, &self.smtp_login, &self.hello).await?;
        let taken = session.send(&built.envelope, &built.letter).await?;
        for (to, answer) in taken.refused {
            tracing::warn!(channel = %self.id, code = answer.code, text = answer.text(), domain = to.rsplit('@').next(), "a copy was refused");
        }
        let mut threads = built.threads;
        threads.extend(renamed(&self.smtp.host, &taken.said).map(|id| hear::of(&id, &piece.to.value)));
        Ok(Handed { ids: vec![built.id], state: Delivery::Sent, threads })
    }
}

impl Platform for Email {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn polls(&self) -> bool {
        true
    }

    fn poll<'a>(&'a self, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Polled, Trouble>> {
        Box::pin(poll::poll(self, cursor))
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        hear::read(self, raw)
    }

    fn head(&self, raw: &[u8]) -> Option<Head> {
        hear::head(self, raw)
    }

    fn owns(&self, address: &str) -> bool {
        self.own.which(address).is_some()
    }

    fn fetch<'a>(&'a self, _media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        Box::pin(async { Err(Trouble::Refused("letters bring what is attached to them".into())) })
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(self.hand_over(piece))
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(probe::probe(self))
    }

    fn probe_every(&self) -> Duration {
        // Providers count how often somebody signs in, and the mailbox is asked all the time.
        Duration::from_secs(3_600)
    }
}

/// The key of the marks, of the installation's secret.
pub fn key(secret: &[u8; 32]) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix(b"mail ");
    digest.update(secret);
    digest.finalize().into()
}

/// What a mailbox carries.
pub fn traits() -> Traits {
    Traits {
        text: Text { most: 100_000, unit: Unit::Characters, parts: 1 },
        caption: 100_000,
        captioned: &[],
        files: vec![FileRule { mime: "", most_bytes: MOST_FILES }],
        whole: true,
        choices: 0,
        cards: Cards::default(),
        templates: false,
        window: None,
        threads: true,
        first: Some("email"),
        open_page: false,
        edit: Within::Never,
        recall: Within::Never,
        tells: Tells::default(),
    }
}

fn server(section: &ServerSection, folder: &Path, tls: u16, starttls: u16) -> Server {
    let security = *section.security.get_ref();
    let usual = if security == Security::Tls { tls } else { starttls };
    Server {
        host: section.host.get_ref().clone(),
        port: section.port.as_ref().map_or(usual, |port| *port.get_ref()),
        security,
        authority: section.authority.as_ref().map(|path| folder.join(path.get_ref())),
    }
}

/// Amazon's relay writes a Message-ID of its own over ours, and tells it in its answer; answers name that one.
fn renamed(host: &str, said: &str) -> Option<String> {
    let region = host.to_ascii_lowercase().strip_prefix("email-smtp.")?.strip_suffix(".amazonaws.com")?.to_owned();
    let id = said.split_whitespace().next_back().filter(|id| id.contains('-') && id.len() > 20)?.to_owned();
    let domain = if region == "us-east-1" { "email".to_owned() } else { region };
    Some(format!("<{id}@{domain}.amazonses.com>"))
}

/// One line, whatever somebody has put into it: no head can be begun in another.
fn flat(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
