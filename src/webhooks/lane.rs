//! One address: reads the log, tells, and tries again.

use super::Webhooks;
use super::config::WebhookSection;
use super::event::{moment, told};
use crate::clock::Clock;
use crate::desk::id::At;
use crate::desk::step::Step;
use crate::reach::signed::Key;
use crate::reach::{Answer, Ask, Client, Lost};
use crate::store::webhooks::{self, Due, Outcome};
use crate::store::{Store, StoreError, events};
use futures_util::future::join_all;
use http::{StatusCode, Uri};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Events of the log read at once.
const PAGE: u32 = 500;
/// Requests on their way at once while the address answers; one alone while it does not.
const AT_ONCE: u32 = 8;
/// An answer later than this is none.
const WITHIN: Duration = Duration::from_secs(15);
/// Largest answer that is read, bytes; what it says is shown, cut.
const ANSWER: usize = 64 << 10;
const SHOWN: usize = 200;
/// What has become due otherwise (a trial, a repetition) is seen after so long.
const LOOK: Duration = Duration::from_secs(2);
/// The pauses between tries, seconds: the schedule that Standard Webhooks recommends. After the last it is given up.
const SCHEDULE: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// While an address does not answer, it is asked at most so seldom, ms.
const PAUSES: [i64; 6] = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000];

pub(super) struct Lane {
    store: Store,
    clock: Clock,
    client: Client,
    section: WebhookSection,
    /// Secrets are looked for from here.
    folder: PathBuf,
    /// How far the log has been read; what is kept may be behind it.
    read: i64,
    /// Times in a row that it did not take something.
    failures: usize,
}

impl Lane {
    pub(super) fn new(house: &Webhooks, client: &Client, section: WebhookSection, folder: PathBuf) -> Lane {
        Lane { store: house.store.clone(), clock: house.clock.clone(), client: client.clone(), section, folder, read: 0, failures: 0 }
    }

    /// Runs until it is dropped.
    pub(super) async fn run(mut self, mut recorded: Receiver<Arc<Step>>) {
        loop {
            let rest = match self.turn().await {
                Ok(rest) => rest,
                Err(error) => {
                    tracing::error!(webhook = %self.section.id, %error, "what is to be told cannot be read or kept");
                    LOOK
                }
            };
            if rest.is_zero() {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                woken = recorded.recv(), if self.failures == 0 => {
                    if let Err(RecvError::Closed) = woken {
                        return;
                    }
                    // Whatever else has come meanwhile is read with it.
                    recorded = recorded.resubscribe();
                }
            }
        }
    }

    /// Reads on and tells what is due; gives how long there is nothing to do.
    async fn turn(&mut self) -> Result<Duration, StoreError> {
        let id = self.section.id.get_ref().clone();
        let now = self.clock.now();
        let cursor = match webhooks::known(&self.store, &id).await? {
            Some(cursor) => cursor,
            None => webhooks::cursor(&self.store, &id).await?,
        };
        let page = events::after(&self.store, cursor.seq.max(self.read), PAGE).await?;
        let more = page.len() == PAGE as usize;
        if let Some(last) = page.last() {
            let upto = last.seq;
            let new: Vec<_> = page
                .iter()
                .filter_map(|row| {
                    let told = told(&row.fact).filter(|told| self.section.takes(told))?;
                    Some((
                        row.seq,
                        told.kind,
                        json!({
                            "type": told.kind, "timestamp": moment(row.at), "sequence": row.seq, "data": told.data,
                        })
                        .to_string(),
                    ))
                })
                .collect();
            // What is not told costs no commit: after a restart it is passed over once more.
            if !new.is_empty() || more {
                webhooks::keep(&self.store, &id, upto, new, now).await?;
            }
            self.read = upto;
        }
        if cursor.stopped_at.is_some() {
            return Ok(LOOK);
        }
        let at_once = if self.failures == 0 { AT_ONCE } else { 1 };
        let due = webhooks::due(&self.store, &id, now, at_once).await?;
        if due.is_empty() {
            return Ok(if more { Duration::ZERO } else { LOOK });
        }
        self.tell(&id, due).await?;
        Ok(match self.failures.checked_sub(1) {
            None => Duration::ZERO,
            Some(before) => Duration::from_millis(PAUSES[before.min(PAUSES.len() - 1)].unsigned_abs()),
        })
    }

