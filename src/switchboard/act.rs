//! The wires out: one to each call's task, one to each channel account. Full wires have a named policy, never growth.

use crate::desk::act::{Outbound, VoiceAct};
use crate::desk::id::{CallId, ChannelId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Acts one call's task may have waiting. A task that deaf is broken.
const CALL_ACTS: usize = 64;
/// Messages one channel account may have waiting; past it they stay recorded as unsent and the retry tick picks them up.
const OUTBOUND: usize = 1_024;

/// Where acts go. A std mutex, because nothing awaits while it is held.
#[derive(Default)]
pub(super) struct Outlets {
    lines: Mutex<HashMap<CallId, mpsc::Sender<VoiceAct>>>,
    channels: Mutex<HashMap<ChannelId, mpsc::Sender<Outbound>>>,
}

/// What became of an act for a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passed {
    Yes,
    /// The call's task is gone or does not listen: the desk must hear `Lost`.
    Lost,
}

impl Outlets {
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

    /// Passes an act to its call. `End` to a call without a wire is no loss: the call is over already.
    pub(super) fn voice(&self, call: CallId, act: VoiceAct) -> Passed {
        let ends = matches!(act, VoiceAct::End { .. } | VoiceAct::Reject(_) | VoiceAct::Drop { .. });
        match lock(&self.lines).get(&call).map(|line| line.try_send(act)) {
            Some(Ok(())) => Passed::Yes,
            None if ends => Passed::Yes,
            Some(Err(mpsc::error::TrySendError::Closed(_))) if ends => Passed::Yes,
            None | Some(Err(_)) => Passed::Lost,
        }
    }

    /// Passes a message to its channel, or leaves it recorded and unsent.
    pub(super) fn send(&self, outbound: Outbound) {
        let (message, channel) = (outbound.message, outbound.channel.clone());
        let passed = lock(&self.channels).get(&channel).map(|outlet| outlet.try_send(outbound).is_ok());
        if passed != Some(true) {
            tracing::warn!(%message, %channel, "message stays unsent: its channel takes none now");
        }
    }
}

/// A panic while holding one of these maps leaves it whole, so a poisoned lock is as good as a clean one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
