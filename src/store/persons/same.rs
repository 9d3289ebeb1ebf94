//! Who may be the same person as somebody: clues as they were found, and the people to whom they lead.

use super::{IdentityRow, identities_of, living_of};
use crate::desk::id::*;
use crate::desk::person::Identity;
use crate::desk::same::Clue;
use crate::store::search::reversed_digits;
use crate::store::values::{all, first, run, word, word_at};
use crate::store::viewer::Viewer;
use crate::store::{Store, StoreError};
use rusqlite::Connection;

statements! {
    ADD = "INSERT INTO clue (what, kind, namespace, value, other_kind, other_namespace, other_value, message, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    MINE = "SELECT kind, namespace, value FROM identity WHERE person = ?1 LIMIT 100";
    FROM_HERE = "SELECT what, other_kind, other_namespace, other_value FROM clue WHERE kind = ?1 AND namespace = ?2 AND value = ?3
        ORDER BY id DESC LIMIT 20";
    TO_HERE = "SELECT c.what, i.person FROM clue c JOIN identity i ON i.kind = c.kind AND i.namespace = c.namespace AND i.value = c.value
        WHERE c.other_kind = ?1 AND c.other_value = ?3 AND (c.what = 'said' OR c.other_namespace = ?2) ORDER BY c.id DESC LIMIT 20";
    WHOSE = "SELECT person FROM identity WHERE kind = ?1 AND namespace = ?2 AND value = ?3";
    WHOSE_NUMBER = "SELECT DISTINCT person FROM identity WHERE kind = 'phone' AND reversed >= ?1 AND reversed < ?2 LIMIT 3";
    SAME_ADDRESS = "SELECT person FROM identity WHERE kind = 'email' AND namespace IN ('', ?2) AND value = ?1";
    SAME_NAME = "SELECT o.id FROM person p JOIN person o ON o.name = p.name AND o.company = p.company
        WHERE p.id = ?1 AND p.company <> '' AND o.company <> '' AND o.id <> p.id AND o.merged_into IS NULL LIMIT 5";
    APART = "SELECT EXISTS (SELECT 1 FROM kept_apart WHERE one = min(?1, ?2) AND other = max(?1, ?2))";
    NAME = "SELECT name FROM person WHERE id = ?1";
}

/// Namespace of addresses whose letters nobody has signed: whoever writes them is not taken for the one to whom the address belongs.
pub const UNSIGNED: &str = "unsigned";

/// Numbers and addresses looked at in one message.
const SAID: usize = 4;
/// Digits of a number that somebody has written; fewer are an order's or a year's.
const DIGITS: std::ops::RangeInclusive<usize> = 9..=15;
/// People suggested at once.
const MOST: usize = 5;

/// Somebody who may be the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    pub person: PersonId,
    pub name: String,
    /// The strongest.
    pub clue: Clue,
    /// By what they are known, as the viewer may see it.
    pub identities: Vec<IdentityRow>,
}

/// Notes that an identity may belong to the one of another.
pub async fn clue(store: &Store, what: Clue, one: Identity, other: Identity, at: At) -> Result<(), StoreError> {
    store.write(move |conn| add(conn, what, &one, &other, None, at)).await
}

/// Who may be the same as this person, the strongest clue first.
pub async fn suggestions(store: &Store, viewer: &Viewer, person: PersonId) -> Result<Vec<Suggestion>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| suggestions_of(conn, &viewer, person)).await
}

/// What a customer has written of themselves: numbers and addresses by which somebody else may be known.
pub(in crate::store) fn heard(conn: &Connection, from: &Identity, message: MessageId, text: &str, at: At) -> Result<(), StoreError> {
    for other in said(text) {
        if other.value != from.value {
            add(conn, Clue::Said, from, &other, Some(message), at)?;
        }
    }
    Ok(())
}

fn add(conn: &Connection, what: Clue, one: &Identity, other: &Identity, message: Option<MessageId>, at: At) -> Result<(), StoreError> {
    let values = (word(&what), &one.kind, &one.namespace, &one.value, &other.kind, &other.namespace, &other.value, message, at);
    run(conn, ADD, values).map(drop)
}

/// Numbers as their digits back to front, and addresses, as they stand in a text.
fn said(text: &str) -> Vec<Identity> {
    let mut found: Vec<Identity> = Vec::new();
    let known = |kind: &str, value: String| Identity { kind: kind.into(), namespace: String::new(), value };
    let plain = |c: char| c.is_ascii_alphanumeric() || "@.+-_".contains(c);
    for word in text.split(|c: char| !plain(c)) {
        let word = word.trim_matches(['.', '-']);
        let address = word.split_once('@').filter(|(name, domain)| !name.is_empty() && domain.contains('.') && !domain.contains('@'));
        if address.is_some() && word.len() <= 254 {
            found.push(known("email", word.to_lowercase()));
        }
    }
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        match c {
            '0'..='9' => run.push(c),
            // Between the parts of one number.
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' if !run.is_empty() => {}
            '+' if run.is_empty() => {}
            _ => {
                let digits = std::mem::take(&mut run);
                let digits = digits.trim_start_matches('0');
                if DIGITS.contains(&digits.len()) {
                    found.push(known("phone", digits.chars().rev().collect()));
                }
            }
        }
    }
    found.dedup();
    found.truncate(SAID);
    found
}

