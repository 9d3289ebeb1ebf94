//! The simulated telephone with what a test asks of it: dial, send a tone, wait for one.

use super::{PATIENCE, until};
use hubline::sim::phone::{Line, Phone, PhoneEvent};
use hubline::sim::tone;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// A caller; its events are collected, so that nothing it hears is held up.
pub struct Caller {
    orders: mpsc::Sender<Order>,
    events: Arc<Mutex<Vec<PhoneEvent>>>,
    heard: Arc<Mutex<Vec<i16>>>,
}

enum Order {
    Press(String),
    HangUp,
}

/// Audio that counts for what is heard now: half a second.
const NOW: usize = 4_000;

impl Caller {
    /// Dials; with a tone from the first packet on.
    pub async fn dial(to: SocketAddr, number: &str, from: &str, hz: f64) -> Caller {
        let line = Line { name: format!("Caller {from}"), number: from.to_owned() };
        let mut phone = Phone::dial(to, number, &line).await.expect("a telephone");
        phone.tone(Some(hz)).await;
        let (orders, mut ordered) = mpsc::channel(16);
        let (events, heard) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (told, listened) = (events.clone(), heard.clone());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    event = phone.recv() => match event {
                        Some(PhoneEvent::Audio(samples)) => listened.lock().expect("audio").extend(samples),
                        Some(event) => told.lock().expect("events").push(event),
                        None => return,
                    },
                    order = ordered.recv() => match order {
                        Some(Order::Press(keys)) => phone.press(&keys).await,
                        Some(Order::HangUp) => phone.hang_up().await,
                        None => return,
                    },
                }
            }
        });
        Caller { orders, events, heard }
    }

    pub fn told(&self, event: &PhoneEvent) -> bool {
        self.events.lock().expect("events").contains(event)
    }

    pub fn events(&self) -> Vec<PhoneEvent> {
        self.events.lock().expect("events").clone()
    }

    pub async fn answered(&self) {
        until("the caller is answered", || self.told(&PhoneEvent::Answered)).await;
    }

    /// Waits for the refusal; gives its status.
    pub async fn refused(&self) -> u16 {
        let status =
            || self.events().into_iter().find_map(|event| if let PhoneEvent::Refused(status) = event { Some(status) } else { None });
        until("the caller is refused", || status().is_some()).await;
        status().unwrap_or_default()
    }

    pub async fn hung_up_on(&self) {
        until("the house hangs up", || self.told(&PhoneEvent::HungUp)).await;
    }

    /// The share of a tone in the last half second, 0 to 1.
    pub fn share(&self, hz: f64) -> f64 {
        let heard = self.heard.lock().expect("audio");
        tone::share(&heard[heard.len().saturating_sub(NOW)..], hz)
    }

    /// Waits until this tone is what is heard.
    pub async fn hears(&self, hz: f64) {
        until(&format!("the caller hears {hz} Hz"), || self.share(hz) > 0.5).await;
    }

    /// Waits until something is heard that is none of these tones: music or a prompt.
    pub async fn hears_music(&self, tones: &[f64]) {
        until("the caller hears music", || {
            let heard = self.heard.lock().expect("audio");
            let last = &heard[heard.len().saturating_sub(NOW)..];
            let loud = last.len() == NOW && last.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / NOW as f64 > 100.0 * 100.0;
            loud && tones.iter().all(|hz| tone::share(last, *hz) < 0.3)
        })
        .await;
    }

    /// Samples heard so far.
    pub fn samples(&self) -> usize {
        self.heard.lock().expect("audio").len()
    }

    pub async fn press(&self, keys: &str) {
        self.order(Order::Press(keys.to_owned())).await;
    }

    pub async fn hang_up(&self) {
        self.order(Order::HangUp).await;
    }

    async fn order(&self, order: Order) {
        let sent = tokio::time::timeout(PATIENCE, self.orders.send(order)).await;
        // A telephone whose call is over obeys nothing, and that is no error.
        drop(sent.expect("a telephone that obeys"));
    }
}

/// Lets a conversation go on for a while.
pub async fn talk(time: Duration) {
    tokio::time::sleep(time).await;
}
