//! What becomes of a request that had no answer, in the words of the contract; files of ours that go into one; templates that were asked for.

use super::platform::{Approval, LocalFile, Template, Trouble};
use crate::reach::Lost;

/// For a request that does something.
pub fn trouble(lost: Lost) -> Trouble {
    match lost {
        Lost::NotSent(_) | Lost::Untrusted(_) => Trouble::Retry(lost.to_string()),
        Lost::Uncertain(_) | Lost::TooLong(_) => Trouble::Uncertain(lost.to_string()),
        Lost::Forbidden(_) => Trouble::Refused(lost.to_string()),
    }
}

/// For a request that only asks: it may be repeated.
pub fn harmless(lost: Lost) -> Trouble {
    match lost {
        Lost::NotSent(_) | Lost::Untrusted(_) | Lost::Uncertain(_) => Trouble::Retry(lost.to_string()),
        Lost::TooLong(_) | Lost::Forbidden(_) => Trouble::Refused(lost.to_string()),
    }
}

/// The bytes of a file of ours.
pub async fn bytes(file: &LocalFile) -> Result<bytes::Bytes, Trouble> {
    let read = tokio::fs::read(&file.path).await;
    read.map(Into::into).map_err(|error| Trouble::Refused(format!("{} cannot be read: {error}", file.name)))
}

/// A template as a trial shows it.
pub fn approved(template: &Template) -> Result<String, Trouble> {
    let named = format!("{} {}", template.name, template.title);
    let named = named.trim_end();
    match &template.state {
        Approval::Approved => Ok(named.to_owned()),
        Approval::Waiting => Err(Trouble::Refused(format!("{named}: not approved yet (审核中)"))),
        Approval::Unusable(why) => Err(Trouble::Refused(format!("{named}: {why}"))),
    }
}
