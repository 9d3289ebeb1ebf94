//! `[dial]`: how numbers are read, and who may call where.

use crate::config::value::{Name, Period};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// `[dial]`: numbers and calls to the outside. Nothing leaves through a trunk without `[trunks.outbound]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DialSection {
    /// The country the house stands in, ISO 3166: `cn`, `de`, `us`, …. Sets all that follows down to `emergency`. Default: none.
    pub country: Option<Name>,
    /// Calling code, such as `49`. Default: the country's.
    pub country_code: Option<Name>,
    /// Area code without its leading prefix, such as `30`: local numbers are then completed. Default: none.
    pub area_code: Option<Name>,
    /// Digits before national numbers, such as `0`; empty for none. Default: the country's.
    pub trunk_prefix: Option<Name>,
    /// Digits before foreign numbers, such as `00`. Default: the country's.
    pub international_prefix: Option<Name>,
    /// Numbers of police, fire and ambulance: never refused to our people, never called by flows. Default: the country's, else 112 and 911.
    pub emergency: Option<Vec<Name>>,
    /// The number shown in emergency calls, by which help finds the house. Default: the trunk's.
    pub emergency_caller: Option<Name>,
    /// No answer at all from a trunk for this long: the next one is tried. Default: 4s.
    pub failover: Spanned<Period>,
    /// Where agents may call: `any`, `national`, beginnings such as `+49`, whole short numbers such as `10086`. Default: any, as far as trunks allow.
    pub agents: Vec<Name>,
    /// The same for supervisors. Default: any.
    pub supervisors: Vec<Name>,
    /// The same for administrators. Default: any.
    pub admins: Vec<Name>,
    /// The same for flows, which strangers drive. Default: nowhere.
    pub flows: Vec<Name>,
    /// Single agents who may call elsewhere than their role. Default: none.
    pub by_agent: BTreeMap<Name, Vec<Name>>,
    /// Single flows that may call elsewhere than `flows`. Default: none.
    pub by_flow: BTreeMap<Name, Vec<Name>>,
}

impl Default for DialSection {
    fn default() -> Self {
        let any = || vec![Spanned::new(0..0, "any".into())];
        DialSection {
            country: None,
            country_code: None,
            area_code: None,
            trunk_prefix: None,
            international_prefix: None,
            emergency: None,
            emergency_caller: None,
            failover: Spanned::new(0..0, Period::from_secs(4)),
            agents: any(),
            supervisors: any(),
            admins: any(),
            flows: Vec::new(),
            by_agent: BTreeMap::new(),
            by_flow: BTreeMap::new(),
        }
    }
}
