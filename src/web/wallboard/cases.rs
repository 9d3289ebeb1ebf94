//! Tickets on the board: what is promised, and how it stands.

use super::today::Today;
use crate::desk::id::At;
use crate::store::cases::{self, Cases, Open, Risk};
use crate::store::{Store, StoreError};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::tickets::phrase::department_text;

/// A case is solved for good when nothing comes again for so long, ms.
const WITHIN: i64 = 7 * 24 * 3_600_000;

/// What the store counts.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    pub open: Open,
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
    pub open: Open,
    pub departments: Vec<Department>,
}

pub struct Department {
    pub name: String,
    pub promised: i64,
    pub at_risk: i64,
    pub late: i64,
    /// The list of them.
    pub href: String,
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
    Section { open: counted.open, departments: counted.risks.iter().map(department).collect() }
}
