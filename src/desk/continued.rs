//! A customer who goes on in a chat window of the house's from where they wrote before, by the link that was sent there.

use super::Desk;
use super::fact::{ConversationFact, Fact, PersonFact};
use super::id::*;
use super::person::Identity;
use super::same::Proof;

impl Desk {
    /// Whoever holds the link holds the other conversation; the window's name for them is theirs from now on, unless it is somebody's.
    pub(super) fn continued(&mut self, conversation: ConversationId, person: PersonId, identity: Identity) {
        let person = self.conversations.get(&conversation).map_or_else(|| self.living(person), |c| c.job.person);
        if self.known.get(&identity).is_some_and(|people| !people.contains_key(&person)) {
            return;
        }
        let channel = ChannelId::from(identity.namespace.as_str());
        self.facts.push(Fact::Person(person, PersonFact::IdentityAdded { identity, proof: Some(Proof::Link), by: None }));
        self.conversation_fact(conversation, ConversationFact::Continued { channel });
    }
}
