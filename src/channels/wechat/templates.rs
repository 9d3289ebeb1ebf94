//! Template messages (模板消息) and subscription messages (订阅消息) that agents may send: those of the configuration, with the words that
//! the account has for them.

use super::Wechat;
use super::errors::Fault;
use crate::channels::platform::{Approval, Template, Trouble, Variable};
use serde::Deserialize;

const OF_ACCOUNT: &str = "/cgi-bin/template/get_all_private_template";
const OF_PROGRAM: &str = "/wxaapi/newtmpl/gettemplate";
/// Longest text with its values, characters; longest value of a kind that has no limit of its own.
const LONGEST: usize = 2_000;
const VALUE: usize = 200;
/// Longest values by the kind of their field (订阅消息参数值内容限制), characters.
const KINDS: [(&str, usize); 13] = [
    ("thing", 20),
    ("character_string", 32),
    ("number", 32),
    ("letter", 32),
    ("symbol", 5),
    ("time", 24),
    ("date", 24),
    ("amount", 11),
    ("phone_number", 17),
    ("car_number", 8),
    ("name", 20),
    ("phrase", 5),
    ("const", 20),
];

#[derive(Deserialize)]
struct OfAccount {
    #[serde(default)]
    template_list: Vec<Told>,
}

#[derive(Deserialize)]
struct OfProgram {
    #[serde(default)]
    data: Vec<Told>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    #[serde(alias = "priTmplId")]
    template_id: String,
    title: String,
    content: String,
}

impl Wechat {
    pub(super) async fn all_templates(&self) -> Result<Vec<Template>, Trouble> {
        if self.templates.is_empty() {
            return Ok(Vec::new());
        }
        let told = match self.mini_program {
            false => self.api.get::<OfAccount>(OF_ACCOUNT, &[]).await.map(|told| told.template_list),
            true => self.api.get::<OfProgram>(OF_PROGRAM, &[]).await.map(|told| told.data),
        };
        let mut told = told.map_err(Fault::trouble)?;
        let all = self.templates.iter().map(|(name, section)| {
            let found = told.iter().position(|told| told.template_id == section.id).map(|at| told.swap_remove(at));
            let state = match &found {
                Some(_) => Approval::Approved,
                None => Approval::Unusable(format!("the account has no template {}", section.id)),
            };
            let Told { title, content, .. } = found.unwrap_or_default();
            let variables = section.fields.iter().map(|field| Variable { name: field.clone(), most: longest(field) });
            Template {
                name: name.clone(),
                title,
                language: String::new(),
                category: String::new(),
                state,
                text: content.replace(".DATA}}", "}}").trim().to_owned(),
                variables: variables.collect(),
                most: LONGEST,
            }
        });
        Ok(all.collect())
    }
}

/// By the kind that a field begins with, before its number.
fn longest(field: &str) -> usize {
    let kind = field.trim_end_matches(|c: char| c.is_ascii_digit());
    KINDS.iter().find(|(known, _)| *known == kind).map_or(VALUE, |(_, most)| *most)
}

#[cfg(test)]
mod tests {
    use super::longest;

    #[test]
    fn a_fields_kind_says_how_much_it_takes() {
        assert_eq!(["thing1", "phone_number12", "keyword1", "first"].map(longest), [20, 17, 200, 200]);
    }
}
