//! The live checks: one line each, as soon as its outcome is known.

use super::{channels, machine, trunks};
use crate::app::known_secret;
use crate::channels::reached::Mark;
use crate::cli::{running, show};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::speak::{noun, speak};

/// How one check went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    Good(String),
    /// Works, but somebody should know.
    Odd(String),
    Bad(String),
}

/// Runs all of them; how many failed.
pub(super) async fn run(config: &Config) -> usize {
    let running = running::process(&config.data()).is_some();
    let now = Clock::system().now();
    let language = config.site.language.get_ref().as_str();
    let tell = |what: &str, finding| tell(language, what, finding);
    let mut failures = 0;
    failures += tell("clock", machine::clock(now));
    failures += tell("disk", machine::disk(&config.data()));
    for (what, finding) in machine::ports(config, running) {
        failures += tell(&what, finding);
    }
    for (what, finding) in machine::certificates(config, now) {
        failures += tell(&what, finding);
    }
    if let Some(finding) = machine::public_name(config).await {
        failures += tell("public address", finding);
    }
    for trunk in &config.trunks {
        for finding in trunks::check(config, trunk, running).await {
            failures += tell(&format!("trunk {}", trunk.id.get_ref()), finding);
        }
    }
    let public = config.server.public.as_ref().and_then(|public| public.public_url.as_ref()).or(config.server.public_url.as_ref());
    let base = public.map(|url| url.get_ref().trim_end_matches('/'));
    // Only a house that runs can answer.
    let mark = running.then(|| known_secret(&config.data())).flatten().map(|secret| Mark::of(&secret));
    for section in &config.channels {
        for finding in channels::check(config, section, base, mark.as_ref()).await {
            failures += tell(&format!("channel {}", section.id.get_ref()), finding);
        }
    }
    failures
}

fn tell(language: &str, what: &str, finding: Finding) -> usize {
    let (mark, text, failed) = match finding {
        Finding::Good(text) => ("ok", text, 0),
        Finding::Odd(text) => ("warn", text, 0),
        Finding::Bad(text) => ("fail", text, 1),
    };
    // What is looked at is a noun, or one with a name behind it, or a key of the file.
    let (first, rest) = what.split_once(' ').filter(|(first, _)| matches!(*first, "trunk" | "channel")).unwrap_or((what, ""));
    let what = [noun(language, first).as_str(), rest].join(" ");
    show(&format!("{:<4}  {}: {}", noun(language, mark), what.trim_end(), speak(language, &text)));
    failed
}
