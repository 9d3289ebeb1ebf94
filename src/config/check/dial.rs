//! Calls out: that the lists of destinations say something, and that nothing stands open by mistake.

use super::{Names, within};
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::{Name, Period};
use crate::desk::dial::countries;
use crate::desk::dial::spec::Place;
use crate::sip::config::{CallerIdName, OutboundSection, TrunkSection};
use toml::Spanned;

/// Prices and budgets beyond this are a slip of the finger.
const DEAREST: f64 = 1_000_000.0;

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    let dial = &config.dial;
    if let Some(country) = &dial.country {
        let known: Vec<&str> = countries::COUNTRIES.iter().map(|country| country.name).collect();
        findings.word("country", country, &known);
    }
    if let Some(code) = dial.country_code.as_ref().filter(|code| !is_digits(code.get_ref().trim_start_matches('+'), 3)) {
        findings.error(code.span(), format!("`{code}` is not a country code")).help("write its digits: \"49\", \"86\", \"1\"");
    }
    if let Some(code) = dial.area_code.as_ref().filter(|code| !is_digits(code.get_ref(), 6)) {
        findings.error(code.span(), format!("`{code}` is not an area code")).help("write its digits without the leading 0: \"30\", \"10\"");
    } else if let Some(code) = dial.area_code.as_ref().filter(|code| code.get_ref().starts_with('0')) {
        findings.warning(code.span(), "an area code is written without its leading 0 here");
    }
    for prefix in [&dial.trunk_prefix, &dial.international_prefix].into_iter().flatten() {
        if !prefix.get_ref().is_empty() && !is_digits(prefix.get_ref(), 6) {
            findings.error(prefix.span(), format!("`{prefix}` is not a dialling prefix")).help("digits only, such as \"0\" or \"00\"");
        }
    }
    for number in dial.emergency.iter().flatten().filter(|number| !is_digits(number.get_ref(), 6)) {
        findings.error(number.span(), format!("`{number}` is not an emergency number")).help("write it as it is dialled: \"112\"");
    }
    if let Some(number) = &dial.emergency_caller {
        own_number(number, findings);
    }
    if !(Period::from_secs(1)..=Period::from_secs(30)).contains(dial.failover.get_ref()) {
        findings
            .error(dial.failover.span(), "`failover` must be from 1s to 30s")
            .help("callers wait this long for each trunk that is dead");
    }
    let has_country =
        dial.country.is_some() || dial.country_code.is_some() || config.trunks.iter().any(|trunk| trunk.country_code.is_some());
    let lists =
        [&dial.agents, &dial.supervisors, &dial.admins, &dial.flows].into_iter().chain(dial.by_agent.values()).chain(dial.by_flow.values());
    for places in lists {
        destinations(places, has_country, findings);
    }
    for agent in dial.by_agent.keys() {
        findings.refer(agent, &names.agents);
    }
    for flow in dial.by_flow.keys() {
        findings.refer(flow, &names.flows);
    }
    for trunk in &config.trunks {
        if let Some(outbound) = &trunk.outbound {
            self::outbound(trunk, outbound, has_country, findings);
            shown_line(config, trunk, outbound, findings);
        }
    }
}

