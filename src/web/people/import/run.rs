//! `POST /people/import/{id}/run`: does what was shown, in pieces, while the page tells how far it is. New people are the desk's to number; what
//! is known of them is the store's to keep.

use super::row::{entry, guess};
use crate::auth::Supervisor;
use crate::desk::id::AgentId;
use crate::desk::input::{Command, Entered, Input};
use crate::desk::same::Proof;
use crate::desk::step::Answer;
use crate::store::StoreError;
use crate::store::persons::import::{self, Entry, Match, Progress};
use crate::web::people::csv;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::BTreeSet;

/// Rows of one piece.
const PIECE: usize = 200;
/// Problems that are kept.
const PROBLEMS: usize = 100;

pub async fn run(Supervisor(me): Supervisor, State(state): State<WebState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let one = import::get(&state.store, id).await?.ok_or(WebError::NotFound)?;
    let mut rows = csv::rows(&one.text);
    if rows.is_empty() {
        return Err(WebError::NotFound);
    }
    let titles = rows.remove(0);
    let loaded = state.config.load_full();
    let mapping = if one.mapping.is_empty() { guess(&loaded, &titles) } else { one.mapping };
    import::begin(&state.store, id, u64::try_from(rows.len()).unwrap_or(u64::MAX)).await?;
    tokio::spawn(async move {
        let entries = rows.iter().map(|cells| entry(&loaded, &mapping, cells)).collect();
        let how = match work(&state, &me.agent, id, entries).await {
            Ok(()) => "done",
            Err(error) => {
                tracing::error!(import = id, %error, "a list of customers could not be brought in whole");
                "failed"
            }
        };
        if let Err(error) = import::end(&state.store, id, how).await {
            tracing::error!(import = id, %error, "the end of a list could not be noted");
        }
    });
    Ok(Redirect::to(&format!("/people/import/{id}")).into_response())
}

#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the desk did not take it: {0}")]
    Refused(String),
}

async fn work(state: &WebState, me: &AgentId, id: i64, entries: Vec<Result<Entry, &'static str>>) -> Result<(), Broken> {
    let mut progress = Progress { total: u64::try_from(entries.len()).unwrap_or(u64::MAX), ..Progress::default() };
    // Titles are the first line.
    let mut rows = (2u64..).zip(entries).peekable();
    while rows.peek().is_some() {
        let (mut piece, mut seen) = (Vec::new(), BTreeSet::new());
        while piece.len() < PIECE {
            // The same number twice: the second row changes whom the first has brought.
            let again = |seen: &BTreeSet<_>, entry: &Entry| entry.identities.iter().any(|identity| seen.contains(identity));
            let Some((row, entry)) = rows.next_if(|(_, entry)| entry.as_ref().is_err() || entry.as_ref().is_ok_and(|e| !again(&seen, e)))
            else {
                break;
            };
            match entry {
                Ok(entry) => {
                    seen.extend(entry.identities.iter().cloned());
                    piece.push((row, entry));
                }
                Err(word) => skip(&mut progress, row, word),
            }
        }
        take(state, me, piece, &mut progress).await?;
        import::go_on(&state.store, id, progress.clone()).await?;
    }
    Ok(())
}

fn skip(progress: &mut Progress, row: u64, word: &str) {
    progress.done += 1;
    progress.skipped += 1;
    if progress.problems.len() < PROBLEMS {
        progress.problems.push((row, word.to_owned()));
    }
}

async fn take(state: &WebState, me: &AgentId, piece: Vec<(u64, Entry)>, progress: &mut Progress) -> Result<(), Broken> {
    let matches = import::matches(&state.store, piece.iter().map(|(_, entry)| entry.identities.clone()).collect()).await?;
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for ((row, entry), found) in piece.into_iter().zip(matches) {
        match found {
            Match::Nobody => new.push(entry),
            Match::One(person) => known.push((person, entry)),
            Match::Several => skip(progress, row, "several"),
        }
    }
    let count = |length: usize| u64::try_from(length).unwrap_or_default();
    progress.changed += count(known.len());
    progress.added += count(new.len());
    progress.done += count(known.len() + new.len());
    if !new.is_empty() {
        let people = new.iter().map(|entry| Entered { name: entry.name.clone(), identities: entry.identities.clone() }).collect();
        let answer = state.switchboard.ask(Input::Command(me.clone(), Command::Enter { people, proof: Proof::List })).await;
        let Answer::People(ids) = answer.map_err(|refusal| Broken::Refused(format!("{refusal:?}")))? else {
            return Err(Broken::Refused("no numbers".into()));
        };
        known.extend(ids.into_iter().zip(new));
    }
    import::write(&state.store, known, me.clone(), state.clock.now()).await?;
    Ok(())
}
