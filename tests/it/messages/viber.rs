//! Viber from end to end: a bot that says where it is called, and what becomes of its messages.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm, upload, weather};
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::until;
use hubline::sim::plan::Plan;
use hubline::sim::viber::{Viber, signature};
use hubline::sim::web::ask;
use serde_json::json;
use std::time::Duration;

const TOKEN: &str = "445da6az1s345z78";
const ANN: &str = "01234567890A=";
const PATIENCE: Duration = Duration::from_secs(10);

fn section(sim: &Viber) -> String {
    format!("[channels.viber]\ntoken = \"{TOKEN}\"\nsender = \"Shop\"\nbase_url = \"{}\"\n", sim.url())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_on_viber_weathers_the_storm() {
    let sim = Viber::open(TOKEN, weather(9)).await.expect("a simulator");
    let sea = Sea {
        kind: "viber",
        section: section(&sim),
        // The house tells it itself.
        calls: Box::new(|_| {}),
        writes: Box::new(|n| {
            if has_file(n) {
                let media = sim.file(&format!("{n}.png"), PNG);
                sim.customer_sends(ANN, json!({ "type": "picture", "media": media, "text": line(n), "file_name": "pump.png" }));
            } else {
                sim.customer_writes(ANN, &line(n));
            }
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|sent| sent.text).collect()),
        replies: Replies::Files,
        pictures: Pictures::Captioned,
        order: "sent_at, id",
    };
    storm(sea, 9).await;
    assert_eq!(sim.refused(), Vec::<String>::new());
    assert!(sim.sent().iter().filter(|sent| sent.kind == "picture").count() >= 15, "pictures go out with their words");
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_choices_files_and_goodbyes_reach_whom_they_concern() {
    let sim = Viber::open(TOKEN, Plan { twice: 1_000, ..Plan::default() }).await.expect("a simulator");
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"viber\"\nid = \"viber\"\nqueue = \"sales\"\nprivate_networks = [\"127.0.0.0/8\"]\n{}\
         [[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        section(&sim)
    ))
    .await;
    let mara = super::on_duty(&house, "mara").await;
    until("Viber knows where the house is", || sim.hook().0.ends_with("/hooks/viber")).await;
    sim.customer_opens(ANN);
    sim.customer_writes(ANN, "Is it ready?");
    super::takes(&mara, 1).await;
    house.shows("SELECT kind, namespace, value FROM identity", &[&format!("viber|viber|{ANN}")]).await;
    let question = json!({ "kind": "choices", "question": "How shall it come?", "choices": ["By post", "I fetch it"] }).to_string();
    mara.does("/work/conversation/1/card", &[("card", &question), ("key", "k1")]).await;
    let asked = sim.sent_by(1, PATIENCE).await.remove(0);
    house.shows("SELECT delivery FROM message WHERE kind = 'out'", &["read"]).await;
    sim.customer_taps(ANN, &asked, 1);
    let heard = "SELECT text, json_extract(extra, '$.is'), json_extract(extra, '$.number') FROM message WHERE kind = 'in' ORDER BY id";
    house.shows(heard, &["Is it ready?|-|-", "I fetch it|chosen|2"]).await;
    let place = json!({ "kind": "place", "name": "Shop", "address": "Seestr. 1", "latitude": 52.5163, "longitude": 13.3777 }).to_string();
    mara.does("/work/conversation/1/card", &[("card", &place), ("key", "k2")]).await;
    let sent = sim.sent_by(3, PATIENCE).await;
    assert!(sent[1].text.starts_with("Shop\nSeestr. 1\n"), "{}", sent[1].text);
    assert_eq!(sent[2].body["location"], json!({ "lat": 52.5163, "lon": 13.3777 }), "the pin follows its words");
    // A picture lies where Viber fetches it, under a path that says what it is; forged names lead nowhere.
    let origin = format!("http://{}", house.web);
    let file = upload(house.web, &mara.cookie, &origin).await.expect("a file");
    mara.does("/work/conversation/1/reply", &[("text", "This one?"), ("key", "k3"), ("files", &file)]).await;
    let lent = sim.sent_by(4, PATIENCE).await[3].clone();
    let media = lent.media().expect("an address");
    assert_eq!((lent.kind.as_str(), lent.text.as_str()), ("picture", "This one?"));
    assert!(media.starts_with(&format!("{origin}/hooks/viber/picture.png?file=")), "{media}");
    let fetched = ask(http::Method::GET, &media, &[], bytes::Bytes::new()).await.expect("an answer");
    assert!(fetched.0 == 200 && fetched.1.starts_with(b"\x89PNG"), "{fetched:?}");
    let (forged, _) = ask(http::Method::GET, &media[..media.len() - 2], &[], bytes::Bytes::new()).await.expect("an answer");
    assert_eq!(forged, 404);
    // What others say of our messages is not believed.
    let body = json!({ "event": "failed", "timestamp": 1, "message_token": lent.token, "user_id": ANN, "desc": "no" }).to_string();
    for (signed, status) in [(signature("another", body.as_bytes()), 401), (String::new(), 401)] {
        let answer = request(house.web, "POST", "/hooks/viber", &[("x-viber-content-signature", signed.as_str())], body.clone()).await;
        assert_eq!(answer.status, status);
    }
    mara.does("/work/conversation/1/reply", &[("text", "Hello?"), ("key", "k4")]).await;
    let failed = sim.sent_by(5, PATIENCE).await[4].clone();
    sim.fails(failed.token, ANN, "the app is too old");
    sim.customer_leaves(ANN);
    house.shows("SELECT unreachable FROM identity", &["unfollowed"]).await;
    let refused = mara.post("/work/conversation/1/reply", &[("text", "Still there?"), ("key", "k5")]).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!((sim.sent().len(), sim.refused()), (5, Vec::new()), "nothing more is sent");
    assert!(sim.answers().iter().all(|status| *status == 200), "{:?}", sim.answers());
    house.close().await;
}
