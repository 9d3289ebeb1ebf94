//! Members of staff are told when a channel does not work for a while, when it works again, and when one will soon stop working.

use crate::channels::platform::{Found, Odd, Probe};
use crate::channels::post::Post;
use crate::channels::wecom::staff::Staff;
use crate::clock::Clock;
use crate::config::{Loaded, words};
use crate::desk::id::{At, ChannelId};
use crate::reach::Client;
use crate::switchboard::Switchboard;
use arc_swap::ArcSwap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);

/// What staff know.
#[derive(Default)]
struct Told {
    fails: BTreeSet<ChannelId>,
    /// In how many days each ends.
    ends: BTreeMap<ChannelId, i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Fails,
    Works,
    Ends(i64),
}

/// Runs until the process stops.
pub(super) async fn run(post: Post, switchboard: Switchboard, config: Arc<ArcSwap<Loaded>>, clock: Clock) {
    let mut ticks = tokio::time::interval(EVERY);
    let (mut read, mut staff) = (None::<Arc<Loaded>>, None);
    // What failed before the start has been told before it, if it had failed for long enough.
    let fails = lasting(&switchboard, clock.now(), &config.load()).into_iter().map(|(channel, _)| channel).collect();
    let mut told = Told { fails, ..Told::default() };
    loop {
        ticks.tick().await;
        let now = config.load_full();
        if read.as_ref().is_none_or(|read| !Arc::ptr_eq(read, &now)) {
            staff = open(&now, &clock);
            read = Some(now.clone());
        }
        let Some(staff) = &staff else { continue };
        for (channel, news, text) in all_news(&post, &switchboard, clock.now(), &now, &told) {
            match staff.alert(&text).await {
                Ok(missed) => {
                    if !missed.unknown.is_empty() || !missed.unlicensed.is_empty() {
                        tracing::warn!(unknown = ?missed.unknown, unlicensed = ?missed.unlicensed, "an alert did not reach all members");
                    }
                    told.note(channel, news);
                }
                // Tried again with the next turn.
                Err(trouble) => tracing::error!(%trouble, %channel, "an alert reached nobody"),
            }
        }
    }
}

impl Told {
    fn note(&mut self, channel: ChannelId, news: News) {
        match news {
            News::Fails => {
                self.fails.insert(channel);
            }
            News::Works => {
                self.fails.remove(&channel);
            }
            News::Ends(days) => {
                self.ends.insert(channel, days);
            }
        }
    }
}

fn open(loaded: &Loaded, clock: &Clock) -> Option<Staff> {
    let section = loaded.config.alerts.wecom.as_ref()?;
    let opened = Staff::open(section, &loaded.config.folder, Client::default(), clock.clone());
    opened.inspect_err(|error| tracing::error!(%error, "[alerts.wecom] cannot be used")).ok()
}

/// Channels that have failed for long enough to tell staff of it, and why. The desk remembers them over a restart.
fn lasting(switchboard: &Switchboard, now: At, loaded: &Loaded) -> Vec<(ChannelId, String)> {
    let after = loaded.config.alerts.after.millis();
    let floor = switchboard.floor();
    let lasting = floor.outages.iter().filter(|(_, outage)| now.since(outage.since) >= after);
    lasting.map(|(channel, outage)| (channel.clone(), outage.why.clone())).collect()
}

/// What is to be told: of which channel, what, and in which words.
fn all_news(post: &Post, switchboard: &Switchboard, now: At, loaded: &Loaded, told: &Told) -> Vec<(ChannelId, News, String)> {
    let say = |key: &str, values: &[(&str, &str)]| words::say(loaded.config.site.language.get_ref(), &format!("cli.alerts.{key}"), values);
    let mut all = Vec::new();
    for (channel, why) in lasting(switchboard, now, loaded) {
        if !told.fails.contains(&channel) {
            let text = say("channel_fails", &[("channel", channel.as_str()), ("why", &why)]);
            all.push((channel, News::Fails, text));
        }
    }
    let floor = switchboard.floor();
    for channel in told.fails.iter().filter(|channel| !floor.outages.contains_key(*channel)) {
        all.push((channel.clone(), News::Works, say("channel_works", &[("channel", channel.as_str())])));
    }
    for (channel, health) in post.health() {
        // Once a day until somebody sees to it.
        if let Some(days) = health.odd.iter().find_map(ends)
            && told.ends.get(&channel) != Some(&days)
        {
            let text = say("channel_ends", &[("channel", channel.as_str()), ("days", &days.to_string())]);
            all.push((channel, News::Ends(days), text));
        }
    }
    all
}

fn ends(probe: &Probe) -> Option<i64> {
    match probe.found {
        Found::Odd(Odd::Ends { days }) => Some(days),
        Found::Odd(Odd::Unseen(_)) | Found::Well(_) | Found::Bad(_) => None,
    }
}
