//! Trunks as the SIP endpoint needs them: from where calls are taken, and where we register.

use super::registration_name;
use crate::desk::id::TrunkId;
use crate::sip::{Endpoint, IpNet, Peer, Registration, Transport};

/// One trunk, resolved from the configuration.
#[derive(Clone)]
pub struct Trunk {
    pub id: TrunkId,
    /// Addresses whose INVITEs belong to this trunk.
    pub sources: Vec<IpNet>,
    pub transport: Option<Transport>,
    /// `None` where the trunk is known by its address alone.
    pub registration: Option<Registration>,
    /// Country calling code put before national numbers, for example `86`; `None` leaves numbers as they come.
    pub country_code: Option<String>,
}

/// Brings the endpoint from the old trunks to the new ones; unchanged registrations are left alone.
pub(super) async fn apply(endpoint: &Endpoint, old: &[Trunk], new: &[Trunk]) {
    let peers = new.iter().map(|trunk| Peer { name: trunk.id.0.clone(), sources: trunk.sources.clone(), transport: trunk.transport }).collect();
    endpoint.set_peers(peers).await;
    for gone in old.iter().filter_map(|trunk| trunk.registration.as_ref()) {
        if !new.iter().any(|trunk| trunk.registration.as_ref() == Some(gone)) {
            endpoint.unregister(registration_name(gone)).await;
        }
    }
    for added in new.iter().filter_map(|trunk| trunk.registration.as_ref()) {
        if !old.iter().any(|trunk| trunk.registration.as_ref() == Some(added)) {
            endpoint.register(added.clone()).await;
        }
    }
}
