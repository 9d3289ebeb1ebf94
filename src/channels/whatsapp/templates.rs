//! Texts that the platform approves before they may begin a conversation: which there are, and how they stand.

use super::Whatsapp;
use crate::channels::meta::graph::id;
use crate::channels::platform::{Approval, Template, Trouble, Variable};
use serde::Deserialize;

/// Pages that are read; a hundred templates each.
const PAGES: usize = 20;
/// Longest body with its values, characters.
const BODY: usize = 1_024;

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
    url: Option<String>,
}

impl Whatsapp {
    pub(super) async fn listed(&self) -> Result<Vec<Template>, Trouble> {
        let (path, mut query) = (format!("{}/message_templates", id(&self.business_account_id)?), String::new());
        let mut templates = Vec::new();
        for _ in 0..PAGES {
            let fields = "fields=name,language,status,category,rejected_reason,components&limit=100";
            let page = self.graph.get(&path, &format!("{fields}{query}")).await?;
            let page: Listed = serde_json::from_value(page).map_err(|error| Trouble::Retry(error.to_string()))?;
            templates.extend(page.data.into_iter().map(template));
            let plain = |after: &String| after.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=".contains(&b));
            match page.paging.cursors.after.filter(plain).filter(|_| page.paging.next.is_some()) {
                Some(after) => query = format!("&after={after}"),
                None => break,
            }
        }
        Ok(templates)
    }
}

fn template(told: Told) -> Template {
    let body = told.components.iter().find(|component| component.kind == "BODY").and_then(|body| body.text.clone()).unwrap_or_default();
    // A head that must be filled, or a variable in it, is more than words: it is shown, and not sent.
    let head = told.components.iter().find(|component| component.kind == "HEADER");
    let simple = head.is_none_or(|head| {
        head.format.as_deref().is_none_or(|format| format == "TEXT") && !head.text.as_deref().unwrap_or("").contains("{{")
    });
    let filled = |button: &Button| {
        matches!(button.kind.as_str(), "COPY_CODE" | "OTP" | "FLOW") || button.url.as_deref().is_some_and(|url| url.contains("{{"))
    };
    let plain = !told.components.iter().flat_map(|component| &component.buttons).any(filled);
    let numbered = body.matches("{{").count() == 0 || variables(&body) > 0;
    let state = match told.status.as_str() {
        "APPROVED" if simple && plain && numbered => Approval::Approved,
        "APPROVED" if !plain => Approval::Unusable("one of its buttons needs a value".into()),
        "APPROVED" if !numbered => Approval::Unusable("its variables have names, not numbers".into()),
        "APPROVED" => Approval::Unusable("its head needs a file or a variable".into()),
        "PENDING" | "IN_APPEAL" | "PENDING_DELETION" => Approval::Waiting,
        "REJECTED" => Approval::Unusable(told.rejected_reason.filter(|why| why != "NONE").unwrap_or_else(|| "REJECTED".into())),
        other => Approval::Unusable(other.to_owned()),
    };
    let variables = (1..=variables(&body)).map(|number| Variable { name: number.to_string(), most: BODY }).collect();
    let (name, language, category) = (told.name, told.language, told.category);
    Template { name, title: String::new(), language, category, state, text: body, variables, most: BODY }
}

/// How many numbered places a text has: `{{1}}`, `{{2}}` ….
fn variables(text: &str) -> usize {
    let numbers = text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")?.0.trim().parse::<usize>().ok());
    numbers.filter(|number| *number <= 100).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn places_are_counted_by_their_highest_number() {
        assert_eq!(variables("Hello {{1}}, order {{ 2 }} of {{1}}"), 2);
        assert_eq!(variables("no places {{}} {{x}} {{"), 0);
        assert_eq!(variables("{{99999999999999999999}} {{4000000}}"), 0);
    }
}
