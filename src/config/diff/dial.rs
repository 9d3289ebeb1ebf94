//! Calls out: who may call where, and what each trunk takes.

use super::Effect::Live;
use super::{Changes, list, shown};
use crate::config::Config;
use crate::config::value::Name;
use crate::desk::dial::config::DialSection;
use crate::sip::config::OutboundSection;
use std::collections::BTreeMap;
use toml::Spanned;

/// Fields of one type: the name, and how it is read.
type Fields<S, T, const N: usize> = [(&'static str, fn(&S) -> &T); N];

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (&old.dial, &new.dial);
    let names: Fields<DialSection, Option<Name>, 6> = [
        ("country", |dial| &dial.country),
        ("country_code", |dial| &dial.country_code),
        ("area_code", |dial| &dial.area_code),
        ("trunk_prefix", |dial| &dial.trunk_prefix),
        ("international_prefix", |dial| &dial.international_prefix),
        ("emergency_caller", |dial| &dial.emergency_caller),
    ];
    for (name, of) in names {
        changes.setting("dial", name, Live, shown(of(before).as_ref()), shown(of(after).as_ref()));
    }
    let emergency = |dial: &DialSection| list(dial.emergency.iter().flatten());
    changes.setting("dial", "emergency", Live, emergency(before), emergency(after));
    changes.setting("dial", "failover", Live, before.failover.to_string(), after.failover.to_string());
    changes.setting("dial", "agents", Live, list(&before.agents), list(&after.agents));
    changes.setting("dial", "supervisors", Live, list(&before.supervisors), list(&after.supervisors));
    changes.setting("dial", "admins", Live, list(&before.admins), list(&after.admins));
    changes.setting("dial", "flows", Live, list(&before.flows), list(&after.flows));
    changes.setting("dial", "by_agent", Live, singles(&before.by_agent), singles(&after.by_agent));
    changes.setting("dial", "by_flow", Live, singles(&before.by_flow), singles(&after.by_flow));
}

fn singles(places: &BTreeMap<Name, Vec<Name>>) -> String {
    list(places.iter().map(|(name, places)| format!("{name}: {}", list(places))))
}

/// What may go out through one trunk.
pub(super) fn outbound(subject: &str, before: Option<&OutboundSection>, after: Option<&OutboundSection>, changes: &mut Changes) {
    let (before, after) = match (before, after) {
        (None, None) => return,
        (None, Some(after)) => return changes.live(subject.to_owned(), "outbound_opened", vec![("new", list(&after.allow))]),
        (Some(_), None) => return changes.live(subject.to_owned(), "outbound_closed", Vec::new()),
        (Some(before), Some(after)) => (before, after),
    };
    let word = |debug: String| debug.to_lowercase();
    let prices = |section: &OutboundSection| list(section.prices.iter().map(|(start, price)| format!("{start} {price}")));
    let numbers: Fields<OutboundSection, Spanned<u32>, 5> = [
        ("priority", |section| &section.priority),
        ("weight", |section| &section.weight),
        ("max_calls", |section| &section.max_calls),
        ("calls_per_second", |section| &section.calls_per_second),
        ("minutes_per_day", |section| &section.minutes_per_day),
    ];
    changes.setting(subject, "allow", Live, list(&before.allow), list(&after.allow));
    changes.setting(subject, "deny", Live, list(&before.deny), list(&after.deny));
    changes.setting(subject, "premium", Live, before.premium.to_string(), after.premium.to_string());
    changes.setting(subject, "prices", Live, prices(before), prices(after));
    changes.setting(subject, "form", Live, word(format!("{:?}", before.form)), word(format!("{:?}", after.form)));
    changes.setting(subject, "dial_prefix", Live, shown(before.dial_prefix.as_ref()), shown(after.dial_prefix.as_ref()));
    changes.setting(subject, "caller_id", Live, word(format!("{:?}", before.caller_id)), word(format!("{:?}", after.caller_id)));
    changes.setting(subject, "number", Live, shown(before.number.as_ref()), shown(after.number.as_ref()));
    changes.setting(subject, "owns", Live, list(&before.owns), list(&after.owns));
    changes.setting(subject, "asserted_identity", Live, before.asserted_identity.to_string(), after.asserted_identity.to_string());
    for (name, of) in numbers {
        changes.setting(subject, name, Live, of(before).to_string(), of(after).to_string());
    }
    changes.setting(subject, "cost_per_day", Live, before.cost_per_day.to_string(), after.cost_per_day.to_string());
}
