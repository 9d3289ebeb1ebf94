//! Cards: what is more than words and can still be answered or opened with one tap. A question with choices, a link, a place. What the
//! platform does not show as a card goes as words that say the same, choices with their numbers; what the customer taps or writes in
//! return is known as an answer to that question.

use super::Desk;
use super::conversation::Conversation;
use super::id::{AgentId, ConversationId, MessageId};
use super::input::{Body, Extra};
use super::places::filled;
use super::refusal::Refusal;
use super::step::Answer;
use super::traits::Traits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most choices where they are numbered lines: one more would not be read.
pub const MOST_CHOICES: usize = 20;
/// Longest choice, title and rest where the platform sets no limit of its own, characters.
pub const LONGEST_CHOICE: usize = 100;
pub const LONGEST_TITLE: usize = 100;
pub const LONGEST_ABOUT: usize = 300;
/// Longest address, characters.
pub const LONGEST_URL: usize = 1_000;
/// Of a question, what an answer is shown with, characters.
const REMINDER: usize = 80;

/// What an agent or a program sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Card {
    Choices {
        question: String,
        choices: Vec<String>,
    },
    Link {
        title: String,
        #[serde(default)]
        about: String,
        url: String,
        /// Address of a picture; empty: none.
        #[serde(default)]
        picture: String,
    },
    /// In millionths of a degree.
    Place {
        name: String,
        #[serde(default)]
        address: String,
        latitude: i32,
        longitude: i32,
    },
}

/// Why a card is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardProblem {
    NoQuestion,
    /// Longer than the platform takes above choices.
    LongQuestion {
        most: usize,
    },
    /// One choice is none.
    FewChoices,
    ManyChoices {
        most: usize,
    },
    LongChoice {
        choice: String,
        most: usize,
    },
    /// Two choices could not be told apart in the answer.
    SameChoice {
        choice: String,
    },
    NoTitle,
    LongTitle {
        most: usize,
    },
    LongAbout {
        most: usize,
    },
    /// Not an address of the web.
    BadAddress,
    /// Not on this earth.
    BadPlace,
}

/// A question of ours whose choices the customer has before them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    message: MessageId,
    /// The beginning of it.
    question: String,
    options: Vec<String>,
    /// Nothing was said since by either side that would make a bare number mean something else.
    open: bool,
}

impl Card {
    /// With values put into `{name}` of its words.
    pub fn filled(self, values: &BTreeMap<String, String>) -> Card {
        let fill = |text: String| filled(&text, values);
        match self {
            Card::Choices { question, choices } => {
                Card::Choices { question: fill(question), choices: choices.into_iter().map(fill).collect() }
            }
            Card::Link { title, about, url, picture } => Card::Link { title: fill(title), about: fill(about), url: fill(url), picture },
            Card::Place { name, address, latitude, longitude } => {
                Card::Place { name: fill(name), address: fill(address), latitude, longitude }
            }
        }
    }

    /// The message that says this on a channel, or why it cannot.
    pub fn body(&self, traits: &Traits) -> Result<Body, CardProblem> {
        let body = match self {
            Card::Choices { question, choices } => asking(question, choices, traits)?,
            Card::Link { title, about, url, picture } => {
                let (title, about) = (named(title, traits.cards.links, traits.cards.title, LONGEST_TITLE)?, one_line(about));
                let most = most(traits.cards.links, traits.cards.about, LONGEST_ABOUT);
                if about.chars().count() > most {
                    return Err(CardProblem::LongAbout { most });
                }
                let (url, picture) = (url.trim().to_owned(), picture.trim().to_owned());
                if !is_web_address(&url) || !(picture.is_empty() || is_web_address(&picture)) {
                    return Err(CardProblem::BadAddress);
                }
                let text = lines([&title, &about, &url]);
                Body { extra: Some(Extra::Link { url, title, about, picture }), ..Body::text(text) }
            }
            Card::Place { name, address, latitude, longitude } => {
                let label = named(name, traits.cards.places, traits.cards.title, LONGEST_TITLE)?;
                let address = one_line(address);
                if address.chars().count() > LONGEST_ABOUT {
                    return Err(CardProblem::LongAbout { most: LONGEST_ABOUT });
                }
                let (latitude, longitude) = (*latitude, *longitude);
                if latitude.unsigned_abs() > 90_000_000 || longitude.unsigned_abs() > 180_000_000 {
                    return Err(CardProblem::BadPlace);
                }
                let text = lines([&label, &address, &format!("{}, {}", degrees(latitude), degrees(longitude))]);
                Body { extra: Some(Extra::Place { latitude, longitude, label, address }), ..Body::text(text) }
            }
        };
        if traits.threads {
            // A letter has a head where others have a card.
            return Ok(Body { text: spelt(traits, &body).0, ..Body::default() });
        }
        Ok(body)
    }
}

