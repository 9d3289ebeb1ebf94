//! Numbers that we call: over one route after the other, until somebody answers or says no.

use super::{Call, Next};
use crate::desk::dial::DialRoute;
use crate::desk::input::{CallHeard, EndCause, EndedBy, LegFailure, LegParty};
use crate::sip::{DialogEvent, NameAddr, Outgoing, Uri};
use crate::voice::Voice;
use crate::voice::party::{self, Device, Dialling, PartyEvent, PartyLeg};
use crate::voice::session::Session;
use anyhow::Context;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// A trunk's name must have an address by then: meanwhile the call hears nothing.
const REACH: Duration = Duration::from_secs(3);

impl Call {
    pub(super) async fn dial(&mut self, party: LegParty, routes: Vec<DialRoute>, ring_ms: i64) {
        self.drop_party(&party);
        let ring = Duration::from_millis(u64::try_from(ring_ms).unwrap_or_default());
        let dialling = Dialling { routes: routes.into(), deadline: Instant::now() + ring };
        self.try_routes(party, dialling, LegFailure::Unreachable).await;
    }

    /// Calls over the next route that can be tried at all.
    async fn try_routes(&mut self, party: LegParty, mut dialling: Dialling, cause: LegFailure) {
        while let Some(route) = dialling.routes.pop_front() {
            match self.call_over(&route).await {
                Ok(mut leg) => {
                    tracing::info!(call = %self.id, ?party, trunk = %route.trunk, "dialled");
                    leg.dialling = Some(dialling);
                    self.parties.push((party, leg));
                    return self.repaint();
                }
                Err(error) => {
                    tracing::warn!(call = %self.id, trunk = %route.trunk, error = %format!("{error:#}"), "the trunk cannot be used")
                }
            }
        }
        self.tell(CallHeard::PartyFailed { party, cause });
    }

    async fn call_over(&mut self, route: &DialRoute) -> anyhow::Result<PartyLeg> {
        let settings = self.settings.clone();
        let trunk = Voice::trunk(&settings, &route.trunk).context("no such trunk")?;
        let server = trunk.server.as_ref().context("the trunk has no server")?;
        let to = server.clone().with_user(&route.number);
        let shown = route.caller_id.as_deref().or(trunk.user.as_deref()).unwrap_or("anonymous");
        let from = trunk.registration.as_ref().map_or_else(|| Uri::sip(None, settings.host), |registration| registration.aor.clone());
        let from = from.with_user(shown);
        let (leg, local) = self.room.add_rtp()?;
        let mut session = Session::new(local);
        let outgoing = Outgoing {
            to,
            from: NameAddr::new(None, from),
            transport: trunk.via,
            offer: session.offer(),
            headers: Vec::new(),
            credentials: trunk.credentials.clone(),
        };
        let invited = tokio::time::timeout(REACH, self.voice.shared.endpoint.invite(outgoing)).await;
        let invited = invited.map_err(anyhow::Error::from).and_then(|invited| Ok(invited?));
        let dialog = invited.inspect_err(|_| self.room.remove(leg))?;
        Ok(PartyLeg::new(leg, Device::Phone { dialog, session }))
    }

    /// What is heard of a number that we called.
    pub(super) async fn dialled_event(&mut self, party: LegParty, event: PartyEvent) -> Next {
        let event = match event {
            PartyEvent::Dialog(event) => event,
            PartyEvent::DialogGone => return self.dialled_gone(party, false),
            PartyEvent::TooLong => {
                self.drop_party(&party);
                self.tell(CallHeard::PartyFailed { party, cause: LegFailure::NoAnswer });
                return Next::On;
            }
            PartyEvent::Peer(_) => return Next::On,
        };
        let room = &self.room;
        let Some((_, leg)) = self.parties.iter_mut().find(|(id, _)| *id == party) else { return Next::On };
        match event {
            DialogEvent::Progress { sdp, .. } => {
                // A description that cannot be used now is looked at again in the answer.
                let early = sdp.is_some() && leg.described(room, sdp.as_deref()).is_ok();
                self.tell(CallHeard::PartyRinging { party, early });
            }
            DialogEvent::Answered { sdp } => match leg.described(room, sdp.as_deref()) {
                Ok(()) => {
                    leg.answered = true;
                    leg.dialling = None;
                    self.tell(CallHeard::PartyAnswered { party });
                }
                Err(error) => {
                    tracing::warn!(call = %self.id, ?party, %error, "the answer cannot be used");
                    self.drop_party(&party);
                    self.tell(CallHeard::PartyFailed { party, cause: LegFailure::Unreachable });
                }
            },
            DialogEvent::Rejected { status, .. } => {
                let dialling = leg.dialling.take();
                self.drop_party(&party);
                let routes =
                    if party::is_final(status) { VecDeque::new() } else { dialling.as_ref().map(|d| d.routes.clone()).unwrap_or_default() };
                tracing::info!(call = %self.id, ?party, status, others = routes.len(), "not connected");
                let deadline = dialling.map_or_else(Instant::now, |dialling| dialling.deadline);
                self.try_routes(party, Dialling { routes, deadline }, party::failure(status)).await;
            }
            DialogEvent::Ended { by_peer, status, .. } => return self.dialled_gone(party, by_peer && status.is_none()),
            DialogEvent::Dtmf { digit, .. } => {
                if party == LegParty::Customer {
                    self.customer_pressed(digit);
                }
            }
            event => {
                leg.negotiate(room, &event);
            }
        }
        Next::On
    }

    /// The dialog of a number that we called is over.
    fn dialled_gone(&mut self, party: LegParty, by_peer: bool) -> Next {
        let answered = self.parties.iter().any(|(id, leg)| *id == party && leg.answered);
        if answered && party == LegParty::Customer {
            let (by, cause) = if by_peer { (EndedBy::Customer, EndCause::Normal) } else { (EndedBy::Network, EndCause::Failed) };
            return Next::Over(by, cause);
        }
        self.drop_party(&party);
        self.tell(if answered { CallHeard::PartyLeft { party } } else { CallHeard::PartyFailed { party, cause: LegFailure::NoAnswer } });
        Next::On
    }
}
