//! What stands beside a customer: what they said of us, and where they are.

use crate::desk::id::At;
use crate::web::inbox::render::web_address;

/// One answer to a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatingLine {
    /// `4 / 5`.
    pub score: String,
    pub low: bool,
    /// Who served them; the survey where nobody did.
    pub about: String,
    pub text: String,
    pub at: At,
}

/// A page that is looked at, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HereLine {
    pub title: String,
    /// Where it leads, if that is the web.
    pub href: Option<String>,
    pub since: At,
}

impl HereLine {
    pub fn new(url: String, title: String, since: At) -> HereLine {
        let href = web_address(&url).map(str::to_owned);
        HereLine { title: if title.is_empty() { url } else { title }, href, since }
    }
}
