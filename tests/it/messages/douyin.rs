//! Douyin from end to end: answers that must name what they answer, echoes of our own, and tokens that end in the middle.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm, weather};
use super::{on_duty, replies, takes};
use crate::rig::house::House;
use hubline::sim::douyin::{FIRST_TOKEN, KEY, OPEN_ID, SECRET, Sim};
use hubline::sim::plan::Plan;

const ANN: &str = "open_id_C";

fn section(sim: &Sim) -> String {
    format!(
        "[channels.douyin]\nclient_key = \"{KEY}\"\nclient_secret = \"{SECRET}\"\nopen_id = \"{OPEN_ID}\"\nrefresh_token = \"{FIRST_TOKEN}\"\nbase_url = \"{}\"\n",
        sim.url()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_weathers_the_storm() {
    // The platform has a code for being busy, and none for being asked too often.
    let plan = Plan { busy: 40, flood: 0, ..weather(22) };
    let sim = Sim::open(plan).await.expect("a simulator");
    sim.insists();
    sim.wraps(500);
    let section = section(&sim);
    let sea = Sea {
        kind: "douyin",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            if n % 50 == 25 {
                sim.end_token();
            }
            if has_file(n) { sim.customer_shows(ANN, PNG) } else { sim.customer(ANN, &line(n)) }
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|(_, what)| what).collect()),
        replies: Replies::Files,
        pictures: Pictures::Bare,
        order: "sent_at, id",
    };
    storm(sea, 22).await;
    let odd: Vec<String> = sim.refused().into_iter().filter(|why| why != "28001005" && why != "28001008").collect();
    assert_eq!(odd, Vec::<String>::new());
}

/// What the platform took, and never answered, comes back as its echo: then it is certain, and no second message.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_broken_off_is_known_by_its_echo() {
    let sim = Sim::open(Plan { cut: 1_000, seed: 1, ..Plan::default() }).await.expect("a simulator");
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\n[[channels]]\nkind = \"douyin\"\nid = \"dy\"\nqueue = \"sales\"\n{}[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        section(&sim)
    ))
    .await;
    sim.configure(&format!("http://{}/hooks/dy", house.web)).await.expect("tested");
    let mara = on_duty(&house, "mara").await;
    sim.customer(ANN, "Is it there?");
    takes(&mara, 1).await;
    replies(&mara, 1, "It left today.").await;
    let story = "SELECT kind, text, delivery FROM message ORDER BY id";
    house.shows(story, &["in|Is it there?|-", "out|It left today.|sent"]).await;
    // What the firm writes with the platform's own app is a message, all the same.
    sim.firm(ANN, "By the app.");
    house.shows(story, &["in|Is it there?|-", "out|It left today.|sent", "elsewhere|By the app.|-"]).await;
    assert_eq!(sim.sent().len(), 1);
    house.close().await;
}
