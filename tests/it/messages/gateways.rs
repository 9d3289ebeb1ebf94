//! Ways to telephones and platforms that carry least, in a storm: two of China that send templates alone, a gateway for text messages, and a
//! platform that a profile describes.

use super::storm::{EACH, PNG, Pictures, Replies, Sea, has_file, line, storm, weather};
use hubline::sim::aliyun::Aliyun;
use hubline::sim::partner::Partner;
use hubline::sim::plan::Plan;
use hubline::sim::sms::{Gateway, Trouble};
use hubline::sim::tencent::Tencent;
use hubline::sim::web;

const CUSTOMER: &str = "+4915100138193";

/// A tenth of the receipts is never told, and what is unknown may have arrived.
const RECEIPTS: std::ops::RangeInclusive<usize> = 150..=EACH;

/// Their times are seconds, and nothing else tells an order: here each message has a second of its own, and the last is not in the future.
const ORDER: &str = "sent_at, id";

#[tokio::test(flavor = "multi_thread")]
async fn aliyun_weathers_the_storm() {
    let sim = Aliyun::open("AK", "secret", "海港", weather(38)).await.expect("Aliyun");
    let section = format!(
        "[channels.aliyun]\naccess_key = \"AK\"\nsecret = \"secret\"\nsign = \"海港\"\npush_key = \"push\"\nbase_url = \"{}\"\n\
         templates = {{ SMS_1 = [\"code\"] }}\n",
        sim.url()
    );
    let sea = Sea {
        kind: "aliyun",
        section,
        calls: Box::new(|hook| sim.calls(&format!("{hook}?key=push"))),
        writes: Box::new(|n| sim.customer_writes(n as u64, "13800138000", &line(n))),
        arrived: Box::new(|| sim.sent().iter().map(|sent| sent.variables["code"].as_str().unwrap_or_default().to_owned()).collect()),
        replies: Replies::Template("SMS_1"),
        pictures: Pictures::None,
        order: ORDER,
    };
    let arrived = storm(sea, 38).await;
    assert!(RECEIPTS.contains(&arrived), "{arrived} are known to have arrived");
    let odd: Vec<String> = sim.refused().into_iter().filter(|code| code != "ServiceUnavailable" && code != "Throttling.User").collect();
    assert_eq!(odd, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn tencent_weathers_the_storm() {
    let sim = Tencent::open("AKID", "secret", "海港", weather(39)).await.expect("Tencent");
    let first = web::millis() / 1_000 - 3_600;
    let section = format!(
        "[channels.tencent]\nsecret_id = \"AKID\"\nsecret = \"secret\"\napp = \"1400000001\"\nsign = \"海港\"\npush_key = \"push\"\n\
         base_url = \"{}\"\ntemplates = [\"1001\"]\n",
        sim.url()
    );
    let sea = Sea {
        kind: "tencent",
        section,
        calls: Box::new(|hook| sim.calls(&format!("{hook}?key=push"))),
        writes: Box::new(|n| sim.customer_writes(first + n as i64, "13900139000", &line(n))),
        arrived: Box::new(|| sim.sent().into_iter().flat_map(|sent| sent.variables).collect()),
        replies: Replies::Template("1001"),
        pictures: Pictures::None,
        order: ORDER,
    };
    let arrived = storm(sea, 39).await;
    assert!(RECEIPTS.contains(&arrived), "{arrived} are known to have arrived");
    let odd: Vec<String> = sim.refused().into_iter().filter(|code| code != "RequestLimitExceeded").collect();
    assert_eq!(odd, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_for_texts_weathers_the_storm() {
    let Plan { twice, late, lost, cut, seed, .. } = weather(40);
    let trouble = Trouble { taken_but_500: 20, busy: 20, cut, twice, late, lost, seed };
    let gateway = Gateway::open("shared by both", trouble).await.expect("a gateway");
    let section = format!(
        "[channels.gateway]\nurl = \"{}\"\nsecret = \"shared by both\"\nfrom = \"+4930111\"\nrate = 200\ntries = 20\n",
        gateway.url()
    );
    let sea = Sea {
        kind: "sms",
        section,
        calls: Box::new(|hook| gateway.calls(&hook.replace("/hooks/storm", "/sms/storm/hook"))),
        writes: Box::new(|n| gateway.customer_writes(&format!("m-{n}"), CUSTOMER, &line(n))),
        arrived: Box::new(|| gateway.texts().into_iter().map(|text| text.text).collect()),
        replies: Replies::Words,
        pictures: Pictures::None,
        order: "sent_at, id",
    };
    let arrived = storm(sea, 40).await;
    assert!(RECEIPTS.contains(&arrived), "{arrived} are known to have arrived");
    assert_eq!(gateway.refused(), Vec::<String>::new());
}

/// The example of docs/channel.md, with the addresses and secrets of the test.
#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_a_profile_describes_weathers_the_storm() {
    let sim = Partner::open("their secret", "our token", weather(41)).await.expect("a platform");
    let docs = include_str!("../../../docs/channel.md");
    let (_, profile) = docs.split_once("[channels.http.profile]\n").expect("the example of a profile");
    let (profile, _) = profile.split_once("```").expect("its end");
    let profile =
        profile.replace("{ file = \"partner-secret\" }", "\"their secret\"").replace("{ file = \"partner-token\" }", "\"our token\"");
    let section = format!(
        "[channels.http]\nurl = \"{}\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n[channels.http.profile]\n{profile}",
        sim.url()
    );
    let sea = Sea {
        kind: "http",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            if has_file(n) {
                sim.customer_sends(n as u64, "o-1", &line(n), PNG);
            } else {
                sim.customer_writes(n as u64, "o-1", &line(n));
            }
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|sent| sent.text).collect()),
        replies: Replies::Words,
        pictures: Pictures::Captioned,
        order: "sent_at, id",
    };
    let arrived = storm(sea, 41).await;
    assert!(RECEIPTS.contains(&arrived), "{arrived} are known to have arrived");
    assert_eq!(sim.refused(), Vec::<String>::new());
}
