//! Trunks as the SIP endpoint needs them: from where calls are taken, and where we register.

use crate::desk::dial::number::Numbering;
use crate::desk::id::TrunkId;
use crate::rtp::Codec;
use crate::sip::{Authorities, Credentials, Endpoint, IpNet, Peer, Registration, Srtp, Transport, Uri};
use crate::sound::Improve;
use secrecy::ExposeSecret;
use std::time::Duration;

/// One trunk, resolved from the configuration.
#[derive(Clone)]
pub struct Trunk {
    pub id: TrunkId,
    /// Addresses whose INVITEs belong to this trunk.
    pub sources: Vec<IpNet>,
    /// How we reach it; with TLS its calls are taken over nothing else.
    pub transport: Option<Transport>,
    /// Encrypted audio.
    pub srtp: Srtp,
    /// Its server, and who must have signed its certificate, unless the system's authorities will do.
    pub authorities: Option<(String, Authorities)>,
    /// Its P-Asserted-Identity is believed.
    pub asserts: bool,
    /// Where calls out go; `None`: it only brings calls.
    pub server: Option<Uri>,
    /// Shown where no other number is asked for.
    pub user: Option<String>,
    /// Used when it challenges a call of ours.
    pub credentials: Option<Credentials>,
    /// `None` where the trunk is known by its address alone.
    pub registration: Option<Registration>,
    /// How often it is asked whether it is there; `None` for never.
    pub ping: Option<Duration>,
    /// Silent pings that make it count as down: fewer are asked again soon.
    pub ping_failures: u32,
    /// How its callers' numbers are written.
    pub numbering: Numbering,
    /// What is spoken, the preferred one first.
    pub codecs: Vec<Codec>,
    /// What is done for those who hear its callers.
    pub improve: Improve,
}

#[cfg(test)]
impl Trunk {
    /// One that is known by its server alone.
    pub fn plain(id: &str, server: &str) -> Trunk {
        Trunk {
            id: id.into(),
            sources: Vec::new(),
            transport: None,
            srtp: Srtp::Off,
            authorities: None,
            asserts: false,
            server: Uri::parse(server).ok(),
            user: None,
            credentials: None,
            registration: None,
            ping: None,
            ping_failures: 3,
            numbering: Numbering::default(),
            codecs: Codec::ALL.to_vec(),
            improve: Improve::default(),
        }
    }
}

/// Brings the endpoint from the old trunks to the new ones; unchanged registrations are left alone.
pub(super) async fn apply(endpoint: &Endpoint, old: &[Trunk], new: &[Trunk]) {
    let peers = new.iter().map(|trunk| Peer {
        name: trunk.id.0.clone(),
        sources: trunk.sources.clone(),
        // A provider may answer UDP over TCP when it gets too long (RFC 3261 §18.1.1); what was to be secret stays so.
        transport: trunk.transport.filter(|transport| *transport == Transport::Tls),
        asserts: trunk.asserts,
    });
    endpoint.set_peers(peers.collect()).await;
    endpoint.set_authorities(new.iter().filter_map(|trunk| trunk.authorities.clone()).collect());
    for gone in old.iter().filter_map(|trunk| trunk.registration.as_ref()) {
        if !new.iter().filter_map(|trunk| trunk.registration.as_ref()).any(|kept| same(kept, gone)) {
            endpoint.unregister(&gone.name).await;
        }
    }
    for added in new.iter().filter_map(|trunk| trunk.registration.as_ref()) {
        if !old.iter().filter_map(|trunk| trunk.registration.as_ref()).any(|kept| same(kept, added)) {
            endpoint.register(added.clone()).await;
        }
    }
}

/// Whether a reload left a registration as it is.
fn same(a: &Registration, b: &Registration) -> bool {
    let login = |registration: &Registration| {
        registration.credentials.as_ref().map(|login| (login.username.clone(), login.password.expose_secret().to_owned()))
    };
    (&a.name, &a.registrar, a.transport, &a.aor, &a.contact_user, a.expires)
        == (&b.name, &b.registrar, b.transport, &b.aor, &b.contact_user, b.expires)
        && login(a) == login(b)
}
