//! A WeChat official account from end to end: encrypted pushes in XML, three tries, and no way to tell a repetition from a new message.

use super::storm::{Sea, has_file, line, storm};
use bytes::Bytes;
use hubline::sim::wechat::{Account, Plan, Says, Sim};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_official_account_weathers_the_storm() {
    // The platform gives up after three tries, and then the message was never ours; here it tries until the house is back.
    let account = Account { tries: 10_000, patience: Duration::from_secs(2), messages: 1_000, ..Account::example() };
    let plan = Plan { twice: 200, reordered: 200, busy: 40, cut: 10, expired: 10, seed: 5 };
    let sim = Sim::open(account.clone(), plan).await.expect("a simulator");
    let section = format!(
        "[channels.wechat]\napp_id = \"{}\"\nsecret = \"{}\"\ntoken = \"{}\"\naes_key = \"{}\"\nbase_url = \"{}\"\nwindow_messages = 100\n",
        account.app_id,
        account.secret,
        account.token,
        account.aes_key,
        sim.url()
    );
    let sea = Sea {
        kind: "wechat",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            // A voice message, with what the platform understood.
            let voice = || Says::Voice { bytes: Bytes::from_static(b"#!AMR\n0123456789"), recognition: line(n) };
            sim.customer("oSIM0001", if has_file(n) { voice() } else { Says::Text(line(n)) });
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|sent| sent.text).collect()),
        files: true,
        captions: true,
        order: "sent_at, seq",
    };
    storm(sea, 5).await;
    let odd: Vec<String> = sim.refused().into_iter().filter(|why| !why.starts_with("-1 ") && !why.starts_with("42001 ")).collect();
    assert_eq!(odd, Vec::<String>::new());
}
