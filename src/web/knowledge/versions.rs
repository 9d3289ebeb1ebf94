//! `GET /knowledge/{id}/versions?lang=&version=&with=`: every save, and what one changed against another. An old one is taken up again by
//! saving its words as a new version, which goes the way of every other.

use super::language_name;
use crate::store::knowledge::{self, Version};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;

/// Lines of a text that are compared; of longer ones what is behind counts as changed.
const COMPARED: usize = 1_500;

/// How a line stands between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Same,
    Gone,
    New,
}

/// One save as a line of the list.
struct Line {
    version: u32,
    href: String,
    here: bool,
    note: String,
    by: String,
    when: String,
    published: Option<String>,
}

/// `templates/knowledge/versions.html`
#[derive(Template)]
#[template(path = "knowledge/versions.html")]
struct VersionsPage {
    page: Page,
    frame: Frame,
    article: i64,
    language: String,
    language_name: String,
    title: String,
    lines: Vec<Line>,
    version: Version,
    with: u32,
    changes: Vec<(Kept, String)>,
    /// The fields of the form that takes these words up again; `None` for the newest.
    again: Option<super::edit::Fields>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    lang: String,
    version: Option<u32>,
    with: Option<u32>,
}

pub async fn show(reader: Reader, Path(id): Path<i64>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let (store, page) = (&reader.state.store, &reader.page);
    let article = knowledge::article(store, id).await?.ok_or(WebError::NotFound)?;
    let translation = article.translations.iter().find(|t| t.language == asked.lang).ok_or(WebError::NotFound)?;
    let number = asked.version.unwrap_or(translation.newest);
    let with = asked.with.unwrap_or(number.saturating_sub(1));
    let version = knowledge::version(store, id, &asked.lang, number).await?.ok_or(WebError::NotFound)?;
    let before = knowledge::version(store, id, &asked.lang, with).await?;
    let text = |version: &Version| format!("{}\n\n{}", version.title, version.body);
    let changes = compare(&before.as_ref().map(text).unwrap_or_default(), &text(&version));
    let lines = knowledge::versions(store, id, &asked.lang).await?.into_iter().map(|saved| Line {
        href: super::lines::address(
            &format!("/knowledge/{id}/versions"),
            &[("lang", &asked.lang), ("version", &saved.version.to_string())],
        ),
        here: saved.version == number,
        version: saved.version,
        note: saved.note,
        by: reader.say().agent(&saved.by),
        when: page.moment(saved.at),
        published: saved
            .published
            .map(|(by, at)| page.t2("knowledge.published_by", "agent", reader.say().agent(&by), "time", page.moment(at))),
    });
    let again = (number != translation.newest).then(|| super::edit::Fields {
        language: asked.lang.clone(),
        title: version.title.clone(),
        body: version.body.clone(),
        note: page.t1("knowledge.restored", "version", number),
        base: translation.newest,
        ..super::edit::besides(page, &article)
    });
    let lines = lines.collect();
    let frame = Frame::load(&reader).await?;
    let title = translation.title.clone();
    let language_name = language_name(&asked.lang);
    Ok(html(&VersionsPage {
        frame,
        article: id,
        language: asked.lang,
        language_name,
        title,
        lines,
        version,
        with,
        changes,
        again,
        page: reader.page,
    }))
}

/// Which lines went and came between two texts: the longest common sequence of lines.
pub(super) fn compare(old: &str, new: &str) -> Vec<(Kept, String)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut out: Vec<(Kept, String)> = new[..head].iter().map(|line| (Kept::Same, (*line).to_owned())).collect();
    out.extend(middle(left, right));
    out.extend(new[new.len() - tail..].iter().map(|line| (Kept::Same, (*line).to_owned())));
    out
}

fn middle(old: &[&str], new: &[&str]) -> Vec<(Kept, String)> {
    let gone = |line: &&str| (Kept::Gone, (*line).to_owned());
    let came = |line: &&str| (Kept::New, (*line).to_owned());
    if old.len() > COMPARED || new.len() > COMPARED {
        return old.iter().map(gone).chain(new.iter().map(came)).collect();
    }
    // lengths[i][j]: of the longest common sequence of old[i..] and new[j..], at most COMPARED.
    let width = new.len() + 1;
    let mut lengths = vec![0_u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * width + j] = if old[i] == new[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::with_capacity(old.len() + new.len());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            out.push((Kept::Same, new[j].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            out.push(gone(&old[i]));
            i += 1;
        } else {
            out.push(came(&new[j]));
            j += 1;
        }
    }
    out.extend(old[i..].iter().map(gone));
    out.extend(new[j..].iter().map(came));
    out
}
