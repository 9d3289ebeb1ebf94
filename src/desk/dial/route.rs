//! One way out of the house: through which trunk, how it wants the number, and who we say we are.

use super::number::{Number, Numbering};
use super::spec::{CallerPolicy, Form, Outbound, TrunkSpec};
use super::{Ask, Dialler};
use crate::desk::id::TrunkId;
use serde::{Deserialize, Serialize};

/// One way to reach a number. Made by [`super::plan`] alone; the texts are as the trunk wants to see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialRoute {
    pub trunk: TrunkId,
    /// The user part of the Request-URI.
    pub number: String,
    /// The number shown to the one called; `None`: nobody (RFC 3323).
    pub caller_id: Option<String>,
    /// Who is liable for the call, told to the provider alone (RFC 3325).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asserted: Option<String>,
    /// No answer at all for so long, and the next route is tried, ms.
    pub patience_ms: i64,
    /// What a minute costs, in millionths of the house's currency.
    #[serde(default, skip_serializing_if = "is_free")]
    pub price: i64,
}

fn is_free(price: &i64) -> bool {
    *price == 0
}

impl DialRoute {
    /// The route of a number through one trunk.
    pub(super) fn new(trunk: &TrunkSpec, outbound: &Outbound, number: &Number, ask: &Ask<'_>, context: &Context<'_>) -> DialRoute {
        let caller = caller(outbound, ask, context);
        let form = |number: &str| form(outbound, context.numbering, number);
        DialRoute {
            trunk: trunk.id.clone(),
            number: match number {
                Number::Full(value) => format!("{}{}", outbound.dial_prefix, form(value)),
                Number::Short(value) => format!("{}{value}", outbound.dial_prefix),
                // As it stands: an emergency number with something before it may lead nowhere.
                Number::Emergency(value) => value.clone(),
            },
            asserted: outbound.asserted.then(|| asserted(outbound, caller.as_deref())).flatten().map(|number| form(&number)),
            caller_id: caller.map(|number| form(&number)),
            patience_ms: context.patience_ms,
            price: match number {
                Number::Full(value) => outbound.price(&value[1..]),
                Number::Short(value) => outbound.price(value),
                Number::Emergency(_) => 0,
            },
        }
    }
}

/// What of the house a route is made with.
pub(super) struct Context<'a> {
    pub numbering: &'a Numbering,
    pub patience_ms: i64,
    /// The agent's own line, E.164.
    pub direct: Option<&'a str>,
    pub emergency: bool,
    /// The number by which help finds us; for emergency calls only.
    pub place: Option<&'a str>,
}

/// The number to show, E.164: only one that the trunk owns.
fn caller(outbound: &Outbound, ask: &Ask<'_>, context: &Context<'_>) -> Option<String> {
    let owned = |number: Option<&str>| number.filter(|number| outbound.owns(number)).map(str::to_owned);
    if context.emergency {
        // Help must find us: never hidden, and a number that the provider may refuse is better than none.
        return owned(context.place).or_else(|| outbound.number.clone()).or_else(|| context.place.map(str::to_owned));
    }
    if ask.anonymous {
        return None;
    }
    let line = || ask.line.and_then(|line| context.numbering.read(line)).map(|reading| reading.number.value().to_owned());
    let chosen = match (outbound.caller, &ask.by) {
        (CallerPolicy::Anonymous, _) => return None,
        (CallerPolicy::Number, _) => None,
        (CallerPolicy::Line, _) => owned(line().as_deref()),
        (CallerPolicy::Agent, Dialler::Agent(_)) => owned(context.direct).or_else(|| owned(line().as_deref())),
        (CallerPolicy::Agent, Dialler::Flow(_) | Dialler::House) => owned(line().as_deref()),
    };
    chosen.or_else(|| outbound.number.clone())
}

/// The number that the provider knows us by, also where none is shown.
fn asserted(outbound: &Outbound, caller: Option<&str>) -> Option<String> {
    caller.map(str::to_owned).or_else(|| outbound.number.clone())
}

/// A number in the form that the trunk wants.
fn form(outbound: &Outbound, numbering: &Numbering, number: &str) -> String {
    let Some(digits) = number.strip_prefix('+') else { return number.to_owned() };
    let national = digits.strip_prefix(numbering.country_code.as_str()).filter(|_| !numbering.country_code.is_empty());
    let out = if numbering.international_prefix.is_empty() { "00" } else { &numbering.international_prefix };
    match (outbound.form, national) {
        (Form::E164, _) => number.to_owned(),
        (Form::Plain, _) => digits.to_owned(),
        (Form::International, _) => format!("{out}{digits}"),
        (Form::National, Some(national)) => format!("{}{national}", trunk_prefix(numbering, national)),
        (Form::National, None) => format!("{out}{digits}"),
    }
}

/// Mobile and service numbers of a country whose plan writes them bare take no prefix.
fn trunk_prefix<'n>(numbering: &'n Numbering, national: &str) -> &'n str {
    let bare = numbering.country.map_or(&[][..], |country| country.bare);
    let is_bare = bare.iter().any(|(start, length)| national.starts_with(start) && national.len() == *length);
    if is_bare { "" } else { &numbering.trunk_prefix }
}
