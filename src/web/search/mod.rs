//! One box over people, messages and tickets.

mod show;
#[cfg(test)]
mod tests;

use crate::store::search::Excerpt;
use crate::web::WebState;
use crate::web::inbox::say::{Html, escape};
use axum::Router;
use axum::routing::get;

pub fn router() -> Router<WebState> {
    Router::new().route("/search", get(show::show))
}

/// The excerpt with its marks; everything in it is escaped.
pub fn marked(excerpt: &Excerpt) -> Html {
    let mut out = String::with_capacity(excerpt.text.len() + 32);
    if excerpt.cut_before {
        out.push('…');
    }
    let mut from = 0;
    for mark in &excerpt.marks {
        // Ranges come from the store on character borders and in order; one that did not would be shown unmarked.
        let (Some(before), Some(inside)) = (excerpt.text.get(from..mark.start), excerpt.text.get(mark.clone())) else { continue };
        out.push_str(&escape(before));
        out.push_str("<mark>");
        out.push_str(&escape(inside));
        out.push_str("</mark>");
        from = mark.end;
    }
    out.push_str(&escape(excerpt.text.get(from..).unwrap_or_default()));
    if excerpt.cut_after {
        out.push('…');
    }
    Html(out)
}
