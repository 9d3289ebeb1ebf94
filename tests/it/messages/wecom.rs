//! WeCom customer service from end to end: hints that get lost, messages by a cursor, our own key for each of ours.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm};
use bytes::Bytes;
use hubline::sim::wecom::{Corp, Plan, Says, Sim};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_weathers_the_storm() {
    let corp = Corp { page: 7, messages: 1_000, ..Corp::example() };
    let plan = Plan { lost: 50, twice: 200, repeated: 200, empty: 100, busy: 40, cut: 10, expired: 10, seed: 5 };
    let sim = Sim::open(corp.clone(), plan).await.expect("a simulator");
    let section = format!(
        "[channels.wecom]\ncorp_id = \"{}\"\nsecret = \"{}\"\ntoken = \"{}\"\naes_key = \"{}\"\nopen_kfid = \"{}\"\nbase_url = \"{}\"\nwindow_messages = 100\npoll_every = \"1m\"\n",
        corp.corp_id,
        corp.secret,
        corp.token,
        corp.aes_key,
        corp.open_kfid,
        sim.url()
    );
    let sea = Sea {
        kind: "wecom",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            let file = || Says::File(Bytes::from_static(PNG), format!("{}.png", line(n)));
            sim.tells("wmSIM1", if has_file(n) { file() } else { Says::Text(line(n)) });
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|sent| sent.text).collect()),
        replies: Replies::Files,
        pictures: Pictures::Bare,
        order: "sent_at, id",
    };
    storm(sea, 5).await;
    let passing = ["-1 ", "42001 ", "95016 ", "95007 "];
    let odd: Vec<String> = sim.refused().into_iter().filter(|why| !passing.iter().any(|code| why.starts_with(code))).collect();
    assert_eq!(odd, Vec::<String>::new());
}
