//! What can be wrong beyond the form: names that lead nowhere, numbers out of range, ports in each other's way. One file per part of
//! the configuration; each adds all it finds.

mod agents;
mod api;
mod callbacks;
mod channels;
mod crm;
mod declared;
mod dial;
mod email;
mod flows;
mod forms;
mod hours;
mod line;
mod lines;
mod machine;
mod meta;
mod overlays;
mod platform;
mod ports;
mod queues;
mod relays;
mod rules;
mod social;
mod speech;
mod surveys;
mod targets;
mod telegram;
mod texts;
mod tickets;
mod trunks;
mod viber;
mod webhooks;

pub(super) use declared::Names;

use super::Config;
use super::findings::Findings;
use std::fmt::Display;
use std::ops::RangeInclusive;
use toml::Spanned;

pub(super) use hours::{Days, days, holiday_days, spans};
pub(super) use lines::numbered;

/// All checks, in the order of the example file.
pub(super) fn all(config: &Config, findings: &mut Findings<'_>) {
    let names = Names::declare(config, findings);
    machine::check(config, findings);
    ports::check(config, findings);
    relays::check(config, findings);
    trunks::check(config, findings);
    dial::check(config, &names, findings);
    lines::check(config, &names, findings);
    queues::check(config, &names, findings);
    overlays::check(config, &names, findings);
    agents::check(config, &names, findings);
    hours::check(config, &names, findings);
    flows::check(config, &names, findings);
    forms::check(config, findings);
    tickets::check(config, &names, findings);
    surveys::check(config, &names, findings);
    speech::check(config, findings);
    callbacks::check(config, findings);
    api::check(config, &names, findings);
    webhooks::check(config, findings);
    crm::check(config, findings);
    channels::check(config, &names, findings);
    rules::check(config, &names, findings);
    social::alerts(config, findings);
}

/// A number between two bounds.
fn within<T: PartialOrd + Copy + Display>(what: &str, value: &Spanned<T>, bounds: RangeInclusive<T>, findings: &mut Findings<'_>) {
    if !bounds.contains(value.get_ref()) {
        let (low, high) = (bounds.start(), bounds.end());
        findings.error(value.span(), format!("{what} is {}, but must be from {low} to {high}", value.get_ref()));
    }
}
