//! Numbers that we call: over one route after the other, until somebody answers or says no.

use super::{Call, Next};
use crate::desk::dial::DialRoute;
use crate::desk::dial::book::TrunkProblem;
use crate::desk::input::{CallHeard, EndCause, EndedBy, LegFailure, LegParty};
use crate::rtp::Codec;
use crate::sip::{DialogEvent, SipError, Uri};
use crate::voice::party::{self, Device, Dialling, PartyEvent, PartyLeg};
use crate::voice::session::Session;
use crate::voice::{Voice, health, moment, way};
use anyhow::Context;
use std::time::Duration;

/// A trunk's name must have an address by then: meanwhile the call hears nothing.
const REACH: Duration = Duration::from_secs(3);
/// Redirections of one trunk that are followed, one after the other.
const MOST_HOPS: u8 = 3;

impl Call {
    pub(super) async fn dial(&mut self, party: LegParty, routes: Vec<DialRoute>, ring_ms: i64) {
        self.drop_party(&party);
        let ring = Duration::from_millis(u64::try_from(ring_ms).unwrap_or_default());
        let dialling =
            Dialling { routes: routes.into(), route: None, elsewhere: Vec::new(), hops: 0, patience: None, deadline: moment() + ring };
        self.try_routes(party, dialling, LegFailure::Unreachable).await;
    }

    /// Calls over the next route that can be tried at all.
    async fn try_routes(&mut self, party: LegParty, mut dialling: Dialling, cause: LegFailure) {
        while let Some(route) = dialling.routes.pop_front() {
            self.tell(CallHeard::RouteTried { party: party.clone(), trunk: route.trunk.clone(), price: route.price });
            match self.call_over(&route, None).await {
                Ok(leg) => {
                    tracing::info!(call = %self.id, ?party, trunk = %route.trunk, "dialled");
                    (dialling.route, dialling.hops) = (Some(route), 0);
                    return self.called(party, leg, dialling);
                }
                Err(error) => {
                    tracing::warn!(call = %self.id, trunk = %route.trunk, error = %format!("{error:#}"), "the trunk cannot be used");
                    let problem = error.downcast_ref::<SipError>().map_or(TrunkProblem::NoAddress, health::problem);
                    self.tell(CallHeard::RouteFailed { trunk: route.trunk, problem });
                }
            }
        }
        self.tell(CallHeard::PartyFailed { party, cause });
    }

    /// The INVITE is on its way; the route is the one in use.
    fn called(&mut self, party: LegParty, mut leg: PartyLeg, mut dialling: Dialling) {
        let patience = dialling.route.as_ref().map_or(0, |route| u64::try_from(route.patience_ms).unwrap_or_default());
        dialling.patience = Some(moment() + Duration::from_millis(patience));
        leg.dialling = Some(dialling);
        self.parties.push((party, leg));
        self.repaint();
    }

    /// The trunk says that the number is to be had elsewhere (RFC 3261 §21.3). Followed only to the same number at an address of the same trunk
    /// (its other servers): anything else would be a call that nobody has allowed, and the next route is tried.
    async fn redirected(&mut self, party: LegParty, status: u16) -> Next {
        let leg = self.parties.iter_mut().find(|(id, _)| *id == party).map(|(_, leg)| leg);
        let mut dialling = leg.and_then(|leg| leg.dialling.take());
        self.drop_party(&party);
        if let Some(Dialling { route: Some(route), elsewhere, hops, .. }) = &mut dialling
            && *hops < MOST_HOPS
        {
            let targets = std::mem::take(elsewhere);
            let trunk = Voice::trunk(&self.settings, &route.trunk).cloned();
            let allowed = targets.into_iter().find(|to| trunk.as_ref().is_some_and(|trunk| way::may_follow(trunk, route, to)));
            if let Some(to) = allowed {
                *hops += 1;
                let route = route.clone();
                if let (Ok(leg), Some(dialling)) = (self.call_over(&route, Some(&to)).await, dialling.take()) {
                    tracing::info!(call = %self.id, ?party, trunk = %route.trunk, %to, "followed a redirection");
                    self.called(party, leg, dialling);
                    return Next::On;
                }
            }
        }
        tracing::warn!(call = %self.id, ?party, status, "a redirection leads where nobody may call");
        self.after(party, dialling, LegFailure::Unreachable, Some(TrunkProblem::Redirected)).await
    }

