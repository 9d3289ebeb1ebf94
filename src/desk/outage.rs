//! Channels that do not work, as their connectors tell: nothing of them is lost, but customers wait, and somebody must mend it. One that has
//! not worked for a while is announced on the others, and who has written there and waits for an answer is told elsewhere, once an outage.

use super::act::{Act, Notice, Told};
use super::fact::{ChannelFact, Fact};
use super::id::*;
use super::work::Stage;
use super::{Desk, Key};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an outage changes is told no later than this after it was asked for, ms: news of yesterday help nobody.
const NEWS_MS: i64 = 3_600_000;

/// A channel that does not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    pub since: At,
    /// The platform's own words.
    pub why: String,
    /// Since when customers are told on the other channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<At>,
}

/// What customers are told of channels that do not work; resolved from `[outages]`.
#[derive(Debug, Clone, Default)]
pub struct OutageRules {
    /// Anywhere at all.
    pub announces: bool,
    /// A channel is announced when it has not worked for so long, ms.
    pub after_ms: i64,
    /// In chat windows, and in the help centre.
    pub windows: bool,
    pub help: bool,
    /// What callers hear before they wait; `None`: nothing.
    pub prompt: Option<String>,
    /// Who has written there and waits is told elsewhere.
    pub customers: bool,
    /// What they are told, by language; `{channel}` is its name.
    pub texts: BTreeMap<String, String>,
    /// By which names customers know the channels, by language.
    pub names: BTreeMap<ChannelId, BTreeMap<String, String>>,
}

impl OutageRules {
    /// By which name customers know a channel.
    pub fn name(&self, channel: &ChannelId, language: &str) -> String {
        let name = self.names.get(channel).and_then(|names| near(names, language));
        name.map_or_else(|| channel.to_string(), String::clone)
    }

    /// What a customer is told whose channel does not work; empty: nothing.
    pub fn text(&self, channel: &ChannelId, language: &str) -> String {
        let text = near(&self.texts, language);
        text.map(|text| text.replace("{channel}", &self.name(channel, language))).unwrap_or_default()
    }
}

/// In this language, else in one of its family, else in English.
fn near<'a>(texts: &'a BTreeMap<String, String>, language: &str) -> Option<&'a String> {
    let family = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let same = texts.iter().find(|(tag, _)| family(tag) == family(language)).map(|(_, text)| text);
    texts.get(language).or(same).or_else(|| texts.get("en"))
}

impl Desk {
    /// `None`: it works.
    pub(super) fn channel_heard(&mut self, id: &ChannelId, why: Option<String>) {
        let known = self.outages.get(id);
        if known.map(|outage| &outage.why) == why.as_ref() {
            return;
        }
        let news = known.is_none();
        let (since, announced) = known.map_or((self.now, None), |outage| (outage.since, outage.announced));
        match why {
            Some(why) => {
                self.outages.insert(id.clone(), Outage { since, why: why.clone(), announced });
                if news {
                    self.facts.push(Fact::Channel(id.clone(), ChannelFact::Down { why }));
                }
                self.outages_due();
            }
            None => {
                self.outages.remove(id);
                let lasted_ms = self.now.since(since);
                self.facts.push(Fact::Channel(id.clone(), ChannelFact::Up { lasted_ms }));
                self.drop_news_of(id);
            }
        }
        self.touch(Key::Outages);
    }

    /// When the next outage will have lasted long enough to be announced.
    pub(super) fn due_outages(&self) -> Option<At> {
        let rules = &self.catalog.outages;
        let untold = self.outages.values().filter(|outage| rules.announces && outage.announced.is_none());
        untold.map(|outage| outage.since.after(rules.after_ms)).min()
    }

    /// Announces what has lasted long enough.
    pub(super) fn outages_due(&mut self) {
        let (now, rules) = (self.now, self.catalog.outages.clone());
        let is_due = |outage: &Outage| rules.announces && outage.announced.is_none() && outage.since.after(rules.after_ms) <= now;
        let due: Vec<ChannelId> = self.outages.iter().filter(|(_, outage)| is_due(outage)).map(|(id, _)| id.clone()).collect();
        for id in due {
            if let Some(outage) = self.outages.get_mut(&id) {
                outage.announced = Some(now);
            }
            self.touch(Key::Outages);
            self.facts.push(Fact::Channel(id.clone(), ChannelFact::Announced));
            self.tell_those_who_wait(&id);
        }
    }

    /// After a start: what was decided and perhaps not done. Who was told already is not told again.
    pub(super) fn announce_again(&mut self) {
        let announced = self.outages.iter().filter(|(_, outage)| outage.announced.is_some());
        let channels: Vec<ChannelId> = announced.map(|(id, _)| id.clone()).collect();
        for channel in channels {
            self.tell_those_who_wait(&channel);
        }
    }

    fn tell_those_who_wait(&mut self, channel: &ChannelId) {
        let waits = |stage: &Stage| matches!(stage, Stage::Waiting(_) | Stage::Serving(_));
        let theirs = self.conversations.values().filter(|c| c.channel == *channel && c.resolved.is_none() && waits(&c.job.stage));
        let ids: Vec<ConversationId> = theirs.map(|c| c.id).collect();
        self.tell_elsewhere(channel, &ids);
    }

    /// Somebody writes there while our answers do not go out.
    pub(super) fn tell_if_down(&mut self, id: ConversationId) {
        let Some(channel) = self.conversations.get(&id).map(|c| c.channel.clone()) else { return };
        if self.outages.get(&channel).is_some_and(|outage| outage.announced.is_some()) {
            self.tell_elsewhere(&channel, &[id]);
        }
    }

    /// Where else they can be reached is known to the edge; it asks for one message each, whose key is this outage's.
    fn tell_elsewhere(&mut self, channel: &ChannelId, conversations: &[ConversationId]) {
        let rules = self.catalog.outages.clone();
        let Some(since) = self.outages.get(channel).map(|outage| outage.since).filter(|_| rules.customers) else { return };
        let mut people: Vec<Told> = Vec::new();
        for id in conversations {
            let Some(job) = self.conversations.get(id).map(|c| &c.job) else { continue };
            let text = rules.text(channel, job.language.as_deref().unwrap_or(&self.catalog.language));
            if !text.is_empty() && !people.iter().any(|told| told.person == job.person) {
                people.push(Told { person: job.person, text });
            }
        }
        if !people.is_empty() {
            let notice = Notice { channel: channel.clone(), since, not_after: self.now.after(NEWS_MS), people };
            self.acts.push(Act::Notify(notice));
        }
    }

    /// What callers hear before they wait.
    pub(super) fn outage_prompt(&self) -> Option<String> {
        let announced = self.outages.values().any(|outage| outage.announced.is_some());
        self.catalog.outages.prompt.clone().filter(|_| announced)
    }
}
