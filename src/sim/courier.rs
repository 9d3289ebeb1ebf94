//! Tells a house what happened, as platforms do it: again until it says 2xx, some twice, some late, all signed.

use super::plan::{Dice, Plan};
use super::web;
use axum::body::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};

/// Events that wait to be told.
const ROOM: usize = 16_384;
/// Told at the same time.
const AT_ONCE: usize = 8;
const PAUSE: Duration = Duration::from_millis(150);
/// How late what is late is.
const LATE: Duration = Duration::from_millis(400);

/// The headers that prove who tells this body.
pub type Sign = Arc<dyn Fn(&[u8]) -> Vec<(&'static str, String)> + Send + Sync>;

/// Where the house is. Some platforms sign the address, anew for each try.
pub type Where = Arc<dyn Fn() -> String + Send + Sync>;

/// How a platform tells.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Tries before an event is given up.
    pub tries: usize,
    /// How long it waits for an answer.
    pub patience: Duration,
    /// Whether this answer says that the house has it.
    pub taken: fn(u16, &[u8]) -> bool,
}

impl Default for Manner {
    fn default() -> Manner {
        Manner { tries: 400, patience: Duration::from_secs(60), taken: |status, _| (200..300).contains(&status) }
    }
}

/// Brings events to one address. Ends with its last clone.
#[derive(Clone)]
pub struct Courier {
    bag: mpsc::Sender<Bytes>,
    /// What the house answered, in order.
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Courier {
    pub fn start(hook: String, sign: Sign, plan: Plan) -> Courier {
        Courier::with(Arc::new(move || hook.clone()), sign, Manner::default(), plan)
    }

    pub fn with(hook: Where, sign: Sign, manner: Manner, plan: Plan) -> Courier {
        let (bag, mut waiting) = mpsc::channel::<Bytes>(ROOM);
        let answers = Arc::<Mutex<Vec<u16>>>::default();
        let heard = Arc::clone(&answers);
        tokio::spawn(async move {
            let (dice, hands) = (Dice::new(plan.seed ^ 0x5eed), Arc::new(Semaphore::new(AT_ONCE)));
            while let Some(body) = waiting.recv().await {
                let times = if dice.chance(plan.twice) { 2 } else { 1 };
                let late = dice.chance(plan.late);
                for _ in 0..times {
                    let Ok(hand) = Arc::clone(&hands).acquire_owned().await else { return };
                    let (hook, sign, body, heard) = (Arc::clone(&hook), Arc::clone(&sign), body.clone(), Arc::clone(&heard));
                    let told = async move {
                        if late {
                            tokio::time::sleep(LATE).await;
                        }
                        bring(&hook, &sign, manner, &body, &heard).await;
                        drop(hand);
                    };
                    // What goes wrong goes on beside the others; else one follows the other.
                    if times > 1 || late {
                        tokio::spawn(told);
                    } else {
                        told.await;
                    }
                }
            }
        });
        Courier { bag, answers }
    }

    /// Brings it soon.
    pub fn tell(&self, body: impl Into<Bytes>) {
        // More than the bag holds is more than any test tells.
        let _ = self.bag.try_send(body.into());
    }

    /// What the house has answered so far.
    pub fn answers(&self) -> Vec<u16> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn bring(hook: &Where, sign: &Sign, manner: Manner, body: &Bytes, heard: &Mutex<Vec<u16>>) {
    for _ in 0..manner.tries {
        let told = tokio::time::timeout(manner.patience, web::post(&hook(), &sign(body), body.clone())).await;
        if let Ok(Ok((status, answer))) = told {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(status);
            if (manner.taken)(status, &answer) {
                return;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
