//! Figures of surveys as people read them: CSAT as the mean of 1 to 5 and the share of 4 and 5, NPS as promoters less detractors.

use crate::desk::id::ChannelId;
use crate::desk::survey::{CALLS, Scale};
use crate::store::surveys::Part;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;

/// One figure, with how it is counted.
pub struct Figure {
    pub label: String,
    pub value: String,
    pub sub: String,
    pub formula: String,
}

/// The mark itself: `4.32`, or `+18`.
pub fn mark(part: &Part) -> String {
    match part.scale {
        Scale::Csat => part.mean().map_or_else(none, |mean| format!("{}.{:02}", mean / 100, mean % 100)),
        Scale::Nps => part.nps().map_or_else(none, |nps| if nps > 0 { format!("+{nps}") } else { nps.to_string() }),
    }
}

/// Whether customers are less content than they should be: `goal` is a mean mark of 1 to 5.
pub fn below(part: &Part, goal: f64) -> bool {
    match part.scale {
        Scale::Csat => part.mean().is_some_and(|mean| (mean as f64) < goal * 100.0),
        Scale::Nps => part.nps().is_some_and(|nps| nps < 0),
    }
}

/// A channel as people know it.
pub fn channel_name(reader: &Reader, say: &Say, id: &str) -> String {
    if id == CALLS {
        return say.channel("phone");
    }
    match reader.catalog().channels.get(&ChannelId::from(id)) {
        Some(spec) => format!("{} ({id})", say.channel(&spec.kind)),
        None => id.to_owned(),
    }
}

pub fn percent(value: Option<i64>) -> String {
    value.map_or_else(none, |value| format!("{value} %"))
}

fn none() -> String {
    "–".to_owned()
}

/// The figures of all of a period: mark, share of the best two and response for each scale.
pub fn figures(say: &Say, all: &[Part]) -> Vec<Figure> {
    let figure = |name: &str, value: String, sub: String| Figure {
        label: say.t(format!("surveys.{name}")),
        value,
        sub,
        formula: say.t(format!("surveys.{name}_formula")),
    };
    let mut figures = Vec::new();
    for part in all {
        let answers = say.n("surveys.answers", u32::try_from(part.answered).unwrap_or(u32::MAX));
        match part.scale {
            Scale::Csat => {
                figures.push(figure("csat", mark(part), answers));
                figures.push(figure("top", percent(part.top_share()), String::new()));
            }
            Scale::Nps => figures.push(figure("nps", mark(part), answers)),
        }
    }
    if !all.is_empty() {
        let (sent, answered) = all.iter().fold((0, 0), |(sent, answered), part| (sent + part.sent, answered + part.answered));
        let rate = (sent > 0).then(|| (answered * 100 + sent / 2) / sent);
        figures.push(figure(
            "rate",
            percent(rate),
            say.with("surveys.of_sent", &[("answered", &answered.to_string()), ("sent", &sent.to_string())]),
        ));
    }
    figures
}
