//! Texts that a platform has approved beforehand, the only ones that it carries when a customer has not written lately, or at all. An agent
//! fills the places; what is sent is decided here.

use super::Desk;
use super::id::{AgentId, ConversationId};
use super::input::{Body, Extra};
use super::refusal::Refusal;
use super::step::Answer;
use serde::{Deserialize, Serialize};

/// One text in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// By which the platform knows it.
    pub name: String,
    /// What people call it, where its name is a number; empty: by its name.
    pub title: String,
    /// As the platform writes it: `en_US`, `zh_CN`; empty where it tells none.
    pub language: String,
    /// The platform's own word for what it is for.
    pub category: String,
    pub state: Approval,
    /// With its places, `{{name}}` of each variable.
    pub text: String,
    /// In the order in which they are filled.
    pub variables: Vec<Variable>,
    /// Longest text when all places are filled, characters.
    pub most: usize,
}

/// A place to fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// As the platform calls it; a number where it has none but its place.
    pub name: String,
    /// Longest value, characters.
    pub most: usize,
}

/// What the platform says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    Approved,
    /// The platform has not looked at it yet.
    Waiting,
    /// It cannot be sent; why, in the platform's words.
    Unusable(String),
}

/// Why a template is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateProblem {
    /// The channel has none of this name and language.
    Unknown,
    NotApproved,
    /// It has another number of places.
    Variables {
        wanted: usize,
    },
    Empty {
        variable: String,
    },
    /// A value is longer than the platform takes, in characters.
    Long {
        variable: String,
        most: usize,
    },
}

impl Template {
    /// The message that says this with these values, in the order of the variables.
    pub fn filled(&self, values: &[String]) -> Result<Body, Refusal> {
        let wrong = |problem| Err(Refusal::Template(problem));
        if self.state != Approval::Approved {
            return wrong(TemplateProblem::NotApproved);
        }
        if values.len() != self.variables.len() {
            return wrong(TemplateProblem::Variables { wanted: self.variables.len() });
        }
        // No platform takes line ends or tabs here.
        let values: Vec<String> = values.iter().map(|value| value.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        for (variable, value) in self.variables.iter().zip(&values) {
            if value.is_empty() {
                return wrong(TemplateProblem::Empty { variable: variable.name.clone() });
            }
            if value.chars().count() > variable.most {
                return wrong(TemplateProblem::Long { variable: variable.name.clone(), most: variable.most });
            }
        }
        let text = self.text_with(&values);
        if text.chars().count() > self.most {
            return Err(Refusal::TooLong { limit: self.most });
        }
        let extra = Extra::Template { name: self.name.clone(), language: self.language.clone(), variables: values };
        Ok(Body { text, files: Vec::new(), extra: Some(extra) })
    }

    /// In one pass: what a value itself contains is not replaced again.
    fn text_with(&self, values: &[String]) -> String {
        let (mut out, mut rest) = (String::with_capacity(self.text.len()), self.text.as_str());
        while let Some((before, from)) = rest.split_once("{{") {
            out.push_str(before);
            let found = from.split_once("}}").and_then(|(name, after)| {
                let at = self.variables.iter().position(|variable| variable.name == name.trim())?;
                Some((values.get(at)?, after))
            });
            match found {
                Some((value, after)) => {
                    out.push_str(value);
                    rest = after;
                }
                None => {
                    out.push_str("{{");
                    rest = from;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

impl Desk {
    /// `template`: as the edge found it among those of the conversation's channel.
    pub(super) fn reply_by_template(
        &mut self,
        by: AgentId,
        conversation: ConversationId,
        template: Option<Template>,
        values: &[String],
        key: String,
    ) -> Result<Answer, Refusal> {
        let state = self.conversations.get(&conversation).ok_or(Refusal::Gone)?;
        let carries = self.catalog.channels.get(&state.channel).is_some_and(|channel| channel.traits.templates);
        // A page that did not hear the answer asks again with the same key, whatever became of the template since.
        if let Some(known) = state.replied_as(&key) {
            return Ok(Answer::Known(known));
        }
        let template = template.filter(|_| carries).ok_or(Refusal::Template(TemplateProblem::Unknown))?;
        self.reply(by, conversation, template.filled(values)?, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> Template {
        let variable = |name: &str, most| Variable { name: name.into(), most };
        Template {
            name: "order_ready".into(),
            title: String::new(),
            language: "en_US".into(),
            category: "UTILITY".into(),
            state: Approval::Approved,
            text: "Hello {{1}}, order {{ 2 }} of {{1}} is {{ready}}. {{".into(),
            variables: vec![variable("1", 20), variable("2", 4)],
            most: 60,
        }
    }

    fn filled(template: &Template, values: &[&str]) -> Result<Body, Refusal> {
        template.filled(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn places_are_filled_once_and_on_one_line() {
        let body = filled(&template(), &["{{2}}\n Ann", "42"]).expect("sent");
        assert_eq!(body.text, "Hello {{2}} Ann, order 42 of {{2}} Ann is {{ready}}. {{");
        let variables = vec!["{{2}} Ann".to_owned(), "42".to_owned()];
        assert_eq!(body.extra, Some(Extra::Template { name: "order_ready".into(), language: "en_US".into(), variables }));
    }

    #[test]
    fn what_the_platform_would_refuse_is_refused_here() {
        let refused = |values: &[&str]| filled(&template(), values).expect_err("refused");
        assert_eq!(refused(&["Ann"]), Refusal::Template(TemplateProblem::Variables { wanted: 2 }));
        assert_eq!(refused(&["Ann", " \t"]), Refusal::Template(TemplateProblem::Empty { variable: "2".into() }));
        assert_eq!(refused(&["Ann", "12345"]), Refusal::Template(TemplateProblem::Long { variable: "2".into(), most: 4 }));
        assert_eq!(refused(&["twenty characters ok", "1234"]), Refusal::TooLong { limit: 60 });
        for state in [Approval::Waiting, Approval::Unusable("REJECTED".into())] {
            let template = Template { state, ..template() };
            assert_eq!(filled(&template, &["Ann", "42"]), Err(Refusal::Template(TemplateProblem::NotApproved)));
        }
    }
}
