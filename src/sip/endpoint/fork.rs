//! One call over several ways: all phones of an agent at once, the servers of a name one after the other. Whoever holds the `Dialog` sees
//! one call: the first answer wins, the others are cancelled; when a way fails the next is tried.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::select_all;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::locate::Target;
use super::{Endpoint, Hop};
use crate::sip::SipError;
use crate::sip::call::{CallKey, Dialog, DialogEvent, DialogId, Outgoing, Ready};

/// A server that does not say so much as 100 within this time is given up for the next one (RFC 3263 §4.3).
const PATIENCE: Duration = Duration::from_secs(4);
/// For the phones that still ring when one was picked up (RFC 3326).
const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

/// One way to whom we call.
pub(super) struct Way {
    pub outgoing: Outgoing,
    pub hop: Hop,
    /// To be told when it does not answer.
    pub target: Option<Target>,
}

/// Ways that are tried together; the next stage when all of one have failed.
pub(super) type Stages = Vec<Vec<Way>>;

struct Branch {
    dialog: Dialog,
    target: Option<Target>,
    /// It has said something.
    heard: bool,
}

struct Fork {
    endpoint: Endpoint,
    stages: std::vec::IntoIter<Vec<Way>>,
    branches: Vec<Branch>,
    events: mpsc::Sender<DialogEvent>,
    ready: Arc<Ready>,
    won: Arc<OnceLock<DialogId>>,
    /// The refusal that says most so far.
    best: Option<(u16, String, Option<u32>)>,
}

/// Starts the first stage; errors when not even that can be sent.
pub(super) async fn start(endpoint: Endpoint, stages: Stages) -> Result<Dialog, SipError> {
    let ready: Arc<Ready> = Arc::default();
    let (sender, _) = mpsc::channel(1);
    let mut fork = Fork {
        endpoint,
        stages: stages.into_iter(),
        branches: Vec::new(),
        events: sender,
        ready: ready.clone(),
        won: Arc::default(),
        best: None,
    };
    let failed = fork.next_stage().await;
    let Some(first) = fork.branches.first() else { return Err(failed.unwrap_or(SipError::Unreachable)) };
    let (dialog, events) = Dialog::new(first.dialog.id().clone(), CallKey(0), ready);
    fork.events = events;
    let ways = fork.branches.iter().map(|branch| branch.dialog.id().clone()).collect();
    let dialog = dialog.won_by(fork.won.clone(), ways);
    tokio::spawn(fork.run());
    Ok(dialog)
}

impl Fork {
    /// Sends the next stage's INVITEs; a stage of which none could be sent is passed over. Gives the last error.
    async fn next_stage(&mut self) -> Option<SipError> {
        let mut last = None;
        for stage in self.stages.by_ref() {
            for way in stage {
                match self.endpoint.send_invite(way.outgoing, way.hop).await {
                    Ok(dialog) => self.branches.push(Branch { dialog, target: way.target, heard: false }),
                    Err(error) => last = Some(error),
                }
            }
            if !self.branches.is_empty() {
                break;
            }
        }
        last
    }

    async fn run(mut self) {
        let winner = match self.race().await {
            Some(winner) => winner,
            None => return,
        };
        self.pass_on(winner).await;
    }

    /// Until one has answered; `None` when none has, which was told.
    async fn race(&mut self) -> Option<Dialog> {
        let mut patience = Box::pin(sleep(PATIENCE));
        let ready = self.ready.clone();
        loop {
            let more = self.stages.len() > 0;
            let silent = more && self.branches.iter().all(|branch| !branch.heard);
            let dialogs = self.branches.iter_mut().map(|branch| Box::pin(branch.dialog.recv()));
            let heard = async {
                let (event, at, _) = select_all(dialogs).await;
                (event, at)
            };
            tokio::select! {
                (event, at) = heard => {
                    if let Some(winner) = self.on_event(at, event) {
                        return Some(winner);
                    }
                }
                () = ready.notify.notified() => {
                    if let Some(reason) = ended(&ready) {
                        return self.over(reason);
                    }
                }
                () = &mut patience, if silent => self.give_up(),
            }
            if self.branches.is_empty() {
                if !self.may_go_on() {
                    return self.failed();
                }
                self.next_stage().await;
                patience = Box::pin(sleep(PATIENCE));
                if self.branches.is_empty() {
                    return self.failed();
                }
            }
        }
    }

