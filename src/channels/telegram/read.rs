//! Update → what it means. Private chats only: a bot that somebody puts into a group hears nothing there.

use super::start::Start;
use super::wire::{CallbackQuery, Contact, Kept, Location, Message, Reacted, Sticker, Update, User, key};
use crate::channels::platform::{Heard, Media, MediaAt, Sender, Unreadable, Wrote};
use crate::channels::taps;
use crate::desk::card::millionths;
use crate::desk::id::At;
use crate::desk::input::Extra;
use crate::desk::person::{Identity, Unreachable};

/// Longest name of a file, characters.
const LONGEST_NAME: usize = 120;
/// Parts of a message that say nothing of its kind.
const NO_KIND: &[&str] = &[
    "author_signature",
    "caption_entities",
    "effect_id",
    "entities",
    "external_reply",
    "forward_origin",
    "has_media_spoiler",
    "has_protected_content",
    "is_automatic_forward",
    "is_from_offline",
    "is_topic_message",
    "link_preview_options",
    "media_group_id",
    "message_thread_id",
    "paid_star_count",
    "quote",
    "reply_to_message",
    "reply_to_story",
    "sender_boost_count",
    "sender_chat",
    "show_caption_above_media",
    "via_bot",
];

/// What one kept update means.
pub(super) fn read(raw: &[u8], start: Option<&Start>) -> Result<Vec<Heard>, Unreadable> {
    let Kept { heard, update } = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    let Update { message, edited_message, business_message, edited_business_message, .. } = update;
    let mut meant = Vec::new();
    meant.extend(message.or(business_message).and_then(|message| written(message, start)));
    meant.extend(edited_message.or(edited_business_message).and_then(edited));
    meant.extend(update.callback_query.and_then(|query| tapped(query, heard)));
    meant.extend(update.message_reaction.and_then(reacted));
    if let Some(deleted) = update.deleted_business_messages {
        let from = identity(deleted.chat.id);
        let connection = Some(deleted.business_connection_id.as_str());
        meant.extend(
            deleted.message_ids.iter().map(|id| Heard::Recalled { key: key(connection, deleted.chat.id, *id), from: from.clone() }),
        );
    }
    // `kicked`: the customer has blocked the bot. Whoever writes again has not.
    if let Some(member) = update.my_chat_member.filter(|member| member.chat.kind == "private" && member.new_chat_member.status == "kicked")
    {
        meant.push(Heard::Unreachable { who: identity(member.from.id), why: Unreachable::Blocked });
    }
    Ok(meant)
}

pub(super) fn identity(user: i64) -> Identity {
    Identity { kind: "telegram".into(), namespace: String::new(), value: user.to_string() }
}

fn sender(user: &User) -> Sender {
    let name = match &user.last_name {
        Some(last) => format!("{} {last}", user.first_name),
        None => user.first_name.clone(),
    };
    let name = Some(name).filter(|name| !name.trim().is_empty()).or_else(|| user.username.clone());
    Sender { identity: identity(user.id), name, also: Vec::new(), language: user.language_code.clone() }
}

fn written(mut message: Message, start: Option<&Start>) -> Option<Heard> {
    let from = message.from.take()?;
    if message.chat.kind != "private" {
        return None;
    }
    // By the firm's own account: with another of its apps, or by this bot, which knows already.
    let firm = message.business_connection_id.is_some() && from.id != message.chat.id;
    if firm && message.sender_business_bot.is_some() {
        return None;
    }
    let mut sender = if firm { sender(&User { id: message.chat.id, ..User::default() }) } else { sender(&from) };
    let (text, extra, media) = content(&mut message);
    if !firm {
        sender.also.extend(start.zip(text.strip_prefix("/start ")).and_then(|(start, payload)| start.account(payload.trim())));
        sender.also.extend(message.contact.as_ref().filter(|contact| contact.user_id == Some(from.id)).and_then(phone));
    }
    let wrote = Wrote {
        key: key(message.business_connection_id.as_deref(), message.chat.id, message.message_id),
        from: sender,
        text,
        extra,
        media,
        sent: At(message.date.saturating_mul(1_000)),
        seq: message.message_id,
        threads: Vec::new(),
        automatic: from.is_bot,
        window: None,
    };
    Some(if firm { Heard::Echo(wrote) } else { Heard::Message(wrote) })
}

fn edited(mut message: Message) -> Option<Heard> {
    let from = message.from.take().filter(|from| from.id == message.chat.id)?;
    let key = key(message.business_connection_id.as_deref(), message.chat.id, message.message_id);
    let text = message.text.or(message.caption)?;
    Some(Heard::Edited { key, from: identity(from.id), text })
}

