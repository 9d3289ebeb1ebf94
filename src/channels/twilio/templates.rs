//! Texts that an account has made in the Content Template Builder, and what WhatsApp says of them (twilio.com/docs/content).

use super::{LONGEST, Twilio, errors};
use crate::channels::asked;
use crate::channels::platform::{Approval, Template, Trouble, Variable};
use crate::reach::Ask;
use http::{Uri, header};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Pages that are read; a hundred templates each.
const PAGES: usize = 20;
/// Templates of which it is told why they cannot be sent.
const MOST_TOLD: usize = 5;
/// Places of one template.
const PLACES: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listed {
    contents: Vec<Told>,
    meta: Meta,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Meta {
    next_page_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    sid: String,
    friendly_name: String,
    language: String,
    /// Of each kind of message that it can become, `twilio/text`, what it says.
    types: BTreeMap<String, Kind>,
    approval_requests: Approvals,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Kind {
    body: Option<String>,
    actions: Vec<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Approvals {
    status: String,
    category: String,
    rejection_reason: String,
}

impl Twilio {
    pub(super) async fn listed(&self) -> Result<Vec<Template>, Trouble> {
        let base = self.section.content_url.get_ref().trim_end_matches('/');
        let at = |path: &str| format!("{base}{path}").parse::<Uri>().map_err(|_| Trouble::Down(format!("{base} is not an address")));
        let mut next = at("/v1/ContentAndApprovals?PageSize=100")?;
        let mut templates = Vec::new();
        for _ in 0..PAGES {
            let ask = Ask::get(next).header(header::AUTHORIZATION, &self.basic());
            let answer = self.client.ask(ask).await.map_err(asked::harmless)?;
            if !answer.status.is_success() {
                return Err(errors::of_answer(&answer));
            }
            let page: Listed = serde_json::from_slice(&answer.body).map_err(|error| Trouble::Retry(error.to_string()))?;
            templates.extend(page.contents.into_iter().filter(|told| !told.sid.is_empty()).map(|told| template(told, self.approves())));
            // The password goes where it belongs, whatever an answer says: of the next address only what follows the host is taken.
            let following = page.meta.next_page_url.and_then(|url| url.parse::<Uri>().ok()).and_then(|url| url.path_and_query().cloned());
            match following {
                Some(path) => next = at(path.as_str())?,
                None => break,
            }
        }
        Ok(templates)
    }

    /// How many of the account's templates can be sent. Where WhatsApp has approved none of them, nobody can be written to first.
    pub(super) async fn templates_there(&self) -> Result<String, Trouble> {
        let all = self.listed().await?;
        let count = all.iter().filter(|template| template.state == Approval::Approved).count();
        let told = format!("{count}/{}", all.len());
        if count > 0 || all.is_empty() || !self.approves() {
            return Ok(told);
        }
        let why = all.iter().map(|template| match &template.state {
            Approval::Unusable(why) => format!("{}: {why}", template.title),
            _ => format!("{}: pending", template.title),
        });
        Err(Trouble::Refused(format!("{told}; {}", why.take(MOST_TOLD).collect::<Vec<_>>().join("; "))))
    }

    /// Text messages need nobody's approval; WhatsApp's do.
    fn approves(&self) -> bool {
        self.section.from.as_ref().is_some_and(|from| from.get_ref().starts_with("whatsapp:"))
    }
}

fn template(told: Told, approves: bool) -> Template {
    let text = told.types.iter().find_map(|(kind, said)| Some((kind.as_str(), said.body.clone().filter(|body| !body.is_empty())?)));
    let numbers = text.as_ref().map(|(_, body)| places(body)).unwrap_or_default();
    // A place in a button's address, or a name in place of a number, is more than an agent can fill here.
    let hidden = told.types.values().flat_map(|kind| &kind.actions).any(|action| action.to_string().contains("{{"));
    let named = text.as_ref().is_some_and(|(_, body)| body.matches("{{").count() > 0 && numbers == 0);
    let state = match told.approval_requests.status.as_str() {
        _ if text.is_none() => Approval::Unusable("it has no text".into()),
        _ if hidden => Approval::Unusable("one of its buttons needs a value".into()),
        _ if named => Approval::Unusable("its variables have names, not numbers".into()),
        _ if !approves => Approval::Approved,
        "approved" => Approval::Approved,
        "received" | "pending" => Approval::Waiting,
        "" | "unsubmitted" => Approval::Unusable("unsubmitted".into()),
        "rejected" if !told.approval_requests.rejection_reason.is_empty() => Approval::Unusable(told.approval_requests.rejection_reason),
        other => Approval::Unusable(other.to_owned()),
    };
    let variables = (1..=numbers).map(|number| Variable { name: number.to_string(), most: LONGEST }).collect();
    Template {
        name: told.sid,
        title: told.friendly_name,
        language: told.language,
        category: told.approval_requests.category,
        state,
        text: text.map(|(_, body)| body).unwrap_or_default(),
        variables,
        most: LONGEST,
    }
}

/// The highest number among `{{1}}`, `{{2}}` ….
fn places(text: &str) -> usize {
    let numbers = text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")?.0.trim().parse::<usize>().ok());
    numbers.filter(|number| *number <= PLACES).max().unwrap_or(0)
}
