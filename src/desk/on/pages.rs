//! Customers who call from a page: the chat window, or a link that they were sent. A page may be loaded again in mid-call, as an agent's may:
//! it is waited for as long, and the agent has music meanwhile.

use crate::desk::act::{RejectCause, VoiceAct};
use crate::desk::fact::CallFact;
use crate::desk::id::*;
use crate::desk::input::{EndCause, EndedBy, PAGE};
use crate::desk::person::{Page, Who};
use crate::desk::{Desk, Key};

impl Desk {
    pub(super) fn called_from_page(&mut self, id: CallId, page: Page, video: bool, who: Who, first: Option<AgentId>) {
        if self.calls.contains_key(&id) {
            return;
        }
        let to = self.catalog.channels.get(&page.channel).and_then(|channel| channel.calls.clone());
        let Some(to) = to.filter(|to| self.leads_somewhere(to)) else {
            return self.voice(id, VoiceAct::Reject(RejectCause::Unavailable));
        };
        if who.person.as_ref().is_some_and(|person| person.blocked) {
            return self.voice(id, VoiceAct::Reject(RejectCause::Declined));
        }
        // What a channel calls them: nobody reads a visitor's random id.
        let number = who.identity.kind == "phone";
        let from = who.display.clone().filter(|_| !number).unwrap_or_else(|| who.identity.value.clone());
        self.arrives(id, who, TrunkId::from(PAGE), from, page.channel.to_string());
        if let Some(call) = self.calls.get_mut(&id) {
            call.page = Some(page.clone());
            call.video = video;
        }
        self.call_fact(id, CallFact::FromPage { page, video });
        if let (Some(first), Some(job)) = (first, self.job_mut(Work::Call(id))) {
            job.last_agent = Some(first);
        }
        self.lead_in(id, to);
    }

    pub(super) fn customer_silent(&mut self, id: CallId) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.silent.is_none()) else { return };
        call.silent = Some(now);
        self.touch(Key::Call(id));
        self.call_fact(id, CallFact::CustomerSilent { silent: true });
        self.retune(id);
    }

    pub(super) fn customer_heard(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.silent.is_some()) else { return };
        call.silent = None;
        self.touch(Key::Call(id));
        self.call_fact(id, CallFact::CustomerSilent { silent: false });
        self.retune(id);
    }

    /// The page has not come back.
    pub(super) fn lose_customer(&mut self, id: CallId) {
        self.customer_gone(id, EndedBy::Customer, EndCause::Normal);
        self.voice(id, VoiceAct::End { cause: EndCause::Normal });
    }
}
