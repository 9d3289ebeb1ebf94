//! One route, ready to be sent: whom the INVITE goes to and who it says is calling. The only place where a call out is made of a route.

use super::{Settings, Voice};
use crate::desk::dial::DialRoute;
use crate::sip::{NameAddr, Outgoing, Uri};

/// Where nobody is shown (RFC 3323 §4.1.1.3).
const NOBODY: &str = "anonymous.invalid";

/// The call over this route; `None` when its trunk is gone or only brings calls.
pub(super) fn outgoing(settings: &Settings, route: &DialRoute, offer: String) -> Option<Outgoing> {
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
        to: server.clone().with_user(&route.number),
        from,
        transport: trunk.transport,
        offer,
        headers,
        credentials: trunk.credentials.clone(),
        may_refer: false,
    })
}
