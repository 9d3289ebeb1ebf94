//! One piece → one message. Viber fetches files from an address whose path says what they are.

use super::{PICTURE, VIDEO, Viber, cards, wire};
use crate::channels::lost;
use crate::channels::platform::{Fetched, Handed, LocalFile, Piece, Trouble};
use crate::desk::input::{Delivery, Extra};
use crate::reach::Ask;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Longest name of a file, characters.
const LONGEST_NAME: usize = 256;
/// Longest ending of one that is told in an address.
const LONGEST_ENDING: usize = 8;
const FILE_WITHIN: Duration = Duration::from_secs(180);

impl Viber {
    pub(super) async fn hand(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let mut message = match (piece.files.as_slice(), &piece.extra) {
            ([], Some(Extra::Link { url, title, about, picture })) => cards::link(url, title, about, picture),
            ([], Some(Extra::Place { latitude, longitude, .. })) => cards::place(*latitude, *longitude),
            ([], _) => json!({ "type": "text", "text": piece.text }),
            ([file], _) => self.lent(file, &piece.text)?,
            _ => return Err(Trouble::Refused("Viber takes one file in a message".into())),
        };
        if let Some(Extra::Choices { options }) = &piece.extra {
            cards::choices(&mut message, piece.message, options);
        }
        message["receiver"] = piece.to.value.as_str().into();
        message["sender"] = json!({ "name": self.sender });
        if let Some(avatar) = &self.avatar {
            message["sender"]["avatar"] = avatar.as_str().into();
        }
        let said = self.api.send(&message).await?;
        let ids = said.get("message_token").and_then(wire::token).into_iter().collect();
        Ok(Handed { ids, state: Delivery::Sent, threads: Vec::new() })
    }

    fn lent(&self, file: &LocalFile, words: &str) -> Result<Value, Trouble> {
        let lent = |name: &str| self.lender.address_ending(file, name, self.clock.now());
        Ok(match file.mime.as_str() {
            // Words have to be there, if only empty ones.
            "image/jpeg" if file.bytes <= PICTURE => json!({ "type": "picture", "text": words, "media": lent("picture.jpeg")? }),
            "image/png" if file.bytes <= PICTURE => json!({ "type": "picture", "text": words, "media": lent("picture.png")? }),
            "video/mp4" if file.bytes <= VIDEO => json!({ "type": "video", "media": lent("video.mp4")?, "size": file.bytes }),
            _ => {
                let name = shortened(&file.name);
                json!({ "type": "file", "media": lent(&format!("file{}", ending(&name)))?, "size": file.bytes, "file_name": name })
            }
        })
    }

    pub(super) async fn fetched(&self, media: &str) -> Result<Fetched, Trouble> {
        let url = media.parse().map_err(|_| Trouble::Refused("the file has no address".into()))?;
        let answer = self.api.client.fetch(Ask::get(url).within(FILE_WITHIN).most(self.most)).await.map_err(lost::asking)?;
        match answer.status.as_u16() {
            200 => Ok(Fetched { bytes: answer.body, name: None }),
            400..=428 | 430..=499 => Err(Trouble::Refused("the file is not there any more".into())),
            status => Err(Trouble::Retry(format!("status {status}"))),
        }
    }
}

/// By which its ending is kept: without it a telephone does not know what to open it with.
fn shortened(name: &str) -> String {
    let ending = ending(name);
    let stem = name.strip_suffix(&ending).unwrap_or(name);
    stem.chars().take(LONGEST_NAME - ending.chars().count()).chain(ending.chars()).collect()
}

/// `.pdf`; nothing where it would not stand in an address as it is.
fn ending(name: &str) -> String {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let plain = (1..=LONGEST_ENDING).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { format!(".{ending}") } else { String::new() }
}