fn asking(question: &str, choices: &[String], traits: &Traits) -> Result<Body, CardProblem> {
    let question: String = question.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let question = question.trim().to_owned();
    if question.is_empty() {
        return Err(CardProblem::NoQuestion);
    }
    let options: Vec<String> = choices.iter().map(|choice| one_line(choice)).filter(|choice| !choice.is_empty()).collect();
    let taps = traits.choices > 0;
    let (many, long) = (most(taps, traits.choices, MOST_CHOICES), most(taps, traits.cards.choice, LONGEST_CHOICE));
    if options.len() < 2 {
        return Err(CardProblem::FewChoices);
    }
    if options.len() > many {
        return Err(CardProblem::ManyChoices { most: many });
    }
    if let Some(choice) = options.iter().find(|choice| choice.chars().count() > long) {
        return Err(CardProblem::LongChoice { choice: choice.clone(), most: long });
    }
    let twice = options.iter().enumerate().find(|(at, choice)| options.iter().take(*at).any(|other| same(other, choice)));
    if let Some((_, choice)) = twice {
        return Err(CardProblem::SameChoice { choice: choice.clone() });
    }
    if taps && traits.cards.question > 0 && traits.text.count(&question) > traits.cards.question {
        return Err(CardProblem::LongQuestion { most: traits.cards.question });
    }
    Ok(Body { extra: Some(Extra::Choices { options }), ..Body::text(question) })
}

fn named(title: &str, shown: bool, own: usize, or: usize) -> Result<String, CardProblem> {
    let (title, most) = (one_line(title), most(shown, own, or));
    match title.chars().count() {
        0 => Err(CardProblem::NoTitle),
        long if long > most => Err(CardProblem::LongTitle { most }),
        _ => Ok(title),
    }
}

/// The platform's own limit where it shows the card and has one.
fn most(shown: bool, own: usize, or: usize) -> usize {
    if shown && own > 0 { own } else { or }
}

/// A message as its channel carries it: what it shows as a card, else the words that say the same.
pub fn spelt(traits: &Traits, body: &Body) -> (String, Option<Extra>) {
    match &body.extra {
        Some(Extra::Choices { options }) if options.len() > traits.choices => {
            let numbered: Vec<String> = options.iter().enumerate().map(|(at, option)| format!("{}. {option}", at + 1)).collect();
            (lines(std::iter::once(&body.text).chain(&numbered)), None)
        }
        Some(Extra::Link { picture, .. }) if !traits.cards.links || (traits.cards.pictured && picture.is_empty()) => {
            (body.text.clone(), None)
        }
        Some(Extra::Place { .. }) if !traits.cards.places => (body.text.clone(), None),
        extra => (body.text.clone(), extra.clone()),
    }
}