    async fn tell(&mut self, id: &str, due: Vec<Due>) -> Result<(), StoreError> {
        let key = match self.key() {
            Ok(key) => key,
            Err(why) => {
                tracing::error!(webhook = id, why, "nothing can be told without a signature");
                self.failures += 1;
                return Ok(());
            }
        };
        let (this, signing) = (&*self, &key);
        let answers = join_all(due.iter().map(async |due| this.post(signing, due).await)).await;
        let now = self.clock.now();
        let gone = answers.iter().any(|answer| answer.as_ref().is_ok_and(|answer| answer.status == StatusCode::GONE));
        let outcomes: Vec<(i64, Outcome)> = due.iter().zip(&answers).map(|(due, answer)| (due.id, outcome(due, answer, now))).collect();
        let failed = outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Failed { .. })).count();
        match (failed, self.failures) {
            (0, 0) => {}
            (0, _) => tracing::info!(webhook = id, "it takes what it is told again"),
            (_, 0) => {
                tracing::warn!(webhook = id, why = ?outcomes.iter().find_map(|(_, outcome)| why(outcome)), "it does not take what it is told")
            }
            _ => {}
        }
        // One alone that it will not have is no reason to be slow with others.
        self.failures = if failed == outcomes.len() { self.failures + 1 } else { 0 };
        webhooks::settle(&self.store, outcomes, now).await?;
        if gone {
            tracing::warn!(webhook = id, "it wants to be told no more (410)");
            webhooks::stop(&self.store, id, Some(now)).await?;
        }
        Ok(())
    }

    /// Read anew each time: a rotated file needs no reload.
    fn key(&self) -> Result<Key, String> {
        let secret = self.section.secret.get_ref().reveal(&self.folder).map_err(|error| error.to_string())?;
        Key::read(&secret).map_err(|error| error.to_string())
    }

    async fn post(&self, key: &Key, due: &Due) -> Result<Answer, Lost> {
        let url: Uri = self.section.url.get_ref().parse().map_err(|_| Lost::Forbidden("not an address"))?;
        let (id, at) = (name(due), self.clock.now().0.div_euclid(1_000));
        let ask = Ask::post(url, "application/json", due.body.clone()).within(WITHIN).most(ANSWER);
        self.client.ask(ask.signed(key, &id, at)).await
    }
}

/// The same at each try, by which a program knows what it has heard.
fn name(due: &Due) -> String {
    match due.seq {
        Some(seq) => format!("evt_{seq}"),
        None => format!("try_{}", due.id),
    }
}

fn why(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Failed { why, .. } => Some(why),
        Outcome::Done { .. } => None,
    }
}

fn outcome(due: &Due, answer: &Result<Answer, Lost>, now: At) -> Outcome {
    let next = |after: Option<Duration>| {
        let pause = SCHEDULE.get(usize::try_from(due.tries).unwrap_or(usize::MAX))?.saturating_mul(1_000);
        // A day is the longest that a program may ask for.
        let asked = after.map_or(0, |after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX)).min(86_400_000);
        Some(now.after(pause.max(asked)))
    };
    match answer {
        Ok(answer) if answer.status.is_success() => Outcome::Done { status: answer.status.as_u16() },
        Ok(answer) => Outcome::Failed { status: Some(answer.status.as_u16()), why: said(answer), next: next(answer.retry_after()) },
        Err(lost) => Outcome::Failed { status: None, why: lost.to_string(), next: next(None) },
    }
}

/// The beginning of what it answered, on one line.
fn said(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    format!("{} {}", answer.status.as_u16(), plain.trim()).trim_end().to_owned()
}
