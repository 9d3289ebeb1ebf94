//! `?queue=&channel=&skill=`: the part of the house that a board shows. It stands in the address, so that it can be kept and sent.

use super::today::Today;
use crate::desk::catalog::Catalog;
use crate::desk::floor::{Floor, FloorAgent};
use crate::desk::id::{ChannelId, QueueId};
use crate::desk::input::MoveChange;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Calls, where channels are chosen among.
const PHONE: &str = "phone";

/// Empty for everything; what does not exist (any more) matches nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Filter {
    pub queue: String,
    /// A channel's id, or `phone`.
    pub channel: String,
    /// Who has it, and what asks for it.
    pub skill: String,
}

/// One list of choices: its name in the address, the key of its title, and value, text, whether it is chosen.
pub struct Choices {
    pub name: &'static str,
    pub title: String,
    pub all: String,
    pub each: Vec<(String, String, bool)>,
}

impl Filter {
    /// Out of the query of a page's address; what cannot be read filters nothing.
    pub fn read(query: &str) -> Filter {
        let url = format!("/wallboard?{}", query.trim_start_matches('?'));
        let uri = url.parse::<http::Uri>().ok();
        uri.and_then(|uri| Some(axum::extract::Query::try_from_uri(&uri).ok()?.0)).unwrap_or_default()
    }

    pub fn is_on(&self) -> bool {
        *self != Filter::default()
    }

    /// Whether a line of the board is shown: a queue, and what comes to it by one channel.
    pub fn shows(&self, catalog: &Catalog, queue: &QueueId, channel: Option<&ChannelId>) -> bool {
        let asks = || catalog.queues.get(queue).is_some_and(|spec| spec.requires.iter().any(|wanted| wanted.skill.as_str() == self.skill));
        (self.queue.is_empty() || queue.as_str() == self.queue)
            && (self.channel.is_empty() || channel.map_or(PHONE, |channel| channel.as_str()) == self.channel)
            && (self.skill.is_empty() || asks())
    }

    /// Whether an agent is shown: one who serves what is shown, or has the skill.
    pub fn shows_agent(&self, catalog: &Catalog, agent: &FloorAgent, lanes: &BTreeSet<QueueId>) -> bool {
        let served = agent.queues.iter().any(|queue| lanes.contains(queue));
        match (self.skill.is_empty(), self.queue.is_empty() && self.channel.is_empty()) {
            (true, _) => served,
            (false, true) => self.has_skill(catalog, agent),
            (false, false) => {
                self.has_skill(catalog, agent) && agent.queues.iter().any(|queue| self.queue.is_empty() || queue.as_str() == self.queue)
            }
        }
    }

    /// As it is at this moment: supervisors move skills, too.
    fn has_skill(&self, catalog: &Catalog, agent: &FloorAgent) -> bool {
        let moved = agent.moves.iter().rev().find_map(|moved| match &moved.change {
            MoveChange::Skill { skill, level } if skill.as_str() == self.skill => Some(*level),
            _ => None,
        });
        let own = || catalog.agents.get(&agent.id).and_then(|spec| spec.skills.iter().find(|(skill, _)| skill.as_str() == self.skill));
        moved.or_else(|| own().map(|(_, level)| *level)).is_some_and(|level| level > 0)
    }

    /// What of the present and of the day is counted.
    pub fn narrow(&self, catalog: &Catalog, floor: &Floor, today: &Today) -> (Floor, Today) {
        let (mut floor, mut today) = (floor.clone(), today.clone());
        floor.waiting.retain(|w| self.shows(catalog, &w.queue, w.channel.as_ref()));
        floor.serving.retain(|s| self.shows(catalog, &s.queue, s.channel.as_ref()));
        today.days.retain(|day| day.queue.as_ref().is_none_or(|queue| self.shows(catalog, queue, day.channel.as_ref())));
        (floor, today)
    }

    /// What can be chosen, by the configuration in force.
    pub fn choices(&self, reader: &Reader, say: &Say) -> Vec<Choices> {
        let catalog = reader.catalog();
        let queues = catalog.queues.keys().map(|id| (id.to_string(), say.queue(id), id.as_str() == self.queue));
        let channels = catalog.channels.values().filter(|channel| catalog.queues.contains_key(&channel.queue));
        let channels = channels.map(|channel| {
            (channel.id.to_string(), format!("{} · {}", say.channel(&channel.kind), channel.id), channel.id.as_str() == self.channel)
        });
        let phone = (PHONE.to_owned(), say.channel(PHONE), self.channel == PHONE);
        let of_agents = catalog.agents.values().flat_map(|agent| agent.skills.keys());
        let skills: BTreeSet<_> =
            of_agents.chain(catalog.queues.values().flat_map(|q| q.requires.iter().map(|wanted| &wanted.skill))).collect();
        let skills = skills.into_iter().map(|id| (id.to_string(), say.skill(id), id.as_str() == self.skill));
        let list = |name, each: Vec<(String, String, bool)>| Choices {
            name,
            title: say.t(format!("wallboard.filter.{name}")),
            all: say.t(format!("wallboard.filter.all_{name}")),
            each,
        };
        let lists = [
            list("queue", queues.collect()),
            list("channel", std::iter::once(phone).chain(channels).collect()),
            list("skill", skills.collect()),
        ];
        // Of one there is nothing to choose.
        lists.into_iter().filter(|list| list.each.len() > 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_filter_and_rubbish_is_none() {
        let of = |queue: &str, channel: &str, skill: &str| Filter { queue: queue.into(), channel: channel.into(), skill: skill.into() };
        assert_eq!(Filter::read("?queue=sales&channel=&skill=german"), of("sales", "", "german"));
        assert_eq!(Filter::read("queue=%E5%94%AE%E5%90%8E"), of("售后", "", ""));
        for rubbish in ["", "?", "a b", "queue=1&queue=2", "\n", "colour=blue"] {
            assert!(!Filter::read(rubbish).is_on(), "{rubbish:?}");
        }
    }
}
