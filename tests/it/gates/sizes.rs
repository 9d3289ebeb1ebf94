//! Too much is refused with a sentence, and nothing of it is kept; and what goes out as a list is data for spreadsheets, never a formula.

use super::everyone::Book;
use super::world::{MARK, World, token};
use crate::rig::PATIENCE;
use crate::rig::http::{encoded, form, request};
use crate::rig::python;
use std::net::SocketAddr;
use std::process::Command;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Address, the field that is too long, the longest that is taken in characters, and the others; by whom.
type Field = (&'static str, &'static str, &'static str, usize, &'static [(&'static str, &'static str)]);
const FIELDS: &[Field] = &[
    ("mara", "/canned", "shortcut", 32, &[("title", "t"), ("text", "t"), ("shared", "agent/mara")]),
    ("mara", "/canned", "title", 120, &[("shortcut", "long"), ("text", "t"), ("shared", "agent/mara")]),
    ("mara", "/canned", "text", 8_000, &[("shortcut", "long"), ("title", "t"), ("shared", "agent/mara")]),
    ("mara", "/macros", "name", 80, &[("does0", "note"), ("value0", "x"), ("shared", "agent/mara")]),
    ("mara", "/macros", "value0", 4_000, &[("name", "Long"), ("does0", "note"), ("shared", "agent/mara")]),
    ("bo", "/scripts", "name", 80, &[("text", "# A\nB")]),
    ("mara", "/conversations/views", "name", 60, &[("query", "state=serving")]),
    ("mara", "/tickets/views", "name", 60, &[("query", "show=mine")]),
    ("mara", "/notices/task", "text", 200, &[("when", "20")]),
    ("mara", "/team/house", "text", 4_000, &[("key", "long")]),
    ("mara", "/knowledge", "title", 160, &[("language", "en"), ("body", "b")]),
    ("mara", "/knowledge", "body", 60_000, &[("language", "en"), ("title", "t")]),
    ("mara", "/people/1/tag", "add", 40, &[]),
    ("mara", "/people/enter", "name", 200, &[("phone", "+4915199999991")]),
    ("mara", "/people/3/edit", "company", 200, &[("name", "Somebody")]),
    ("mara", "/people/3/edit", "about", 2_000, &[("name", "Somebody")]),
    ("mara", "/people/1/note", "text", 10_000, &[("key", "long")]),
    ("mara", "/tickets", "subject", 200, &[("person", "1"), ("key", "long")]),
    ("mara", "/tickets", "note", 10_000, &[("person", "1"), ("subject", "s"), ("key", "long")]),
    ("mara", "/tickets/1/change", "value", 200, &[("field", "subject")]),
    ("mara", "/tickets/1/change", "value", 10_000, &[("field", "comment")]),
    ("mara", "/tickets/1/split", "subject", 200, &[]),
    ("mara", "/work/call/2/consult", "note", 2_000, &[("to", "agent/bo")]),
    ("mara", "/work/call/2/wrapup", "note", 4_000, &[]),
    ("mara", "/work/conversation/1/transfer", "note", 2_000, &[("to", "queue/support")]),
    ("mara", "/work/conversation/1/resolve", "note", 4_000, &[]),
    ("mara", "/work/conversation/1/assist", "word", 200, &[]),
    ("mara", "/work/call/2/draft", "text", 64 * 1024, &[]),
    ("mara", "/work/conversation/1/draft", "text", 64 * 1024, &[]),
    ("mara", "/work/conversation/1/reply", "text", 4_000, &[("key", "long")]),
];
/// Kilobytes that the process may grow by while it refuses; a body that it took in whole would be more.
const GROWTH: u64 = 40 << 10;

/// Kilobytes that this process holds (proc(5)).
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.split_whitespace().next().and_then(|text| text.parse().ok()).expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused_in_the_readers_language_and_leaves_nothing() {
    let world = World::open(MARK).await;
    let book = Book::open(&world);
    let (mut wrong, mut before) = (Vec::new(), book.read());
    for (who, path, field, longest, rest) in FIELDS {
        let long = "长".repeat(longest + 1);
        let fields: Vec<(&str, &str)> = rest.iter().copied().chain([(*field, long.as_str())]).collect();
        let mut sentences = Vec::new();
        for language in ["en", "zh-CN"] {
            world.post(who, "/login/language", &[("language", language)]).await;
            let answer = spoken(&world, who, path, &fields, language).await;
            if !(400..500).contains(&answer.0) || answer.1.trim().is_empty() {
                wrong.push(format!("{path} {field} of {} characters: {} {}", longest + 1, answer.0, answer.1));
            }
            sentences.push(answer.1);
        }
        if sentences[0] == sentences[1] {
            wrong.push(format!("{path} {field} says the same in both languages: {}", sentences[0]));
        }
        let after = book.read();
        let new: Vec<_> = after.difference(&before).filter(|line| line.contains("长长长长")).cloned().collect();
        if !new.is_empty() {
            wrong.push(format!("{path} {field} left {} rows: {}", new.len(), new[0].chars().take(120).collect::<String>()));
        }
        before = after;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    bodies_without_end(&world, &book).await;
    world.house.close().await;
}

/// What a script of the page is told.
async fn spoken(world: &World, who: &str, path: &str, fields: &[(&str, &str)], language: &str) -> (u16, String) {
    let origin = format!("http://{}", world.house.web);
    let look = [("language", language), ("theme", "light"), ("density", "compact"), ("volume", "70")];
    assert_eq!(world.post(who, "/settings", &look).await.status, 303);
    let headers = [
        ("origin", origin.as_str()),
        ("cookie", world.cookie(who)),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "*/*"),
    ];
    let answer = request(world.house.web, "POST", path, &headers, form(fields)).await;
    (answer.status, answer.text())
}

