//! Responses to our requests: through their transaction to their owner. A response that matches no transaction is dropped (RFC 6026 §7.2 removed the other way).

use std::time::Instant;

use super::send::client_key;
use super::table::Machine;
use super::{Core, Output, Owner};
use crate::sip::net::Flow;
use crate::sip::transaction::{ClientInput, Tell};
use crate::sip::wire::{CSeq, HeaderName, RequestSpec, Response, Via, split_list};

impl Core {
    pub(super) fn on_response(&mut self, now: Instant, flow: Flow, response: Response) {
        let via =
            response.headers.text(&HeaderName::Via).and_then(|text| split_list(&text).next().and_then(|first| Via::parse(first).ok()));
        let cseq = response.headers.text(&HeaderName::CSeq).and_then(|text| CSeq::parse(&text).ok());
        let (Some(via), Some(cseq)) = (via, cseq) else {
            self.counters.malformed += 1;
            return;
        };
        let Some(id) = via.branch().and_then(|branch| self.table.find(&client_key(&branch, &cseq.method))) else {
            self.counters.dropped += 1;
            if self.peer(flow).is_none() {
                self.guard.strike(now, flow.addr.ip());
            }
            return;
        };
        let Some(tx) = self.table.get(id) else { return };
        let ack = match (&tx.owner, response.status) {
            (Owner::Invite { spec, .. }, 300..) => {
                let to = response.headers.text(&HeaderName::To).unwrap_or_default();
                Some(self.ack_of_refusal(spec, &tx.via, &to))
            }
            _ => None,
        };
        let input = ClientInput::Response { status: response.status, ack };
        let Some(tx) = self.table.get_mut(id) else {
            return;
        };
        let effect = match &mut tx.machine {
            Machine::InviteClient(machine) => machine.handle(now, input),
            Machine::Client(machine) => machine.handle(now, input),
            Machine::InviteServer(_) | Machine::Server(_) => return,
        };
        // The owner may leave with the transaction, or stay and be lent out.
        let (tell, removed) = self.apply(id, effect);
        if tell != Some(Tell::Response) {
            return;
        }
        let owner = match removed {
            Some(tx) => tx.owner,
            None => match self.table.get_mut(id) {
                Some(tx) => std::mem::replace(&mut tx.owner, Owner::None),
                None => return,
            },
        };
        let kept = self.deliver(now, id, flow, owner, response);
        if let (Some(owner), Some(tx)) = (kept, self.table.get_mut(id)) {
            tx.owner = owner;
        }
    }

    /// Gives the owner back while more may come.
    fn deliver(&mut self, now: Instant, id: super::TxId, flow: Flow, owner: Owner, response: Response) -> Option<Owner> {
        match owner {
            Owner::Invite { call, within, spec } => {
                // CANCEL and the ACKs read the spec from the transaction while this response is handled.
                if let Some(tx) = self.table.get_mut(id) {
                    tx.owner = Owner::Invite { call, within, spec: spec.clone() };
                }
                if within {
                    self.on_offer_response(now, id, call, &spec, &response);
                } else {
                    self.on_invite_response(now, id, call, flow, &spec, &response);
                }
                None
            }
            Owner::Within { call, spec, retried } => {
                if response.status < 200 {
                    return Some(Owner::Within { call, spec, retried });
                }
                self.on_response_within(now, call, &spec, retried, &response);
                None
            }
            Owner::Request(request) => {
                if response.status < 200 {
                    return Some(Owner::Request(request));
                }
                self.outputs.push_back(Output::Reply { request, response: Some(response) });
                None
            }
            Owner::Ask(id) => {
                if response.status < 200 {
                    return Some(Owner::Ask(id));
                }
                self.asked(now, id, true);
                None
            }
            Owner::None | Owner::Incoming(_) => None,
        }
    }

    /// Timers B and F, or a transport that failed: to be treated as 408 and 503, §8.1.3.1.
    pub(super) fn on_no_response(&mut self, now: Instant, owner: Option<Owner>, tell: Tell) {
        let status = if tell == Tell::TransportFailed { 503 } else { 408 };
        match owner {
            Some(Owner::Invite { call, within: false, .. }) => self.invite_failed(now, call, status, "", None),
            Some(Owner::Invite { call, within: true, .. }) => self.offer_failed(now, call, status),
            Some(Owner::Within { call: Some(call), .. }) => self.dialog_lost(now, call, status),
            Some(Owner::Ask(id)) => self.asked(now, id, false),
            Some(Owner::Request(request)) => self.outputs.push_back(Output::Reply { request, response: None }),
            Some(Owner::Within { call: None, .. } | Owner::None | Owner::Incoming(_)) | None => {}
        }
    }

    /// A request outside of any dialog; its final response comes as `Output::Reply`.
    pub fn request(&mut self, now: Instant, flow: Flow, spec: &RequestSpec) -> u64 {
        let request = self.key();
        self.guard.called(now, flow.addr.ip());
        self.send_request(now, flow, spec, Owner::Request(request));
        request
    }

    /// A fresh tag, Call-ID or cnonce for `request`.
    pub fn fresh(&mut self) -> String {
        self.token()
    }
}
