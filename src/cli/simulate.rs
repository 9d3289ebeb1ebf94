//! `hubline simulate`: what rules would have done with what happened. Reads the log, beside a running house too; writes and sends nothing.

use super::{Failed, Outcome, load, show};
use crate::clock::Clock;
use crate::config::Loaded;
use crate::config::words::say;
use crate::desk::id::{At, RuleId};
use crate::desk::rules::dry::{DryRun, Firing};
use crate::store::{Store, events, persons};
use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Events read at once.
const PAGE: u32 = 2_000;
/// What rules look back, they look back from the beginning, too: at most so long, ms. Contacts that go on then are met the same way.
const BEFORE_MS: i64 = 3 * 86_400_000;
/// Lines of one rule that are shown as text.
const SHOWN: usize = 20;

/// Say what rules would have done, without doing it.
///
/// It reads what happened in the time given, yesterday unless you say otherwise, and tells for each rule how often it would have acted, upon
/// which contacts, and how. Tags, tiers and fields of customers count as they are by now. Nothing is written and nothing is sent; it works
/// beside a running house.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  hubline simulate --from 2026-03-02 --to 2026-03-08 --rules next.toml")]
pub(super) struct Simulate {
    /// The first day (2026-03-02), or a moment (2026-03-02T09:00:00Z). Default: yesterday.
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// The last day, or a moment. Default: the day of `--from`.
    #[arg(long, value_name = "WHEN")]
    to: Option<String>,
    /// Take the rules of this configuration file instead of those in force.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Print JSON: every single time that a rule would have acted.
    #[arg(long)]
    json: bool,
}

/// What came out.
struct Told {
    from: At,
    to: At,
    events: u64,
    firings: Vec<Firing>,
}

impl Simulate {
    pub fn run(self, config: &Path) -> Outcome {
        let mut loaded = load(config)?;
        if let Some(other) = &self.rules {
            loaded.catalog.rules = load(other)?.catalog.rules;
        }
        let zone = TimeZone::get(loaded.config.site.timezone.get_ref()).context("the site's time zone")?;
        let (from, to) = self.span(Clock::system().now(), &zone)?;
        let store = Store::look(&loaded.config.data()).context("the store")?;
        let told = super::block_on(replay(&store, &loaded, from, to))??;
        if self.json {
            show_json(&loaded, &told)?
        } else {
            show_text(&loaded, &told, &zone)
        }
        Ok(())
    }

    fn span(&self, now: At, zone: &TimeZone) -> anyhow::Result<(At, At)> {
        let today = Timestamp::from_millisecond(now.0)?.to_zoned(zone.clone()).date();
        let from = match &self.from {
            Some(text) => bounds(text, zone).with_context(|| format!("--from {text}"))?,
            None => day(today.yesterday()?, zone)?,
        };
        let to = match &self.to {
            Some(text) => bounds(text, zone).with_context(|| format!("--to {text}"))?.1,
            None => from.1,
        };
        if to <= from.0 {
            bail!("--to comes before --from");
        }
        Ok((from.0, to))
    }
}

/// A day from its beginning to its end, or a moment and a day later.
fn bounds(text: &str, zone: &TimeZone) -> anyhow::Result<(At, At)> {
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        return day(date, zone);
    }
    let moment: Timestamp = text.parse().map_err(|_| anyhow!("neither a day like 2026-03-02 nor a moment like 2026-03-02T09:00:00Z"))?;
    let at = At(moment.as_millisecond());
    Ok((at, at))
}

fn day(date: jiff::civil::Date, zone: &TimeZone) -> anyhow::Result<(At, At)> {
    let begins = |date: jiff::civil::Date| anyhow::Ok(At(date.to_zoned(zone.clone())?.timestamp().as_millisecond()));
    Ok((begins(date)?, begins(date.tomorrow()?)?))
}

/// Reads the log from a while before, so that what rules look back upon is there.
async fn replay(store: &Store, loaded: &Loaded, from: At, to: At) -> anyhow::Result<Told> {
    let mut run = DryRun::new(Arc::new(loaded.catalog.clone()));
    let back = loaded.catalog.rules.past_ms.max(BEFORE_MS);
    let mut seq = events::before(store, from.after(-back)).await?;
    let mut count = 0;
    'log: loop {
        let page = events::after(store, seq, PAGE).await?;
        let Some(last) = page.last() else { break };
        seq = last.seq;
        for row in page {
            if row.at >= to {
                break 'log;
            }
            count += u64::from(row.at >= from);
            if let Some(person) = run.asks(&row.fact) {
                run.know(person, persons::about(store, person).await?);
            }
            run.hear(row.at, &row.fact);
        }
    }
    run.advance(At(to.0 - 1));
    let firings = run.firings().into_iter().filter(|firing| firing.at >= from && firing.at < to).collect();
    Ok(Told { from, to, events: count, firings })
}

fn show_json(loaded: &Loaded, told: &Told) -> Result<(), Failed> {
    let moment = |at: At| Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default();
    let of = |id: &RuleId| -> Vec<serde_json::Value> {
        let theirs = told.firings.iter().filter(|firing| firing.rule == *id);
        let one = |firing: &Firing| json!({ "at": moment(firing.at), "about": firing.subject.to_string(), "person": firing.person, "does": firing.does });
        theirs.map(one).collect()
    };
    let rules: Vec<serde_json::Value> =
        loaded.catalog.rules.list.iter().map(|rule| json!({ "rule": rule.id, "acts": of(&rule.id) })).collect();
    let all = json!({ "from": moment(told.from), "to": moment(told.to), "events": told.events, "rules": rules });
    show(&serde_json::to_string_pretty(&all)?);
    Ok(())
}

fn show_text(loaded: &Loaded, told: &Told, zone: &TimeZone) {
    let language = loaded.config.site.language.get_ref().as_str();
    let write = |at: At, form: &str| {
        let at = Timestamp::from_millisecond(at.0).map(|at| at.to_zoned(zone.clone()).strftime(form).to_string());
        at.unwrap_or_default()
    };
    let (from, to) = (write(told.from, "%Y-%m-%d %H:%M"), write(told.to, "%Y-%m-%d %H:%M"));
    show(&say(language, "cli.simulate.span", &[("from", &from), ("to", &to), ("n", &told.events.to_string())]));
    if loaded.catalog.rules.list.is_empty() {
        return show(&say(language, "cli.simulate.none", &[]));
    }
    for rule in &loaded.catalog.rules.list {
        let theirs: Vec<&Firing> = told.firings.iter().filter(|firing| firing.rule == rule.id).collect();
        let key = if theirs.is_empty() { "cli.simulate.never" } else { "cli.simulate.times" };
        let values = [("id", rule.id.as_str()), ("title", rule.title.say(language)), ("n", &theirs.len().to_string())];
        show(&format!("\n{}", say(language, key, &values)));
        for firing in theirs.iter().take(SHOWN) {
            let (at, about) = (write(firing.at, "%Y-%m-%d %H:%M:%S"), firing.subject.to_string());
            let (person, does) = (firing.person.to_string(), firing.does.join(", "));
            let values = [("at", at.as_str()), ("about", &about), ("person", &person), ("does", &does)];
            show(&say(language, "cli.simulate.line", &values));
        }
        if theirs.len() > SHOWN {
            show(&say(language, "cli.simulate.more", &[("n", &(theirs.len() - SHOWN).to_string())]));
        }
    }
}

#[cfg(test)]
mod tests;
