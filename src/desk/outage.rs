//! Channels that do not work, as their connectors tell: nothing of them is lost, but customers wait, and somebody must mend it.

use super::fact::{ChannelFact, Fact};
use super::id::*;
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// A channel that does not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    pub since: At,
    /// The platform's own words.
    pub why: String,
}

impl Desk {
    /// `None`: it works.
    pub(super) fn channel_heard(&mut self, id: &ChannelId, why: Option<String>) {
        let known = self.outages.get(id);
        if known.map(|outage| &outage.why) == why.as_ref() {
            return;
        }
        let news = known.is_none();
        let since = known.map_or(self.now, |outage| outage.since);
        match why {
            Some(why) => {
                self.outages.insert(id.clone(), Outage { since, why: why.clone() });
                if news {
                    self.facts.push(Fact::Channel(id.clone(), ChannelFact::Down { why }));
                }
            }
            None => {
                self.outages.remove(id);
                let lasted_ms = self.now.since(since);
                self.facts.push(Fact::Channel(id.clone(), ChannelFact::Up { lasted_ms }));
            }
        }
        self.touch(Key::Outages);
    }
}
