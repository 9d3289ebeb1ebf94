//! From `[dial]` and `[trunks.outbound]` to what decides about calls out.

use super::id;
use crate::config::Config;
use crate::config::value::{Name, Period};
use crate::desk::catalog::{LineSpec, LineTarget};
use crate::desk::config::RoleName;
use crate::desk::dial::countries;
use crate::desk::dial::number::{Number, Numbering};
use crate::desk::dial::spec::{CallerPolicy, DialSpec, Form, Outbound, Place, TrunkSpec};
use crate::sip::config::{CallerIdName, FormName, OutboundSection, TrunkSection};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// What decides about numbers and calls out.
pub(super) fn spec(config: &Config, lines: &[LineSpec]) -> DialSpec {
    let section = &config.dial;
    let numbering = house(config);
    let role = |role: RoleName| match role {
        RoleName::Agent => &section.agents,
        RoleName::Supervisor => &section.supervisors,
        RoleName::Admin => &section.admins,
    };
    let single = |agent: &str| section.by_agent.iter().find(|(name, _)| name.get_ref() == agent).map(|(_, places)| places);
    let named = config.agents.iter().map(|agent| (agent.id.get_ref().clone(), role(agent.role)));
    let grouped = config.agent_groups.iter().flat_map(|group| {
        let numbers = (group.first..).take(*group.count.get_ref() as usize);
        numbers.map(|number| (format!("{}{number}", group.prefix), &section.agents))
    });
    let agents = named.chain(grouped).map(|(agent, of_role)| {
        let written = single(&agent).unwrap_or(of_role);
        (agent.as_str().into(), places(written))
    });
    let agents = agents.collect();
    let direct = lines.iter().rev().filter_map(|line| match &line.to {
        LineTarget::Agent(agent) => full(&numbering, &line.number).map(|number| (agent.clone(), number)),
        _ => None,
    });
    let direct = direct.collect();
    DialSpec {
        zone: TimeZone::get(config.site.timezone.get_ref()).unwrap_or(TimeZone::UTC),
        trunks: config.trunks.iter().map(|trunk| self::trunk(trunk, &numbering)).collect(),
        agents,
        by_flow: section.by_flow.iter().map(|(flow, written)| (flow.get_ref().clone(), places(written))).collect(),
        flows: places(&section.flows),
        direct,
        place: section.emergency_caller.as_ref().and_then(|number| full(&numbering, number.get_ref())),
        patience_ms: section.failover.get_ref().millis(),
        numbering,
    }
}

/// How numbers are written where the house stands. Without a country it is the one of the trunks, if they agree.
fn house(config: &Config) -> Numbering {
    let section = &config.dial;
    let digits = |name: &Option<Name>| name.as_ref().map(|name| name.get_ref().trim_start_matches('+').to_owned());
    let codes: BTreeSet<String> = config.trunks.iter().filter_map(|trunk| digits(&trunk.country_code)).collect();
    let country = section.country.as_ref().and_then(|name| countries::named(name.get_ref()));
    let mut numbering = match (country, digits(&section.country_code), codes.first()) {
        (Some(country), _, _) => Numbering::of(country),
        (None, Some(code), _) => Numbering::coded(&code),
        (None, None, Some(code)) if codes.len() == 1 => Numbering::coded(code),
        (None, None, _) => Numbering::coded(""),
    };
    if let Some(code) = digits(&section.country_code) {
        numbering.country_code = code;
    }
    if let Some(code) = &section.area_code {
        numbering.area_code = code.get_ref().clone();
    }
    if let Some(prefix) = &section.trunk_prefix {
        numbering.trunk_prefix = prefix.get_ref().clone();
    }
    if let Some(prefix) = &section.international_prefix {
        numbering.international_prefix = prefix.get_ref().clone();
    }
    if let Some(numbers) = &section.emergency {
        numbering.emergency = numbers.iter().map(|number| number.get_ref().clone()).collect();
    }
    numbering
}

fn trunk(section: &TrunkSection, house: &Numbering) -> TrunkSpec {
    let code = section.country_code.as_ref().map(|code| code.get_ref().trim_start_matches('+'));
    let numbering = match code.filter(|code| *code != house.country_code) {
        Some(code) => Numbering::coded(code),
        None => house.clone(),
    };
    TrunkSpec {
        id: id(&section.id),
        numbering: Numbering { with_code: section.numbers_with_code, ..numbering },
        reachable: section.server.is_some(),
        pinged: section.server.is_some() && *section.ping.get_ref() != Period::default(),
        failures: *section.ping_failures.get_ref(),
        outbound: section.outbound.as_ref().map(|outbound| self::outbound(outbound, house)),
    }
}

fn outbound(section: &OutboundSection, house: &Numbering) -> Outbound {
    let owned = |name: &Name| match name.get_ref().strip_suffix('*') {
        Some(start) => Some(format!("{start}*")),
        None => full(house, name.get_ref()),
    };
    let start = |name: &Name| match name.get_ref().as_str() {
        "any" => String::new(),
        text => text.trim_start_matches('+').to_owned(),
    };
    Outbound {
        allow: places(&section.allow),
        deny: places(&section.deny),
        premium: section.premium,
        priority: *section.priority.get_ref(),
        weight: *section.weight.get_ref(),
        prices: section.prices.iter().map(|(name, price)| (start(name), micros(*price.get_ref()))).collect(),
        form: match section.form {
            FormName::E164 => Form::E164,
            FormName::Plain => Form::Plain,
            FormName::International => Form::International,
            FormName::National => Form::National,
        },
        dial_prefix: section.dial_prefix.as_ref().map(|prefix| prefix.get_ref().clone()).unwrap_or_default(),
        caller: match section.caller_id {
            CallerIdName::Line => CallerPolicy::Line,
            CallerIdName::Agent => CallerPolicy::Agent,
            CallerIdName::Number => CallerPolicy::Number,
            CallerIdName::Anonymous => CallerPolicy::Anonymous,
        },
        number: section.number.as_ref().and_then(|number| full(house, number.get_ref())),
        owns: section.owns.iter().filter_map(owned).collect(),
        asserted: section.asserted_identity,
        max_calls: *section.max_calls.get_ref(),
        calls_per_second: *section.calls_per_second.get_ref(),
        minutes_per_day: *section.minutes_per_day.get_ref(),
        cost_per_day: micros(*section.cost_per_day.get_ref()),
    }
}

/// Millionths of the currency: exact enough to add up, and comparable.
fn micros(amount: f64) -> i64 {
    (amount * 1e6).round() as i64
}

fn full(numbering: &Numbering, text: &str) -> Option<String> {
    match numbering.read(text)?.number {
        Number::Full(number) => Some(number),
        Number::Emergency(_) | Number::Short(_) => None,
    }
}

fn places(written: &[Name]) -> Vec<Place> {
    written.iter().filter_map(|place| Place::read(place.get_ref())).collect()
}