impl Conversation {
    /// Remembers a question of ours; whatever else we say, a bare number means no older one any more.
    pub(super) fn asks(&mut self, message: MessageId, body: &Body) {
        let in_flow = self.in_flow();
        self.asked.iter_mut().for_each(|asked| asked.open = false);
        // A flow reads the answers to its questions itself.
        if let Some(Extra::Choices { options }) = body.extra.as_ref().filter(|_| !in_flow) {
            if self.asked.len() >= QUESTIONS {
                self.asked.remove(0);
            }
            let question = body.text.chars().take(REMINDER).collect();
            self.asked.push(Asked { message, question, options: options.clone(), open: true });
        }
    }

    /// What the customer says, known as an answer where it is one. What a page or platform claims of it is believed only of questions that
    /// this very conversation was asked.
    pub(super) fn answered(&mut self, body: Body) -> Body {
        let found = match &body.extra {
            Some(Extra::Chosen { question, number, .. }) => {
                let at = self.asked.iter().position(|asked| asked.message == *question);
                at.map(|at| (at, usize::from(*number).wrapping_sub(1)))
            }
            None if body.files.is_empty() => {
                let open = self.asked.iter().position(|asked| asked.open);
                open.and_then(|at| Some((at, self.asked.get(at)?.means(&body.text)?)))
            }
            _ => return body,
        };
        let known = found.and_then(|(at, option)| {
            let asked = self.asked.get_mut(at)?;
            let choice = asked.options.get(option)?.clone();
            asked.open = false;
            let number = u16::try_from(option + 1).unwrap_or(u16::MAX);
            Some(Extra::Chosen { question: asked.message, number, choice, asked: asked.question.clone() })
        });
        Body { extra: known, ..body }
    }
}

/// Questions remembered of a conversation, so that a tap on an older one is still known.
const QUESTIONS: usize = 8;

impl Asked {
    /// Which choice somebody means who writes this: its words or its number.
    fn means(&self, text: &str) -> Option<usize> {
        let words = self.options.iter().position(|option| same(option, text));
        words.or_else(|| number(text)?.checked_sub(1).filter(|at| *at < self.options.len()))
    }
}

/// `2`, `２`, `2.`, `2)`, `2、`.
fn number(text: &str) -> Option<usize> {
    let digits = text.trim().trim_end_matches(['.', ')', '。', '）', '、', ',']);
    let digits: String = digits.chars().map(super::ivr::narrow).collect();
    (1..=2).contains(&digits.len()).then(|| digits.parse().ok()).flatten()
}

pub(super) fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

fn one_line(text: &str) -> String {
    let text: String = text.chars().filter(|c| c.is_whitespace() || !c.is_control()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lines<'a>(each: impl IntoIterator<Item = &'a String>) -> String {
    each.into_iter().filter(|line| !line.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// Saturates, so that no number of a stranger's is too large; what is not on this earth is refused as such.
pub fn millionths(degrees: f64) -> i32 {
    (degrees * 1e6).round() as i32
}

/// `52.516300`.
pub fn degrees(millionths: i32) -> String {
    let (sign, whole) = (if millionths < 0 { "-" } else { "" }, millionths.unsigned_abs());
    format!("{sign}{}.{:06}", whole / 1_000_000, whole % 1_000_000)
}

fn is_web_address(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).and_then(|rest| rest.split(['/', '?', '#']).next());
    let plain = url.chars().count() <= LONGEST_URL && url.chars().all(|c| !c.is_control() && !c.is_whitespace() && !"<>\"'`\\".contains(c));
    // What stands before an at sign looks like a host and is none.
    plain && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
}

impl Desk {
    pub(super) fn reply_by_card(&mut self, by: AgentId, id: ConversationId, card: &Card, key: String) -> Result<Answer, Refusal> {
        let state = self.conversations.get(&id).ok_or(Refusal::Gone)?;
        if let Some(known) = state.replied_as(&key) {
            return Ok(Answer::Known(known));
        }
        let channel = self.catalog.channels.get(&state.channel).ok_or(Refusal::NoReplyHere)?;
        let body = card.body(&channel.traits).map_err(Refusal::Card)?;
        self.reply(by, id, body, key)
    }
}

#[cfg(test)]
mod tests;
