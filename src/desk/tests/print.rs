//! Facts and acts as lines that a support person can read. Made from the JSON of the value itself, so that no field can be left out.

use super::super::act::Act;
use super::super::fact::Fact;
use super::super::id::At;
use super::world::MIDNIGHT;
use serde_json::Value;

pub fn fact(fact: &Fact) -> String {
    let value = serde_json::to_value(fact).unwrap();
    let (kind, pair) = only(&value);
    let subject = match (kind, &pair[0]) {
        ("flow" | "routing", work) => {
            let (kind, id) = only(work);
            format!("{kind} {id}")
        }
        (kind, Value::String(name)) => format!("{kind} {name}"),
        (kind, id) => format!("{kind} {id}"),
    };
    format!("{subject} {}", variant(&pair[1]))
}

pub fn act(act: &Act) -> String {
    match act {
        Act::Voice(call, act) => format!("call {call} {}", variant(&serde_json::to_value(act).unwrap()).to_lowercase_first()),
        Act::Notify(notice) => format!("notify {}", fields(&serde_json::to_value(notice).unwrap())),
        Act::Look(look) => format!("look {}", fields(&serde_json::to_value(look).unwrap())),
        Act::Ways { ticket, person, serial } => format!("ways ticket={ticket} person={person} serial={serial}"),
        Act::RuleWays { subject, person, serial } => format!("rule_ways about={subject} person={person} serial={serial}"),
        Act::SurveyWays { survey, person, serial } => format!("survey_ways survey={survey} person={person} serial={serial}"),
        Act::Send(out) => format!("send {}", fields(&serde_json::to_value(out).unwrap())),
    }
}

pub fn any<T: serde::Serialize>(value: &T) -> String {
    variant(&serde_json::to_value(value).unwrap())
}

pub fn time(at: At) -> String {
    let ms = at.0 - MIDNIGHT.0;
    let (h, m, s, rest) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    if rest == 0 { format!("{h:02}:{m:02}:{s:02}") } else { format!("{h:02}:{m:02}:{s:02}.{rest:03}") }
}

trait LowercaseFirst {
    fn to_lowercase_first(self) -> String;
}

impl LowercaseFirst for String {
    fn to_lowercase_first(self) -> String {
        let mut letters = self.chars();
        letters.next().map(|c| c.to_lowercase().collect::<String>() + letters.as_str()).unwrap_or_default()
    }
}

fn only(value: &Value) -> (&str, &Value) {
    let (key, value) = value.as_object().and_then(|o| o.iter().next()).expect("an enum with data");
    (key, value)
}

fn variant(value: &Value) -> String {
    match value {
        Value::Object(object) if object.len() == 1 => {
            let (name, inner) = only(value);
            format!("{name} {}", fields(inner)).trim_end().to_owned()
        }
        other => shown("", other),
    }
}

fn fields(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let shown: Vec<String> = object.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| format!("{k}={}", shown(k, v))).collect();
            shown.join(" ")
        }
        other => shown("", other),
    }
}

fn shown(key: &str, value: &Value) -> String {
    match value {
        Value::Number(n) if matches!(key, "until" | "due" | "since" | "sent" | "at" | "next") => {
            n.as_i64().map(|n| time(At(n))).unwrap_or_default()
        }
        Value::String(text) if text.contains(' ') || text.is_empty() => format!("{text:?}"),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| shown("", item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(o) if o.contains_key("namespace") => {
            format!("{}:{}", o["kind"].as_str().unwrap_or_default(), o["value"].as_str().unwrap_or_default())
        }
        Value::Object(o) if o.len() == 1 => {
            let (name, inner) = only(value);
            match inner {
                Value::Object(_) => format!("{name}({})", fields(inner)),
                _ => format!("{name}({})", shown(name, inner)),
            }
        }
        Value::Object(_) => format!("({})", fields(value)),
        other => other.to_string(),
    }
}
