//! The provider's side of the demo's trunk: rings the telephones of those who are called.

use super::message::Received;
use super::phone::{Phone, Ringer};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// A telephone that rings.
pub struct Rung {
    /// Whose it is, as the house has dialled it.
    pub number: String,
    pub phone: Phone,
}

/// A running exchange; stops when it is dropped.
pub struct Exchange {
    pub address: SocketAddr,
    rung: mpsc::Receiver<Rung>,
}

impl Exchange {
    /// Listens on loopback.
    pub async fn open() -> io::Result<Exchange> {
        let door = Arc::new(UdpSocket::bind("127.0.0.1:0").await?);
        let address = door.local_addr()?;
        let (ring, rung) = mpsc::channel(16);
        tokio::spawn(serve(door, ring));
        Ok(Exchange { address, rung })
    }

    /// The next telephone that rings.
    pub async fn rung(&mut self) -> Option<Rung> {
        self.rung.recv().await
    }
}

async fn serve(door: Arc<UdpSocket>, ring: mpsc::Sender<Rung>) {
    let mut ringing: HashMap<String, Ringer> = HashMap::new();
    let mut buffer = [0; 8_192];
    loop {
        let (n, from) = tokio::select! {
            () = ring.closed() => return,
            received = door.recv_from(&mut buffer) => match received {
                Ok(received) => received,
                Err(_) => continue,
            },
        };
        let Some(message) = Received::read(&buffer[..n]) else { continue };
        let call = message.header("call-id").unwrap_or_default().to_owned();
        match message.method() {
            // Sent again: the telephone has answered and will once more.
            Some("INVITE") if ringing.contains_key(&call) => {}
            Some("INVITE") => {
                let number = message.user().unwrap_or_default().to_owned();
                match Phone::rung(message, door.clone(), from).await {
                    Ok(phone) => {
                        ringing.insert(call, phone.ringer());
                        // Nobody to take it: the telephone refuses by itself when it is dropped.
                        let _ = ring.send(Rung { number, phone }).await;
                    }
                    Err(error) => tracing::warn!(%error, "a simulated telephone cannot ring"),
                }
            }
            Some("CANCEL") => {
                let _ = door.send_to(message.answer("200 OK", "sip:exchange@invalid", None).as_bytes(), from).await;
                if let Some(ringer) = ringing.get(&call) {
                    ringer.cancel().await;
                }
            }
            Some("ACK") | None => {}
            Some(_) => drop(door.send_to(message.answer("200 OK", "sip:exchange@invalid", None).as_bytes(), from).await),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::phone::{Line, PhoneEvent};
    use crate::sim::tone;
    use std::time::Duration;

    async fn dialled(exchange: &mut Exchange) -> (Phone, Rung) {
        let line = Line { name: "House".into(), number: "+4930123".into() };
        let phone = Phone::dial(exchange.address, "+4915112", &line).await.expect("a telephone");
        let rung = tokio::time::timeout(Duration::from_secs(20), exchange.rung()).await.expect("in time").expect("a ring");
        assert_eq!(rung.number, "+4915112");
        (phone, rung)
    }

    async fn next(phone: &mut Phone) -> Option<PhoneEvent> {
        loop {
            let event = tokio::time::timeout(Duration::from_secs(20), phone.recv()).await.expect("in time");
            if !matches!(event, Some(PhoneEvent::Audio(_))) {
                return event;
            }
        }
    }

    async fn hears(phone: &mut Phone, hz: f64) {
        let heard = async {
            while tone::share(&phone.heard(1_600), hz) < 0.5 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), heard).await.expect("in time");
    }

    #[tokio::test]
    async fn whoever_is_called_rings_talks_and_hangs_up() {
        let mut exchange = Exchange::open().await.expect("an exchange");
        let (mut caller, Rung { mut phone, .. }) = dialled(&mut exchange).await;
        assert_eq!((next(&mut caller).await, next(&mut phone).await), (Some(PhoneEvent::Ringing), Some(PhoneEvent::Ringing)));
        phone.pick_up().await;
        assert_eq!((next(&mut caller).await, next(&mut phone).await), (Some(PhoneEvent::Answered), Some(PhoneEvent::Answered)));
        caller.tone(Some(500.0)).await;
        phone.tone(Some(900.0)).await;
        hears(&mut phone, 500.0).await;
        hears(&mut caller, 900.0).await;
        phone.hang_up().await;
        assert_eq!((next(&mut caller).await, next(&mut caller).await), (Some(PhoneEvent::HungUp), None));
    }

    #[tokio::test]
    async fn a_telephone_may_refuse_and_a_caller_may_give_up() {
        let mut exchange = Exchange::open().await.expect("an exchange");
        let (mut caller, rung) = dialled(&mut exchange).await;
        rung.phone.hang_up().await;
        assert_eq!((next(&mut caller).await, next(&mut caller).await), (Some(PhoneEvent::Ringing), Some(PhoneEvent::Refused(486))));
        let (mut caller, mut rung) = dialled(&mut exchange).await;
        assert_eq!((next(&mut caller).await, next(&mut rung.phone).await), (Some(PhoneEvent::Ringing), Some(PhoneEvent::Ringing)));
        caller.hang_up().await;
        assert_eq!((next(&mut rung.phone).await, next(&mut caller).await), (Some(PhoneEvent::HungUp), Some(PhoneEvent::Refused(487))));
    }
}
