//! Kept event → what it means. Customers are known by an id of this portfolio where they have one (`US.1349…`), else by their number; the
//! number may be missing, and both may change.

use super::wire::{Card, Contact, File, Interactive, Kept, Location, Message, Order, Status, System};
use crate::channels::platform::{Heard, Media, MediaAt, OfOurs, Sender, Unreadable, Wrote};
use crate::channels::taps;
use crate::desk::card::millionths;
use crate::desk::id::At;
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::Identity;

/// Longest name of a file, characters.
const LONGEST_NAME: usize = 120;
/// Longest reason of a failure, characters.
const LONGEST_REASON: usize = 200;

/// What one kept event means. `portfolio` is where customers' ids have their meaning.
pub(super) fn read(portfolio: &str, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let Kept { contacts, message, echo, status } = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    if let Some(message) = message {
        return written(portfolio, contacts, message).map(|wrote| vec![Heard::Message(wrote)]);
    }
    if let Some(mut echo) = echo {
        (echo.from, echo.from_user_id) = (echo.to.take(), echo.to_user_id.take());
        return written(portfolio, contacts, echo).map(|wrote| vec![Heard::Echo(wrote)]);
    }
    Ok(status.and_then(receipt).into_iter().collect())
}

pub(super) fn identity(portfolio: &str, value: &str) -> Identity {
    Identity { kind: "whatsapp".into(), namespace: portfolio.to_owned(), value: value.to_owned() }
}

fn written(portfolio: &str, contacts: Vec<Contact>, mut message: Message) -> Result<Wrote, Unreadable> {
    let of = |contact: &Contact| {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        same(&contact.user_id, &message.from_user_id) || same(&contact.wa_id, &message.from)
    };
    let contact = contacts.into_iter().find(of).unwrap_or_default();
    let system = message.system.take();
    let sender = sender(portfolio, &contact, &message, system.as_ref()).ok_or_else(|| Unreadable("a message of nobody".into()))?;
    let seconds: i64 = message.timestamp.parse().unwrap_or(0);
    let (key, automatic) = (std::mem::take(&mut message.id), system.is_some());
    let (text, extra, media) = match system {
        Some(System { body, kind, .. }) => (body, Some(Extra::Other { kind: format!("system {kind}").trim_end().to_owned() }), Vec::new()),
        None => content(message),
    };
    Ok(Wrote {
        key,
        from: sender,
        text,
        extra,
        media,
        sent: At(seconds.saturating_mul(1_000)),
        seq: 0,
        threads: Vec::new(),
        automatic,
        window: None,
    })
}

/// By the strongest name first; the others are further names of the same customer.
fn sender(portfolio: &str, contact: &Contact, message: &Message, system: Option<&System>) -> Option<Sender> {
    let digits = |text: &Option<String>| {
        let plain = text.as_deref().filter(|text| (7..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()));
        plain.map(str::to_owned)
    };
    let user = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let number = system.and_then(|system| digits(&system.new_wa_id).or_else(|| digits(&system.wa_id)));
    let number = number.or_else(|| digits(&contact.wa_id)).or_else(|| digits(&message.from));
    let id = system.and_then(|system| user(&system.user_id)).or_else(|| user(&message.from_user_id)).or_else(|| user(&contact.user_id));
    let former = system.and_then(|system| user(&system.previous_user_id));
    let mut also: Vec<Identity> = [&id, &number, &former].into_iter().flatten().map(|name| identity(portfolio, name)).collect();
    if let Some(system) = system {
        // What the message is from is the name that is no more.
        also.extend(digits(&message.from).filter(|_| system.kind.contains("number")).map(|former| identity(portfolio, &former)));
    }
    let first = if also.is_empty() { return None } else { also.remove(0) };
    also.extend(number.map(|number| Identity { kind: "phone".into(), namespace: String::new(), value: format!("+{number}") }));
    also.retain(|other| *other != first);
    also.dedup();
    let name = contact.profile.name.clone().or_else(|| contact.profile.username.clone()).filter(|name| !name.trim().is_empty());
    Some(Sender { identity: first, name, also, language: None })
}

