//! Access tokens: fetched by one, used by all, renewed before they end. When a platform says that a token is no good, it is renewed once, and
//! only if it is still the one in use: many requests that fail together must not make each other's new tokens void.

use super::platform::Trouble;
use crate::clock::Clock;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Renewed so long before it ends.
const AHEAD: Duration = Duration::from_secs(300);

/// One account's token.
#[derive(Default)]
pub struct Keeper {
    token: Mutex<Option<Token>>,
}

/// A token as the platform gave it.
#[derive(Clone)]
pub struct Token {
    pub value: String,
    /// For how long it is good.
    pub lasts: Duration,
    pub since: Instant,
}

impl Token {
    /// Given now.
    pub fn new(value: String, lasts: Duration) -> Token {
        Token { value, lasts, since: Clock::system().instant() }
    }

    fn is_fresh(&self) -> bool {
        // A short-lived one is used for half of its life.
        let ahead = AHEAD.min(self.lasts / 2);
        self.since.elapsed() + ahead < self.lasts
    }
}

impl Keeper {
    /// The token in use, or a new one. `fetch` is asked by one at a time; the others wait for its answer.
    pub async fn token<F>(&self, fetch: impl FnOnce() -> F) -> Result<String, Trouble>
    where
        F: Future<Output = Result<Token, Trouble>>,
    {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| token.is_fresh()) {
            return Ok(token.value.clone());
        }
        let token = fetch().await?;
        let value = token.value.clone();
        *kept = Some(token);
        Ok(value)
    }

    /// The platform refused this token: the next who asks gets a new one, unless somebody has already.
    pub async fn refused(&self, value: &str) {
        let mut kept = self.token.lock().await;
        if kept.as_ref().is_some_and(|token| token.value == value) {
            *kept = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn many_failures_renew_once() {
        let (keeper, fetched) = (Keeper::default(), AtomicU32::new(0));
        let fetch = || async {
            let n = fetched.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(Token::new(format!("t{n}"), Duration::from_secs(7_200)))
        };
        let (a, b) = tokio::join!(keeper.token(fetch), keeper.token(fetch));
        assert_eq!((a, b), (Ok("t0".into()), Ok("t0".into())));
        keeper.refused("t0").await;
        assert_eq!(keeper.token(fetch).await, Ok("t1".into()));
        // A request that was under way with the old one.
        keeper.refused("t0").await;
        assert_eq!(keeper.token(fetch).await, Ok("t1".into()));
    }

    #[tokio::test]
    async fn one_that_ends_soon_is_not_used() {
        let keeper = Keeper::default();
        let short = || async {
            Ok(Token { value: "old".into(), lasts: Duration::from_secs(400), since: Clock::system().instant() - Duration::from_secs(250) })
        };
        assert_eq!(keeper.token(short).await, Ok("old".into()));
        assert_eq!(keeper.token(|| async { Ok(Token::new("new".into(), Duration::from_secs(400))) }).await, Ok("new".into()));
    }
}
