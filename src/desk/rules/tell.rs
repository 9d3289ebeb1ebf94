//! What programs of the firm's tell of a customer: a parcel that is stuck, a payment that came. It is kept in the log, and rules may wait for it.

use super::{About, Subject, Told};
use crate::desk::Desk;
use crate::desk::fact::{Fact, PersonFact};
use crate::desk::id::*;
use crate::desk::input::Telling;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;

impl Desk {
    /// The same key of the same program is the same event.
    pub(in crate::desk) fn told(&mut self, telling: Telling) -> Result<Answer, Refusal> {
        let Telling { who, name, values, by, key, digest } = telling;
        if let Some((id, known)) = self.book.told(&by, &key) {
            return if known.digest == digest { Ok(Answer::Told(id)) } else { Err(Refusal::KeyUsed) };
        }
        let job = self.job_for(who);
        let (id, now, person) = (ToldId(self.mint(|ids| &mut ids.told)), self.now, job.person);
        let about = About { state: String::new(), ..self.about_customer(&job) };
        self.gone.insert(Subject::Told(id), (person, about));
        self.book.tell(id, person, Told { by: by.clone(), key: key.clone(), digest: digest.clone(), at: now }, now);
        self.facts.push(Fact::Person(person, PersonFact::Told { told: id, name, values, by, key, digest }));
        Ok(Answer::Told(id))
    }
}
