//! Weibo from end to end: pushes that name nothing but a second, and no way to tell a repetition from a new message.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm, weather};
use bytes::Bytes;
use hubline::sim::plan::Plan;
use hubline::sim::weibo::{SECRET, Says, Sim};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_weathers_the_storm() {
    // Whom the platform's limit stops waits a minute: too long for a test. It is busy instead.
    let plan = Plan { busy: 40, flood: 0, ..weather(21) };
    let sim = Sim::open(plan).await.expect("a simulator");
    sim.insists();
    // A push says in which second it was written, and nothing finer: of two within one, nobody knows the first. Here each has its own.
    sim.behind(Duration::from_secs(600));
    let section = format!(
        "[channels.weibo]\napp_secret = \"{SECRET}\"\naccess_token = \"{}\"\nbase_url = \"{1}\"\napi_url = \"{1}\"\nupload_url = \"{1}\"\n",
        sim.token(),
        sim.url()
    );
    let sea = Sea {
        kind: "weibo",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            sim.pass(Duration::from_secs(1));
            sim.customer(2_489_518_277, if has_file(n) { Says::Image(Bytes::from_static(PNG)) } else { Says::Text(line(n)) });
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|(_, text)| text).collect()),
        replies: Replies::Words,
        pictures: Pictures::Bare,
        order: "sent_at, id",
    };
    storm(sea, 21).await;
    let odd: Vec<String> = sim.refused().into_iter().filter(|why| !why.starts_with("10009 ")).collect();
    assert_eq!(odd, Vec::<String>::new());
}
