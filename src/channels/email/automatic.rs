//! Whether a machine wrote a letter (RFC 3834 §5 and what mailers really do): it is kept, and never answered by a machine of ours.

use super::letter::Letter;

/// Heads that only machines write, whatever they say.
const PRESENT: &[&str] = &[
    "x-autoreply",
    "x-autorespond",
    "x-auto-response-suppress",
    "list-id",
    "list-unsubscribe",
    "list-post",
    "feedback-id",
    "x-loop",
    "x-failed-recipients",
    "x-hubline",
    "x-campaign",
    "x-campaignid",
    "x-mailgun-sid",
    "x-ses-outgoing-bulk",
];
const SENDERS: &[&str] =
    &["mailer-daemon", "postmaster", "no-reply", "noreply", "no_reply", "donotreply", "do-not-reply", "bounce", "bounces"];

/// Why it is taken to be written by a machine; `None`: by somebody.
pub(super) fn why(letter: &Letter) -> Option<&'static str> {
    if letter.head("return-path").is_some_and(|path| path.trim() == "<>") {
        return Some("Return-Path <>");
    }
    if letter.head("auto-submitted").is_some_and(|value| !first_word(value).eq_ignore_ascii_case("no")) {
        return Some("Auto-Submitted");
    }
    let bulk = |value: &str| ["bulk", "list", "junk", "auto_reply"].contains(&first_word(value).to_ascii_lowercase().as_str());
    if letter.head("precedence").is_some_and(bulk) {
        return Some("Precedence");
    }
    if let Some(name) = PRESENT.iter().find(|name| letter.head(name).is_some()) {
        return Some(name);
    }
    if letter.content_type == "multipart/report" {
        return Some("multipart/report");
    }
    let local = letter.from.address.split('@').next().unwrap_or_default().to_lowercase();
    let machine = SENDERS
        .iter()
        .any(|sender| local == *sender || local.strip_prefix(sender).is_some_and(|rest| rest.starts_with(['+', '-', '.', '='])));
    machine.then_some("sender")
}

fn first_word(value: &str) -> &str {
    value.trim().split([';', ' ', '(']).next().unwrap_or_default()
}
