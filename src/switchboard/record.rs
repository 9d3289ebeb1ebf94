//! The one task that records: takes all waiting steps, commits them in one transaction, then lets out what promises durability, in order.
//!
//! A commit that fails (disk full) is not the end of a step. Everyone waiting is told `NotRecorded`, so that a platform or an agent tries
//! again; the steps are kept and retried in order until they are on disk, and what follows them waits behind. So a repeated message
//! is recognised by the desk, and its answer still comes only after the first one's commit. Calls go on all the while.

use super::act::Outlets;
use super::ways::{Asker, Wanted};
use crate::desk::act::Act;
use crate::desk::fact::{ConversationFact, Fact, RuleFact};
use crate::desk::refusal::Refusal;
use crate::desk::step::{Answer, Step};
use crate::store::{Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};

/// Steps that share one transaction at most.
const BATCH: usize = 256;
/// Pause before a failed commit is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// A step on its way to disk.
pub(super) struct Decided {
    pub step: Arc<Step>,
    pub reply: Option<oneshot::Sender<Result<Answer, Refusal>>>,
}

pub(super) struct Recorder {
    pub store: Store,
    pub steps: mpsc::Receiver<Decided>,
    pub backlog: Arc<AtomicUsize>,
    pub failing: Arc<AtomicBool>,
    pub outlets: Arc<Outlets>,
    pub wanted: mpsc::Sender<Wanted>,
    pub recorded: broadcast::Sender<Arc<Step>>,
}

/// Records until the decider is gone and everything decided is on disk.
pub(super) async fn run(mut recorder: Recorder) {
    let mut batch = Vec::with_capacity(BATCH);
    while recorder.steps.recv_many(&mut batch, BATCH).await > 0 {
        let mut alarmed = false;
        while !batch.is_empty() {
            batch = recorder.commit(batch, &mut alarmed).await;
            if !batch.is_empty() {
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

impl Recorder {
    /// Commits a batch; gives back the steps that must be tried again.
    async fn commit(&self, batch: Vec<Decided>, alarmed: &mut bool) -> Vec<Decided> {
        let steps: Vec<Arc<Step>> = batch.iter().map(|decided| decided.step.clone()).collect();
        let results = self.store.record(steps).await;
        let mut again = Vec::new();
        self.failing.store(results.iter().any(|result| result.as_ref().is_err_and(|error| !error.is_permanent())), Ordering::Relaxed);
        for (mut decided, result) in batch.into_iter().zip(results) {
            match result {
                // Once one step has to wait, all later ones do: facts reach the disk and the pages in the order of the decisions.
                Ok(_) => self.let_out(decided),
                Err(error) if error.is_permanent() => {
                    tracing::error!(%error, step = ?decided.step.facts, "a step cannot be recorded");
                    self.backlog.fetch_sub(1, Ordering::Relaxed);
                    answer(decided.reply.take(), Err(Refusal::NotRecorded));
                }
                Err(error) => {
                    alarm(&error, alarmed);
                    answer(decided.reply.take(), Err(Refusal::NotRecorded));
                    again.push(decided);
                }
            }
        }
        again
    }

    /// The step is on disk: send what it sends, show it, answer the asker.
    fn let_out(&self, decided: Decided) {
        self.backlog.fetch_sub(1, Ordering::Relaxed);
        for act in &decided.step.acts {
            match act {
                Act::Send(outbound) => self.outlets.send(outbound.clone()),
                Act::Notify(notice) => self.outlets.notify(notice.clone()),
                // A full wire is no loss: the desk asks again.
                Act::Ways { ticket, person, serial } => {
                    _ = self.wanted.try_send(Wanted { asker: Asker::Ticket(*ticket), person: *person, serial: *serial });
                }
                Act::RuleWays { subject, person, serial } => {
                    _ = self.wanted.try_send(Wanted { asker: Asker::Rule(*subject), person: *person, serial: *serial });
                }
                Act::SurveyWays { survey, person, serial } => {
                    _ = self.wanted.try_send(Wanted { asker: Asker::Survey(*survey), person: *person, serial: *serial });
                }
                Act::Voice(..) | Act::Look(_) => {}
            }
        }
        for fact in &decided.step.facts {
            if let Fact::Conversation(
                _,
                ConversationFact::Delivery { message, .. } | ConversationFact::Amended { amendment: message, .. },
            ) = fact
            {
                self.outlets.delivered(*message);
            }
            if let Fact::Rule(rule, RuleFact::Refused { subject, what, why, .. }) = fact {
                tracing::warn!(%rule, %subject, %what, ?why, "what a rule wanted was not done");
            }
        }
        // No page open is no error.
        let _ = self.recorded.send(decided.step.clone());
        answer(decided.reply, decided.step.answer.clone());
    }
}

/// An asker who has gone away needs no answer.
fn answer(reply: Option<oneshot::Sender<Result<Answer, Refusal>>>, result: Result<Answer, Refusal>) {
    if let Some(reply) = reply {
        let _ = reply.send(result);
    }
}

fn alarm(error: &StoreError, alarmed: &mut bool) {
    if !*alarmed {
        *alarmed = true;
        tracing::error!(%error, "nothing can be recorded: sends are held, calls go on, trying again");
    }
}
