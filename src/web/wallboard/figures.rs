//! How well it goes, beside how much: each figure with its goal where the configuration has one, and with how it is counted.

use super::config::WallboardSection;
use super::today::Today;
use crate::desk::survey::Scale;
use crate::store::figures::Time;
use crate::store::surveys::Part;
use crate::store::visits::Count;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::surveys::figure::{self, channel_name};
use toml::Spanned;

/// From how many on a share of them says something.
pub const TELLING: i64 = 5;

pub struct Figure {
    pub label: String,
    pub value: String,
    pub sub: String,
    pub formula: String,
    /// `warn` where the goal is missed.
    pub class: &'static str,
}

/// `time`: of the agents who are shown.
pub fn figures(reader: &Reader, say: &Say, today: &Today, time: &Time) -> Vec<Figure> {
    let goals = &reader.loaded.config.wallboard;
    let mut figures = vec![handled(say, time), missed(say, time)];
    figures.extend(settled(say, today));
    figures.extend(cases(say, goals, today));
    let all = today.surveys.all.iter();
    figures.extend(all.map(|part| survey(reader, say, *goals.csat_target.get_ref(), part, &today.surveys.channels)));
    figures.extend((today.invited.shown > 0).then(|| invited(say, &today.invited)));
    figures
}

fn tenths(share: Option<i64>) -> String {
    share.map_or_else(|| "–".to_owned(), |tenths| format!("{}.{} %", tenths / 10, tenths % 10))
}

fn of(say: &Say, n: i64, all: i64) -> String {
    say.with("wallboard.figures.of", &[("n", &n.to_string()), ("all", &all.to_string())])
}

fn named(say: &Say, name: &str, value: String, sub: String, class: &'static str) -> Figure {
    Figure {
        label: say.t(format!("wallboard.figures.{name}")),
        value,
        sub,
        formula: say.t(format!("wallboard.figures.{name}_formula")),
        class,
    }
}

fn handled(say: &Say, time: &Time) -> Figure {
    let calls = say.n("wallboard.figures.calls", u32::try_from(time.calls).unwrap_or(u32::MAX));
    named(say, "handled", time.handled().map_or_else(|| "–".to_owned(), |ms| say.duration(ms)), calls, "")
}

fn missed(say: &Say, time: &Time) -> Figure {
    named(say, "missed", tenths(time.missed_share()), of(say, time.missed, time.offers), "")
}

/// Where no flow has received anybody there is nothing.
fn settled(say: &Say, today: &Today) -> Option<Figure> {
    let flows = &today.flows;
    (flows.led > 0).then(|| named(say, "settled", tenths(flows.share()), of(say, flows.alone, flows.led), ""))
}

fn cases(say: &Say, goals: &WallboardSection, today: &Today) -> [Figure; 2] {
    let counted = &today.cases;
    // Of the week that is over it is known; while there is none, the one that runs is shown as it stands.
    let (cases, span) = match counted.settled.resolved {
        0 => (&counted.recent, "wallboard.figures.recent"),
        _ => (&counted.settled, "wallboard.figures.settled_span"),
    };
    let goal = |key: &str, percent: &Spanned<u8>| say.with(key, &[("goal", &percent.to_string())]);
    let permille = |percent: &Spanned<u8>| i64::from(*percent.get_ref()) * 10;
    let class = |missed: bool, of: i64| if missed && of >= TELLING { "warn" } else { "" };
    let (share, repeats) = (cases.solved_share(), counted.recent.repeat_share());
    let solved_class = class(share.is_some_and(|share| share < permille(&goals.solved_target)), cases.resolved);
    let repeats_class = class(repeats.is_some_and(|share| share > permille(&goals.repeats_limit)), counted.recent.contacts);
    let solved_sub =
        [of(say, cases.solved, cases.resolved), say.t(span), goal("wallboard.figures.at_least", &goals.solved_target)].join(" · ");
    let repeats_sub = [
        of(say, counted.recent.repeats, counted.recent.contacts),
        say.t("wallboard.figures.recent"),
        goal("wallboard.figures.at_most", &goals.repeats_limit),
    ];
    [
        named(say, "solved", tenths(share), solved_sub, solved_class),
        named(say, "repeats", tenths(repeats), repeats_sub.join(" · "), repeats_class),
    ]
}

/// What customers said today; where nobody is asked there is nothing. The goal is each channel's: those that miss it are named.
fn survey(reader: &Reader, say: &Say, goal: f64, part: &Part, channels: &[Part]) -> Figure {
    let (label, name) = match part.scale {
        Scale::Csat => ("surveys.today", "surveys.csat_formula"),
        Scale::Nps => ("surveys.today_nps", "surveys.nps_formula"),
    };
    let answers = say.with("surveys.of_sent", &[("answered", &part.answered.to_string()), ("sent", &part.sent.to_string())]);
    let below: Vec<String> = channels
        .iter()
        .filter(|channel| channel.scale == part.scale && channel.answered >= TELLING && figure::below(channel, goal))
        .map(|channel| format!("{} {}", channel_name(reader, say, &channel.part), figure::mark(channel)))
        .collect();
    let goal = (part.scale == Scale::Csat).then(|| say.with("wallboard.figures.mark_goal", &[("goal", &goal.to_string())]));
    let missed = (!below.is_empty()).then(|| say.with("wallboard.figures.below", &[("channels", &below.join(", "))]));
    let class = if missed.is_some() { "warn" } else { "" };
    let sub: Vec<String> = [Some(answers), goal, missed].into_iter().flatten().collect();
    Figure { label: say.t(label), value: figure::mark(part), sub: sub.join(" · "), formula: say.t(name), class }
}

/// Visitors who were invited to a talk today.
fn invited(say: &Say, count: &Count) -> Figure {
    let rate = (count.accepted * 1_000 + count.shown / 2) / count.shown;
    let values = [("shown", count.shown.to_string()), ("accepted", count.accepted.to_string()), ("dismissed", count.dismissed.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Figure {
        label: say.t("surveys.invited"),
        value: tenths(Some(rate)),
        sub: say.with("surveys.invited_of", &values),
        formula: say.t("surveys.invited_formula"),
        class: "",
    }
}
