//! The firm's own system is asked about whoever calls or writes, as soon as they do: what it says stands in the store before somebody answers,
//! and nobody waits for it. The contract is docs/crm.md.
//!
//! Asked: `POST` of `{"person", "name", "language", "identities": [{"kind", "namespace", "value", "proven"}]}`, signed as lookups of flows are.
//! Answered: 200 with `{"customer": {…}, "orders": […]}`, or 404 for somebody unknown.

use super::Asked;
use super::ask::signature;
use super::config::CrmSection;
use crate::clock::Clock;
use crate::config::value::Secret;
use crate::desk::fact::{CallFact, ConversationFact, Fact};
use crate::desk::id::{At, PersonId};
use crate::desk::input::{Direction, Input};
use crate::desk::step::Step;
use crate::reach::{Ask, Client};
use crate::store::Store;
use crate::store::records::{self, Told};
use crate::switchboard::Switchboard;
use arc_swap::ArcSwap;
use http::{HeaderName, StatusCode, Uri, header};
use secrecy::ExposeSecret;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, broadcast};
use tokio_util::sync::CancellationToken;

/// Longest answer taken, bytes.
const LARGEST: usize = 256 * 1024;
/// Questions at once; what comes beyond waits.
const AT_ONCE: usize = 16;

/// How the system is asked.
#[derive(Debug)]
pub struct Crm {
    url: Uri,
    secret: Secret,
    folder: PathBuf,
    timeout: Duration,
    cache_ms: i64,
}

impl Crm {
    /// `None` where nothing is to be asked.
    pub fn new(section: &CrmSection, folder: &Path) -> Option<Crm> {
        let url = section.url.as_ref()?.get_ref().parse().ok()?;
        let secret = section.secret.as_ref()?.get_ref().clone();
        let timeout = section.timeout.get_ref();
        let timeout = Duration::from_millis(u64::try_from(timeout.millis()).unwrap_or_default());
        Some(Crm { url, secret, folder: folder.to_owned(), timeout, cache_ms: section.cache.millis() })
    }
}

/// The asking task's settings, swapped whole at a reload.
#[derive(Clone)]
pub struct Records {
    crm: Arc<ArcSwap<Option<Crm>>>,
}

impl Records {
    /// Asks until stopped.
    pub fn start(crm: Option<Crm>, store: Store, switchboard: Switchboard, clock: Clock, stop: CancellationToken) -> Records {
        let records = Records { crm: Arc::new(ArcSwap::from_pointee(crm)) };
        let steps = switchboard.recorded();
        let asker = Asker { crm: records.crm.clone(), store, switchboard, clock, client: Client::default() };
        tokio::spawn(run(asker, steps, stop));
        records
    }

    pub fn reload(&self, crm: Option<Crm>) {
        self.crm.store(Arc::new(crm));
    }
}

#[derive(Clone)]
struct Asker {
    crm: Arc<ArcSwap<Option<Crm>>>,
    store: Store,
    switchboard: Switchboard,
    clock: Clock,
    client: Client,
}

async fn run(asker: Asker, mut steps: broadcast::Receiver<Arc<Step>>, stop: CancellationToken) {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let step = tokio::select! {
            () = stop.cancelled() => return,
            step = steps.recv() => step,
        };
        let people = match step {
            Ok(step) => who_comes(&step),
            // Whoever was missed is asked about when they come again.
            Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        if asker.crm.load().is_none() {
            continue;
        }
        for person in people {
            let (asker, turns) = (asker.clone(), turns.clone());
            tokio::spawn(async move {
                // Never closed.
                let _turn = turns.acquire().await;
                if let Err(error) = asker.ask_about(person).await {
                    tracing::warn!(%person, %error, "the customer system told nothing");
                }
            });
        }
    }
}

/// Customers who begin a contact.
fn who_comes(step: &Step) -> BTreeSet<PersonId> {
    let comes = |fact: &Fact| match fact {
        Fact::Call(_, CallFact::Started { person, direction, .. }) if *direction != Direction::Internal => Some(*person),
        Fact::Conversation(_, ConversationFact::Opened { person, .. }) => Some(*person),
        _ => None,
    };
    step.facts.iter().filter_map(comes).collect()
}

/// Why nothing is known.
#[derive(Debug, thiserror::Error)]
enum Nothing {
    #[error(transparent)]
    Asked(#[from] Asked),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error("the answer is not what docs/crm.md says: {0}")]
    Answer(#[from] serde_json::Error),
}

impl Asker {
    async fn ask_about(&self, person: PersonId) -> Result<(), Nothing> {
        let crm = self.crm.load_full();
        let Some(crm) = crm.as_ref() else { return Ok(()) };
        let now = self.clock.now();
        let Some(known) = records::to_ask(&self.store, person, now, crm.cache_ms).await? else { return Ok(()) };
        let identities = known.identities.iter().map(|(identity, proven)| {
            json!({ "kind": identity.kind, "namespace": identity.namespace, "value": identity.value, "proven": proven })
        });
        let identities: Vec<_> = identities.collect();
        let body = json!({ "person": person, "name": known.name, "language": known.language, "identities": identities }).to_string();
        let Some(answer) = tokio::time::timeout(crm.timeout, self.ask(crm, body, now)).await.map_err(|_| Asked::TooSlow)?? else {
            return Ok(());
        };
        let told: Told = serde_json::from_slice(&answer)?;
        if let Some(identity) = records::keep(&self.store, person, told, now).await? {
            // It is recorded like anything that becomes known; a desk that is too busy hears of it the next time.
            let _ = self.switchboard.ask(Input::RecordTold { person, identity }).await;
        }
        Ok(())
    }

    /// The body of the answer; `None` for somebody whom the system does not know.
    async fn ask(&self, crm: &Crm, body: String, now: At) -> Result<Option<bytes::Bytes>, Asked> {
        let secret = crm.secret.reveal(&crm.folder)?;
        let seconds = now.0 / 1_000;
        let signature = signature(secret.expose_secret(), seconds, &body);
        let ask = Ask::post(crm.url.clone(), "application/json", body).within(crm.timeout).most(LARGEST);
        let ask = ask.header(header::ACCEPT, "application/json");
        let ask = ask.header(HeaderName::from_static("hubline-signature"), &format!("t={seconds},v1={signature}"));
        let answer = self.client.ask(ask).await?;
        match answer.status {
            StatusCode::OK => Ok(Some(answer.body)),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(Asked::Status(status)),
        }
    }
}
