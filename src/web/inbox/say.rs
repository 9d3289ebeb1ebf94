//! How the desk's pages speak: words in the reader's language, names out of the catalog, times in the site's zone, icons.
//! One value per rendering, so that templates ask it and know nothing of languages, zones or ids.

use crate::desk::catalog::Catalog;
use crate::desk::id::{AgentId, At, FormKind, QueueId, RuleId, SkillId, TierId};
use crate::web::i18n::Locale;
use crate::web::keys;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt;

/// Markup that was made here and must not be escaped again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html(pub String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// A part of a sentence: what a translated line is cut into around its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Strong(String),
    Chip(String),
    /// An urgent chip.
    Bad(String),
    Link {
        href: String,
        text: String,
    },
}

/// A small value however often it is borrowed: templates pass loop items and fields by reference.
pub trait Given<T> {
    fn given(&self) -> T;
}

macro_rules! given {
    ($($type:ty)*) => {$(
        impl Given<$type> for $type {
            fn given(&self) -> $type {
                *self
            }
        }
    )*};
}

given! { At i64 u64 f32 u32 usize crate::desk::input::TicketState }

impl<T, G: Given<T>> Given<T> for &G {
    fn given(&self) -> T {
        (**self).given()
    }
}

/// Who reads, when, and in which words.
pub struct Say<'a> {
    pub lang: &'a Locale,
    pub catalog: &'a Catalog,
    pub me: &'a AgentId,
    pub now: At,
    pub zone: TimeZone,
    /// URL of the icon sprite.
    pub sprite: &'a str,
    /// The keys that the reader has chosen.
    pub keys: keys::Chosen,
}

