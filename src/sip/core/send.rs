//! What goes out: requests under a new transaction, responses within theirs, and the few answers that keep no state.

use std::time::Instant;

use bytes::Bytes;

use super::table::Machine;
use super::{Core, Inbound, Output, Owner, TxId};
use crate::sip::dialog::SUPPORTED;
use crate::sip::net::{Flow, Transport};
use crate::sip::sdp;
use crate::sip::transaction::{Client, InviteClient, ServerInput};
use crate::sip::wire::{Method, Request, RequestSpec, ResponseWriter};

/// The methods we act on, for Allow.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK, REFER";

/// A response to be printed.
#[derive(Default)]
pub(crate) struct Reply<'a> {
    pub status: u16,
    /// Empty for the standard phrase.
    pub phrase: &'a str,
    /// Our tag, when the request had none in To.
    pub tag: Option<&'a str>,
    /// Makes or changes a dialog: Contact and Record-Route.
    pub dialog: bool,
    pub headers: Vec<(&'a str, String)>,
    pub sdp: Option<&'a str>,
}

impl<'a> Reply<'a> {
    pub fn status(status: u16) -> Reply<'a> {
        Reply { status, ..Reply::default() }
    }

    pub fn with(mut self, name: &'a str, value: impl Into<String>) -> Reply<'a> {
        self.headers.push((name, value.into()));
        self
    }
}

impl Core {
    /// Our Contact towards a peer.
    pub(crate) fn contact(&mut self, flow: Flow) -> String {
        let local = self.local.facing(flow.transport, flow.addr.ip());
        match flow.transport {
            Transport::Udp => format!("<sip:{local}>"),
            Transport::Tcp => format!("<sip:{local};transport=tcp>"),
            Transport::Tls => format!("<sip:{local};transport=tls>"),
        }
    }

    /// A description of our audio, with the address where this peer reaches it.
    pub(crate) fn described(&mut self, flow: Flow, sdp: &str) -> String {
        sdp::at(sdp, self.local.audio_facing(flow.addr.ip()))
    }

    fn print(&mut self, inbound: &Inbound, reply: &Reply<'_>) -> Bytes {
        let request: &Request = &inbound.request;
        let mut writer = ResponseWriter::new(request, &inbound.via, reply.status, reply.phrase, reply.tag);
        if reply.dialog {
            let contact = self.contact(inbound.flow);
            writer = writer.record_routes(request).header("Contact", &contact).header("Allow", ALLOW).header("Supported", SUPPORTED);
        }
        for (name, value) in &reply.headers {
            writer = writer.header(name, value);
        }
        // Strangers are told 401 or 403, and not by whom.
        if reply.status > 100 && !matches!(reply.status, 401 | 403) && !self.user_agent.is_empty() {
            writer = writer.header("Server", &self.user_agent);
        }
        let sdp = reply.sdp.map(|sdp| self.described(inbound.flow, sdp));
        writer.finish(sdp.as_deref().map(|sdp| ("application/sdp", sdp)))
    }

    /// Responds within a server transaction; gives what was sent. Nothing happens once the transaction is gone or its final response is out.
    pub(crate) fn respond(&mut self, now: Instant, id: TxId, reply: Reply<'_>) -> Option<(Flow, Bytes)> {
        let inbound = self.table.get_mut(id)?.inbound.take()?;
        let response = self.print(&inbound, &reply);
        let tx = self.table.get_mut(id)?;
        let flow = tx.flow;
        if reply.status < 200 {
            tx.inbound = Some(inbound);
        }
        let input = ServerInput::Respond { status: reply.status, response: response.clone() };
        let effect = match &mut tx.machine {
            Machine::InviteServer(machine) => machine.handle(now, input),
            Machine::Server(machine) => machine.handle(now, input),
            Machine::InviteClient(_) | Machine::Client(_) => return None,
        };
        self.apply(id, effect);
        Some((flow, response))
    }

    /// An answer without a transaction (§8.2.7). Never longer than `limit` bytes, so that a forged source gains nothing.
    pub(super) fn respond_stateless(&mut self, inbound: &Inbound, reply: Reply<'_>, limit: usize) {
        if inbound.request.method == Method::Ack {
            return;
        }
        let bytes = self.print(inbound, &reply);
        if bytes.len() <= limit {
            self.outputs.push_back(Output::Send { flow: inbound.reply_flow(), bytes });
        }
    }

    fn via(&mut self, flow: Flow) -> (String, String) {
        let branch = format!("z9hG4bK{}", self.token());
        let local = self.local.facing(flow.transport, flow.addr.ip());
        let rport = if flow.transport == Transport::Udp { ";rport" } else { "" };
        (format!("SIP/2.0/{} {local};branch={branch}{rport}", flow.transport.as_str()), branch)
    }

    /// Sends a request in a client transaction of its own.
    pub(crate) fn send_request(&mut self, now: Instant, flow: Flow, spec: &RequestSpec, owner: Owner) -> TxId {
        let (via, branch) = self.via(flow);
        let request = spec.print(&via, &self.user_agent);
        let reliable = flow.transport.is_reliable();
        let (machine, effect) = if spec.method == Method::Invite {
            let (machine, effect) = InviteClient::start(now, request, reliable);
            (Machine::InviteClient(machine), effect)
        } else {
            let (machine, effect) = Client::start(now, request, reliable);
            (Machine::Client(machine), effect)
        };
        self.add_client(machine, effect, client_key(&branch, &spec.method), flow, owner, via)
    }

    /// CANCEL goes the INVITE's way under the INVITE's branch, §9.1.
    pub(crate) fn send_cancel(&mut self, now: Instant, invite: TxId, reason: Option<&str>) {
        let Some(tx) = self.table.get(invite) else {
            return;
        };
        let Owner::Invite { spec, .. } = &tx.owner else {
            return;
        };
        let headers = reason.map(|reason| ("Reason".to_owned(), reason.to_owned())).into_iter().collect();
        let spec = RequestSpec { method: Method::Cancel, contact: None, headers, body: None, ..(**spec).clone() };
        let (via, flow) = (tx.via.clone(), tx.flow);
        let branch = branch_of(&via).to_owned();
        let (machine, effect) = Client::start(now, spec.print(&via, &self.user_agent), flow.transport.is_reliable());
        self.add_client(Machine::Client(machine), effect, client_key(&branch, &Method::Cancel), flow, Owner::None, via);
    }

    /// The ACK of a final response above 2xx belongs to the INVITE's transaction and repeats its Via, §17.1.1.3.
    pub(super) fn ack_of_refusal(&self, spec: &RequestSpec, via: &str, to: &str) -> Bytes {
        let ack = RequestSpec { method: Method::Ack, to: to.to_owned(), contact: None, headers: Vec::new(), body: None, ..spec.clone() };
        ack.print(via, "")
    }

    /// The ACK of a 2xx is a transaction of its own without an answer, §13.2.2.4.
    pub(crate) fn send_ack(&mut self, flow: Flow, spec: &RequestSpec) -> Bytes {
        let (via, _) = self.via(flow);
        let bytes = spec.print(&via, "");
        self.outputs.push_back(Output::Send { flow, bytes: bytes.clone() });
        bytes
    }
}

/// §17.1.3: the branch and the CSeq method; our branches are ours alone.
pub(super) fn client_key(branch: &str, method: &Method) -> String {
    format!("{branch} {}", method.as_str())
}

fn branch_of(via: &str) -> &str {
    via.split_once("branch=").map_or("", |(_, rest)| rest.split(';').next().unwrap_or(rest))
}
