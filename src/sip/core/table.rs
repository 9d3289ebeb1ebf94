//! All transactions, found by the keys of RFC 3261 §17.1.3 and §17.2.3, each armed with at most a few entries in the timer heap.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::{Core, Inbound, Output, Wake};
use crate::sip::call::CallKey;
use crate::sip::net::{Flow, Transport};
use crate::sip::registrar::BindingId;
use crate::sip::transaction::{Client, ClientInput, Effect, InviteClient, InviteServer, Server, ServerInput, Tell};
use crate::sip::wire::RequestSpec;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TxId(pub u64);

/// Who hears of a transaction's outcome.
#[derive(Debug)]
pub(crate) enum Owner {
    /// Nobody: CANCEL, BYE, and requests that were answered on the spot.
    None,
    /// The INVITE that makes a call, or a new offer within it (`within`); the spec serves ACK, CANCEL and another try.
    Invite { call: CallKey, within: bool, spec: Arc<RequestSpec> },
    /// Another request of ours within a dialog.
    Within { call: Option<CallKey>, spec: Arc<RequestSpec>, retried: bool },
    /// `Core::request`.
    Request(u64),
    /// OPTIONS to a registered phone.
    Ask(BindingId),
    /// An INVITE or UPDATE to us.
    Incoming(CallKey),
}

pub(in crate::sip) enum Machine {
    InviteClient(InviteClient),
    Client(Client),
    InviteServer(InviteServer),
    Server(Server),
}

impl Machine {
    fn next_deadline(&self) -> Option<Instant> {
        match self {
            Machine::InviteClient(machine) => machine.next_deadline(),
            Machine::Client(machine) => machine.next_deadline(),
            Machine::InviteServer(machine) => machine.next_deadline(),
            Machine::Server(machine) => machine.next_deadline(),
        }
    }

    fn fire(&mut self, now: Instant) -> Effect {
        match self {
            Machine::InviteClient(machine) => machine.handle(now, ClientInput::Timer),
            Machine::Client(machine) => machine.handle(now, ClientInput::Timer),
            Machine::InviteServer(machine) => machine.handle(now, ServerInput::Timer),
            Machine::Server(machine) => machine.handle(now, ServerInput::Timer),
        }
    }
}

pub(in crate::sip) struct Tx {
    pub machine: Machine,
    key: String,
    pub flow: Flow,
    pub owner: Owner,
    /// Server: the request, until its final response is sent.
    pub inbound: Option<Box<Inbound>>,
    /// Server: the key that merged requests are found by (§8.2.2.2).
    merge: Option<String>,
    /// Client: our Via, for ACK and CANCEL.
    pub via: String,
    /// INVITE client: the ACK sent to each 2xx, by the To tag; repeated when the 2xx is.
    pub acks: Vec<(String, Flow, Bytes)>,
    /// The earliest entry in the timer heap.
    pub armed: Option<Instant>,
}

#[derive(Default)]
pub(in crate::sip) struct Table {
    txs: HashMap<TxId, Tx>,
    keys: HashMap<String, TxId>,
    merged: HashMap<String, TxId>,
}

impl Table {
    pub fn len(&self) -> usize {
        self.txs.len()
    }

    pub fn find(&self, key: &str) -> Option<TxId> {
        self.keys.get(key).copied()
    }

    pub fn find_merged(&self, key: &str) -> Option<TxId> {
        self.merged.get(key).copied()
    }

    pub fn get(&self, id: TxId) -> Option<&Tx> {
        self.txs.get(&id)
    }

    pub fn get_mut(&mut self, id: TxId) -> Option<&mut Tx> {
        self.txs.get_mut(&id)
    }

    fn remove(&mut self, id: TxId) -> Option<Tx> {
        let tx = self.txs.remove(&id)?;
        if self.keys.get(&tx.key) == Some(&id) {
            self.keys.remove(&tx.key);
        }
        if let Some(merge) = &tx.merge
            && self.merged.get(merge) == Some(&id)
        {
            self.merged.remove(merge);
        }
        Some(tx)
    }

