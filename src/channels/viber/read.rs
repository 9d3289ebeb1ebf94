//! Callback → what it means.

use super::cards;
use super::wire::{Event, Message, User, degrees, token};
use crate::channels::platform::{Heard, Media, MediaAt, OfOurs, Sender, Unreadable, Wrote};
use crate::desk::card::millionths;
use crate::desk::id::At;
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::{Identity, Unreachable};

/// Longest name of a file, characters.
const LONGEST_NAME: usize = 120;

/// `account` is whose customers they are: Viber's ids are different for each bot.
pub(super) fn read(account: &str, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let mut event: Event = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    let identity = |id: String| Identity { kind: "viber".into(), namespace: account.to_owned(), value: id };
    let ours = |state| token(&event.message_token).map(|token| Heard::Receipt { of: OfOurs::External(token), state });
    let heard = match event.kind.as_str() {
        "message" if event.chat_id.is_none() => {
            let (Some(key), Some(User { id, name, language }), Some(message)) =
                (token(&event.message_token), event.sender.take().filter(|sender| !sender.id.is_empty()), event.message.take())
            else {
                return Err(Unreadable("a message without its name, its sender or itself".into()));
            };
            let opened =
                message.tracking_data.as_deref().zip(message.text.as_deref()).is_some_and(|(tracked, text)| cards::opens(tracked, text));
            let (text, extra, media) = content(message);
            Some(Heard::Message(Wrote {
                key,
                from: Sender { identity: identity(id), name: name.filter(|name| !name.is_empty()), also: Vec::new(), language },
                text,
                extra,
                media,
                sent: At(event.timestamp),
                seq: 0,
                threads: Vec::new(),
                automatic: opened,
                window: None,
            }))
        }
        "delivered" => ours(Delivery::Delivered),
        "seen" => ours(Delivery::Read),
        "failed" => ours(Delivery::Failed { reason: event.desc.clone().unwrap_or_default() }),
        "unsubscribed" => event.user_id.take().map(|id| Heard::Unreachable { who: identity(id), why: Unreachable::Unfollowed }),
        // Who subscribes or only opens the talk has said nothing yet; what they say will tell who they are.
        _ => None,
    };
    Ok(heard.into_iter().collect())
}

fn content(message: Message) -> (String, Option<Extra>, Vec<Media>) {
    let said = message.text.unwrap_or_default();
    let file = |or: &str| {
        let name: String = message.file_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(or).chars().take(LONGEST_NAME).collect();
        message.media.clone().map(|at| Media { name, at: MediaAt::Elsewhere(at) }).into_iter().collect::<Vec<_>>()
    };
    match message.kind.as_str() {
        "text" => {
            let chosen = message.tracking_data.as_deref().and_then(|tracked| cards::chosen(tracked, &said));
            (said, chosen, Vec::new())
        }
        "picture" => (said, Some(Extra::Picture), file("photo.jpg")),
        "video" => (said, None, file("video.mp4")),
        "file" => (said, None, file("file")),
        // An address is words, and never fetched.
        "url" => {
            let url = message.media.unwrap_or_default();
            (if said.is_empty() || said == url { url } else { format!("{said}\n{url}") }, None, Vec::new())
        }
        "location" => {
            let place = message.location.unwrap_or_default();
            let (latitude, longitude) = (degrees(&place.lat), degrees(&place.lon));
            let pin = Extra::Place {
                latitude: millionths(latitude),
                longitude: millionths(longitude),
                label: String::new(),
                address: String::new(),
            };
            (format!("{latitude:.6}, {longitude:.6}"), Some(pin), Vec::new())
        }
        "contact" => {
            let contact = message.contact.unwrap_or_default();
            let (name, number) = (contact.name.unwrap_or_default(), contact.phone_number.unwrap_or_default());
            let text = format!("{name} {number}").trim().to_owned();
            (
                text,
                Some(Extra::Contact { name, values: Some(number).filter(|number| !number.is_empty()).into_iter().collect() }),
                Vec::new(),
            )
        }
        // Its picture may not be shown elsewhere.
        "sticker" => {
            let id = message.sticker_id.and_then(|id| token(&id)).unwrap_or_default();
            ("[sticker]".into(), Some(Extra::Other { kind: format!("sticker {id}") }), Vec::new())
        }
        kind => (format!("[{kind}]"), Some(Extra::Other { kind: kind.to_owned() }), Vec::new()),
    }
}