pub(super) fn suggestions_of(conn: &Connection, viewer: &Viewer, person: PersonId) -> Result<Vec<Suggestion>, StoreError> {
    let mut found: Vec<(Clue, PersonId)> = Vec::new();
    let mine = all(conn, MINE, [person], |row| {
        Ok(Identity { kind: row.get("kind")?, namespace: row.get("namespace")?, value: row.get("value")? })
    })?;
    for identity in &mine {
        from_here(conn, identity, &mut found)?;
        to_here(conn, identity, &mut found)?;
        if identity.kind == "email" {
            let same = all(conn, SAME_ADDRESS, (&identity.value, UNSIGNED), |row| row.get(0))?;
            found.extend(same.into_iter().map(|other| (Clue::Unsigned, other)));
        }
    }
    let same_name = all(conn, SAME_NAME, [person], |row| row.get(0))?;
    found.extend(same_name.into_iter().map(|other| (Clue::Name, other)));
    found.sort();
    let mut suggestions: Vec<Suggestion> = Vec::new();
    for (clue, other) in found {
        let known = other == person || suggestions.iter().any(|suggestion| suggestion.person == other);
        if known || suggestions.len() >= MOST || living_of(conn, other)? != Some(other) {
            continue;
        }
        if first(conn, APART, (person, other), |row| row.get(0))?.unwrap_or(false) {
            continue;
        }
        let Some(name) = first(conn, NAME, [other], |row| row.get(0))? else { continue };
        suggestions.push(Suggestion { person: other, name, clue, identities: identities_of(conn, viewer, other)? });
    }
    Ok(suggestions)
}

fn from_here(conn: &Connection, identity: &Identity, found: &mut Vec<(Clue, PersonId)>) -> Result<(), StoreError> {
    let clues = all(conn, FROM_HERE, (&identity.kind, &identity.namespace, &identity.value), |row| {
        let other = Identity { kind: row.get("other_kind")?, namespace: row.get("other_namespace")?, value: row.get("other_value")? };
        Ok((word_at::<Clue>(row, "what")?, other))
    })?;
    for (clue, other) in clues {
        if clue == Clue::Said && other.kind == "phone" {
            // ':' follows '9': all numbers that end so.
            let people = all(conn, WHOSE_NUMBER, (&other.value, format!("{}:", other.value)), |row| row.get(0))?;
            found.extend(people.into_iter().map(|person| (clue, person)));
        } else {
            let whose = first(conn, WHOSE, (&other.kind, &other.namespace, &other.value), |row| row.get(0))?;
            found.extend(whose.map(|person| (clue, person)));
        }
    }
    Ok(())
}

fn to_here(conn: &Connection, identity: &Identity, found: &mut Vec<(Clue, PersonId)>) -> Result<(), StoreError> {
    let mut values = vec![identity.value.clone()];
    if identity.kind == "phone"
        && let Some(reversed) = reversed_digits(&identity.value)
    {
        // However somebody has written it: with the country, or without.
        values.extend(DIGITS.filter_map(|count| reversed.get(..count)).map(str::to_owned));
    }
    for value in values {
        let people = all(conn, TO_HERE, (&identity.kind, &identity.namespace, value), |row| {
            Ok((word_at::<Clue>(row, "what")?, row.get::<_, PersonId>("person")?))
        })?;
        found.extend(people);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_are_found_in_what_people_write() {
        let said = |text: &str| said(text).into_iter().map(|found| (found.kind, found.value)).collect::<Vec<_>>();
        let number = |digits: &str| ("phone".to_owned(), digits.chars().rev().collect::<String>());
        assert_eq!(said("my number is 138 0013 8000, thanks"), [number("13800138000")]);
        assert_eq!(
            said("我的电话是13800138000，邮箱Anna.W@Example.com。"),
            [("email".into(), "anna.w@example.com".into()), number("13800138000")]
        );
        assert_eq!(said("call +49 (151) 2345-678 or 0049 151 2345678"), [number("491512345678"), number("491512345678")][..1]);
        assert_eq!(said("order 104233 of 2026-11-22"), [], "too short to be a number");
        assert_eq!(said("12345678901234567890"), []);
        assert_eq!(said("a@b @x.y a@@b.c"), []);
    }
}
