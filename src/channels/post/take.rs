//! What was attached to a message: fetched at once, because its address expires; what it is, is told by its bytes.

use super::read::Untold;
use super::{Open, Post};
use crate::channels::platform::{Media, MediaAt, Trouble};
use crate::desk::input::FileRef;
use crate::desk::person::{Identity, plain_name};
use crate::store::files::{self, kind};
use std::time::Duration;

/// Longest name kept, characters.
const LONGEST_NAME: usize = 120;
/// Tries to fetch one file, and the pause before the second; it doubles, so that it is half a minute before it is shown as missing. So long
/// the words beside it wait, too.
const TRIES: u32 = 7;
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// The name by which a connector gives a letter as it was designed, cleaned.
pub(super) const LETTER: &str = "letter.html";

pub(super) enum Taken {
    File(FileRef),
    Letter(FileRef),
    /// It is not there, and why: shown in its place.
    Not(String),
}

pub(super) async fn file(post: &Post, open: &Open, from: &Identity, media: &Media) -> Result<Taken, Untold> {
    let most = open.account.most_file;
    let (bytes, name) = match &media.at {
        MediaAt::Here(bytes) => (bytes.clone(), None),
        MediaAt::Elsewhere(at) => match fetch(open, at).await {
            Ok(fetched) => (fetched.bytes, fetched.name),
            Err(trouble) => {
                tracing::warn!(channel = %open.account.id, %trouble, "something attached could not be fetched");
                return Ok(Taken::Not(trouble.to_string()));
            }
        },
    };
    if bytes.len() as u64 > most {
        return Ok(Taken::Not(format!("{} MB", bytes.len().div_ceil(1 << 20))));
    }
    let letter = media.name == LETTER && matches!(media.at, MediaAt::Here(_));
    let mime = if letter { "text/html; charset=utf-8" } else { kind::by_content(&bytes) };
    let name = plain_name(name.as_deref().unwrap_or(&media.name), LONGEST_NAME);
    let name = if name.is_empty() { "file".to_owned() } else { name };
    let by = format!("{}/{}/{}", from.kind, open.account.id, from.value);
    let kept = files::create(&post.shared.store, &name, mime, bytes.to_vec(), &by, post.shared.clock.now()).await?;
    Ok(if letter { Taken::Letter(kept) } else { Taken::File(kept) })
}

async fn fetch(open: &Open, at: &str) -> Result<crate::channels::platform::Fetched, Trouble> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        let wait = match open.account.platform.fetch(at).await {
            Err(Trouble::Retry(_) | Trouble::Uncertain(_)) => pause,
            Err(Trouble::RetryAfter(wait)) => wait.min(LONGEST_PAUSE),
            done => return done,
        };
        tokio::time::sleep(wait).await;
        pause *= 2;
    }
    open.account.platform.fetch(at).await
}
