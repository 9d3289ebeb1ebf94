//! Every address as everybody. What is not theirs answers with nothing of the object, and nothing happens in the house; other sites command
//! nothing, whoever is signed in; and an address that the table does not know fails the test.

use super::table::{May, Row, table};
use super::world::{MARK, SCOPES, World, token};
use crate::rig::PATIENCE;
use crate::rig::http::{Answer, form, request};
use crate::shift::faults::{NO_PAGES, PAGES};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Everybody with a cookie. Gone was an administrator until the configuration named them no more, Kim a supervisor.
pub const PEOPLE: [&str; 7] = ["", "gone", "otto", "kim", "bo", "ada", "mara"];
/// Where the routes stand.
const ROUTERS: [&str; 4] = ["src/web", "src/app/pages.rs", "src/channels/webchat/routes.rs", "src/channels/post/mod.rs"];
/// The demo's pages are there with the demo alone.
const DEMO: &str = "/demo";

/// `GET /tickets` and all the others, as the source says them.
fn routes() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = BTreeSet::new();
    let mut places: Vec<PathBuf> = ROUTERS.iter().map(|place| root.join(place)).collect();
    while let Some(place) = places.pop() {
        if place.is_dir() {
            places.extend(fs::read_dir(&place).expect("a folder").flatten().map(|entry| entry.path()));
            continue;
        }
        let tests = place.components().any(|part| part.as_os_str() == "tests") || place.ends_with("tests.rs");
        if tests || place.extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let text = fs::read_to_string(&place).expect("a source file");
        for rest in text.split(".route(").skip(1) {
            let rest = rest.trim_start();
            let Some((route, methods)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) else { continue };
            let methods = within(methods);
            for (call, method) in [("get(", "GET"), ("post(", "POST"), ("put(", "PUT"), ("delete(", "DELETE"), ("any(", "ANY")] {
                let begins = |at: usize| methods[..at].chars().last().is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
                if methods.match_indices(call).any(|(at, _)| begins(at)) {
                    // What takes everything is tried by the method that is meant.
                    let method = match (method, route) {
                        ("ANY", "/hooks/{channel}") => "POST",
                        ("ANY", _) => "GET",
                        (method, _) => method,
                    };
                    all.insert((method.to_owned(), route.to_owned()));
                }
            }
        }
    }
    all
}

