//! Pages and visitors who mean harm.

use super::{HOUSE, on_duty, takes};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::visitor::{Page, ask};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_get_nothing() {
    let house = House::open(HOUSE).await;
    for origin in ["https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example"] {
        let answer = ask(house.web, origin, None, "POST", "session", json!({ "token": null })).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, ""), "{origin}");
    }
    let answer = ask(house.web, "https://shop.example", None, "POST", "session", json!({ "token": null })).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "https://shop.example"));
    // A socket is asked for its origin too, and a script without one is no page.
    let upgrade = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for origin in [Some("https://evil.example"), None] {
        let headers: Vec<_> = upgrade.into_iter().chain(origin.map(|origin| ("origin", origin))).collect();
        assert_eq!(request(house.web, "GET", "/chat/site/socket", &headers, "").await.status, 403, "{origin:?}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_token_opens_nobodys_chat() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("My private words").await;
    let origin = format!("http://{}", house.web);
    let genuine = visitor.token.clone();
    let at = genuine.len() / 2;
    let other = if &genuine[at..=at] == "A" { "B" } else { "A" };
    for forged in [format!("{}{other}{}", &genuine[..at], &genuine[at + 1..]), "x".into(), String::new(), genuine[..at].to_owned()] {
        let answer = ask(house.web, &origin, Some(&forged), "POST", "hear", serde_json::Value::Null).await;
        assert_eq!(answer.status, 401, "{forged:?}: {}", answer.text());
        // A page with a token that is not ours becomes somebody new.
        let session = ask(house.web, &origin, None, "POST", "session", json!({ "token": forged })).await.json();
        let fresh = session["token"].as_str().expect("a token").to_owned();
        let page = Page::open(house.web, Some(&fresh)).await;
        assert_eq!(page.hears("welcome", "").await["history"], json!([]));
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_long_too_much_and_nothing_are_refused() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    visitor.says("long", &"x".repeat(201)).await;
    assert_eq!(visitor.hears("refused", "long").await["code"], "too_long");
    visitor.says("empty", " \u{0}\n ").await;
    assert_eq!(visitor.hears("refused", "empty").await["code"], "empty");
    visitor.writes(&"好".repeat(200)).await;
    for n in 0..60 {
        visitor.says(&format!("flood-{n}"), "again").await;
    }
    visitor.hears("recorded", "flood-0").await;
    crate::rig::until("the flood is answered", || visitor.frames("recorded").len() + visitor.frames("refused").len() >= 63).await;
    let refused = visitor.frames("refused").iter().filter(|frame| frame["code"] == "too_many").count();
    assert!(refused > 30, "{refused} of 60 refused");
    let kept: usize = house.rows("SELECT count(*) FROM message").remove(0).parse().expect("a number");
    assert_eq!(kept, visitor.frames("recorded").len(), "what was refused is not kept, what was acknowledged is");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_what_their_bytes_are() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Here is a picture").await;
    let origin = format!("http://{}", house.web);
    let bearer = format!("Bearer {}", visitor.token);
    let upload = async |name: &str, bytes: Vec<u8>| {
        let headers =
            [("origin", origin.as_str()), ("authorization", bearer.as_str()), ("x-file-name", name), ("content-type", "image/png")];
        request(house.web, "POST", "/chat/site/files", &headers, bytes).await
    };
    assert_eq!(upload("big.png", vec![0x89; 1024 * 1024 + 1]).await.status, 413);
    assert_eq!(upload("program.png", b"\x7fELF\x02\x01\x01\0rest".to_vec()).await.status, 415);
    let fake = upload("fake.png", b"<script>alert(1)</script>".to_vec()).await.json()["file"].clone();
    assert_eq!(fake["mime"], "text/plain; charset=utf-8", "not a picture, whatever it is called");
    let shown = request(house.web, "GET", fake["url"].as_str().expect("an address"), &[], "").await;
    assert_eq!((shown.status, shown.header("x-content-type-options")), (200, "nosniff"));
    assert!(shown.header("content-disposition").starts_with("attachment"), "{}", shown.header("content-disposition"));
    let unsigned = format!("/chat/site/files/{}?sig=AAAA", fake["id"]);
    assert_eq!(request(house.web, "GET", &unsigned, &[], "").await.status, 404);
    let turned = upload("a%E2%80%AEgnp.exe", b"no program".to_vec()).await.json()["file"]["name"].clone();
    assert_eq!(turned, "agnp.exe", "a name turns nothing round");
    let picture = upload("..%2F..%2Frack.png", b"\x89PNG\r\n\x1a\nrest".to_vec()).await.json()["file"].clone();
    assert_eq!((&picture["mime"], &picture["name"]), (&json!("image/png"), &json!("rack.png")));
    visitor.sends(json!({ "type": "message", "key": "f", "text": "", "files": [picture["id"]], "page": null })).await;
    visitor.hears("recorded", "\"f\"").await;
    // Another visitor cannot send what is not theirs.
    let thief = Page::open(house.web, None).await;
    thief.sends(json!({ "type": "message", "key": "t", "text": "mine", "files": [picture["id"]], "page": null })).await;
    assert_eq!(thief.hears("refused", "\"t\"").await["code"], "bad_file");
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    assert!(mara.get("/inbox/conversation/1").await.text().contains("rack.png"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_in_files_never_run() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Look at this").await;
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    let (origin, bearer) = (format!("http://{}", house.web), format!("Bearer {}", visitor.token));
    let script = "<script>window.hacked=1</script>";
    let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"window.hacked=1\">{script}</svg>").into_bytes();
    let html = format!("<!doctype html><html><body>{script}</body></html>").into_bytes();
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), html.as_slice()].concat();
    let gif = format!("GIF89a/*\u{1}\0{script}*/=1;window.hacked=1").into_bytes();
    let pdf = [b"%PDF-1.7\n".as_slice(), html.as_slice()].concat();
    let mut files = Vec::new();
    // (name, bytes, what it is, whether it may be shown in place)
    for (name, bytes, mime, shown) in [
        ("logo.svg", svg, "text/plain; charset=utf-8", false),
        ("page.html", html, "text/plain; charset=utf-8", false),
        ("page.png.html", png, "image/png", true),
        ("code.gif", gif, "image/gif", true),
        ("invoice.pdf", pdf, "application/pdf", false),
    ] {
        let headers =
            [("origin", origin.as_str()), ("authorization", bearer.as_str()), ("x-file-name", name), ("content-type", "text/html")];
        let file = request(house.web, "POST", "/chat/site/files", &headers, bytes).await.json()["file"].clone();
        assert_eq!(file["mime"], mime, "{name}");
        visitor.sends(json!({ "type": "message", "key": name, "text": "", "files": [file["id"]], "page": null })).await;
        visitor.hears("recorded", name).await;
        let places = [
            (request(house.web, "GET", file["url"].as_str().expect("an address"), &[], "").await, mime),
            (mara.get(&format!("/files/{}", file["id"])).await, if shown { mime } else { "application/octet-stream" }),
        ];
        for (answer, mime) in places {
            assert_eq!(
                (answer.status, answer.header("content-type"), answer.header("x-content-type-options")),
                (200, mime, "nosniff"),
                "{name}"
            );
            assert!(answer.header("content-security-policy").contains("sandbox"), "{name}: {}", answer.header("content-security-policy"));
            let how = if shown { "inline" } else { "attachment" };
            assert!(answer.header("content-disposition").starts_with(how), "{name}: {}", answer.header("content-disposition"));
        }
        files.push((file, shown));
    }
    // A browser that opens them by their addresses runs nothing of them.
    let Some(browser) = Browser::start(AGENT_HZ).await else { return };
    for (file, _) in files.iter().filter(|(_, shown)| *shown) {
        browser.go(&format!("http://{}{}", house.web, file["url"].as_str().expect("an address"))).await;
        assert_eq!(browser.run("return [document.contentType, !window.hacked]", json!([])).await, json!([file["mime"], true]));
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_sends_too_much_is_cut_off() {
    let house = House::open(HOUSE).await;
    let (origin, huge) = (format!("http://{}", house.web), "x".repeat(200 * 1024));
    let visitor = Page::open(house.web, None).await;
    let say = json!({ "type": "message", "key": "huge", "text": huge, "page": null });
    assert_eq!(ask(house.web, &origin, Some(&visitor.token), "POST", "say", say.clone()).await.status, 413);
    visitor.sends(say).await;
    visitor.hears("closed", "").await;
    house.shows("SELECT count(*) FROM message", &["0"]).await;
    // And what is no message of ours ends the talk, not the house.
    let visitor = Page::open(house.web, None).await;
    visitor.sends(json!({ "type": "message", "key": 7, "more": [[[[[]]]]] })).await;
    visitor.hears("closed", "").await;
    Page::open(house.web, None).await.writes("Still there?").await;
    house.close().await;
}