    /// `at`: another address of the trunk than its server.
    async fn call_over(&mut self, route: &DialRoute, at: Option<&Uri>) -> anyhow::Result<PartyLeg> {
        let (leg, local) = self.room.add_rtp()?;
        let settings = self.settings.clone();
        let trunk = Voice::trunk(&settings, &route.trunk);
        let mut session =
            Session::new(local.port(), trunk.map_or(Codec::ALL.to_vec(), |trunk| trunk.codecs.clone()), settings.trunk_srtp(&route.trunk));
        if let Some(trunk) = trunk.filter(|trunk| trunk.improve.any()) {
            self.room.improve(leg, trunk.improve);
        }
        let outgoing = way::outgoing(&self.settings, route, at, session.offer()).context("the trunk is gone, or has no server");
        let outgoing = outgoing.inspect_err(|_| self.room.remove(leg))?;
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
            PartyEvent::Silent => return self.next_route(party, LegFailure::Unreachable, Some(TrunkProblem::Silent)).await,
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
            DialogEvent::Progress { status, sdp } => {
                // Somebody is there: from now on it is the callee who is waited for.
                if let Some(dialling) = &mut leg.dialling {
                    dialling.patience = None;
                }
                if status < 180 {
                    return Next::On;
                }
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
            DialogEvent::Redirected { targets } => {
                if let Some(dialling) = &mut leg.dialling {
                    dialling.elsewhere = targets;
                }
            }
            DialogEvent::Rejected { status: status @ 300..400, .. } => return self.redirected(party, status).await,
            DialogEvent::Rejected { status, .. } => {
                if party::is_final(status)
                    && let Some(dialling) = &mut leg.dialling
                {
                    dialling.routes.clear();
                }
                let heard = leg.dialling.as_ref().is_none_or(|dialling| dialling.patience.is_none());
                return self.next_route(party, party::failure(status), route_problem(status, heard)).await;
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

    /// A route has led nowhere: the next one is tried, if there is one.
    async fn next_route(&mut self, party: LegParty, cause: LegFailure, problem: Option<TrunkProblem>) -> Next {
        let leg = self.parties.iter_mut().find(|(id, _)| *id == party).map(|(_, leg)| leg);
        let dialling = leg.and_then(|leg| leg.dialling.take());
        self.drop_party(&party);
        self.after(party, dialling, cause, problem).await
    }

    async fn after(&mut self, party: LegParty, dialling: Option<Dialling>, cause: LegFailure, problem: Option<TrunkProblem>) -> Next {
        let Some(dialling) = dialling else {
            self.tell(CallHeard::PartyFailed { party, cause });
            return Next::On;
        };
        if let (Some(trunk), Some(problem)) = (dialling.route.as_ref().map(|route| route.trunk.clone()), problem) {
            tracing::warn!(call = %self.id, %trunk, ?problem, others = dialling.routes.len(), "the trunk did not take the call");
            self.tell(CallHeard::RouteFailed { trunk, problem });
        }
        self.try_routes(party, dialling, cause).await;
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

/// Whether a refusal is the trunk's own doing, not that of the one called (RFC 3261 §21.4, §21.5). A 408 before any other answer is ours.
fn route_problem(status: u16, heard: bool) -> Option<TrunkProblem> {
    match status {
        401 | 407 => Some(TrunkProblem::Login),
        408 if !heard => Some(TrunkProblem::Silent),
        403 | 500..=599 => Some(TrunkProblem::Status(status)),
        _ => None,
    }
}