/// The text up to the bracket that closes the one before it.
fn within(text: &str) -> &str {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// What a person's browser asks, from the house's own pages or from another site.
pub async fn tries(world: &World, row: &Row, path: &str, who: &str, headers: &[(&str, &str)]) -> Answer {
    let origin = format!("http://{}", world.house.web);
    let mut all = vec![("cookie", world.cookie(who)), ("accept", "text/html"), ("accept-language", "en")];
    let foreign = headers.iter().any(|(name, _)| *name == "origin");
    if row.method == "POST" {
        all.push(("content-type", "application/x-www-form-urlencoded"));
        if !foreign {
            all.push(("origin", origin.as_str()));
        }
    }
    all.extend_from_slice(headers);
    let fields: Vec<(&str, &str)> = row.form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = if row.method == "POST" { form(&fields) } else { String::new() };
    let answer = tokio::time::timeout(PATIENCE, request(world.house.web, row.method, path, &all, body)).await;
    answer.unwrap_or_else(|_| panic!("{} {path} as {who:?} is not answered", row.method))
}

/// Everything that the house knows, but when sessions were seen last, and who tried to sign in.
pub struct Book {
    db: rusqlite::Connection,
    tables: Vec<String>,
}

impl Book {
    pub fn open(world: &World) -> Book {
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%' AND name NOT LIKE 'sqlite_%'
            AND name NOT IN ('session', 'login_attempt', 'record_asked', 'webhook', 'webhook_delivery') AND name NOT LIKE 'search%' ORDER BY name";
        let db = rusqlite::Connection::open(world.house.data().join("hubline.db")).expect("the database");
        db.busy_timeout(PATIENCE).expect("a time");
        Book { db, tables: world.house.rows(tables) }
    }

    pub fn read(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let queries = self.tables.iter().map(|table| (table.as_str(), format!("SELECT * FROM \"{table}\"")));
        for (table, sql) in queries.chain([("session", "SELECT id, user FROM session".to_owned())]) {
            let mut statement = self.db.prepare(&sql).expect("a query");
            let columns = statement.column_count();
            let mut rows = statement.query([]).expect("rows");
            while let Some(row) = rows.next().expect("a row") {
                let values = (0..columns).map(|n| format!("{:?}", row.get_ref(n).expect("a value"))).collect::<Vec<_>>();
                all.insert(format!("{table}: {}", values.join("|")));
            }
        }
        all
    }
}

/// Whether this person's cookie is one that may; the rest of what may be done needs more than a cookie.
pub fn may(row: &Row, who: &str) -> bool {
    match row.may {
        May::Anybody => true,
        May::Staff => !["", "gone"].contains(&who),
        May::Holder => who == "mara",
        May::Reach => ["mara", "bo", "ada"].contains(&who),
        May::Only(these) => these.contains(&who),
        May::Supervisors => ["bo", "ada"].contains(&who),
        May::Admins => who == "ada",
        May::Scope(_) | May::Link | May::Visitor | May::Signed => false,
    }
}

/// How somebody is turned away; `None` when they are.
fn let_in(row: &Row, who: &str, answer: &Answer) -> Option<String> {
    let signed_out = ["", "gone"].contains(&who);
    let to_login = answer.status == 303 && answer.header("location").starts_with("/login");
    let fits = match row.may {
        May::Scope(_) => matches!(answer.status, 401 | 429),
        May::Visitor | May::Signed => matches!(answer.status, 400 | 401 | 403 | 404 | 415),
        _ if signed_out => to_login || answer.status == 401,
        May::Only(_) => true,
        May::Holder => matches!(answer.status, 403 | 404 | 409),
        // A file is read as one before it is looked whose it would be.
        May::Reach if row.path.contains("/snapshot/") => matches!(answer.status, 400 | 403),
        _ => matches!(answer.status, 403 | 404),
    };
    let text = answer.text();
    let leaks = text.contains(MARK);
    (!fits || leaks)
        .then(|| format!("{} {} as {who:?}: {} {}", row.method, row.path, answer.status, if leaks { "tells of it" } else { "" }))
}

#[test]
fn the_table_knows_every_route() {
    // The rows need no house to name their routes.
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/gates/table.rs")).expect("the table");
    let mut known = BTreeSet::new();
    for (call, method) in [("get(\"/", "GET"), ("post(\"/", "POST")] {
        let named = source.split(call).skip(1).filter_map(|rest| rest.split('"').next());
        known.extend(named.filter(|route| !route.starts_with("api/v1")).map(|route| (method.to_owned(), format!("/{route}"))));
    }
    let there: BTreeSet<_> = routes().into_iter().filter(|(_, route)| !route.starts_with(DEMO) && !route.starts_with("/api/v1")).collect();
    assert!(there.len() > 150, "{there:?}");
    let missing: Vec<_> = there.difference(&known).collect();
    assert!(missing.is_empty(), "say in tests/it/gates/table.rs who may: {missing:#?}");
    let old: Vec<_> = known.difference(&there).collect();
    assert!(old.is_empty(), "no such route any more: {old:#?}");
    // Every page is looked at for those who see, hear or move otherwise.
    let assets = |route: &str| route.ends_with(".js") || route.ends_with(".css");
    let pages: BTreeSet<&str> = PAGES.iter().map(|(route, _)| *route).chain(NO_PAGES.iter().copied()).collect();
    let unseen: Vec<_> = there
        .iter()
        .filter(|(method, route)| method == "GET" && !route.starts_with("/api") && !assets(route) && !pages.contains(route.as_str()))
        .collect();
    assert!(unseen.is_empty(), "say in tests/it/shift/faults.rs how to open them: {unseen:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_answers_everybody_as_the_table_says() {
    let world = World::open(MARK).await;
    let rows = table(&world);
    programs_and_their_description(&world, &rows).await;
    let mut wrong = Vec::new();
    let book = Book::open(&world);
    // Who may not, first: all objects stand as they were made.
    let mut before = book.read();
    for row in &rows {
        tell(format_args!("{} {}", row.method, row.path));
        for who in PEOPLE.into_iter().filter(|who| !may(row, who)) {
            if row.may == May::Link {
                continue;
            }
            let answer = tries(&world, row, &row.path, who, &[]).await;
            wrong.extend(let_in(row, who, &answer));
        }
        wrong.extend(from_another_site(&world, row).await);
        let after = book.read();
        if before != after {
            let new: Vec<_> = after.symmetric_difference(&before).collect();
            wrong.push(format!("{} {} changed: {new:#?}", row.method, row.path));
        }
        before = after;
    }
    wrong.extend(links(&world, &rows).await);
    // Then who may: proof that the objects are there, and that each address does what the others were refused.
    for row in &rows {
        for who in PEOPLE.into_iter().filter(|who| may(row, who)) {
            let ends_the_session = row.path == "/logout" || row.path.contains("/sessions/");
            if ends_the_session && who != "ada" && row.may != May::Only(&["mara"]) {
                continue;
            }
            let answer = tries(&world, row, &row.path, who, &[]).await;
            let to_login = answer.header("location").starts_with("/login") && !["/logout", "/login/language"].contains(&row.path.as_str());
            let shown = row.shows.is_empty() || answer.text().contains(row.shows);
            if matches!(answer.status, 401 | 403 | 405 | 500) && row.path != "/login" || to_login || !shown {
                let text: String = answer.text().chars().take(200).collect();
                wrong.push(format!("{} {} as {who:?}, who may: {} {text}", row.method, row.path, answer.status));
            }
            tell(format_args!("{} {} as {who:?}: {}", row.method, row.path, answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.house.close().await;
}

/// What goes on, for whoever looks into a failed run.
fn tell(what: std::fmt::Arguments<'_>) {
    if std::env::var_os("GATES").is_some() {
        eprintln!("{:?} {what}", hubline::clock::Clock::system().now().0 % 1_000_000);
    }
}

/// A page of another site can make a browser send what it likes with the cookie of whoever is signed in: nothing of it is done.
async fn from_another_site(world: &World, row: &Row) -> Option<String> {
    let own_rules = matches!(row.may, May::Scope(_) | May::Visitor | May::Signed) || row.path.starts_with("/chat/");
    let who = ["mara", "bo", "ada"].into_iter().find(|who| may(row, who)).unwrap_or("");
    if row.method != "POST" || own_rules {
        return None;
    }
    for headers in [
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
        &[("origin", "https://evil.example")],
        &[("origin", "null"), ("sec-fetch-site", "same-site")],
    ] {
        let answer = tries(world, row, &row.path, who, headers).await;
        if answer.status != 403 {
            return Some(format!("{} {} from another site as {who:?}: {}", row.method, row.path, answer.status));
        }
    }
    None
}

/// Customers' links: one of another thing, too old or signed by another house opens nothing; the right one opens.
async fn links(world: &World, rows: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in rows.iter().filter(|row| row.may == May::Link) {
        let name =
            ["ticket", "callback", "form", "sent", "call", "go", "survey"].into_iter().find(|name| row.path.contains(&world.link(name)));
        let (name, good) = name.map(|name| (name, world.link(name))).expect("a link");
        if row.method == "POST" {
            continue;
        }
        // Those who try many are let wait, so each page has few tries: another's, too old, forged, cut, and one of a name that is none.
        let bad = world.bad_links(name);
        let tries_of = [bad[0].as_str(), bad[6].as_str(), bad[14].as_str(), &good[..good.len() - 2], "x"];
        for token in tries_of {
            let answer = tries(world, row, &row.path.replace(&good, token), "ada", &[]).await;
            if !matches!(answer.status, 404 | 410) || answer.text().contains(MARK) {
                wrong.push(format!("{} with {token}: {}", row.path, answer.status));
            }
        }
        let answer = tries(world, row, &row.path, "", &[]).await;
        // Nobody can call by a page in this house.
        let fits = if name == "call" { answer.status == 410 } else { answer.status == 200 };
        if !fits || !answer.text().contains(row.shows) {
            wrong.push(format!("{} with its link: {} {}", row.path, answer.status, answer.text()));
        }
    }
    wrong
}

/// Programs: each token may what its scope says, and the table has all that the description describes.
async fn programs_and_their_description(world: &World, rows: &[Row]) {
    let web = world.house.web;
    let description = request(web, "GET", "/api/v1/openapi.json", &[], "").await.json();
    let described: BTreeSet<(String, String)> = description["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| methods.as_object().expect("methods").keys().map(|method| (method.to_uppercase(), path.clone())))
        .collect();
    let known: BTreeSet<(String, String)> =
        rows.iter().filter(|row| matches!(row.may, May::Scope(_))).map(|row| (row.method.to_owned(), row.route.to_owned())).collect();
    assert_eq!(described, known, "say in tests/it/gates/table.rs which scope may");
    for row in rows {
        let May::Scope(needed) = row.may else { continue };
        for scope in SCOPES {
            let bearer = format!("Bearer {}", token(scope));
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", "gate-1")];
            let body: serde_json::Map<String, serde_json::Value> = row
                .form
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.parse::<u64>().map_or_else(|_| value.clone().into(), Into::into)))
                .collect();
            let body = if row.method == "POST" { serde_json::Value::Object(body).to_string() } else { String::new() };
            let answer = request(web, row.method, &row.path, &headers, body).await;
            let what = format!("{} {} with the scope {scope:?}: {} {}", row.method, row.path, answer.status, answer.text());
            if scope == needed {
                assert!(!matches!(answer.status, 401 | 403 | 500) && answer.text().contains(row.shows), "{what}");
            } else {
                assert!(answer.status == 403 && !answer.text().contains(MARK), "{what}");
            }
        }
    }
}
