//! `[trunks.outbound]`: what may go out through a trunk. Without this table nothing does.

use crate::config::value::Name;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// How a trunk wants numbers written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormName {
    /// `+4930123456`
    #[default]
    E164,
    /// `4930123456`
    Plain,
    /// `004930123456`
    International,
    /// `030123456`, and `0033…` for other countries.
    National,
}

/// Whose number is shown to the one called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallerIdName {
    /// The line that the customer had dialled, where there is one.
    #[default]
    Line,
    /// The agent's own line.
    Agent,
    /// Always `number`.
    Number,
    /// Nobody's.
    Anonymous,
}

/// `[trunks.outbound]`: calls to the outside. Default is deny: only what `allow` names goes out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundSection {
    /// Where calls may go: `national`, beginnings such as `+49`, whole short numbers such as `10086`, or `any`. Default: nowhere.
    pub allow: Vec<Name>,
    /// Where they may not, although `allow` covers it. Default: none.
    pub deny: Vec<Name>,
    /// Premium-rate, satellite and shared-cost numbers too. Default: false.
    pub premium: bool,
    /// Among trunks of the same price the lowest is tried first. Default: 1.
    pub priority: Spanned<u32>,
    /// Its share of the calls among trunks of the same price and priority. Default: 1.
    pub weight: Spanned<u32>,
    /// Price of a minute by beginning (`+49`, `10086`, `any`); the longest counts. The cheapest trunk is tried first. Default: nothing costs.
    pub prices: BTreeMap<Name, Spanned<f64>>,
    /// How the provider wants numbers: `e164`, `plain`, `international` or `national`. Default: e164.
    pub form: FormName,
    /// Digits put before every number but emergency numbers. Default: none.
    pub dial_prefix: Option<Name>,
    /// Whose number is shown: `line`, `agent`, `number` or `anonymous`. Only numbers that the trunk owns are. Default: line.
    pub caller_id: CallerIdName,
    /// The trunk's own number, shown where `caller_id` gives none that it owns. Default: none.
    pub number: Option<Name>,
    /// Further numbers that it owns, E.164; `*` at the end stands for any digits. Default: none.
    pub owns: Vec<Name>,
    /// Send P-Asserted-Identity, by which the provider knows the line also when no number is shown. Default: true.
    pub asserted_identity: bool,
    /// Calls at once; 0 for no limit. Default: 10.
    pub max_calls: Spanned<u32>,
    /// Calls begun within a second; 0 for no limit. Default: 2.
    pub calls_per_second: Spanned<u32>,
    /// Minutes of talk a day; 0 for no limit. Default: 0.
    pub minutes_per_day: Spanned<u32>,
    /// Money a day, by `prices`; 0 for no limit. Default: 0.
    pub cost_per_day: Spanned<f64>,
}

impl Default for OutboundSection {
    fn default() -> Self {
        let number = |value| Spanned::new(0..0, value);
        OutboundSection {
            allow: Vec::new(),
            deny: Vec::new(),
            premium: false,
            priority: number(1),
            weight: number(1),
            prices: BTreeMap::new(),
            form: FormName::default(),
            dial_prefix: None,
            caller_id: CallerIdName::default(),
            number: None,
            owns: Vec::new(),
            asserted_identity: true,
            max_calls: number(10),
            calls_per_second: number(2),
            minutes_per_day: number(0),
            cost_per_day: Spanned::new(0..0, 0.0),
        }
    }
}
