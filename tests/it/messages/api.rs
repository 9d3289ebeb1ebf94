//! Programs that read: page by page, what their token may, nothing else; and the description of it all, tried by schemathesis.

use super::{HOUSE, on_duty, replies, takes};
use crate::rig::house::House;
use crate::rig::http::{Answer, request};
use crate::rig::python;
use crate::rig::visitor::Page;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::process::Command;

const ALL: &str = "0123456789abcdef0123456789abcdef";
const NOBODY: &str = "fedcba9876543210fedcba9876543210";

fn business(rate: u32) -> String {
    format!(
        "{HOUSE}[api]\nrate = {rate}\n[[api.tokens]]\nname = \"crm\"\nsecret = \"{ALL}\"\n\
         scopes = [\"messages\", \"people\", \"contacts\", \"tickets\", \"surveys\", \"events\", \"open_tickets\", \"facts\"]\n\
         [[api.tokens]]\nname = \"nobody\"\nsecret = \"{NOBODY}\"\nscopes = []\n"
    )
}

async fn asks(web: SocketAddr, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    request(web, "GET", &format!("/api/v1{path}"), &[("authorization", bearer.as_str())], "").await
}

async fn reads(web: SocketAddr, path: &str) -> Value {
    let answer = asks(web, ALL, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    serde_json::from_str(&answer.text()).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_read_page_by_page() {
    let house = House::open(&business(100)).await;
    let mara = on_duty(&house, "mara").await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Is the lamp in stock?").await;
    takes(&mara, 1).await;
    replies(&mara, 1, "It is.").await;
    visitor.hears("message", "It is.").await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    let other = Page::open(house.web, None).await;
    other.writes("Hello?").await;
    let people = reads(house.web, "/people?limit=1").await;
    assert_eq!((people["items"].as_array().map(Vec::len), &people["next"]), (Some(1), &json!(1)), "{people}");
    let rest = reads(house.web, "/people?limit=1&after=1").await;
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!(2), &Value::Null));
    let identity = &people["items"][0]["identities"][0];
    let by = format!("/people?kind=webchat&value={}", identity["value"].as_str().expect("a value"));
    assert_eq!(reads(house.web, &by).await["items"], json!([reads(house.web, "/people/1").await]));
    let conversations = reads(house.web, "/conversations?person=1").await;
    assert_eq!(conversations["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(conversations["items"][0], reads(house.web, "/conversations/1").await);
    assert_eq!((&conversations["items"][0]["state"], &conversations["items"][0]["agent"]), (&json!("resolved"), &json!("mara")));
    let messages = reads(house.web, "/conversations/1/messages").await;
    let said: Vec<(&str, &str)> =
        messages["items"].as_array().expect("a list").iter().map(|m| (text(m, "kind"), text(m, "text"))).collect();
    assert_eq!(said, [("in", "Is the lamp in stock?"), ("out", "It is.")]);
    // The log in small steps is the log at once.
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = reads(house.web, &format!("/events?limit=3&after={after}")).await;
        all.extend(page["items"].as_array().expect("a list").clone());
        after = page["next"].as_u64().expect("a number");
        if page["more"] == json!(false) {
            break;
        }
    }
    assert_eq!(json!(all), reads(house.web, "/events?limit=200").await["items"]);
    let kinds: Vec<&str> = all.iter().map(|event| text(event, "type")).filter(|kind| !kind.starts_with("agent.")).collect();
    assert_eq!(kinds[..3], ["person.added", "conversation.opened", "message.received"], "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| **kind == "conversation.resolved").count(), 1);
    for (path, status) in
        [("/people/99", 404), ("/people/x", 404), ("/people?limit=0", 400), ("/people?kind=phone", 422), ("/people?x=1", 400)]
    {
        assert_eq!(asks(house.web, ALL, path).await.status, status, "{path}");
    }
    for path in ["/people", "/people/1", "/conversations", "/conversations/1/messages", "/calls", "/tickets", "/events"] {
        assert_eq!(asks(house.web, NOBODY, path).await.status, 403, "{path}");
        assert_eq!(asks(house.web, "wrong", path).await.status, 401, "{path}");
    }
    house.close().await;
}

/// What customers were asked and said: by number upwards, of everybody and of one, answered or not, with a scope of its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_customers_say_of_it_is_read_page_by_page() {
    let surveys = "[[surveys]]\nid = \"after\"\nonce = \"0s\"\nlow = { upto = 2, ticket = {} }\n";
    let tokens = "[[api.tokens]]\nname = \"board\"\nsecret = \"abcdefabcdefabcdefabcdefabcdefab\"\nscopes = [\"surveys\"]\n";
    let house = House::open(&format!("{surveys}{}{tokens}", business(100))).await;
    assert_eq!(reads(house.web, "/surveys").await, json!({ "items": [], "next": null }));
    let mara = on_duty(&house, "mara").await;
    for (n, score) in [(1, Some(2)), (2, None), (3, Some(5))] {
        let visitor = Page::open(house.web, None).await;
        visitor.writes("hello").await;
        takes(&mara, n).await;
        mara.does(&format!("/work/conversation/{n}/resolve"), &[]).await;
        visitor.hears("ended", "How content are you").await;
        if let Some(score) = score {
            visitor.sends(json!({ "type": "rate", "score": score, "comment": "so \"so\" <b>" })).await;
            visitor.hears("rated", "").await;
        }
    }
    let all = reads(house.web, "/surveys").await;
    let short = |row: &Value| json!([row["id"], row["person"], row["conversation"], row["score"], row["low"], row["ticket"]]);
    let rows: Vec<Value> = all["items"].as_array().expect("a list").iter().map(short).collect();
    let ticket = house.rows("SELECT ticket FROM survey WHERE id = 1").remove(0).parse::<u64>().expect("a ticket of the low score");
    let expected = [json!([1, 1, 1, 2, true, ticket]), json!([2, 2, 2, null, false, null]), json!([3, 3, 3, 5, false, null])];
    assert_eq!(rows, expected);
    let first = &all["items"][0];
    assert_eq!(
        (
            text(first, "survey"),
            text(first, "scale"),
            text(first, "agent"),
            text(first, "queue"),
            text(first, "channel"),
            text(first, "by")
        ),
        ("after", "csat", "mara", "sales", "site", "window")
    );
    assert_eq!((text(first, "comment"), &first["call"], &all["next"]), ("so \"so\" <b>", &Value::Null, &Value::Null));
    assert!(text(first, "asked_at") <= text(first, "answered_at") && all["items"][1]["answered_at"].is_null(), "{all}");
    assert_eq!(&reads(house.web, "/surveys/1").await, first);
    // In steps of one it is the same list.
    let (mut steps, mut after) = (Vec::new(), 0);
    loop {
        let page = reads(house.web, &format!("/surveys?limit=1&after={after}")).await;
        steps.extend(page["items"].as_array().expect("a list").clone());
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(json!(steps), all["items"]);
    let one = reads(house.web, "/surveys?person=3").await;
    assert_eq!((&one["items"], &one["next"]), (&json!([all["items"][2]]), &Value::Null));
    assert_eq!(reads(house.web, "/surveys?person=99").await["items"], json!([]));
    for (path, status) in
        [("/surveys/99", 404), ("/surveys/x", 404), ("/surveys?limit=0", 400), ("/surveys?person=-1", 400), ("/surveys?x=1", 400)]
    {
        assert_eq!(asks(house.web, ALL, path).await.status, status, "{path}");
    }
    // A program that may read these reads nothing else, and one that may not reads none.
    let board = "abcdefabcdefabcdefabcdefabcdefab";
    assert_eq!(asks(house.web, board, "/surveys").await.status, 200);
    assert_eq!(asks(house.web, board, "/people").await.status, 403);
    for path in ["/surveys", "/surveys/1"] {
        assert_eq!(asks(house.web, NOBODY, path).await.status, 403, "{path}");
        assert_eq!(asks(house.web, "wrong", path).await.status, 401, "{path}");
    }
    let described = asks(house.web, ALL, "/openapi.json").await.json();
    let schema = &described["components"]["schemas"]["Survey"]["properties"]["score"];
    assert_eq!((&schema["minimum"], &schema["maximum"]), (&json!(0), &json!(10)), "{schema}");
    assert!(described["paths"]["/api/v1/surveys/{id}"]["get"].is_object() && described["paths"]["/api/v1/surveys"]["get"].is_object());
    house.close().await;
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// What the description promises holds for whatever anybody can think of asking.
#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_the_description_true() {
    let Some(python) = python::with("schemathesis", "schemathesis") else { return };
    let house = House::open(&business(1_000)).await;
    let mara = on_duty(&house, "mara").await;
    Page::open(house.web, None).await.writes("Is the lamp in stock?").await;
    takes(&mara, 1).await;
    let folder = tempfile::tempdir().expect("a folder");
    let base = format!("http://{}", house.web);
    let mut command = Command::new(python);
    command.current_dir(folder.path()).args(["-m", "schemathesis.cli", "run", &format!("{base}/api/v1/openapi.json")]);
    command.args(["--header", &format!("Authorization: Bearer {ALL}"), "--max-examples", "30", "--seed", "1", "--no-color"]);
    command.args(["--exclude-checks", "positive_data_acceptance,ignored_auth", "--generation-database", "none"]);
    let tried = tokio::task::spawn_blocking(move || command.output().expect("it runs")).await.expect("it ends");
    assert!(tried.status.success(), "{}{}", String::from_utf8_lossy(&tried.stdout), String::from_utf8_lossy(&tried.stderr));
    house.close().await;
}
