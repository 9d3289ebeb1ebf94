//! What may be in a message, kind by kind, with the limits of the Cloud API.

use super::{House, Refusal};
use axum::body::Bytes;
use serde_json::Value;

fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(' ') && text.len() <= 2_000
}

/// The content of a message; gives the file that it shows.
pub(super) fn check(house: &House, kind: &str, body: &Value) -> Result<Option<(String, String, Bytes)>, Refusal> {
    let bad = |why: &str| Refusal::new(400, 131_009, why);
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let list = |path: &str| body.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default();
    let within = |value: &Value, name: &str, most: usize| {
        value.pointer(name).and_then(Value::as_str).is_some_and(|text| (1..=most).contains(&text.chars().count()))
    };
    match kind {
        "text" if (1..=4_096).contains(&text("/text/body").chars().count()) => Ok(None),
        "image" | "video" | "audio" | "document" => {
            let content = body.get(kind).ok_or_else(|| bad("no content"))?;
            let id = content.get("id").and_then(Value::as_str).unwrap_or_default();
            let file =
                house.book(|book| book.files.get(id).cloned()).ok_or_else(|| Refusal::new(400, 131_053, "(#131053) Media upload error"))?;
            let most = match kind {
                "image" => 5 << 20,
                "document" => 100 << 20,
                _ => 16 << 20,
            };
            let fits = kind == "document" || file.1.starts_with(kind);
            if !fits || file.2.len() > most || (kind == "audio" && content.get("caption").is_some()) {
                return Err(Refusal::new(400, 131_053, "(#131053) Media upload error"));
            }
            if content.get("caption").and_then(Value::as_str).is_some_and(|caption| caption.chars().count() > 1_024) {
                return Err(bad("caption is too long"));
            }
            Ok(Some(file))
        }
        "interactive" if text("/interactive/type") == "button" => {
            let buttons = list("/interactive/action/buttons");
            let good = buttons.iter().all(|button| within(button, "/reply/title", 20) && within(button, "/reply/id", 256));
            let body = within(body, "/interactive/body/text", 1_024);
            if good && body && (1..=3).contains(&buttons.len()) { Ok(None) } else { Err(bad("buttons")) }
        }
        "interactive" if text("/interactive/type") == "cta_url" => {
            let header = text("/interactive/header/type");
            let head = header.is_empty() || (header == "image" && is_address(text("/interactive/header/image/link")));
            let action = text("/interactive/action/name") == "cta_url" && is_address(text("/interactive/action/parameters/url"));
            let label = within(body, "/interactive/action/parameters/display_text", 20);
            if head && action && label && within(body, "/interactive/body/text", 1_024) { Ok(None) } else { Err(bad("cta_url")) }
        }
        "location" => {
            let number = |name: &str, most: f64| body.pointer(name).and_then(Value::as_f64).is_some_and(|number| number.abs() <= most);
            let named =
                within(body, "/location/name", 1_000) && body.pointer("/location/address").is_none_or(|address| address.is_string());
            if number("/location/latitude", 90.0) && number("/location/longitude", 180.0) && named {
                Ok(None)
            } else {
                Err(bad("location"))
            }
        }
        "interactive" if text("/interactive/type") == "list" => {
            let rows = list("/interactive/action/sections/0/rows");
            let row = |row: &Value| {
                within(row, "/title", 24)
                    && within(row, "/id", 200)
                    && (row.get("description").is_none() || within(row, "/description", 72))
            };
            let frame = within(body, "/interactive/body/text", 4_096) && within(body, "/interactive/action/button", 20);
            if frame && rows.iter().all(row) && (1..=10).contains(&rows.len()) { Ok(None) } else { Err(bad("rows")) }
        }
        "template" => {
            let (name, language) = (text("/template/name"), text("/template/language/code"));
            let found = house.book(|book| book.templates.iter().find(|one| one["name"] == name && one["language"] == language).cloned());
            let found = found.ok_or_else(|| Refusal::new(404, 132_001, "(#132001) Template name does not exist in the translation"))?;
            if found["status"] != "APPROVED" {
                return Err(Refusal::new(400, 132_015, "(#132015) Template is paused"));
            }
            filled(&found, &list("/template/components"))?;
            Ok(None)
        }
        _ => Err(bad("type")),
    }
}

/// Whether each place of a template is filled, once, in the component where it stands.
fn filled(template: &Value, given: &[Value]) -> Result<(), Refusal> {
    let wrong = || Refusal::new(400, 132_000, "(#132000) Number of parameters does not match the expected number of params");
    let places = |text: &Value| text.as_str().unwrap_or_default().matches("{{").count();
    let (mut wanted, none) = (Vec::new(), Vec::new());
    for component in template["components"].as_array().unwrap_or(&none) {
        let kind = component["type"].as_str().unwrap_or_default().to_lowercase();
        wanted.push((kind, String::new(), places(&component["text"])));
        for (at, button) in component["buttons"].as_array().unwrap_or(&none).iter().enumerate() {
            wanted.push(("button".to_owned(), at.to_string(), places(&button["url"])));
        }
    }
    wanted.retain(|(_, _, places)| *places > 0);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told: Vec<(String, String, usize)> = given
        .iter()
        .map(|component| (text(&component["type"]), text(&component["index"]), component["parameters"].as_array().unwrap_or(&none).len()))
        .collect();
    if told != wanted {
        return Err(wrong());
    }
    for parameter in given.iter().flat_map(|component| component["parameters"].as_array().into_iter().flatten()) {
        let value = text(&parameter["text"]);
        if parameter["type"] != "text" || value.is_empty() {
            return Err(Refusal::new(400, 131_008, "(#131008) Required parameter is missing"));
        }
        let name = text(&parameter["parameter_name"]);
        if !name.is_empty() && !template.to_string().contains(&format!("{{{{{name}}}}}")) {
            return Err(Refusal::new(400, 132_012, "(#132012) Parameter format does not match format in the created template"));
        }
    }
    Ok(())
}
