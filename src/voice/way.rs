//! One route, ready to be sent: whom the INVITE goes to and who it says is calling. The only place where a call out is made of a route.

use super::trunks::Trunk;
use super::{Settings, Voice};
use crate::desk::dial::DialRoute;
use crate::sip::{NameAddr, Outgoing, Uri};

/// Where nobody is shown (RFC 3323 §4.1.1.3).
const NOBODY: &str = "anonymous.invalid";

/// The call over this route; `None` when its trunk is gone or only brings calls.
/// `at`: another address of the trunk than its server.
pub(super) fn outgoing(settings: &Settings, route: &DialRoute, at: Option<&Uri>, offer: String) -> Option<Outgoing> {
    let trunk = Voice::trunk(settings, &route.trunk)?;
    let server = trunk.server.as_ref()?;
    let ours = trunk.registration.as_ref().map_or_else(|| Uri::sip(None, settings.host), |registration| registration.aor.clone());
    let shown = route.caller_id.clone();
    let hidden = shown.is_none();
    let from = match shown {
        Some(number) => NameAddr::new(None, ours.clone().with_user(&number)),
        None => NameAddr::new(Some("Anonymous"), Uri::parse(&format!("sip:anonymous@{NOBODY}")).ok()?),
    };
    let mut headers = Vec::new();
    if let Some(asserted) = &route.asserted {
        headers.push(("P-Asserted-Identity".to_owned(), NameAddr::new(None, ours.with_user(asserted)).to_string()));
    }
    if hidden {
        headers.push(("Privacy".to_owned(), "id".to_owned()));
    }
    Some(Outgoing {
        to: at.cloned().unwrap_or_else(|| server.clone().with_user(&route.number)),
        from,
        transport: trunk.transport,
        offer,
        headers,
        credentials: trunk.credentials.clone(),
        may_refer: false,
    })
}

/// Whether the trunk may send this call on to there: the same number, at its own server or an address that it is known by.
pub(super) fn may_follow(trunk: &Trunk, route: &DialRoute, to: &Uri) -> bool {
    let address = to.host.trim_matches(['[', ']']).parse().ok();
    let own = trunk.server.as_ref().is_some_and(|server| server.host.eq_ignore_ascii_case(&to.host))
        || address.is_some_and(|ip| trunk.sources.iter().any(|net| net.contains(ip)));
    own && to.user().is_some_and(|user| user == route.number.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_number_at_the_same_trunk_is_followed() {
        let trunk = Trunk { sources: vec!["192.0.2.0/28".parse().unwrap()], ..Trunk::plain("out", "sip:sip.provider.example") };
        let route = DialRoute { trunk: "out".into(), number: "+4930123".into(), caller_id: None, asserted: None, patience_ms: 0, price: 0 };
        let may = |to: &str| may_follow(&trunk, &route, &Uri::parse(to).unwrap());
        assert!(may("sip:+4930123@SIP.provider.example:5080") && may("sip:+4930123@192.0.2.9:5070"));
        for no in
            ["sip:+499001234@sip.provider.example", "sip:+4930123@198.51.100.9", "sip:+4930123@evil.example", "sip:sip.provider.example"]
        {
            assert!(!may(no), "{no}");
        }
    }
}
