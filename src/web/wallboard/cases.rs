//! Tickets on the board: what is promised and how it stands, and how many cases were solved for good.

use super::today::Today;
use crate::desk::id::At;
use crate::desk::survey::Scale;
use crate::store::cases::{self, Cases, Risk};
use crate::store::surveys::Part;
use crate::store::visits::Count;
use crate::store::{Store, StoreError};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::surveys::figure;
use crate::web::tickets::phrase::department_text;

/// A case is solved for good when nothing comes again for so long, ms.
const WITHIN: i64 = 7 * 24 * 3_600_000;

/// What the store counts.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    pub open: i64,
    pub risks: Vec<Risk>,
    /// Resolved one to two weeks ago: of these it is known.
    pub settled: Cases,
    /// Resolved in the last week: as it stands.
    pub recent: Cases,
}

pub async fn read(store: &Store, now: At) -> Result<Counted, StoreError> {
    let week = now.after(-WITHIN);
    Ok(Counted {
        open: cases::open(store).await?,
        risks: cases::risks(store).await?,
        settled: cases::cases(store, week.after(-WITHIN), week, WITHIN).await?,
        recent: cases::cases(store, week, now, WITHIN).await?,
    })
}

pub struct Section {
    pub open: i64,
    pub departments: Vec<Department>,
    pub figures: Vec<Figure>,
}

pub struct Department {
    pub name: String,
    pub promised: i64,
    pub at_risk: i64,
    pub late: i64,
    /// The list of them.
    pub href: String,
}

/// A share, with how it is counted.
pub struct Figure {
    pub label: String,
    pub value: String,
    pub sub: String,
    pub formula: String,
}

pub fn section(reader: &Reader, say: &Say, today: &Today) -> Section {
    let counted = &today.cases;
    let department = |risk: &Risk| Department {
        name: risk.department.as_ref().map_or_else(|| say.t("ticket.no_department"), |id| department_text(say, id)),
        href: match &risk.department {
            Some(id) if reader.catalog().tickets.departments.contains_key(id) => format!("/tickets?show=pressing&department={id}"),
            _ => "/tickets?show=pressing".into(),
        },
        promised: risk.promised,
        at_risk: risk.at_risk,
        late: risk.late,
    };
    // Of the week that is over it is known; while there is none, the one that runs is shown as it stands.
    let (cases, span) = match counted.settled.resolved {
        0 => (&counted.recent, "wallboard.cases.recent"),
        _ => (&counted.settled, "wallboard.cases.settled"),
    };
    let share = |tenths: Option<i64>| tenths.map_or_else(|| "–".to_owned(), |tenths| format!("{}.{} %", tenths / 10, tenths % 10));
    let of = |n: i64, all: i64| say.with("wallboard.cases.of", &[("n", &n.to_string()), ("all", &all.to_string())]);
    Section {
        open: counted.open,
        departments: counted.risks.iter().map(department).collect(),
        figures: [
            Figure {
                label: say.t("wallboard.cases.solved"),
                value: share(cases.solved_share()),
                sub: format!("{} · {}", of(cases.solved, cases.resolved), say.t(span)),
                formula: say.t("wallboard.cases.solved_formula"),
            },
            Figure {
                label: say.t("wallboard.cases.repeats"),
                value: share(counted.recent.repeat_share()),
                sub: format!("{} · {}", of(counted.recent.repeats, counted.recent.contacts), say.t("wallboard.cases.recent")),
                formula: say.t("wallboard.cases.repeats_formula"),
            },
        ]
        .into_iter()
        .chain(today.surveys.iter().map(|part| survey(say, part)))
        .chain((today.invited.shown > 0).then(|| invited(say, &today.invited)))
        .collect(),
    }
}

/// Visitors who were invited to a talk today.
fn invited(say: &Say, count: &Count) -> Figure {
    let rate = (count.accepted * 1_000 + count.shown / 2) / count.shown;
    let values = [("shown", count.shown.to_string()), ("accepted", count.accepted.to_string()), ("dismissed", count.dismissed.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Figure {
        label: say.t("surveys.invited"),
        value: format!("{}.{} %", rate / 10, rate % 10),
        sub: say.with("surveys.invited_of", &values),
        formula: say.t("surveys.invited_formula"),
    }
}

/// What customers said today; where nobody is asked there is nothing.
fn survey(say: &Say, part: &Part) -> Figure {
    let (label, name) = match part.scale {
        Scale::Csat => ("surveys.today", "surveys.csat_formula"),
        Scale::Nps => ("surveys.today_nps", "surveys.nps_formula"),
    };
    let sub = say.with("surveys.of_sent", &[("answered", &part.answered.to_string()), ("sent", &part.sent.to_string())]);
    Figure { label: say.t(label), value: figure::mark(part), sub, formula: say.t(name) }
}
