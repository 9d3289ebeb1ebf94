//! Keyboards and venues, as strict as the Bot API.

use super::Refusal;
use serde_json::{Map, Value, json};

fn bad(why: &str) -> Refusal {
    (400, format!("Bad Request: {why}"), json!({}))
}

/// Words and data, or words and address, of each button under a message.
pub(super) fn buttons(parameters: &Map<String, Value>) -> Result<Vec<(String, String)>, Refusal> {
    let mut buttons = Vec::new();
    for row in
        parameters.get("reply_markup").and_then(|markup| markup.get("inline_keyboard")).and_then(Value::as_array).into_iter().flatten()
    {
        for button in row.as_array().ok_or_else(|| bad("a row of the keyboard must be an Array of buttons"))? {
            let part = |name: &str| button.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (label, url) = (part("text"), part("url"));
            // Exactly one of what a button can do.
            let data = if url.is_empty() { part("callback_data") } else { url.clone() };
            if !url.is_empty() && (!url.starts_with("http") || button.get("callback_data").is_some()) {
                return Err(bad("BUTTON_URL_INVALID"));
            }
            if label.is_empty() || data.is_empty() || (url.is_empty() && data.len() > 64) {
                return Err(bad("BUTTON_DATA_INVALID"));
            }
            buttons.push((label, data));
        }
    }
    Ok(buttons)
}

/// Where a venue is, in degrees.
pub(super) fn venue(parameters: &Map<String, Value>) -> Result<(f64, f64), Refusal> {
    let number = |name: &str, most: f64| parameters.get(name).and_then(Value::as_f64).filter(|number| number.abs() <= most);
    let named = ["title", "address"].iter().all(|name| parameters.get(*name).and_then(Value::as_str).is_some_and(|text| !text.is_empty()));
    number("latitude", 90.0).zip(number("longitude", 180.0)).filter(|_| named).ok_or_else(|| bad("VENUE_INVALID"))
}