fn outbound(trunk: &TrunkSection, section: &OutboundSection, has_country: bool, findings: &mut Findings<'_>) {
    let id = &trunk.id;
    if trunk.server.is_none() {
        findings
            .error(id.span(), format!("trunk `{id}` cannot take calls out without a server"))
            .help("name the provider's server = \"…\"");
    }
    if section.allow.is_empty() {
        findings
            .warning(id.span(), format!("nothing may go out through trunk `{id}`: its `allow` is empty"))
            .help("name the destinations: allow = [\"national\"] or [\"+49\", \"+43\"]");
    }
    destinations(&section.allow, has_country, findings);
    destinations(&section.deny, has_country, findings);
    let unlimited = *section.minutes_per_day.get_ref() == 0 && *section.cost_per_day.get_ref() == 0.0;
    if let Some(any) = section.allow.iter().find(|place| place.get_ref() == "any").filter(|_| unlimited) {
        findings
            .warning(any.span(), "every number of the world may be called, without a limit a day")
            .help("toll fraud runs up thousands in one night: set minutes_per_day or cost_per_day, or name the countries");
    }
    within("`priority`", &section.priority, 0..=1_000, findings);
    within("`weight`", &section.weight, 1..=1_000, findings);
    within("`max_calls`", &section.max_calls, 0..=10_000, findings);
    within("`calls_per_second`", &section.calls_per_second, 0..=1_000, findings);
    within("`minutes_per_day`", &section.minutes_per_day, 0..=10_000_000, findings);
    amount("`cost_per_day`", &section.cost_per_day, findings);
    for (start, price) in &section.prices {
        if start.get_ref() != "any" && !matches!(Place::read(start.get_ref()), Some(Place::Start(_) | Place::Short(_))) {
            findings.error(start.span(), format!("`{start}` is not the beginning of numbers")).help("write \"+49\", \"10086\" or any");
        }
        amount("a price", price, findings);
    }
    if *section.cost_per_day.get_ref() > 0.0 && section.prices.values().all(|price| *price.get_ref() == 0.0) {
        findings
            .warning(section.cost_per_day.span(), "`cost_per_day` is never reached: no price is known")
            .help("prices = { \"any\" = 0.05 }");
    }
    if let Some(prefix) = section.dial_prefix.as_ref().filter(|prefix| !is_digits(prefix.get_ref(), 8)) {
        findings.error(prefix.span(), format!("`{prefix}` is not a dialling prefix")).help("digits only");
    }
    section.number.iter().for_each(|number| own_number(number, findings));
    for number in &section.owns {
        match number.get_ref().strip_suffix('*') {
            Some(start) if start.strip_prefix('+').is_some_and(|digits| is_digits(digits, 15)) => {}
            Some(_) => {
                findings.error(number.span(), format!("`{number}` is not the beginning of numbers")).help("write \"+49301234*\"");
            }
            None => own_number(number, findings),
        }
    }
    if section.caller_id == CallerIdName::Number && section.number.is_none() {
        findings
            .error(id.span(), format!("trunk `{id}` shows its number, but has none"))
            .help("add number = \"+49…\" to its [trunks.outbound]");
    }
}

/// The line that a customer had dialled is shown only where the trunk owns it; else its own number is, of which nobody is told.
fn shown_line(config: &Config, trunk: &TrunkSection, section: &OutboundSection, findings: &mut Findings<'_>) {
    let Some(number) = section.number.as_ref().filter(|_| section.caller_id == CallerIdName::Line) else { return };
    let owns = |line: &str| {
        let own = section.owns.iter().chain([number]).map(|own| own.get_ref().as_str());
        own.into_iter().any(|own| own.strip_suffix('*').map_or(line == own, |start| line.starts_with(start)))
    };
    let theirs = config.lines.iter().filter(|line| line.trunk.as_ref().is_none_or(|of| *of == trunk.id));
    let full = theirs.map(|line| line.number.get_ref().as_str()).filter(|line| line.starts_with('+') && !line.contains('{'));
    if let Some(line) = full.into_iter().find(|line| !owns(line)) {
        findings
            .warning(
                number.span(),
                format!("customers who dialled `{line}` are called back with `{number}`: trunk `{}` does not own it", trunk.id),
            )
            .help(format!("owns = [\"{line}\"], or caller_id = \"number\" if that is meant"));
    }
}

/// A list of destinations.
fn destinations(places: &[Name], has_country: bool, findings: &mut Findings<'_>) {
    for place in places {
        match Place::read(place.get_ref()) {
            None => {
                findings
                    .error(place.span(), format!("`{place}` is not a destination"))
                    .help("write \"national\", a beginning such as \"+49\", a whole short number such as \"10086\", or \"any\"");
            }
            Some(Place::National) if !has_country => {
                findings.error(place.span(), "`national` says nothing: the country is not known").help("[dial] country = \"de\"");
            }
            Some(_) => {}
        }
    }
}

/// Numbers of our own are written in full, so that nobody has to guess.
fn own_number(number: &Name, findings: &mut Findings<'_>) {
    if !number.get_ref().strip_prefix('+').is_some_and(|digits| digits.len() >= 7 && is_digits(digits, 15) && !digits.starts_with('0')) {
        findings
            .error(number.span(), format!("`{number}` is not a number in full"))
            .help("write it with + and country code: \"+4930123456\"");
    }
}

fn amount(what: &str, value: &Spanned<f64>, findings: &mut Findings<'_>) {
    if !(0.0..=DEAREST).contains(value.get_ref()) {
        findings.error(value.span(), format!("{what} is {}, but must be from 0 to {DEAREST}", value.get_ref()));
    }
}

fn is_digits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}