/// Words, what else it is, and what is attached.
fn content(message: Message) -> (String, Option<Extra>, Vec<Media>) {
    let advertisement = message.referral.filter(|referral| !referral.source_url.is_empty());
    let from_advertisement =
        advertisement.map(|ad| Extra::Link { url: ad.source_url, title: ad.headline, about: ad.body, picture: String::new() });
    if let Some(text) = message.text {
        return (text.body, from_advertisement, Vec::new());
    }
    let files = [
        (message.image, "photo.jpg", Some(Extra::Picture)),
        (message.sticker, "sticker.webp", Some(Extra::Picture)),
        (message.video, "video.mp4", None),
        (message.audio, "voice.ogg", Some(Extra::Voice)),
        (message.document, "document", None),
    ];
    for (file, or, extra) in files {
        if let Some(File { id, caption, filename, voice }) = file {
            let name: String = filename.as_deref().unwrap_or(or).chars().take(LONGEST_NAME).collect();
            // A song is not spoken.
            let extra = if extra == Some(Extra::Voice) && !voice { None } else { extra };
            return (caption.unwrap_or_default(), extra, vec![Media { name, at: MediaAt::Elsewhere(id) }]);
        }
    }
    if let Some(Location { latitude, longitude, name, address }) = message.location {
        let label = [name, address].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let text = format!("{label} {latitude:.6}, {longitude:.6}").trim().to_owned();
        return (
            text,
            Some(Extra::Place { latitude: millionths(latitude), longitude: millionths(longitude), label, address: String::new() }),
            Vec::new(),
        );
    }
    if let Some(cards) = message.contacts.filter(|cards| !cards.is_empty()) {
        return shared(cards);
    }
    if let Some(reaction) = message.reaction {
        let emoji = reaction.emoji.unwrap_or_default();
        return (emoji.clone(), Some(Extra::Reaction { emoji }), Vec::new());
    }
    let button = message.button.map(|button| (button.text, None));
    if let Some((text, chosen)) = message.interactive.and_then(tapped).or(button) {
        return (text, chosen.or(from_advertisement), Vec::new());
    }
    let other = |text: String| (text, Some(Extra::Other { kind: message.kind.clone() }), Vec::new());
    match message.order {
        Some(order) => other(ordered(&order)),
        None => other(format!("[{}]", message.kind)),
    }
}

/// People whom the customer passes on. One is shown as a card, several are lines: none is left out.
fn shared(cards: Vec<Card>) -> (String, Option<Extra>, Vec<Media>) {
    let mut people: Vec<(String, Vec<String>)> = cards
        .into_iter()
        .map(|card| {
            let phones = card.phones.into_iter().filter_map(|phone| phone.phone);
            let values = phones.chain(card.emails.into_iter().filter_map(|email| email.email));
            (card.name.formatted_name, values.filter(|value| !value.is_empty()).collect())
        })
        .collect();
    let line = |(name, values): &(String, Vec<String>)| format!("{name} {}", values.join(" ")).trim().to_owned();
    let text = people.iter().map(line).collect::<Vec<_>>().join("\n");
    let card = people.pop().filter(|_| people.is_empty()).map(|(name, values)| Extra::Contact { name, values });
    (text, card, Vec::new())
}

/// What the customer tapped, in full where it was ours.
fn tapped(interactive: Interactive) -> Option<(String, Option<Extra>)> {
    if let Some(reply) = interactive.button_reply.or(interactive.list_reply) {
        return Some(taps::told(&reply.id).map_or((reply.title, None), |(words, chosen)| (words.to_owned(), chosen)));
    }
    let form = interactive.nfm_reply?;
    Some((form.response_json.filter(|json| !json.is_empty()).or(form.body)?, None))
}

fn ordered(order: &Order) -> String {
    let line = |item: &super::wire::Item| format!("{} × {}", item.quantity, item.product_retailer_id);
    std::iter::once(order.text.clone())
        .filter(|text| !text.is_empty())
        .chain(order.product_items.iter().map(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// How far one of ours has come. By our own key where it is told: it may come before the answer that has the platform's id.
fn receipt(status: Status) -> Option<Heard> {
    let state = match status.status.as_str() {
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        "read" | "played" => Delivery::Read,
        "failed" => {
            let why = status.errors.first().map_or_else(|| "failed".to_owned(), crate::channels::meta::errors::Said::why);
            Delivery::Failed { reason: why.chars().take(LONGEST_REASON).collect() }
        }
        _ => return None,
    };
    let ours =
        |key: &String| !key.is_empty() && key.len() <= 32 && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let of = status.biz_opaque_callback_data.filter(ours).map_or(OfOurs::External(status.id), OfOurs::Key);
    Some(Heard::Receipt { of, state })
}
