//! The simulated telephone with what a test asks of it: dial, send a tone, wait for one.

use super::{PATIENCE, until};
use hubline::sim::phone::{Line, Phone, PhoneEvent};
use hubline::sim::tone;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A caller; its events are collected, so that nothing it hears is held up.
pub struct Caller {
    orders: mpsc::Sender<Order>,
    events: Arc<Mutex<Vec<PhoneEvent>>>,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    samples: Vec<i16>,
    /// When each packet came, and how many samples there were with it.
    came: Vec<(Instant, usize)>,
}

enum Order {
    Press(String),
    Say(Arc<[i16]>),
    HangUp,
}

/// Audio that counts for what is heard now: half a second.
const NOW: usize = 4_000;
/// A packet, and what a tone is looked for in.
const PACKET: usize = 160;
const PIECE: usize = 800;
/// A sample beyond this is sound.
const LOUD: u16 = 300;

impl Caller {
    /// Dials; with a tone from the first packet on.
    pub async fn dial(to: SocketAddr, number: &str, from: &str, hz: f64) -> Caller {
        Caller::named(to, number, &format!("Caller {from}"), from, hz).await
    }

    /// The same with a name that the telephone says of itself.
    pub async fn named(to: SocketAddr, number: &str, name: &str, from: &str, hz: f64) -> Caller {
        // A quoted string of SIP (RFC 3261 §25.1).
        let line = Line { name: name.replace('\\', "\\\\").replace('"', "\\\""), number: from.to_owned() };
        Caller::talking(Phone::dial(to, number, &line).await.expect("a telephone"), hz).await
    }

    /// From an old telephone: its keys are tones and nothing else, and it offers no events.
    pub async fn without_events(to: SocketAddr, number: &str, from: &str, hz: f64) -> Caller {
        let line = Line { name: "Caller".into(), number: from.to_owned() };
        Caller::talking(Phone::dial_without_events(to, number, &line).await.expect("a telephone"), hz).await
    }

    async fn talking(mut phone: Phone, hz: f64) -> Caller {
        phone.tone(Some(hz)).await;
        let (orders, mut ordered) = mpsc::channel(16);
        let (events, heard) = (Arc::new(Mutex::new(Vec::new())), Arc::<Mutex<Heard>>::default());
        let (told, listened) = (events.clone(), heard.clone());
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    event = phone.recv() => match event {
                        Some(PhoneEvent::Audio(samples)) => {
                            let mut heard = listened.lock().expect("audio");
                            heard.samples.extend(samples);
                            let so_far = heard.samples.len();
                            heard.came.push((Instant::now(), so_far));
                        }
                        Some(event) => told.lock().expect("events").push(event),
                        None => return,
                    },
                    order = ordered.recv() => match order {
                        Some(Order::Press(keys)) => phone.press(&keys).await,
                        Some(Order::Say(samples)) => phone.say(samples).await,
                        Some(Order::HangUp) => phone.hang_up().await,
                        None => return,
                    },
                }
            }
        });
        Caller { orders, events, heard, task }
    }

    pub fn told(&self, event: &PhoneEvent) -> bool {
        self.events.lock().expect("events").contains(event)
    }

    pub fn events(&self) -> Vec<PhoneEvent> {
        self.events.lock().expect("events").clone()
    }

    /// Waits until there is no call any more, however it ended: given up, refused, hung up by either side.
    pub async fn is_over(&self) {
        until("the caller's call is over", || self.task.is_finished()).await;
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
        let heard = &self.heard.lock().expect("audio").samples;
        tone::share(&heard[heard.len().saturating_sub(NOW)..], hz)
    }

    /// Waits until this tone is what is heard.
    pub async fn hears(&self, hz: f64) {
        until(&format!("the caller hears {hz} Hz"), || self.share(hz) > 0.5).await;
    }

    /// Waits until each of these tones has its share of what is heard: a talk of more than two.
    pub async fn hears_all(&self, tones: &[f64]) {
        until(&format!("the caller hears {tones:?}"), || tones.iter().all(|hz| self.share(*hz) > 0.2)).await;
    }

    /// Waits until something is heard that is none of these tones: music or a prompt. Looked at piece by piece: a tone that stumbles looks like
    /// no tone over a longer time.
    pub async fn hears_music(&self, tones: &[f64]) {
        until("the caller hears music", || {
            let heard = &self.heard.lock().expect("audio").samples;
            let last = &heard[heard.len().saturating_sub(NOW)..];
            let loud = |piece: &[i16]| piece.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / PIECE as f64 > 100.0 * 100.0;
            let music = |piece: &[i16]| loud(piece) && tones.iter().all(|hz| tone::share(piece, *hz) < 0.3);
            last.len() == NOW && last.chunks_exact(PIECE).all(music)
        })
        .await;
    }

    /// All that was heard.
    pub fn everything(&self) -> Vec<i16> {
        self.heard.lock().expect("audio").samples.clone()
    }

    /// Samples heard so far.
    pub fn samples(&self) -> usize {
        self.heard.lock().expect("audio").samples.len()
    }

    /// What came after this moment, in pieces of 100 ms with the time of their last packet.
    fn since(&self, moment: Instant) -> Vec<(Instant, Vec<i16>)> {
        let heard = self.heard.lock().expect("audio");
        let (mut pieces, mut from) = (Vec::new(), None);
        for (at, so_far) in &heard.came {
            if *at < moment {
                continue;
            }
            let begin = *from.get_or_insert(so_far.saturating_sub(PACKET));
            if so_far - begin >= PIECE {
                pieces.push((*at, heard.samples[begin..*so_far].to_vec()));
                from = Some(*so_far);
            }
        }
        pieces
    }

    /// Waits until this tone is heard in what comes after this moment; gives the time of it.
    pub async fn hears_since(&self, hz: f64, moment: Instant) -> Instant {
        let found = || self.since(moment).into_iter().find(|(_, piece)| tone::share(piece, hz) > 0.5);
        until(&format!("the caller hears {hz} Hz again"), || found().is_some()).await;
        found().expect("just heard").0
    }

    /// The longest time between these moments in which nothing was to be heard at all.
    pub fn quiet(&self, from: Instant, to: Instant) -> Duration {
        let heard = self.heard.lock().expect("audio");
        let loud = heard.came.iter().filter(|(at, so_far)| {
            let packet = &heard.samples[so_far.saturating_sub(PACKET)..*so_far];
            *at >= from && *at <= to && packet.iter().any(|sample| sample.unsigned_abs() > LOUD)
        });
        let moments: Vec<Instant> = std::iter::once(from).chain(loud.map(|(at, _)| *at)).chain([to]).collect();
        moments.windows(2).map(|pair| pair[1].duration_since(pair[0])).max().unwrap_or_default()
    }

    /// How much of the time between these moments was neither silence nor this tone: music.
    pub fn music(&self, from: Instant, to: Instant, not: f64) -> Duration {
        let pieces = self.since(from).into_iter().take_while(|(at, _)| *at <= to);
        let music = pieces.filter(|(_, piece)| tone::share(piece, not) < 0.3 && piece.iter().any(|sample| sample.unsigned_abs() > LOUD));
        Duration::from_millis(100) * music.count() as u32
    }

    /// Says this instead of the tone, which goes on after it.
    pub async fn say(&self, samples: &[i16]) {
        self.order(Order::Say(samples.into())).await;
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
