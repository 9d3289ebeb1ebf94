//! What Viber and its apps want of a message, by its documentation: each kind's fields, lengths, and how addresses of files end.

use super::Refusal;
use serde_json::Value;

const BAD: Refusal = (3, "badData");
const MISSING: Refusal = (4, "missingData");
/// Rows of a keyboard that a telephone shows upright.
const KEYBOARD: u64 = 12;
const ACTIONS: [&str; 3] = ["reply", "open-url", "none"];

/// The words of a good message; else why it is refused.
pub(super) fn message(kind: &str, body: &Value) -> Result<String, Refusal> {
    words(&body["sender"]["name"], 1, 28)?;
    if !body["tracking_data"].is_null() {
        words(&body["tracking_data"], 0, 4_000)?;
    }
    let api = body.get("min_api_version").map_or(Some(1), Value::as_u64).ok_or(BAD)?;
    if !body["keyboard"].is_null() {
        (body["keyboard"]["Type"] == "keyboard").then_some(()).ok_or(BAD)?;
        buttons(&body["keyboard"], KEYBOARD)?;
    }
    match kind {
        "text" => words(&body["text"], 1, 7_000),
        "picture" => {
            ends(body, &[".jpeg", ".jpg", ".png", ".gif"])?;
            words(&body["text"], 0, 512)
        }
        "video" => {
            ends(body, &[".mp4"])?;
            size(body, 26 << 20).map(|()| String::new())
        }
        "file" => {
            ends(body, &[""])?;
            size(body, 50 << 20)?;
            words(&body["file_name"], 1, 256)
        }
        "location" => {
            let within = |name: &str, most: f64| body["location"][name].as_f64().is_some_and(|degrees| degrees.abs() <= most);
            (within("lat", 90.0) && within("lon", 180.0)).then(String::new).ok_or(BAD)
        }
        "rich_media" => {
            let card = &body["rich_media"];
            let rows = card["ButtonsGroupRows"].as_u64().filter(|rows| (1..=7).contains(rows)).ok_or(BAD)?;
            if api < 7 || card["Type"] != "rich_media" || card["ButtonsGroupColumns"] != 6 {
                return Err(BAD);
            }
            // All of a card stands in one group, which its buttons fill.
            if buttons(card, 7)? != rows {
                return Err(BAD);
            }
            words(&body["alt_text"], 0, 7_000)
        }
        _ => Err(BAD),
    }
}

/// The rows that they take together; each is as wide as the screen or shares its row.
fn buttons(from: &Value, most: u64) -> Result<u64, Refusal> {
    let all = from["Buttons"].as_array().filter(|all| !all.is_empty()).ok_or(MISSING)?;
    let (mut cells, high) = (0, if most == KEYBOARD { 2 } else { 7 });
    for button in all {
        let number = |name: &str, most: u64| button.get(name).map_or(Some(1), Value::as_u64).filter(|n| (1..=most).contains(n)).ok_or(BAD);
        cells += number("Columns", 6)? * number("Rows", high)?;
        let action = button["ActionType"].as_str().unwrap_or("reply");
        if !ACTIONS.contains(&action) {
            return Err(BAD);
        }
        let does = words(&button["ActionBody"], 1, 2_000)?;
        if action == "open-url" && !does.starts_with("http") {
            return Err(BAD);
        }
        if button["Image"].is_null() {
            let text = words(&button["Text"], 1, 250)?;
            // It is HTML: what looks like a tag and is none is not shown.
            let bare = ["<b>", "</b>", "<br>"].iter().fold(text, |text, tag| text.replace(tag, ""));
            if bare.contains(['<', '>']) {
                return Err(BAD);
            }
        }
    }
    let rows = cells.div_ceil(6);
    (rows <= most).then_some(rows).ok_or(BAD)
}

fn words(value: &Value, least: usize, most: usize) -> Result<String, Refusal> {
    let text = value.as_str().ok_or(MISSING)?;
    (least..=most).contains(&text.chars().count()).then(|| text.to_owned()).ok_or(BAD)
}

fn size(body: &Value, most: u64) -> Result<(), Refusal> {
    let size = body["size"].as_u64().ok_or(MISSING)?;
    (1..=most).contains(&size).then_some(()).ok_or(BAD)
}

/// The last part of the path says what the file is, whatever is asked behind it.
fn ends(body: &Value, endings: &[&str]) -> Result<(), Refusal> {
    let url = body["media"].as_str().ok_or(MISSING)?;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let good = url.starts_with("http") && url.chars().count() <= 2_000 && endings.iter().any(|ending| path.ends_with(ending));
    good.then_some(()).ok_or(BAD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_strict() {
        let of = |kind: &str, mut body: Value| {
            body["sender"] = json!({ "name": "Shop" });
            message(kind, &body)
        };
        assert_eq!(of("text", json!({ "text": "hi" })), Ok("hi".into()));
        assert_eq!(of("text", json!({ "text": "" })), Err(BAD));
        assert_eq!(of("text", json!({ "text": "x".repeat(7_001) })), Err(BAD));
        assert_eq!(of("picture", json!({ "text": "", "media": "https://x.example/a?b=.png" })), Err(BAD));
        assert_eq!(of("picture", json!({ "media": "https://x.example/a.png" })), Err(MISSING), "words have to be there");
        assert_eq!(of("video", json!({ "media": "https://x.example/a.mp4" })), Err(MISSING), "its size has to be there");
        assert_eq!(of("location", json!({ "location": { "lat": 91.0, "lon": 0.0 } })), Err(BAD));
        let keyboard = |text: &str| json!({ "Type": "keyboard", "Buttons": [{ "ActionBody": "x", "Text": text }] });
        assert!(of("text", json!({ "text": "?", "keyboard": keyboard("<b>Yes</b>") })).is_ok());
        assert_eq!(of("text", json!({ "text": "?", "keyboard": keyboard("1 < 2") })), Err(BAD));
        assert_eq!(message("text", &json!({ "text": "hi" })), Err(MISSING), "nobody says it");
    }
}
