//! Words by which a customer gets something without waiting for anybody: an answer, a ticket, a flow that looks up their order.

use super::Desk;
use super::id::*;
use super::input::{Body, Source};

/// Longest part of what they wrote that becomes a ticket's subject, characters.
const SUBJECT: usize = 80;

/// What the house does with a message that begins with one of these words, while nobody is talking with the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    pub words: Vec<String>,
    /// Sent at once.
    pub reply: Option<String>,
    /// Opens a ticket with this subject and what they wrote.
    pub ticket: Option<String>,
    /// They meet this flow.
    pub flow: Option<FlowId>,
}

/// The first rule that has the message's first word. A word in letters stands alone; Chinese has no blanks, so there the beginning counts.
pub fn matching<'a>(keywords: &'a [Keyword], text: &str) -> Option<&'a Keyword> {
    let text = text.trim().to_lowercase();
    let begins = |word: &String| {
        let rest = text.strip_prefix(&word.trim().to_lowercase());
        rest.is_some_and(|rest| word.chars().last().is_some_and(is_cjk) || !rest.starts_with(char::is_alphanumeric))
    };
    keywords.iter().find(|keyword| keyword.words.iter().any(begins))
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

impl Desk {
    /// Does what the rule says; nobody is rung.
    pub(super) fn follow_keyword(&mut self, id: ConversationId, message: MessageId, queue: QueueId, keyword: &Keyword, text: &str) {
        let work = Work::Conversation(id);
        let now = self.now;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.begun.get_or_insert(now);
        }
        if let (Some(subject), Some(person)) = (&keyword.ticket, self.job(work).map(|job| job.person)) {
            let said: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SUBJECT).collect();
            self.add_ticket(person, format!("{subject}: {said}"), Some(work), Some(queue), Source::Keyword);
        }
        if let Some(reply) = &keyword.reply {
            self.send(id, None, Body::text(reply.clone()), format!("keyword-{message}"));
        }
        if let Some(flow) = keyword.flow.clone().filter(|flow| self.catalog.flows.contains_key(flow)) {
            self.enter_flow(work, &flow);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_the_first_word() {
        let rule = |words: &[&str]| Keyword {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            reply: None,
            ticket: None,
            flow: None,
        };
        let rules = [rule(&["Order", "订单"]), rule(&["order form", "help"])];
        let found = |text: &str| matching(&rules, text).map(|rule| rule.words[0].as_str());
        assert_eq!(found("ORDER 1002"), Some("Order"));
        assert_eq!(found("  order: 1002"), Some("Order"));
        assert_eq!(found("order"), Some("Order"));
        assert_eq!(found("订单1002"), Some("Order"));
        assert_eq!(found("Help!"), Some("order form"));
        assert_eq!(found("orders"), None);
        assert_eq!(found("my order"), None);
        assert_eq!(found(""), None);
    }
}
