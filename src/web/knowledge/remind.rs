//! Owners are told of articles that soon expire: once for each expiry, when they have a page open. The list of what is due stands on the
//! page of the knowledge base in any case.

use crate::store::{StoreError, knowledge};
use crate::web::WebState;
use crate::web::inbox::push::reader;
use crate::web::live::Frame;
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(600);

/// Runs until the process stops.
pub async fn keep_up(state: WebState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {
                if let Err(error) = remind(&state).await {
                    tracing::error!(%error, "owners of articles cannot be reminded");
                }
            }
        }
    }
}

async fn remind(state: &WebState) -> Result<(), StoreError> {
    let until = state.clock.now().after(state.config.load().config.knowledge.remind_before.get_ref().millis());
    for due in knowledge::unreminded(&state.store, until).await? {
        if state.live.open_pages(&due.owner) == 0 {
            continue;
        }
        let page = reader(state, &due.owner).await?.page;
        let text = page.t2("knowledge.remind", "title", &due.title, "day", page.day(due.last_day()));
        let frame = Frame::new(
            "alarm",
            json!({ "key": format!("article-{}", due.article), "text": text, "href": format!("/knowledge/{}", due.article) }),
        );
        state.live.to_agent(&due.owner, frame);
        knowledge::reminded(&state.store, due.article).await?;
    }
    Ok(())
}
