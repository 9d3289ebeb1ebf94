//! The other direction: somebody is asked to call the house from a phone, and what comes of it is told. The call goes the way that the
//! configuration gives it; nothing is held back for the trial.

use super::{Finding, Wanted};
use crate::desk::fact::{CallFact, Fact, TrunkFact};
use crate::desk::id::{CallId, TrunkId};
use crate::desk::input::LegParty;
use crate::sip::RegistrationState;
use crate::voice::{Voice, moment};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

/// For a hand to find a phone and a number to be dialled.
const WAIT: Duration = Duration::from_secs(90);
/// A call is followed for so long.
const FOLLOW: Duration = Duration::from_secs(120);

pub(super) async fn incoming(voice: &Voice, wanted: Wanted, tell: &mpsc::Sender<Finding>) {
    let Wanted { trunk, lines: numbers, .. } = wanted;
    // Nobody reading ends it at the next finding, and the time does in any case.
    let say = async |finding: Finding| drop(tell.send(finding).await);
    let mut steps = voice.shared.switchboard.recorded();
    let strangers = voice.shared.endpoint.counters().dropped;
    say(Finding::Waiting { numbers, seconds: WAIT.as_secs() }).await;
    let mut until = moment() + WAIT;
    let mut follow: Option<Followed> = None;
    loop {
        let step = tokio::select! {
            step = steps.recv() => step,
            () = tell.closed() => return,
            () = tokio::time::sleep_until(until) => {
                return match follow {
                    Some(followed) => followed.end(&say).await,
                    None => say(nobody(voice, &trunk, strangers)).await,
                };
            }
        };
        let step = match step {
            Ok(step) => step,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        for fact in &step.facts {
            match (fact, &mut follow) {
                (Fact::Trunk(id, TrunkFact::NoLine { dialled }), None) if *id == trunk => {
                    return say(Finding::NoLine { dialled: dialled.clone() }).await;
                }
                (Fact::Call(id, CallFact::Started { trunk: by, from, dialled, .. }), None) if *by == trunk => {
                    say(Finding::Arrived { from: from.clone(), dialled: dialled.clone() }).await;
                    until = moment() + FOLLOW;
                    follow = Some(Followed { call: *id, heard: false, keys: String::new() });
                }
                (Fact::Call(id, fact), Some(followed)) if *id == followed.call => match fact {
                    CallFact::Answered => say(Finding::AnsweredHere).await,
                    CallFact::Digit { digit } => followed.keys.push(*digit),
                    CallFact::LegClosed { leg: LegParty::Customer, quality } => {
                        followed.heard = true;
                        say(Finding::CallerHeard).await;
                        say(Finding::Quality {
                            packets: quality.packets,
                            loss_percent: quality.loss_percent,
                            jitter_ms: quality.jitter_ms,
                            rtt_ms: quality.rtt_ms,
                            mos: quality.mos,
                        })
                        .await;
                    }
                    // Figures come within moments of the end.
                    CallFact::Ended { .. } => until = moment() + Duration::from_secs(2),
                    _ => {}
                },
                _ => {}
            }
        }
    }
}

/// The call that came.
struct Followed {
    call: CallId,
    heard: bool,
    keys: String,
}

impl Followed {
    async fn end(self, say: &impl AsyncFn(Finding)) {
        if !self.heard {
            say(Finding::CallerSilent).await;
        }
        say(if self.keys.is_empty() { Finding::NoKeys } else { Finding::Keys(self.keys) }).await;
    }
}

fn nobody(voice: &Voice, trunk: &TrunkId, strangers: u64) -> Finding {
    let state = voice.shared.endpoint.registration(trunk.as_str());
    Finding::NobodyCalled {
        logged_in: state.map(|state| matches!(*state.borrow(), RegistrationState::Registered { .. })),
        strangers: voice.shared.endpoint.counters().dropped.saturating_sub(strangers),
    }
}