/// Sends fifty megabytes, whatever the house says meanwhile; gives the status of its answer, 0 when it cut the line without one.
async fn floods(web: SocketAddr, path: &str, headers: &[(&str, &str)]) -> u16 {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("POST {path} HTTP/1.1\r\nhost: {web}\r\n{headers}content-length: {}\r\n\r\n", 50 << 20);
    let (mut read, mut write) = TcpStream::connect(web).await.expect("connected").into_split();
    let writing = tokio::spawn(async move {
        write.write_all(head.as_bytes()).await?;
        for _ in 0..50 {
            write.write_all(&[b'x'; 1 << 20]).await?;
        }
        Ok::<_, std::io::Error>(write)
    });
    let mut answer = vec![0; 4_096];
    let told = tokio::time::timeout(PATIENCE, read.read(&mut answer)).await.expect("an answer in time").unwrap_or_default();
    writing.abort();
    let answer = String::from_utf8_lossy(&answer[..told]).into_owned();
    answer.split_whitespace().nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// Fifty megabytes at every kind of door.
async fn bodies_without_end(world: &World, book: &Book) {
    let (web, before) = (world.house.web, book.read());
    let bearer = format!("Bearer {}", token("open_tickets"));
    let visitor = format!("Bearer {}", world.visitor.token);
    let origin = format!("http://{web}");
    let form = format!("/form/{}", world.link("form"));
    let of_form = "application/x-www-form-urlencoded";
    let held = resident();
    for (path, kind, name, value) in [
        ("/canned", of_form, "cookie", world.cookie("mara")),
        ("/admin/config/check", of_form, "cookie", world.cookie("ada")),
        ("/files", "multipart/form-data; boundary=x", "cookie", world.cookie("mara")),
        ("/people/import", "text/csv", "cookie", world.cookie("bo")),
        ("/api/v1/tickets", "application/json", "authorization", bearer.as_str()),
        ("/chat/site/files", "image/png", "authorization", visitor.as_str()),
        ("/chat/site/say", "application/json", "authorization", visitor.as_str()),
        (form.as_str(), "multipart/form-data; boundary=x", "accept", "text/html"),
        ("/login", of_form, "accept", "text/html"),
        ("/crm/events", "application/json", "accept", "*/*"),
        ("/hooks/texts", "application/json", "accept", "*/*"),
    ] {
        let status = floods(web, path, &[("origin", origin.as_str()), ("content-type", kind), (name, value)]).await;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    let grown = resident().saturating_sub(held);
    assert!(grown < GROWTH, "{grown} kB more");
    let after = book.read();
    let new: Vec<_> = after.difference(&before).collect();
    assert!(new.is_empty(), "{new:?}");
}

/// Names that spreadsheets would calculate, run or break at.
const CELLS: [&str; 10] = [
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "＝1+1",
    "\u{200b}=1",
    "a,b;c",
    "say \"yes\"",
    "two\nlines",
    "'quoted",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_never_a_formula_and_comes_back_as_it_was() {
    let Some(python) = python::with("csv", "python3") else { return };
    let world = World::open(MARK).await;
    let people: String =
        CELLS.iter().enumerate().map(|(n, cell)| format!("\"{}\",0151 20000{n:02}\r\n", cell.replace('"', "\"\""))).collect();
    let list = encoded("=cmd.csv");
    let headers = [("cookie", world.cookie("bo")), ("x-file-name", list.as_str())];
    let brought = request(world.house.web, "POST", "/people/import", &headers, format!("Name,Phone\r\n{people}")).await;
    assert_eq!(brought.status, 201, "{}", brought.text());
    assert_eq!(world.post("bo", &format!("{}/run", brought.header("location")), &[]).await.status, 303);
    world.house.shows("SELECT state FROM person_import WHERE id = 2", &["done"]).await;
    let taken = request(world.house.web, "GET", "/people/export.csv", &headers[..1], "").await;
    let file = world.house.data().join("list.csv");
    std::fs::write(&file, &taken.body).expect("written");
    let read = "import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], encoding='utf-8-sig', newline='')))))";
    let output = Command::new(python).args(["-c", read]).arg(&file).output().expect("python runs");
    let rows: Vec<Vec<String>> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "every row has all columns: {rows:?}");
    for cell in rows.iter().skip(1).flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '\u{200b}']), "{cell:?}");
    }
    let name = rows[0].iter().position(|title| title == "name").expect("a column");
    let names: Vec<&str> = rows.iter().skip(1).map(|row| row[name].as_str()).collect();
    for cell in CELLS {
        let kept = world.house.rows(&format!(
            "SELECT name FROM person WHERE name LIKE '%{}%'",
            cell.trim_start_matches(['\u{200b}', '\'']).split(['\n', '\'']).next().unwrap_or_default()
        ));
        assert!(!kept.is_empty(), "{cell:?} was brought in");
        assert!(
            names.iter().any(|name| kept.iter().any(|kept| name.trim_start_matches('\'') == kept.trim_start_matches('\''))),
            "{cell:?} in {names:?}"
        );
    }
    world.house.close().await;
}
