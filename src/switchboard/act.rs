//! The wires out: one to each call's task, one to each channel account. Full wires have a named policy, never growth.

use crate::desk::act::{Look, Notice, Outbound, VoiceAct};
use crate::desk::id::{CallId, ChannelId, MessageId};
use crate::desk::input::EndCause;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Acts one call's task may have waiting. A task that deaf is broken.
const CALL_ACTS: usize = 64;
/// Messages one channel account may have waiting; past it they stay recorded as unsent and the retry tick picks them up.
const OUTBOUND: usize = 1_024;
/// Lookups that may wait to be asked; past it their callers go on as if there had been no answer.
const LOOKUPS: usize = 256;

/// Notices of outages that may wait; past it customers are not told elsewhere, and hear it on the pages alone.
const NOTICES: usize = 256;
/// Calls that the desk has begun and `voice` has not yet taken.
const BEGUN: usize = 64;

/// A call that the desk begins: its number and the wire on which it is told what to do, `VoiceAct::Open` first.
pub struct Begun {
    pub call: CallId,
    pub line: mpsc::Receiver<VoiceAct>,
}

/// Where acts go. A std mutex, because nothing awaits while it is held.
pub(super) struct Outlets {
    begun: mpsc::Sender<Begun>,
    /// Taken once, by `voice`.
    to_begin: Mutex<Option<mpsc::Receiver<Begun>>>,
    lines: Mutex<HashMap<CallId, mpsc::Sender<VoiceAct>>>,
    channels: Mutex<HashMap<ChannelId, mpsc::Sender<Outbound>>>,
    lookups: Mutex<Option<mpsc::Sender<Look>>>,
    notices: mpsc::Sender<Notice>,
    /// Taken once, by `app`.
    to_notify: Mutex<Option<mpsc::Receiver<Notice>>>,
    /// Messages on a channel's wire, or sent and not yet known to be: they are not put there a second time. As many at most as are
    /// recorded as unsent.
    passed: Mutex<Passing>,
}

#[derive(Default)]
struct Passing {
    now: HashSet<MessageId>,
    /// While the store is asked for what is unsent: those that came to be sent meanwhile, which its answer may still hold.
    settled: Option<HashSet<MessageId>>,
}

/// What became of an act for a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passed {
    Yes,
    /// The call's task is gone or does not listen: the desk must hear `Lost`.
    Lost,
}

impl Default for Outlets {
    fn default() -> Outlets {
        let (begun, to_begin) = mpsc::channel(BEGUN);
        let (notices, to_notify) = mpsc::channel(NOTICES);
        Outlets {
            notices,
            to_notify: Mutex::new(Some(to_notify)),
            begun,
            to_begin: Mutex::new(Some(to_begin)),
            lines: Mutex::default(),
            channels: Mutex::default(),
            lookups: Mutex::default(),
            passed: Mutex::default(),
        }
    }
}

impl Outlets {
    /// The calls that the desk begins; `None` for the second who asks.
    pub(super) fn begun(&self) -> Option<mpsc::Receiver<Begun>> {
        lock(&self.to_begin).take()
    }

    /// Makes the wire of a call that the desk begins, before its first act goes over it.
    fn begin(&self, call: CallId) -> bool {
        let line = self.open_line(call);
        let taken = self.begun.try_send(Begun { call, line }).is_ok();
        if !taken {
            tracing::error!(%call, "nobody takes the calls that the desk begins");
            self.close_line(call);
        }
        taken
    }

    pub(super) fn open_line(&self, call: CallId) -> mpsc::Receiver<VoiceAct> {
        let (out, line) = mpsc::channel(CALL_ACTS);
        lock(&self.lines).insert(call, out);
        line
    }

    pub(super) fn close_line(&self, call: CallId) {
        lock(&self.lines).remove(&call);
    }

    pub(super) fn lines(&self) -> usize {
        lock(&self.lines).len()
    }

    pub(super) fn open_outlet(&self, channel: ChannelId) -> mpsc::Receiver<Outbound> {
        let (out, outlet) = mpsc::channel(OUTBOUND);
        lock(&self.channels).insert(channel, out);
        outlet
    }

