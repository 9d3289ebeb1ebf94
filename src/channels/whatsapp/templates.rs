//! Texts that the platform approves before they may begin a conversation: which there are, and how they stand.

use super::Whatsapp;
use crate::channels::meta::graph::id;
use crate::channels::platform::{Approval, Template, Trouble, Variable};
use serde::Deserialize;

/// Pages that are read; a hundred templates each.
const PAGES: usize = 20;
/// Longest body with its values, head, and address of a button, characters.
const BODY: usize = 1_024;
const HEAD: usize = 60;
const ADDRESS: usize = 2_000;
/// What stands on a button, with what joins it to its address.
const BUTTON: usize = 28;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listed {
    data: Vec<Told>,
    paging: Paging,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Paging {
    cursors: Cursors,
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cursors {
    after: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    name: String,
    language: String,
    status: String,
    category: String,
    rejected_reason: Option<String>,
    components: Vec<Component>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Component {
    #[serde(rename = "type")]
    kind: String,
    format: Option<String>,
    text: Option<String>,
    buttons: Vec<Button>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Button {
    #[serde(rename = "type")]
    kind: String,
    text: String,
    url: Option<String>,
}

/// Where the values of a template go, in the order of its variables: one to the head, those of the body, one to each of these buttons.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Places {
    /// By their names; numbers where they have none.
    pub head: Option<String>,
    pub body: Vec<String>,
    /// Places among the buttons, from 0.
    pub buttons: Vec<usize>,
}

impl Whatsapp {
    pub(super) async fn listed(&self) -> Result<Vec<Template>, Trouble> {
        let (path, mut query) = (format!("{}/message_templates", id(&self.business_account_id)?), String::new());
        let mut templates = Vec::new();
        for _ in 0..PAGES {
            let fields = "fields=name,language,status,category,rejected_reason,components&limit=100";
            let page = self.graph.get(&path, &format!("{fields}{query}")).await?;
            let page: Listed = serde_json::from_value(page).map_err(|error| Trouble::Retry(error.to_string()))?;
            for (template, places) in page.data.into_iter().map(template) {
                self.places.tell((template.name.clone(), template.language.clone()), places);
                templates.push(template);
            }
            let plain = |after: &String| after.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=".contains(&b));
            match page.paging.cursors.after.filter(plain).filter(|_| page.paging.next.is_some()) {
                Some(after) => query = format!("&after={after}"),
                None => break,
            }
        }
        Ok(templates)
    }
}

fn template(told: Told) -> (Template, Places) {
    let of_kind = |kind: &str| told.components.iter().find(|component| component.kind == kind);
    let words = |kind: &str| of_kind(kind).and_then(|component| component.text.clone()).unwrap_or_default();
    let (head, body) = (words("HEADER"), words("BODY"));
    let buttons: Vec<&Button> = told.components.iter().flat_map(|component| &component.buttons).collect();
    let addresses = buttons.iter().enumerate().filter_map(|(at, button)| Some((at, *button, button.url.as_deref()?)));
    let addresses: Vec<(usize, &Button, &str)> = addresses.filter(|(_, _, url)| url.contains("{{")).collect();
    let places = Places {
        head: variables(&head).into_iter().next(),
        body: variables(&body),
        buttons: addresses.iter().map(|(at, _, _)| *at).collect(),
    };
    // What agents read and fill: the head above the body, and what a button leads to beneath it.
    let named = |text: &str, name: &str| {
        let filled = text.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?.1)));
        filled.map_or_else(|| text.to_owned(), |(before, after)| format!("{before}{{{{{name}}}}}{after}"))
    };
    let link = |nth: usize| if nth == 0 { "link".to_owned() } else { format!("link {}", nth + 1) };
    let shown = addresses.iter().enumerate().map(|(nth, (_, button, url))| format!("{}: {}", button.text, named(url, &link(nth))));
    let above = places.head.as_ref().map(|name| if name.parse::<usize>().is_ok() { "head".to_owned() } else { name.clone() });
    let lines: Vec<String> = above.iter().map(|name| named(&head, name)).chain([body]).chain(shown).collect();
    let variable = |name: &str, most: usize| Variable { name: name.to_owned(), most };
    let mut filled: Vec<Variable> = above.iter().map(|name| variable(name, HEAD)).collect();
    filled.extend(places.body.iter().map(|name| variable(name, BODY)));
    filled.extend((0..places.buttons.len()).map(|nth| variable(&link(nth), ADDRESS)));
    let mut names: Vec<&str> = filled.iter().map(|variable| variable.name.as_str()).collect();
    names.sort_unstable();
    let once = names.windows(2).all(|pair| pair[0] != pair[1]);
    let file = of_kind("HEADER").and_then(|head| head.format.as_deref()).is_some_and(|format| format != "TEXT");
    let secret = buttons.iter().any(|button| matches!(button.kind.as_str(), "COPY_CODE" | "OTP" | "FLOW"));
    let state = match told.status.as_str() {
        "APPROVED" if file => Approval::Unusable("its head needs a file".into()),
        "APPROVED" if secret => Approval::Unusable("one of its buttons needs a code or a form".into()),
        "APPROVED" if !once => Approval::Unusable("two of its variables have one name".into()),
        "APPROVED" => Approval::Approved,
        "PENDING" | "IN_APPEAL" | "PENDING_DELETION" => Approval::Waiting,
        "REJECTED" => Approval::Unusable(told.rejected_reason.filter(|why| why != "NONE").unwrap_or_else(|| "REJECTED".into())),
        other => Approval::Unusable(other.to_owned()),
    };
    let most = BODY + above.map_or(0, |_| HEAD + 1) + places.buttons.len() * (ADDRESS + BUTTON);
    let (name, language, category) = (told.name, told.language, told.category);
    let template = Template { name, title: String::new(), language, category, state, text: lines.join("\n"), variables: filled, most };
    (template, places)
}

/// The places of a text by their names, in their order: `{{1}}`, `{{2}}` …, up to the highest, or `{{name}}` as it stands there.
fn variables(text: &str) -> Vec<String> {
    let names = || text.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim())).filter(|name| !name.is_empty());
    let highest = names().filter_map(|name| name.parse::<usize>().ok()).filter(|number| *number <= 100).max().unwrap_or(0);
    if highest > 0 {
        return (1..=highest).map(|number| number.to_string()).collect();
    }
    let mut found: Vec<String> = Vec::new();
    for name in names().filter(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')) {
        if !name.bytes().all(|b| b.is_ascii_digit()) && !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_their_highest_number_or_called_by_their_names() {
        assert_eq!(variables("Hello {{1}}, order {{ 2 }} of {{1}}"), ["1", "2"]);
        assert_eq!(variables("Hello {{first_name}}, {{ order }} of {{first_name}}"), ["first_name", "order"]);
        assert!(variables("no places {{}} {{X-Y}} {{").is_empty());
        assert!(variables("{{99999999999999999999}} {{4000000}}").is_empty());
    }
}
