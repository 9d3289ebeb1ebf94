//! What a row of a list means: by its columns, for the desk and the store.

use crate::config::Loaded;
use crate::desk::id::{AgentId, TierId};
use crate::desk::person::{Identity, plain_name};
use crate::store::persons::import::{Entry, consent_of};
use crate::web::people::identity::{email, phone};

/// Columns that are no field of the configuration, by their words; a column may also be `field.ID`.
pub const COLUMNS: [&str; 11] =
    ["name", "phone", "email", "record", "company", "tier", "language", "dedicated", "about", "consent", "tags"];

/// Titles by which spreadsheets call them.
const TITLES: [(&str, &[&str]); 11] = [
    ("name", &["name", "full name", "customer", "姓名", "客户", "名称"]),
    ("phone", &["phone", "mobile", "telephone", "tel", "phones", "电话", "手机", "手机号", "联系电话"]),
    ("email", &["email", "e-mail", "mail", "emails", "邮箱", "电子邮件"]),
    ("record", &["id", "record", "customer id", "customer number", "客户编号", "编号"]),
    ("company", &["company", "organisation", "organization", "公司", "单位"]),
    ("tier", &["tier", "level", "等级", "级别"]),
    ("language", &["language", "语言"]),
    ("dedicated", &["dedicated", "dedicated agent", "agent", "owner", "account manager", "专属坐席", "专属客服", "客户经理", "负责人"]),
    ("about", &["about", "note", "notes", "remark", "备注", "说明"]),
    ("consent", &["consent", "意愿", "同意"]),
    ("tags", &["tags", "tag", "labels", "标签"]),
];

/// What the columns probably are; the agent has the last word.
pub fn guess(loaded: &Loaded, titles: &[String]) -> Vec<String> {
    let fields = &loaded.config.people.fields;
    let known = |title: &String| {
        let title = title.trim().to_lowercase();
        let named = TITLES.iter().find(|(_, names)| names.contains(&title.as_str())).map(|(word, _)| (*word).to_owned());
        named.or_else(|| {
            let field = fields.iter().find(|field| {
                let texts = &field.title.get_ref().0;
                field.id.get_ref().to_lowercase() == title || texts.values().any(|text| text.to_lowercase() == title)
            });
            field.map(|field| format!("field.{}", field.id))
        })
    };
    titles.iter().map(|title| known(title).unwrap_or_default()).collect()
}

/// Whether this is the word of a column.
pub fn is_column(loaded: &Loaded, word: &str) -> bool {
    let field = |id: &str| loaded.config.people.fields.iter().any(|field| field.id.get_ref() == id);
    word.is_empty() || COLUMNS.contains(&word) || word.strip_prefix("field.").is_some_and(field)
}

/// The row; the error is the word of why it is left out.
pub fn entry(loaded: &Loaded, mapping: &[String], cells: &[String]) -> Result<Entry, &'static str> {
    let mut entry = Entry::default();
    for (column, cell) in mapping.iter().zip(cells).filter(|(column, cell)| !column.is_empty() && !cell.is_empty()) {
        match column.as_str() {
            "name" => entry.name = plain_name(cell, 200),
            "phone" => {
                for number in several(cell) {
                    entry.identities.push(phone(loaded, number).ok_or("bad_phone")?);
                }
            }
            "email" => {
                for address in several(cell) {
                    entry.identities.push(email(address).ok_or("bad_email")?);
                }
            }
            "record" => entry.identities.push(Identity { kind: "record".into(), namespace: String::new(), value: plain_name(cell, 100) }),
            "company" => entry.company = plain_name(cell, 200),
            "tier" => {
                let tier = TierId::from(cell.trim());
                if !loaded.catalog.tiers.contains_key(&tier) {
                    return Err("bad_tier");
                }
                entry.tier = Some(tier);
            }
            "dedicated" => {
                let agent = AgentId::from(cell.trim());
                if !loaded.catalog.agents.contains_key(&agent) {
                    return Err("bad_agent");
                }
                entry.dedicated = Some(agent);
            }
            "language" => entry.language = Some(cell.trim().to_owned()).filter(|tag| tag.len() <= 35),
            "about" => entry.about = cell.chars().filter(|c| !c.is_control() || *c == '\n').take(2_000).collect(),
            "consent" => entry.consent = Some(consent_of(cell).ok_or("bad_consent")?),
            "tags" => entry.tags = several(cell).map(|tag| tag.chars().take(40).collect()).take(50).collect(),
            column => {
                let field = column.strip_prefix("field.").and_then(|id| loaded.config.people.fields.iter().find(|f| f.id.get_ref() == id));
                let Some(field) = field else { continue };
                entry.fields.insert(field.id.get_ref().clone(), field.read(cell).ok_or("bad_field")?);
            }
        }
    }
    entry.identities.dedup();
    if entry.identities.is_empty() {
        return Err("no_identity");
    }
    Ok(entry)
}

fn several(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(['|', ';', ',', '；', '，', '\n']).map(str::trim).filter(|part| !part.is_empty())
}
