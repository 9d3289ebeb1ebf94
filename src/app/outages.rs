//! Customers whose channel does not work are told elsewhere: the desk says whom and what, the store knows by what else they are known.

use crate::desk::act::{Notice, Told};
use crate::desk::input::{Ask, Input, Purpose};
use crate::store::proactive::{self, Found, To};
use crate::store::{Store, StoreError};
use crate::switchboard::Switchboard;
use tokio::sync::mpsc;

/// Runs until the process stops.
pub(super) async fn run(store: Store, switchboard: Switchboard, mut notices: mpsc::Receiver<Notice>) {
    while let Some(Notice { channel, since, not_after, people }) = notices.recv().await {
        // No program can be called so: names have no colon.
        let by = format!("outage:{channel}");
        for told in people {
            let asked = match ask(&store, &by, since.0, &told).await {
                Ok(Some(ask)) => Ask { outage: Some(channel.clone()), not_after: Some(not_after), ..ask },
                Ok(None) => continue,
                Err(error) => {
                    tracing::error!(%channel, person = %told.person, %error, "a customer is not told of an outage");
                    continue;
                }
            };
            if let Err(refusal) = switchboard.ask(Input::Proactive(Box::new(asked))).await {
                tracing::error!(%channel, person = %told.person, ?refusal, "a customer is not told of an outage");
            }
        }
    }
}

/// A channel that fails again so soon after it worked is the same trouble to whoever was told of it, ms.
const SAME_MS: i64 = 3_600_000;

/// `None`: they have been told, or are nobody any more.
async fn ask(store: &Store, by: &str, since: i64, told: &Told) -> Result<Option<Ask>, StoreError> {
    let key = |since: i64| format!("{}-{since:013}", told.person);
    if proactive::has_key_between(store, by, key(since - SAME_MS), key(since)).await? {
        return Ok(None);
    }
    let Found::Recipient(to) = proactive::recipient(store, To::Person(told.person)).await? else { return Ok(None) };
    Ok(Some(Ask {
        to: *to,
        text: told.text.clone(),
        subject: String::new(),
        template: None,
        purpose: Purpose::Service,
        channels: Vec::new(),
        not_after: None,
        card: None,
        outage: None,
        by: by.to_owned(),
        digest: key(since),
        key: key(since),
    }))
}
