//! Articles in bulk.

use super::words::{CHINESE, ENGLISH, words};
use crate::desk::id::{AgentId, At};
use crate::sim::plan::Dice;
use crate::store::knowledge::{self, Audience, Saved, Step, Written};
use crate::store::{Store, StoreError};

/// Saved at once, so that commits are shared.
const AT_ONCE: u64 = 256;

/// Writes and publishes so many articles of this owner's.
pub async fn write(store: &Store, dice: &Dice, count: u64, owner: &AgentId, at: At) -> Result<(), StoreError> {
    for first in (0..count).step_by(AT_ONCE as usize) {
        let all: Vec<Written> = (first..(first + AT_ONCE).min(count)).map(|number| article(dice, number, owner)).collect();
        let saves = all.into_iter().map(|written| publish(store, written, owner, at));
        futures_util::future::try_join_all(saves).await?;
    }
    Ok(())
}

/// Every second one in Chinese, every third internal.
fn article(dice: &Dice, number: u64, owner: &AgentId) -> Written {
    let (of, language, between) = if number % 2 == 1 { (&CHINESE, "zh-CN", "的") } else { (&ENGLISH, "en", " ") };
    let body: Vec<String> = (0..12).map(|_| words(dice, of, 12, between)).collect();
    Written {
        article: None,
        language: language.into(),
        title: format!("{} {number}", words(dice, of, 3, between)),
        body: body.join(".\n\n"),
        note: String::new(),
        category: None,
        audience: if number.is_multiple_of(3) { Audience::Internal } else { Audience::Public },
        owner: owner.clone(),
        expires_at: None,
        base: 0,
    }
}

async fn publish(store: &Store, written: Written, by: &AgentId, at: At) -> Result<(), StoreError> {
    let language = written.language.clone();
    if let Saved::Kept { article, version } = knowledge::save(store, written, by, at).await? {
        knowledge::move_on(store, article, &language, version, Step::Publish { by_another: false }, by, at).await?;
    }
    Ok(())
}
