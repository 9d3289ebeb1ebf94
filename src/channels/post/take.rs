//! What was attached to a message: fetched at once, because its address expires; what it is, is told by its bytes.

use super::read::{Untold, plain};
use super::{Open, Post, late};
use crate::channels::platform::{Fetched, MediaAt, Trouble, Wrote};
use crate::desk::input::{Extra, FileRef};
use crate::desk::person::plain_name;
use crate::store::StoreError;
use crate::store::files::{self, kind};
use crate::store::late_files::{self, LateFile};
use std::time::Duration;

/// Longest name kept, characters.
const LONGEST_NAME: usize = 120;
/// Tries to fetch one file, and the pause before the second; it doubles. The words beside it wait so long, eight seconds; then they are told
/// without it, and it is asked for again later.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// The name by which a connector gives a letter as it was designed, cleaned.
pub(super) const LETTER: &str = "letter.html";

/// All that was attached, as far as the platform gives it now. What it does not give is named in the words instead.
pub(super) async fn all(
    post: &Post,
    open: &Open,
    wrote: &Wrote,
    text: &mut String,
    extra: &mut Option<Extra>,
) -> Result<Vec<FileRef>, Untold> {
    let (mut files, mut late) = (Vec::new(), Vec::new());
    for (place, media) in wrote.media.iter().enumerate() {
        let sender = format!("{}/{}/{}", wrote.from.identity.kind, open.account.id, wrote.from.identity.value);
        let given = match &media.at {
            MediaAt::Here(bytes) => Ok(Fetched { bytes: bytes.clone(), name: None }),
            MediaAt::Elsewhere(at) => fetch(open, at).await,
        };
        let why = match given {
            Ok(given) if given.bytes.len() as u64 > open.account.most_file => format!("{} MB", given.bytes.len().div_ceil(1 << 20)),
            Ok(given) if media.name == LETTER && matches!(media.at, MediaAt::Here(_)) => {
                let letter = create(post, LETTER, "text/html; charset=utf-8", given.bytes.to_vec(), &sender).await?;
                if let Some(Extra::Mail(mail)) = extra {
                    mail.html = Some(letter.id);
                }
                continue;
            }
            Ok(given) => {
                files.push(keep(post, &media.name, given, &sender).await?);
                continue;
            }
            Err(trouble) => {
                tracing::warn!(channel = %open.account.id, %trouble, "something attached could not be fetched");
                let now = post.shared.clock.now();
                let why = trouble.to_string();
                if let MediaAt::Elsewhere(at) = &media.at
                    && may_come(&trouble)
                {
                    late.push(LateFile {
                        id: 0,
                        channel: open.account.id.clone(),
                        external_id: wrote.key.clone(),
                        place: u32::try_from(place).unwrap_or(u32::MAX),
                        media: at.clone(),
                        name: media.name.clone(),
                        instead: instead(&media.name, &why),
                        sender,
                        since: now,
                        next_at: now.after(late::SOONEST_MS),
                    });
                }
                why
            }
        };
        text.push_str(if text.is_empty() { "" } else { "\n" });
        text.push_str(&instead(&media.name, &why));
    }
    // Before the message: whatever happens next, none is forgotten.
    if !late.is_empty() {
        late_files::keep(&post.shared.store, late).await?;
    }
    Ok(files)
}

fn instead(name: &str, why: &str) -> String {
    format!("[{name}: {}]", plain(why))
}

/// It can be asked for again; what is refused never comes.
pub(super) fn may_come(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Retry(_) | Trouble::RetryAfter(_) | Trouble::Uncertain(_) | Trouble::Quota(_) | Trouble::Down(_))
}

/// Keeps a file of a customer's; what it is, its bytes say.
pub(super) async fn keep(post: &Post, name: &str, given: Fetched, sender: &str) -> Result<FileRef, StoreError> {
    let mime = kind::by_content(&given.bytes);
    let name = plain_name(given.name.as_deref().unwrap_or(name), LONGEST_NAME);
    let name = if name.is_empty() { "file" } else { name.as_str() };
    create(post, name, mime, given.bytes.to_vec(), sender).await
}

async fn create(post: &Post, name: &str, mime: &str, bytes: Vec<u8>, sender: &str) -> Result<FileRef, StoreError> {
    files::create(&post.shared.store, name, mime, bytes, sender, post.shared.clock.now()).await
}

async fn fetch(open: &Open, at: &str) -> Result<Fetched, Trouble> {
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
