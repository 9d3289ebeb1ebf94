//! Addresses that are turned away, and let in again. The desk remembers nothing of them: it is told so that it stands in the record.

use crate::desk::Desk;
use crate::desk::fact::{Fact, SourceFact};
use crate::desk::id::*;
use crate::desk::input::SourceHeard;

impl Desk {
    pub(super) fn source_heard(&mut self, source: SourceId, heard: SourceHeard) {
        let fact = match heard {
            SourceHeard::Banned { ms } => SourceFact::Banned { ms },
            SourceHeard::Allowed { by } => SourceFact::Allowed { by },
        };
        self.facts.push(Fact::Source(source, fact));
    }
}