    pub(super) fn open_lookups(&self) -> mpsc::Receiver<Look> {
        let (out, looks) = mpsc::channel(LOOKUPS);
        *lock(&self.lookups) = Some(out);
        looks
    }

    /// The notices of outages; `None` for the second who asks.
    pub(super) fn notices(&self) -> Option<mpsc::Receiver<Notice>> {
        lock(&self.to_notify).take()
    }

    pub(super) fn notify(&self, notice: Notice) {
        if let Err(refused) = self.notices.try_send(notice) {
            let notice = refused.into_inner();
            tracing::error!(channel = %notice.channel, people = notice.people.len(), "customers are not told of an outage: too many notices wait");
        }
    }

    /// Passes a question on; whether somebody will answer it.
    pub(super) fn look(&self, look: Look) -> bool {
        lock(&self.lookups).as_ref().is_some_and(|lookups| lookups.try_send(look).is_ok())
    }

    /// Passes an act to its call. `End` to a call without a wire is no loss: the call is over already. A task that is too deaf loses its
    /// wire, so that it ends its legs should it ever listen again: the desk knows the call no more.
    pub(super) fn voice(&self, call: CallId, act: VoiceAct) -> Passed {
        if matches!(act, VoiceAct::Open { .. }) && !self.begin(call) {
            return Passed::Lost;
        }
        let ends = matches!(act, VoiceAct::End { .. } | VoiceAct::Reject(_) | VoiceAct::Drop { .. } | VoiceAct::Dismiss { .. });
        let mut lines = lock(&self.lines);
        let gone = if ends { Passed::Yes } else { Passed::Lost };
        let Some(line) = lines.get(&call) else { return gone };
        match line.try_send(act) {
            Ok(()) => Passed::Yes,
            Err(mpsc::error::TrySendError::Closed(_)) => gone,
            Err(mpsc::error::TrySendError::Full(_)) => {
                lines.remove(&call);
                Passed::Lost
            }
        }
    }

    /// Ends every call that has a wire and is not among those that the desk knows.
    pub(super) fn end_unknown(&self, known: &HashSet<CallId>) {
        let unknown: Vec<CallId> = lock(&self.lines).keys().filter(|call| !known.contains(call)).copied().collect();
        for call in unknown {
            tracing::error!(%call, "the desk has forgotten a call: it is ended");
            self.voice(call, VoiceAct::End { cause: EndCause::Failed });
        }
    }

    /// Passes a message to its channel, or leaves it recorded and unsent.
    pub(super) fn send(&self, outbound: Outbound) {
        let (message, channel) = (outbound.message, outbound.channel.clone());
        // Before it can be sent and come back as delivered.
        if !lock(&self.passed).now.insert(message) {
            return;
        }
        let passed = lock(&self.channels).get(&channel).map(|outlet| outlet.try_send(outbound).is_ok());
        if passed != Some(true) {
            lock(&self.passed).now.remove(&message);
            tracing::warn!(%message, %channel, "message stays unsent: its channel takes none now");
        }
    }

    /// What became of a message is on disk: it will not be found unsent again.
    pub(super) fn delivered(&self, message: MessageId) {
        let mut passed = lock(&self.passed);
        passed.now.remove(&message);
        if let Some(settled) = &mut passed.settled {
            settled.insert(message);
        }
    }

    /// Before the store is asked for what is unsent.
    pub(super) fn begin_resend(&self) {
        lock(&self.passed).settled = Some(HashSet::new());
    }

    /// Passes the store's answer on, but for what is on its way or has arrived.
    pub(super) fn end_resend(&self, unsent: Vec<Outbound>) {
        let settled = lock(&self.passed).settled.take().unwrap_or_default();
        for outbound in unsent.into_iter().filter(|outbound| !settled.contains(&outbound.message)) {
            self.send(outbound);
        }
    }
}

/// A panic while holding one of these maps leaves it whole, so a poisoned lock is as good as a clean one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
