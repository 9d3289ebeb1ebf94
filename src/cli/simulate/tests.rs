//! What a house has done by its rules is what the dry run finds in its log.

use super::*;
use crate::config::Config;
use crate::desk::Desk;
use crate::desk::fact::{Fact, RuleFact};
use crate::desk::id::*;
use crate::desk::input::{Besides, Body, Input, MessageHeard, Telling};
use crate::desk::person::{Identity, Who};
use std::collections::BTreeMap;

const HOUSE: &str = r#"
[[queues]]
id = "sales"
[[queues]]
id = "senior"
[[agents]]
id = "mara"
role = "admin"
queues = ["sales"]
[[channels]]
kind = "webchat"
id = "web"
queue = "sales"
[[rules]]
id = "refund"
title = { en = "Refund", zh-CN = "退款" }
when = { event = "message" }
if = { words = ["refund", "退款"] }
then = [{ do = "tag", tag = "refund", of = "contact" }, { do = "prioritise", points = 5 }]
[[rules]]
id = "twice"
title = "Twice"
when = { event = "tagged" }
if = { past = [{ tag = "refund", least = 2, within = "1d" }] }
then = [{ do = "assign", queue = "senior" }]
[[rules]]
id = "unheard"
title = "Unheard"
when = { event = "queued", after = "10m", unless = ["assigned"] }
then = [{ do = "alert", text = "Nobody there" }]
[[rules]]
id = "stuck"
title = "Stuck"
when = { event = "fact:stuck", after = "5m", unless = ["fact:moves"] }
then = [{ do = "webhook", to = "none" }]
"#;

/// Monday, 2 March 2026, 09:00 UTC.
const NINE: At = At(1_772_442_000_000);

struct House {
    desk: Desk,
    store: Store,
    acted: Vec<(At, RuleId, String)>,
}

impl House {
    async fn hear(&mut self, at: At, input: Input) {
        while let Some(due) = self.desk.next_deadline().filter(|due| *due <= at) {
            self.record(due, Input::Clock).await;
        }
        self.record(at, input).await;
    }

    async fn record(&mut self, at: At, input: Input) {
        let step = Arc::new(self.desk.handle(at, input));
        for fact in &step.facts {
            if let Fact::Rule(rule, RuleFact::Did { subject, .. } | RuleFact::Refused { subject, .. }) = fact {
                self.acted.push((at, rule.clone(), subject.to_string()));
            }
        }
        self.store.record(vec![step]).await.into_iter().for_each(|done| _ = done.expect("recorded"));
    }

    async fn writes(&mut self, minute: i64, visitor: &str, text: &str) {
        let identity = Identity { kind: "webchat".into(), namespace: "web".into(), value: visitor.into() };
        let at = NINE.after(minute * 60_000);
        let person = crate::store::persons::brief(&self.store, identity.clone()).await.expect("read");
        let heard = MessageHeard {
            channel: "web".into(),
            external_id: format!("{visitor}-{minute}"),
            who: Who { identity, display: None, person },
            body: Body::text(text),
            page: None,
            sent: at,
            known: None,
            besides: Besides::default(),
        };
        self.hear(at, Input::Message(heard)).await;
    }

    async fn tells(&mut self, minute: i64, name: &str, value: &str) {
        let identity = Identity { kind: "phone".into(), namespace: String::new(), value: value.into() };
        let person = crate::store::persons::brief(&self.store, identity.clone()).await.expect("read");
        let who = Who { identity, display: None, person };
        let (name, key) = (name.to_owned(), format!("{name}-{minute}"));
        let telling = Telling { who, name, values: BTreeMap::new(), by: "shop".into(), digest: key.clone(), key };
        self.hear(NINE.after(minute * 60_000), Input::Told(Box::new(telling))).await;
    }
}

fn loaded(folder: &Path) -> Loaded {
    let text = HOUSE.replace("{ do = \"webhook\", to = \"none\" }", "{ do = \"tag\", tag = \"stuck\" }");
    Config::parse(&text, &folder.join("hubline.toml")).unwrap_or_else(|report| panic!("{report}"))
}

#[tokio::test]
async fn the_dry_run_finds_what_was_done() {
    let folder = tempfile::tempdir().expect("folder");
    let loaded = loaded(folder.path());
    let store = Store::open(&loaded.config.data()).expect("store");
    let mut house = House { desk: Desk::new(Arc::new(loaded.catalog.clone())), store, acted: Vec::new() };
    house.record(NINE, Input::Started).await;
    house.writes(1, "v1", "hello").await;
    house.writes(2, "v1", "I want a refund").await;
    house.writes(3, "v2", "what about my lamp?").await;
    house.tells(4, "stuck", "+4915100000001").await;
    house.tells(5, "stuck", "+4915100000002").await;
    house.tells(6, "moves", "+4915100000002").await;
    house.writes(7, "v3", "我要退款").await;
    house.hear(NINE.after(20 * 60_000), Input::Clock).await;
    let look = Store::look(&loaded.config.data()).expect("a look");
    let told = replay(&look, &loaded, NINE, NINE.after(3_600_000)).await.expect("replayed");
    let mut dry: Vec<(At, RuleId, String)> =
        told.firings.iter().map(|firing| (firing.at, firing.rule.clone(), firing.subject.to_string())).collect();
    let mut live = std::mem::take(&mut house.acted);
    live.dedup();
    dry.sort();
    live.sort();
    assert_eq!(dry, live);
    let count = |id: &str| told.firings.iter().filter(|firing| firing.rule.as_str() == id).count();
    assert_eq!((count("refund"), count("twice"), count("unheard"), count("stuck")), (2, 0, 3, 1));
    assert!(told.events > 20, "{}", told.events);
    // A look writes nothing.
    assert!(crate::store::persons::set_tags(&look, PersonId(1), vec!["x".into()]).await.is_err());
    // Another set of rules upon the same day.
    let mut other = loaded;
    other.catalog.rules.list.retain(|rule| rule.id.as_str() == "unheard");
    let told = replay(&look, &other, NINE, NINE.after(3_600_000)).await.expect("replayed");
    assert_eq!(told.firings.len(), 3);
    let before = replay(&look, &other, NINE, NINE.after(60_000)).await.expect("replayed");
    assert_eq!(before.firings, [], "the time is a half-open span");
}

#[test]
fn days_and_moments() {
    let simulate = |from: Option<&str>, to: Option<&str>| Simulate {
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
        rules: None,
        json: false,
    };
    let zone = TimeZone::UTC;
    let day = 86_400_000;
    let midnight = At(NINE.0 - 9 * 3_600_000);
    assert_eq!(simulate(None, None).span(NINE, &zone).expect("yesterday"), (midnight.after(-day), midnight));
    let week = simulate(Some("2026-03-02"), Some("2026-03-08")).span(NINE, &zone).expect("a week");
    assert_eq!(week, (midnight, midnight.after(7 * day)));
    let hour = simulate(Some("2026-03-02T09:00:00Z"), Some("2026-03-02T10:00:00Z")).span(NINE, &zone).expect("an hour");
    assert_eq!(hour, (NINE, NINE.after(3_600_000)));
    assert!(simulate(Some("2026-03-02"), Some("2026-03-01")).span(NINE, &zone).is_err());
    assert!(simulate(Some("yesterday"), None).span(NINE, &zone).is_err());
}