/// A button under one of our messages: what it says is what the customer says.
fn tapped(query: CallbackQuery, heard: i64) -> Option<Heard> {
    let data = query.data?;
    let message = query.message.unwrap_or_default();
    if !matches!(message.chat.kind.as_str(), "private" | "") {
        return None;
    }
    let buttons = message.reply_markup.unwrap_or_default().inline_keyboard.into_iter().flatten();
    let label = buttons.into_iter().find(|button| button.callback_data.as_ref() == Some(&data)).map(|button| button.text);
    Some(Heard::Message(Wrote {
        key: key(message.business_connection_id.as_deref(), query.from.id, format_args!("tap{}", query.id)),
        from: sender(&query.from),
        extra: taps::chosen(&data),
        text: label.unwrap_or(data),
        media: Vec::new(),
        sent: At(heard),
        seq: 0,
        threads: Vec::new(),
        automatic: false,
        window: None,
    }))
}

fn reacted(reacted: Reacted) -> Option<Heard> {
    let user = reacted.user.filter(|_| reacted.chat.kind == "private")?;
    let emoji: String = reacted.new_reaction.into_iter().filter_map(|reaction| reaction.emoji).collect();
    Some(Heard::Message(Wrote {
        key: format!("{}/{}/reaction/{}/{emoji}", reacted.chat.id, reacted.message_id, reacted.date),
        from: sender(&user),
        text: emoji.clone(),
        extra: Some(Extra::Reaction { emoji }),
        media: Vec::new(),
        sent: At(reacted.date.saturating_mul(1_000)),
        seq: 0,
        threads: Vec::new(),
        automatic: false,
        window: None,
    }))
}

/// Words, what else it is, and what is attached.
fn content(message: &mut Message) -> (String, Option<Extra>, Vec<Media>) {
    let said = message.text.take().or_else(|| message.caption.take()).unwrap_or_default();
    let file = |id: &str, name: Option<&str>, or: &str| {
        let name: String = name.unwrap_or(or).chars().take(LONGEST_NAME).collect();
        vec![Media { name, at: MediaAt::Elsewhere(id.to_owned()) }]
    };
    // The sizes of one picture, the largest last.
    if let Some(photo) = message.photo.as_ref().and_then(|sizes| sizes.last()) {
        return (said, Some(Extra::Picture), file(&photo.file_id, None, "photo.jpg"));
    }
    if let Some(voice) = &message.voice {
        return (said, Some(Extra::Voice), file(&voice.file_id, None, "voice.ogg"));
    }
    // An animation comes as a document, too.
    let films = [(&message.animation, "animation.mp4"), (&message.video, "video.mp4"), (&message.video_note, "video.mp4")];
    for (found, or) in films.into_iter().chain([(&message.audio, "audio.mp3"), (&message.document, "document")]) {
        if let Some(found) = found {
            return (said, None, file(&found.file_id, found.file_name.as_deref(), or));
        }
    }
    if let Some(Sticker { file_id, emoji, is_animated, is_video }) = &message.sticker {
        let name = if *is_animated {
            "sticker.tgs"
        } else if *is_video {
            "sticker.webm"
        } else {
            "sticker.webp"
        };
        return (emoji.clone().unwrap_or_default(), Some(Extra::Picture), file(file_id, None, name));
    }
    if let Some(venue) = &message.venue {
        let label =
            [venue.title.as_str(), venue.address.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        return place(venue.location, label);
    }
    if let Some(location) = message.location {
        return place(location, String::new());
    }
    if let Some(contact) = &message.contact {
        let name = [Some(contact.first_name.as_str()), contact.last_name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let number = phone(contact).map_or_else(|| contact.phone_number.clone(), |phone| phone.value);
        return (format!("{name} {number}").trim().to_owned(), Some(Extra::Contact { name, values: vec![number] }), Vec::new());
    }
    let kind = message.rest.keys().find(|kind| !NO_KIND.contains(&kind.as_str()));
    match kind {
        Some(kind) if said.is_empty() => (format!("[{kind}]"), Some(Extra::Other { kind: kind.clone() }), Vec::new()),
        _ => (said, None, Vec::new()),
    }
}

fn place(at: Location, label: String) -> (String, Option<Extra>, Vec<Media>) {
    let text = format!("{label} {:.6}, {:.6}", at.latitude, at.longitude).trim().to_owned();
    (
        text,
        Some(Extra::Place { latitude: millionths(at.latitude), longitude: millionths(at.longitude), label, address: String::new() }),
        Vec::new(),
    )
}

/// The number of a contact, with its country; Telegram leaves out the plus sign at times.
fn phone(contact: &Contact) -> Option<Identity> {
    let digits: String = contact.phone_number.chars().filter(char::is_ascii_digit).collect();
    (7..=15).contains(&digits.len()).then(|| Identity { kind: "phone".into(), namespace: String::new(), value: format!("+{digits}") })
}
