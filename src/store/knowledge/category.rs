//! Categories: two levels, each with a name per language.

use super::find::reindex_category;
use crate::store::values::{all, change, first, json_at, run};
use crate::store::{Store, StoreError};
use rusqlite::Connection;
use std::collections::BTreeMap;

statements! {
    LIST = "SELECT id, parent, names, (SELECT count(*) FROM article a WHERE a.category = c.id) AS articles FROM category c ORDER BY place, id";
    CREATE = "INSERT INTO category (parent, names, place) VALUES (?1, ?2, ?3)";
    CHANGE = "UPDATE category SET parent = ?2, names = ?3, place = ?4 WHERE id = ?1";
    AT_TOP = "SELECT parent IS NULL FROM category WHERE id = ?1";
    HAS_CHILDREN = "SELECT EXISTS (SELECT 1 FROM category WHERE parent = ?1)";
    IN_USE = "SELECT EXISTS (SELECT 1 FROM category WHERE parent = ?1) OR EXISTS (SELECT 1 FROM article WHERE category = ?1)";
    REMOVE = "DELETE FROM category WHERE id = ?1";
}

/// One category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    pub id: i64,
    /// The one it stands in; `None` at the top.
    pub parent: Option<i64>,
    /// By language tag.
    pub names: BTreeMap<String, String>,
    /// Articles that stand directly in it, whatever their state.
    pub articles: u32,
}

impl Category {
    /// Its name in this language, in one of the same family, in English, or any.
    pub fn name(&self, language: &str) -> &str {
        let near = self.names.iter().find(|(tag, _)| super::primary(tag) == super::primary(language));
        let found = self.names.get_key_value(language).or(near).or(self.names.get_key_value("en")).or(self.names.iter().next());
        found.map_or("", |(_, name)| name.as_str())
    }
}

/// All, each parent before its children, in the order of their places.
pub async fn categories(store: &Store) -> Result<Vec<Category>, StoreError> {
    let flat = store
        .read(|conn| {
            all(conn, LIST, [], |row| {
                Ok(Category {
                    id: row.get("id")?,
                    parent: row.get("parent")?,
                    names: json_at(row, "names")?,
                    articles: row.get("articles")?,
                })
            })
        })
        .await?;
    let mut tree = Vec::with_capacity(flat.len());
    for top in flat.iter().filter(|category| category.parent.is_none()) {
        tree.push(top.clone());
        tree.extend(flat.iter().filter(|category| category.parent == Some(top.id)).cloned());
    }
    Ok(tree)
}

/// Adds one. [`StoreError::Invalid`] when the parent is not at the top.
pub async fn create_category(store: &Store, parent: Option<i64>, names: BTreeMap<String, String>, place: i64) -> Result<i64, StoreError> {
    store
        .write(move |conn| {
            fits(conn, None, parent)?;
            run(conn, CREATE, (parent, serde_json::to_string(&names)?, place))?;
            Ok(conn.last_insert_rowid())
        })
        .await
}

/// Changes one. [`StoreError::Invalid`] when that would make three levels.
pub async fn change_category(
    store: &Store,
    id: i64,
    parent: Option<i64>,
    names: BTreeMap<String, String>,
    place: i64,
) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            fits(conn, Some(id), parent)?;
            change(conn, CHANGE, (id, parent, serde_json::to_string(&names)?, place), "category")?;
            reindex_category(conn, id)
        })
        .await
}

/// Removes one that is empty; [`StoreError::Invalid`] when it is not.
pub async fn remove_category(store: &Store, id: i64) -> Result<(), StoreError> {
    store
        .write(move |conn| match first(conn, IN_USE, [id], |row| row.get(0))? {
            Some(true) => Err(StoreError::Invalid("the category is not empty".into())),
            _ => change(conn, REMOVE, [id], "category"),
        })
        .await
}

fn fits(conn: &Connection, id: Option<i64>, parent: Option<i64>) -> Result<(), StoreError> {
    let Some(parent) = parent else { return Ok(()) };
    let top: Option<bool> = first(conn, AT_TOP, [parent], |row| row.get(0))?;
    let children = match id {
        Some(id) => first(conn, HAS_CHILDREN, [id], |row| row.get::<_, bool>(0))?.unwrap_or(false),
        None => false,
    };
    match top {
        Some(true) if Some(parent) != id && !children => Ok(()),
        _ => Err(StoreError::Invalid("categories have two levels".into())),
    }
}
