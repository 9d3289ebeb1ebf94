//! Taking a call: it rings until it is picked up, refused or given up (RFC 3261 §13.3).

use super::{Order, PhoneEvent, T1, Task, Wires};
use crate::sim::message::{self, Received};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::UdpSocket;

/// The INVITE that rings, and the way back to who sent it.
pub(super) struct Ringing {
    pub invite: Received,
    pub door: Arc<UdpSocket>,
    pub from: SocketAddr,
}

impl Ringing {
    async fn answer(&self, status: &str, contact: &str, body: Option<&str>) {
        // As with requests: what is lost is sent again.
        let _ = self.door.send_to(self.invite.answer(status, contact, body).as_bytes(), self.from).await;
    }
}

impl Task {
    pub(super) async fn rung(wires: Wires, invite: &Received, from: SocketAddr) -> io::Result<Task> {
        let mut task = Task::new(wires, from).await?;
        let header = |name| invite.header(name).unwrap_or_default().to_owned();
        task.from = header("to");
        task.to_header = header("from");
        task.call_id = header("call-id");
        task.learn_target(invite);
        task.sound.peer = invite.audio();
        Ok(task)
    }

    pub(super) async fn run_rung(mut self, mut ringing: Ringing) {
        let tag = format!("{:x}", self.sound.ssrc);
        ringing.invite.tag(&tag);
        self.from = ringing.invite.header("to").unwrap_or_default().to_owned();
        if self.taken(&ringing).await {
            self.talk().await;
        }
    }

    /// From ringing to the ACK; says whether there is a call to talk in.
    async fn taken(&mut self, ringing: &Ringing) -> bool {
        let contact = format!("sip:callee@{}", self.local);
        ringing.answer("180 Ringing", &contact, None).await;
        self.tell(PhoneEvent::Ringing).await;
        loop {
            match self.orders.recv().await {
                Some(Order::PickUp) => break,
                Some(Order::Cancelled) => {
                    ringing.answer("487 Request Terminated", &contact, None).await;
                    self.tell(PhoneEvent::HungUp).await;
                    return false;
                }
                Some(Order::HangUp) | None => {
                    ringing.answer("486 Busy Here", &contact, None).await;
                    return false;
                }
                Some(order) => self.obey(order),
            }
        }
        let body = message::description(self.sound.local, 1);
        for attempt in 0..6 {
            ringing.answer("200 OK", &contact, Some(&body)).await;
            if tokio::time::timeout(T1 * 2u32.pow(attempt), self.acknowledged()).await.is_ok() {
                self.tell(PhoneEvent::Answered).await;
                return true;
            }
        }
        self.bye().await;
        false
    }

    async fn acknowledged(&self) {
        let mut buffer = [0; 8_192];
        loop {
            let Ok((n, _)) = self.sip.recv_from(&mut buffer).await else { continue };
            if Received::read(&buffer[..n]).is_some_and(|message| message.method() == Some("ACK")) {
                return;
            }
        }
    }
}
