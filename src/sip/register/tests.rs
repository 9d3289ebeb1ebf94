//! When the plan tries again.

use super::*;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn refreshes_in_good_time_and_backs_off() {
    let mut plan = Plan::default();
    assert_eq!(plan.next(Outcome::Granted { expires: secs(3600) }).1, secs(3240));
    assert_eq!(plan.next(Outcome::Granted { expires: secs(20) }).1, secs(15));
    assert_eq!(plan.next(Outcome::Granted { expires: secs(1) }).1, secs(1));
    let waits: Vec<u64> = (0..10).map(|_| plan.next(Outcome::Silence).1.as_secs()).collect();
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    plan.next(Outcome::Granted { expires: secs(60) });
    assert_eq!(plan.next(Outcome::Refused { status: 403, retry_after: None }).1, secs(30));
    assert_eq!(
        plan.next(Outcome::Refused { status: 503, retry_after: Some(90) }),
        (RegistrationState::Failed { status: Some(503), retry_in: secs(90) }, secs(90))
    );
}
