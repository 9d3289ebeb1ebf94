//! Tags that agents give to customers, and take away.

use super::Desk;
use super::fact::{Fact, PersonFact};
use super::id::*;
use super::refusal::Refusal;
use super::rules::{About, Subject};
use super::step::Answer;

/// Characters of a tag.
const LONGEST: usize = 40;
/// Tags of a customer.
const MOST: usize = 50;

impl Desk {
    /// `about`: what the store knows of the customer, whose contact may be long over. What is so already is no fact.
    pub(super) fn tag(&mut self, by: AgentId, person: PersonId, mut about: About, tag: &str, on: bool) -> Result<Answer, Refusal> {
        let (person, tag) = (self.living(person), tag.trim().to_owned());
        if tag.is_empty() {
            return Err(Refusal::Empty);
        }
        if about.tags.contains(&tag) == on {
            return Ok(Answer::Done);
        }
        if on && tag.chars().count() > LONGEST {
            return Err(Refusal::TooLong { limit: LONGEST });
        }
        if on && about.tags.len() >= MOST {
            return Err(Refusal::ListFull { most: MOST });
        }
        let works: Vec<Work> = self.people.get(&person).into_iter().flatten().copied().collect();
        for work in &works {
            let has = self.job(*work).is_some_and(|job| job.asks.tags.contains(&tag));
            if has != on
                && let Some(job) = self.job_mut(*work)
            {
                if on {
                    job.asks.tags.insert(tag.clone())
                } else {
                    job.asks.tags.remove(&tag)
                };
            }
        }
        self.tickets_tagged(person, &tag, on);
        if !on {
            self.facts.push(Fact::Person(person, PersonFact::Untagged { tag, by }));
            return Ok(Answer::Done);
        }
        // In the contact that they have with each other; else it is said of nothing but the customer.
        let theirs = works.into_iter().find(|work| self.serving(*work).is_some_and(|serving| serving.agent == by));
        let subject = theirs.map_or_else(|| Subject::Told(ToldId(self.mint(|ids| &mut ids.told))), Subject::Work);
        if theirs.is_none() {
            about.tags.insert(tag.clone());
            self.gone.insert(subject, (person, about));
        }
        self.facts.push(Fact::Person(person, PersonFact::Tagged { tag, by, subject }));
        Ok(Answer::Done)
    }
}
