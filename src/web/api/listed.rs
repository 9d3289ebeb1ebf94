//! One page of a listing: what is asked for, and where the next begins.

use super::problem::Problem;
use axum::extract::{FromRequestParts, Path, Query};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Entries of a page where nobody says how many, and most.
const USUAL: u32 = 50;
const MOST: u32 = 200;

/// One page of a listing, by number upwards.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    pub items: Vec<T>,
    /// `after` of the next page; `null`: there is no more.
    #[schema(minimum = 1)]
    pub next: Option<u64>,
}

/// Which page is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub after: u64,
    limit: usize,
}

impl Wanted {
    /// Errors: a number that no table holds, no entry or too many.
    pub fn read(after: Option<u64>, limit: Option<u32>) -> Result<Wanted, Problem> {
        let (after, limit) = (after.unwrap_or_default(), limit.unwrap_or(USUAL));
        if i64::try_from(after).is_err() || !(1..=MOST).contains(&limit) {
            return Err(unreadable(format!("`limit` is from 1 to {MOST}, `after` the `next` of the page before.")));
        }
        Ok(Wanted { after, limit: limit as usize })
    }

    /// Rows to read: one more than the page has, by which it is seen whether there is another.
    pub fn rows(self) -> u32 {
        u32::try_from(self.limit + 1).unwrap_or(u32::MAX)
    }

    pub fn page<T>(self, mut items: Vec<T>, number: impl Fn(&T) -> u64) -> Listed<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        Listed { next: items.last().filter(|_| more).map(number), items }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paged {
    /// `next` of the page before.
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_u64)]
    pub after: Option<u64>,
    /// Entries of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfPerson {
    /// `next` of the page before.
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_u64)]
    pub after: Option<u64>,
    /// Entries of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Only this customer's.
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_u64)]
    person: Option<u64>,
}

impl OfPerson {
    /// Errors: a number that no table holds.
    pub fn person(&self) -> Result<Option<u64>, Problem> {
        match self.person {
            Some(person) if i64::try_from(person).is_err() => Err(unreadable("`person` is the number of a customer.".into())),
            person => Ok(person),
        }
    }
}

/// What stands behind the `?`.
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Asked<T>, Problem> {
        Query::try_from_uri(&parts.uri).map(|Query(asked)| Asked(asked)).map_err(|error| unreadable(format!("{}.", error.body_text())))
    }
}

/// The number in a path. One that is none, or that no table holds, names nothing.
pub struct Number(pub u64);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Number, Problem> {
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text).unwrap_or_default();
        let number = text.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok());
        number.map(Number).ok_or_else(nothing)
    }
}

pub fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "Nothing has this number.")
}

fn unreadable(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "unreadable", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_the_next_begins() {
        let wanted = Wanted::read(None, Some(2)).expect("a page");
        assert_eq!(wanted.rows(), 3);
        let page = wanted.page(vec![3, 5, 9], |n| *n);
        assert_eq!((page.items, page.next), (vec![3, 5], Some(5)));
        let last = wanted.page(vec![9], |n| *n);
        assert_eq!((last.items, last.next), (vec![9], None));
        for (after, limit) in [(None, Some(0)), (None, Some(201)), (Some(u64::MAX), None)] {
            assert!(Wanted::read(after, limit).is_err(), "{after:?} {limit:?}");
        }
    }
}