    /// No key outlives its transaction.
    #[cfg(test)]
    pub fn is_consistent(&self) -> bool {
        self.keys.len() <= self.txs.len() && self.merged.len() <= self.txs.len() && self.keys.values().all(|id| self.txs.contains_key(id))
    }
}

impl Core {
    /// Adds a server transaction; its first response is up to the caller.
    pub(super) fn add_server(&mut self, machine: Machine, key: String, merge: Option<String>, inbound: Box<Inbound>) -> TxId {
        let id = TxId(self.key());
        self.table.keys.insert(key.clone(), id);
        if let Some(merge) = &merge {
            self.table.merged.insert(merge.clone(), id);
        }
        let flow = inbound.reply_flow();
        let tx =
            Tx { machine, key, flow, owner: Owner::None, inbound: Some(inbound), merge, via: String::new(), acks: Vec::new(), armed: None };
        self.table.txs.insert(id, tx);
        id
    }

    pub(super) fn add_client(&mut self, machine: Machine, effect: Effect, key: String, flow: Flow, owner: Owner, via: String) -> TxId {
        let id = TxId(self.key());
        self.table.keys.insert(key.clone(), id);
        let tx = Tx { machine, key, flow, owner, inbound: None, merge: None, via, acks: Vec::new(), armed: None };
        self.table.txs.insert(id, tx);
        self.apply(id, effect);
        id
    }

    /// Carries an effect out and arms the next timer; what is left is the user's to hear, with the owner when the transaction is over.
    pub(super) fn apply(&mut self, id: TxId, effect: Effect) -> (Option<Tell>, Option<Tx>) {
        let Some(tx) = self.table.txs.get_mut(&id) else {
            return (effect.tell, None);
        };
        if let Some(bytes) = effect.send {
            self.outputs.push_back(Output::Send { flow: tx.flow, bytes });
        }
        if effect.done {
            return (effect.tell, self.table.remove(id));
        }
        if let Some(at) = tx.machine.next_deadline()
            && tx.armed.is_none_or(|armed| at < armed)
        {
            tx.armed = Some(at);
            self.wake_at(at, Wake::Tx(id));
        }
        (effect.tell, None)
    }

    pub(super) fn on_transaction_timer(&mut self, now: Instant, at: Instant, id: TxId) {
        let Some(tx) = self.table.txs.get_mut(&id) else {
            return;
        };
        if tx.armed != Some(at) {
            return;
        }
        tx.armed = None;
        let effect = tx.machine.fire(now);
        let (tell, removed) = self.apply(id, effect);
        if let Some(tell @ (Tell::TimedOut | Tell::TransportFailed)) = tell {
            self.on_no_response(now, removed.map(|tx| tx.owner), tell);
        }
    }

    /// A peer that cannot be reached: every client transaction to it is over (RFC 3261 §17.1.4).
    pub fn transport_failed(&mut self, now: Instant, transport: Transport, addr: SocketAddr) {
        let hit: Vec<TxId> =
            self.table.txs.iter().filter(|(_, tx)| tx.flow.transport == transport && tx.flow.addr == addr).map(|(id, _)| *id).collect();
        for id in hit {
            let Some(tx) = self.table.txs.get_mut(&id) else {
                continue;
            };
            let effect = match &mut tx.machine {
                Machine::InviteClient(machine) => machine.handle(now, ClientInput::TransportFailed),
                Machine::Client(machine) => machine.handle(now, ClientInput::TransportFailed),
                Machine::InviteServer(_) | Machine::Server(_) => continue,
            };
            let (tell, removed) = self.apply(id, effect);
            if let Some(tell) = tell {
                self.on_no_response(now, removed.map(|tx| tx.owner), tell);
            }
        }
    }

    /// Bounds an INVITE of ours whose outcome matters no more.
    pub(crate) fn give_up(&mut self, now: Instant, id: TxId) {
        if let Some(tx) = self.table.txs.get_mut(&id)
            && let Machine::InviteClient(machine) = &mut tx.machine
        {
            machine.give_up(now);
            self.apply(id, Effect::default());
        }
    }
}
