//! Event → what it means. One customer's own chats only: an account that is invited into a group hears nothing there.

use super::wire::{Event, Message};
use crate::channels::platform::{Heard, Media, MediaAt, Sender, Unreadable, Wrote};
use crate::channels::taps;
use crate::desk::card::millionths;
use crate::desk::id::At;
use crate::desk::input::Extra;
use crate::desk::person::{Identity, Unreachable};

/// Longest name of a file, characters.
const LONGEST_NAME: usize = 120;
/// Begins the place of a file that LINE keeps; others have an address.
pub(super) const CONTENT: &str = "content/";

/// What one kept event means, and the event itself for what it lets us do.
pub(super) fn read(provider: &str, raw: &[u8]) -> Result<(Vec<Heard>, Event), Unreadable> {
    let mut event: Event = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    let Some(user) = event.source.user.clone().filter(|_| event.source.kind == "user") else { return Ok((Vec::new(), event)) };
    let identity = Identity { kind: "line".into(), namespace: provider.to_owned(), value: user };
    let wrote = |key: String, text: String| Wrote {
        key,
        from: Sender { identity: identity.clone(), name: None, also: Vec::new(), language: None },
        text,
        extra: None,
        media: Vec::new(),
        sent: At(event.timestamp),
        seq: 0,
        threads: Vec::new(),
        automatic: event.mode == "standby",
        window: None,
    };
    let heard = match event.kind.as_str() {
        "message" => {
            let Some(message) = event.message.take() else { return Err(Unreadable("a message without one".into())) };
            let (key, read_token) = (message.id.clone(), message.read_token.clone());
            let (text, extra, media) = content(message);
            let heard = Heard::Message(Wrote { extra, media, ..wrote(key, text) });
            event.message = Some(Message { read_token, ..Message::default() });
            Some(heard)
        }
        // Its answer was tapped: what the button told us is what the customer says.
        "postback" => event.postback.as_ref().map(|postback| {
            let (text, extra) = taps::told(&postback.data).unwrap_or((&postback.data, None));
            Heard::Message(Wrote { extra, ..wrote(format!("postback/{}", event.id), text.to_owned()) })
        }),
        "unsend" => event.unsend.as_ref().map(|unsend| Heard::Recalled { key: unsend.message.clone(), from: identity }),
        "unfollow" => Some(Heard::Unreachable { who: identity, why: Unreachable::Blocked }),
        _ => None,
    };
    Ok((heard.into_iter().collect(), event))
}

fn content(message: Message) -> (String, Option<Extra>, Vec<Media>) {
    let external = message.provider.filter(|provider| provider.kind == "external").and_then(|provider| provider.url);
    let file = |or: &str| {
        let name: String = message.file_name.as_deref().unwrap_or(or).chars().take(LONGEST_NAME).collect();
        vec![Media { name, at: MediaAt::Elsewhere(external.clone().unwrap_or_else(|| format!("{CONTENT}{}", message.id))) }]
    };
    match message.kind.as_str() {
        "text" => (message.text.unwrap_or_default(), None, Vec::new()),
        "image" => (String::new(), Some(Extra::Picture), file("photo.jpg")),
        "video" => (String::new(), None, file("video.mp4")),
        // The app has one button for sounds: what is spoken now.
        "audio" => (String::new(), Some(Extra::Voice), file("voice.m4a")),
        "file" => (String::new(), None, file("file")),
        "location" => {
            let label =
                [message.title, message.address].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
            let (latitude, longitude) = (message.latitude.unwrap_or(0.0), message.longitude.unwrap_or(0.0));
            let text = format!("{label} {latitude:.6}, {longitude:.6}").trim().to_owned();
            (
                text,
                Some(Extra::Place { latitude: millionths(latitude), longitude: millionths(longitude), label, address: String::new() }),
                Vec::new(),
            )
        }
        // Its picture may not be shown elsewhere; its words say what it means.
        "sticker" => {
            let words = message.keywords.into_iter().take(3).collect::<Vec<_>>().join(", ");
            let kind = format!("sticker {}/{}", message.package.unwrap_or_default(), message.sticker.unwrap_or_default());
            (if words.is_empty() { "[sticker]".to_owned() } else { format!("[{words}]") }, Some(Extra::Other { kind }), Vec::new())
        }
        kind => (format!("[{kind}]"), Some(Extra::Other { kind: kind.to_owned() }), Vec::new()),
    }
}
