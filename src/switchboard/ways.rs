//! The desk never asks: who wants to know the ways to a customer asks here after the commit, the store is read, and the desk is told.

use super::Heard;
use crate::desk::id::{PersonId, SurveyId, TicketId};
use crate::desk::input::{Input, Recipient};
use crate::desk::rules::Subject;
use crate::store::Store;
use crate::store::proactive::{Found, To, recipient};
use tokio::sync::mpsc;

/// Questions that may wait; what comes beyond is asked again by the desk's own clock.
const WANTED: usize = 1_024;

/// Whose ways are wanted, for what.
pub(super) struct Wanted {
    pub asker: Asker,
    pub person: PersonId,
    pub serial: u32,
}

/// What of the desk's wants to know them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asker {
    Ticket(TicketId),
    Rule(Subject),
    Survey(SurveyId),
}

impl Asker {
    fn told(self, serial: u32, to: Option<Box<Recipient>>) -> Input {
        match self {
            Asker::Ticket(ticket) => Input::Ways { ticket, serial, to },
            Asker::Rule(subject) => Input::RuleWays { subject, serial, to },
            Asker::Survey(survey) => Input::SurveyWays { survey, serial, to },
        }
    }
}

pub(super) fn wire() -> (mpsc::Sender<Wanted>, mpsc::Receiver<Wanted>) {
    mpsc::channel(WANTED)
}

/// Answers until the recorder is gone.
pub(super) async fn run(store: Store, mut wanted: mpsc::Receiver<Wanted>, desk: mpsc::WeakSender<Heard>) {
    while let Some(Wanted { asker, person, serial }) = wanted.recv().await {
        let to = match recipient(&store, To::Person(person)).await {
            Ok(Found::Recipient(to)) => Some(to),
            Ok(Found::Nobody | Found::Several) => None,
            Err(error) => {
                tracing::error!(?asker, %error, "the ways to a customer could not be read: asked again later");
                continue;
            }
        };
        // The wire to the desk must not be held open by whoever waits for the desk.
        let Some(desk) = desk.upgrade() else { return };
        if desk.try_send(Heard { input: asker.told(serial, to), reply: None }).is_err() {
            tracing::warn!(?asker, "the desk is too busy to hear of the ways to a customer: asked again later");
        }
    }
}