    fn on_event(&mut self, at: usize, event: Option<DialogEvent>) -> Option<Dialog> {
        let branch = self.branches.get_mut(at)?;
        branch.heard = true;
        match event {
            Some(DialogEvent::Answered { sdp }) => {
                let winner = self.branches.swap_remove(at).dialog;
                for loser in self.branches.drain(..) {
                    loser.dialog.end(Some(ELSEWHERE.to_owned()));
                }
                let _ = self.won.set(winner.id().clone());
                self.tell(DialogEvent::Answered { sdp });
                return Some(winner);
            }
            Some(DialogEvent::Rejected { status, reason, retry_after }) => {
                if let Some(target) = branch.target.filter(|_| matches!(status, 408 | 503)) {
                    self.endpoint.shared.locator.failed(target);
                }
                // §16.7 step 5: a 6xx speaks for the person, not for the phone.
                let decided = status >= 600;
                if self.best.as_ref().is_none_or(|(best, ..)| rank(status) < rank(*best)) {
                    self.best = Some((status, reason, retry_after));
                }
                self.branches.swap_remove(at);
                if decided {
                    self.branches.clear();
                }
            }
            Some(DialogEvent::Ended { .. }) | None => drop(self.branches.swap_remove(at)),
            Some(event) => self.tell(event),
        }
        None
    }

    /// Nobody of this stage has said anything.
    fn give_up(&mut self) {
        for branch in self.branches.drain(..) {
            if let Some(target) = branch.target {
                self.endpoint.shared.locator.failed(target);
            }
        }
        self.best.get_or_insert((408, String::new(), None));
    }

    /// Another server may do better; another refusal by the callee would not (RFC 3263 §4.3).
    fn may_go_on(&self) -> bool {
        self.best.as_ref().is_none_or(|(status, ..)| matches!(status, 408 | 500..=599))
    }

    fn failed(&mut self) -> Option<Dialog> {
        let (status, reason, retry_after) = self.best.take().unwrap_or((408, String::new(), None));
        self.tell(DialogEvent::Rejected { status, reason, retry_after });
        self.tell(DialogEvent::Ended { by_peer: true, status: Some(status), reason: None });
        None
    }

    fn over(&mut self, reason: Option<String>) -> Option<Dialog> {
        for branch in self.branches.drain(..) {
            branch.dialog.end(reason.clone());
        }
        self.tell(DialogEvent::Ended { by_peer: false, status: None, reason: None });
        None
    }

    /// From the answer to the end: verbs one way, events the other.
    async fn pass_on(self, mut winner: Dialog) {
        loop {
            tokio::select! {
                event = winner.recv() => {
                    let Some(event) = event else { return };
                    let last = matches!(event, DialogEvent::Ended { .. });
                    self.tell(event);
                    if last {
                        return;
                    }
                }
                () = self.ready.notify.notified() => {
                    for mailbox in self.ready.take() {
                        let (verbs, end) = mailbox.take();
                        for verb in verbs {
                            winner.post(verb);
                        }
                        if let Some(reason) = end {
                            winner.end(reason);
                        }
                    }
                }
            }
        }
    }

    fn tell(&self, event: DialogEvent) {
        // The channel is as deep as an ordinary dialog's; an owner who is deafer has dropped the handle or will be told the end.
        let _ = self.events.try_send(event);
    }
}

/// What was asked of a call that nobody has answered: only its end means anything.
fn ended(ready: &Ready) -> Option<Option<String>> {
    ready.take().iter().find_map(|mailbox| mailbox.take().1)
}

/// The refusal that says most about the callee comes first (RFC 3261 §16.7 step 6).
fn rank(status: u16) -> u8 {
    match status {
        600.. => 0,
        486 => 1,
        480 => 2,
        400..=499 if status != 408 => 3,
        500..=599 => 4,
        _ => 5,
    }
}