impl<'a> Say<'a> {
    /// An unknown zone name shows UTC: the configuration is checked when it is read.
    pub fn new(lang: &'a Locale, catalog: &'a Catalog, me: &'a AgentId, now: At, sprite: &'a str) -> Say<'a> {
        let zone = TimeZone::get(&catalog.routing.timezone).unwrap_or(TimeZone::UTC);
        Say { lang, catalog, me, now, zone, sprite, keys: keys::Chosen::new() }
    }

    /// The reader's key of a command, `T`; empty where it has none.
    pub fn key(&self, command: &str) -> String {
        keys::shown(&self.keys, command)
    }

    /// `Transfer (T)`: a text with the key that does the same.
    pub fn keyed(&self, key: &str, command: &str) -> String {
        match (self.t(key), self.key(command)) {
            (text, none) if none.is_empty() => text,
            (text, key) => format!("{text} ({key})"),
        }
    }

    pub fn t(&self, key: impl AsRef<str>) -> String {
        self.lang.t(key.as_ref()).to_string()
    }

    /// `key` with its `{placeholders}` filled in.
    pub fn with(&self, key: &str, args: &[(&str, &str)]) -> String {
        let values: Vec<(&str, &dyn fmt::Display)> = args.iter().map(|(name, value)| (*name, value as &dyn fmt::Display)).collect();
        self.lang.targs(key, &values)
    }

    /// `key` with one placeholder; templates cannot write slices of pairs.
    pub fn with1(&self, key: &str, name: &str, value: impl fmt::Display) -> String {
        self.lang.t1(key, name, value)
    }

    /// `key.one` or `key.other`.
    pub fn n(&self, key: &str, count: impl Given<u32>) -> String {
        self.lang.n(key, count.given())
    }

    /// A sentence as pieces, so that names in it can be bold and numbers can be links without markup in the language files.
    pub fn pieces(&self, key: &str, args: &[(&str, Piece)]) -> Vec<Piece> {
        let text = self.t(key);
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, tail)) = after.split_once('}') else { break };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_string()));
            }
            if let Some((_, piece)) = args.iter().find(|(arg, _)| *arg == name) {
                pieces.push(piece.clone());
            }
            rest = tail;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_string()));
        }
        pieces
    }

    pub fn zh(&self) -> bool {
        self.lang.code().starts_with("zh")
    }

    /// "you", or the agent's name.
    pub fn agent(&self, id: &AgentId) -> String {
        if id == self.me { self.t("desk.you") } else { self.agent_name(id) }
    }

    pub fn agent_name(&self, id: &AgentId) -> String {
        self.catalog.agents.get(id).map_or_else(|| id.to_string(), |spec| spec.name.clone())
    }

    pub fn queue(&self, id: &QueueId) -> String {
        self.catalog.queues.get(id).map_or_else(|| id.to_string(), |spec| spec.name.clone())
    }

    /// A rule's title; one that is no longer declared by its id.
    pub fn rule(&self, id: &RuleId) -> String {
        let title = self.catalog.rules.get(id).map_or("", |rule| rule.title.say(self.lang.code()));
        if title.is_empty() { id.to_string() } else { title.to_owned() }
    }

    /// A form's title.
    pub fn form(&self, kind: &FormKind) -> String {
        let title = self.catalog.forms.get(kind).map_or("", |spec| spec.title.say(self.lang.code()));
        if title.is_empty() { kind.to_string() } else { title.to_owned() }
    }

    pub fn skill(&self, id: &SkillId) -> String {
        self.catalog.skill_names.get(id).cloned().unwrap_or_else(|| capital(id.as_str()))
    }

    pub fn tier(&self, id: &TierId) -> String {
        self.catalog.tier_names.get(id).cloned().unwrap_or_else(|| capital(id.as_str()))
    }

    /// "Web chat" for `webchat`; an unknown kind is shown as it is.
    pub fn channel(&self, kind: &str) -> String {
        match kind {
            "phone" | "webchat" | "email" | "sms" | "wechat" | "wecom" | "whatsapp" | "telegram" | "messenger" | "instagram" | "line"
            | "viber" | "weibo" | "douyin" | "callback" | "user" | "sip" | "twilio" | "smpp" | "aliyun" | "tencent" | "http" => {
                self.t(format!("desk.channel.{kind}"))
            }
            other => other.to_string(),
        }
    }

    /// An icon of the sprite, hidden from screen readers.
    pub fn i(&self, name: impl AsRef<str>) -> Html {
        self.icon(name, "i", None::<&str>)
    }

    pub fn is(&self, name: impl AsRef<str>) -> Html {
        self.icon(name, "i s", None::<&str>)
    }

    pub fn ixs(&self, name: impl AsRef<str>) -> Html {
        self.icon(name, "i xs", None::<&str>)
    }

    /// An icon that says something on its own.
    pub fn il(&self, name: impl AsRef<str>, label: impl AsRef<str>) -> Html {
        self.icon(name, "i", Some(label))
    }

    pub fn icon(&self, name: impl AsRef<str>, class: &str, label: Option<impl AsRef<str>>) -> Html {
        let name = name.as_ref();
        let sprite = self.sprite;
        Html(match label {
            Some(label) => {
                let label = escape(label.as_ref());
                format!(r#"<svg class="{class}" role="img" aria-label="{label}"><use href="{sprite}#{name}"/></svg>"#)
            }
            None => format!(r#"<svg class="{class}" aria-hidden="true"><use href="{sprite}#{name}"/></svg>"#),
        })
    }

    fn civil(&self, at: At) -> jiff::Zoned {
        Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone())
    }

    /// `14:05` in the site's zone.
    pub fn clock(&self, at: impl Given<At>) -> String {
        let at = at.given();
        self.civil(at).strftime("%H:%M").to_string()
    }

    /// What two moments of the same day share: `2026-11-21`.
    pub fn day_key(&self, at: impl Given<At>) -> String {
        let at = at.given();
        self.civil(at).strftime("%Y-%m-%d").to_string()
    }

    /// `Today, Friday 21 November`; with the year where it is another.
    pub fn day(&self, at: impl Given<At>) -> String {
        let at = at.given();
        let (day, today) = (self.civil(at), self.civil(self.now));
        let other_year = day.year() != today.year();
        let text = if self.zh() {
            const WEEK: [&str; 7] = ["日", "一", "二", "三", "四", "五", "六"];
            let week = WEEK[day.weekday().to_sunday_zero_offset() as usize % 7];
            let year = if other_year { format!("{} 年 ", day.year()) } else { String::new() };
            format!("{year}{} 月 {} 日 星期{week}", day.month(), day.day())
        } else {
            day.strftime(if other_year { "%A %-d %B %Y" } else { "%A %-d %B" }).to_string()
        };
        if day.date() == today.date() {
            self.with("desk.today", &[("day", &text)])
        } else if day.date().tomorrow().is_ok_and(|next| next == today.date()) {
            self.with("desk.yesterday", &[("day", &text)])
        } else {
            text
        }
    }

    /// `today 14:05`, `9 Nov`, for lists.
    pub fn when(&self, at: impl Given<At>) -> String {
        let at = at.given();
        let (day, today) = (self.civil(at), self.civil(self.now));
        if day.date() == today.date() {
            self.with("desk.today_at", &[("time", &self.clock(at))])
        } else if self.zh() {
            let year = if day.year() == today.year() { String::new() } else { format!("{} 年 ", day.year()) };
            format!("{year}{} 月 {} 日", day.month(), day.day())
        } else {
            day.strftime(if day.year() == today.year() { "%-d %b" } else { "%-d %b %Y" }).to_string()
        }
    }

    /// A moment to come: `today 14:05`, `9 Nov, 09:00`.
    pub fn until(&self, at: impl Given<At>) -> String {
        let at = at.given();
        if self.civil(at).date() == self.civil(self.now).date() { self.when(at) } else { format!("{}, {}", self.when(at), self.clock(at)) }
    }

    /// Time that has passed, in one unit: `3 m`, `2 h`, `5 d`.
    pub fn age(&self, since: impl Given<At>) -> String {
        let since = since.given();
        let seconds = self.now.since(since) / 1000;
        let (key, n) = match seconds {
            0..60 => ("desk.age.s", seconds),
            60..3600 => ("desk.age.m", seconds / 60),
            3600..86_400 => ("desk.age.h", seconds / 3600),
            _ => ("desk.age.d", seconds / 86_400),
        };
        self.with1(key, "n", n)
    }

    /// `4:27` or `1:02:09`, from milliseconds.
    pub fn span(&self, millis: impl Given<i64>) -> String {
        span(millis.given())
    }

    /// Time since then, as a clock.
    pub fn elapsed(&self, since: impl Given<At>) -> String {
        span(self.now.since(since.given()))
    }

    /// Time until then, as a clock.
    pub fn remaining(&self, until: impl Given<At>) -> String {
        span(until.given().since(self.now))
    }

    /// `84 KB`.
    pub fn bytes(&self, bytes: impl Given<u64>) -> String {
        self.lang.bytes(bytes.given())
    }

    /// `12 m`, `2 h 10 m`.
    pub fn duration(&self, millis: i64) -> String {
        self.lang.duration(millis)
    }
}

/// `4:27` or `1:02:09`.
pub fn span(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// Two Latin initials, or the last two characters of a Chinese name: what stands in a face.
pub fn initials(name: &str) -> String {
    let name = name.trim();
    if name.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c)) {
        let chars: Vec<char> = name.chars().collect();
        return chars[chars.len().saturating_sub(2)..].iter().collect();
    }
    let firsts: Vec<char> = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric())).collect();
    match firsts.as_slice() {
        [] => "?".into(),
        [one] => one.to_uppercase().collect(),
        [first, .., last] => first.to_uppercase().chain(last.to_uppercase()).collect(),
    }
}

/// The same with a large first letter.
pub fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Text for the inside of an element or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
