//! A number is called for somebody in a call: the one place that makes `VoiceAct::Dial`.

use super::Ask;
use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::fact::CallFact;
use crate::desk::id::CallId;
use crate::desk::input::LegParty;
use crate::desk::refusal::Refusal;

impl Desk {
    /// Calls the number, over the ways by which it may be called now; gives it as it was read. Where it is refused, nothing is sent.
    pub(in crate::desk) fn dial(&mut self, call: CallId, party: LegParty, ask: Ask<'_>, ring_ms: i64) -> Result<String, Refusal> {
        let plan = self.plan_out(&ask, Some(call), None)?;
        let number = plan.number.value().to_owned();
        self.out_begins(call, place(&party), &ask.by, &plan.number, &plan.routes);
        self.call_fact(call, CallFact::Dialled { party: party.clone(), number: number.clone(), by: ask.by });
        self.voice(call, VoiceAct::Dial { party, routes: plan.routes, ring_ms });
        Ok(number)
    }
}

/// Where a party stands in the books: the customer first, then numbers outside in their order.
pub(in crate::desk) fn place(party: &LegParty) -> u8 {
    match party {
        LegParty::Customer | LegParty::Agent(_) => 0,
        LegParty::Outside(nth) => *nth,
    }
}
