//! Cards: choices as a keyboard below the customer's own, a link as rich media, a place as a bare pin. A tap writes the choice's words into the
//! talk as if they were typed, so which question it answers stands in what Viber brings back with it (`tracking_data`).

use crate::channels::taps;
use crate::desk::id::MessageId;
use crate::desk::input::Extra;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Rows of a keyboard that a telephone shows upright.
pub(super) const CHOICES: usize = 12;
/// Longest choice, title and words of a link, characters. Title and words share one button.
pub(super) const CHOICE: usize = 60;
pub(super) const TITLE: usize = 60;
pub(super) const ABOUT: usize = 150;
/// Longest text of a button, with its markup.
const BUTTON: usize = 250;
/// The first version of the app that shows rich media as we send it.
const RICH: u32 = 7;
/// Pictures that a button can have, by how their address ends.
const PICTURES: [&str; 3] = [".jpg", ".jpeg", ".png"];

/// A question as it comes back.
#[derive(Serialize, Deserialize)]
struct Tracked {
    question: u64,
    options: Vec<String>,
}

/// A link as it comes back: who taps it answers with its address.
#[derive(Serialize, Deserialize)]
struct TrackedLink {
    link: String,
}

pub(super) fn choices(message: &mut Value, question: MessageId, options: &[String]) {
    let button = |option: &String| json!({ "Columns": 6, "Rows": 1, "ActionType": "reply", "ActionBody": option, "Text": plain(option) });
    message["keyboard"] = json!({ "Type": "keyboard", "Buttons": options.iter().map(button).collect::<Vec<_>>() });
    let tracked = Tracked { question: question.0, options: options.to_vec() };
    message["tracking_data"] = serde_json::to_string(&tracked).unwrap_or_default().into();
}

/// What of a question of ours somebody has chosen by writing this after it.
pub(super) fn chosen(tracked: &str, text: &str) -> Option<Extra> {
    let Tracked { question, options } = serde_json::from_str(tracked).ok()?;
    let at = options.iter().position(|option| option.trim() == text.trim())?;
    taps::chosen(&taps::name(MessageId(question), at))
}

/// Whether somebody only opened the link of a card, which Viber tells as if they had written its address.
pub(super) fn opens(tracked: &str, text: &str) -> bool {
    serde_json::from_str::<TrackedLink>(tracked).is_ok_and(|tracked| tracked.link == text.trim())
}

pub(super) fn place(latitude: i32, longitude: i32) -> Value {
    json!({ "type": "location", "location": { "lat": taps::degrees(latitude), "lon": taps::degrees(longitude) } })
}

pub(super) fn link(url: &str, title: &str, about: &str, picture: &str) -> Value {
    let button = |rows: u32| json!({ "Columns": 6, "Rows": rows, "ActionType": "open-url", "ActionBody": url, "Silent": true });
    let (bold, path) = (format!("<b>{}</b>", plain(title)), picture.split(['?', '#']).next().unwrap_or_default().to_lowercase());
    let mut buttons = Vec::new();
    if picture.starts_with("https://") && PICTURES.iter().any(|ending| path.ends_with(ending)) {
        let mut shown = button(3);
        shown["Image"] = picture.into();
        buttons.push(shown);
    }
    let with = format!("{bold}<br>{}", plain(about));
    let words = if about.is_empty() || with.chars().count() > BUTTON { bold } else { with };
    let mut said = button(2);
    (said["Text"], said["TextHAlign"]) = (words.into(), "left".into());
    let mut opens = button(1);
    opens["Text"] = plain(taps::host(url)).into();
    buttons.extend([said, opens]);
    let rows = if buttons.len() == 3 { 6 } else { 3 };
    json!({
        "type": "rich_media", "min_api_version": RICH, "alt_text": format!("{title}\n{url}"),
        "tracking_data": serde_json::to_string(&TrackedLink { link: url.to_owned() }).unwrap_or_default(),
        "rich_media": { "Type": "rich_media", "ButtonsGroupColumns": 6, "ButtonsGroupRows": rows, "BgColor": "#FFFFFF", "Buttons": buttons },
    })
}

/// Words on a button are HTML there.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
