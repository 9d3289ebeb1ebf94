//! A house in which there is one of everything, and everything that can be written by anybody says the same mark.

use crate::calls::pushed::fill;
use crate::rig::agent::{Agent, sign_in};
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::{House, PASSWORD};
use crate::rig::http::{Answer, encoded, form, request};
use crate::rig::phone::Caller;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until};
use hubline::desk::callback::link::Links;
use hubline::desk::id::{At, CallbackId, ConversationId, FileId, FormId, SurveyId, TicketId};
use hubline::sim::sms::{Gateway, Trouble};
use serde_json::json;

/// What every object says, so that it is seen where it leaks.
pub const MARK: &str = "xyzzy";
/// Each program has one scope; the last has none.
pub const SCOPES: [&str; 9] = ["messages", "people", "contacts", "tickets", "open_tickets", "surveys", "events", "facts", ""];
const NUMBER: &str = "+4915100138193";
/// The smallest picture there is: one pixel.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

/// Kim was a supervisor, and Gone was somebody; both are signed in since.
const CHANGED: [(&str, &str); 2] = [
    ("id = \"kim\"\nrole = \"supervisor\"\n", "id = \"kim\"\n"),
    ("[[agents]]\nid = \"gone\"\nrole = \"admin\"\nqueues = [\"sales\"]\n", ""),
];

pub struct World {
    pub house: House,
    pub mark: String,
    pub mara: Agent,
    pub visitor: Page,
    /// Cookies by name.
    cookies: Vec<(&'static str, String)>,
    /// What the visitor sent, what an agent has uploaded and not sent, and what a customer put into a form.
    pub file: String,
    pub upload: String,
    pub form_file: String,
    /// A second session of Mara's, and one of Otto's.
    pub session: String,
    pub other_session: String,
    links: Vec<(&'static str, String)>,
    /// What goes on while others try.
    pub _caller: Caller,
    _phone: DeskPhone,
    _gateway: Gateway,
}

/// The token of the program with this scope.
pub fn token(scope: &str) -> String {
    format!("{scope:_<32}")
}

fn business(mark: &str, phone: &DeskPhone, gateway: &Gateway) -> String {
    let tokens: String = SCOPES
        .iter()
        .map(|scope| {
            let (name, scopes) = if scope.is_empty() { ("nothing", String::new()) } else { (*scope, format!("\"{scope}\"")) };
            format!("[[api.tokens]]\nname = \"{name}\"\nsecret = \"{}\"\nscopes = [{scopes}]\n", token(scope))
        })
        .collect();
    // A name as TOML has it; what stands in a comment stays on its line.
    // Names of the configuration stand on many pages: where leaks are looked for they say nothing.
    let name = serde_json::to_string(if mark == MARK { "Somebody" } else { mark }).expect("text");
    let comment = mark.replace(char::is_control, " ");
    format!(
        r#"
# {comment}: who runs the house reads this.
[dial]
country = "de"
[crm]
url = "http://127.0.0.1:9/customers"
secret = "shared by us and the shop"
[[lines]]
number = "4001"
queue = "sales"
[[queues]]
id = "sales"
name = {name}
wrap_up = "0s"
record = true
[[queues]]
id = "support"
name = "Support"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
rating = true
[[channels]]
kind = "sms"
id = "texts"
queue = "sales"
[channels.gateway]
url = "{}"
secret = "shared by both"
from = "+4930111"
[[webhooks]]
id = "crm"
url = "http://127.0.0.1:9/hear"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
events = ["ticket.*"]
[[people.fields]]
id = "size"
title = {name}
[flows.main.nodes.start]
kind = "menu"
prompt = "menu"
options = {{ 1 = "queue:sales" }}
otherwise = "queue:sales"
[overlays.rush]
name = {name}
[overlays.rush.queues.sales]
priority = 20
[forms.proof]
title = {name}
verdict = true
[[forms.proof.fields]]
name = "words"
kind = "consent"
title = "I agree"
[[forms.proof.fields]]
name = "front"
kind = "photo"
title = {name}
[[agents]]
id = "mara"
name = {name}
queues = ["sales"]
capacity = 400
phone = "{}"
[[agents]]
id = "otto"
queues = ["support"]
[[agents]]
id = "kim"
role = "supervisor"
queues = ["support"]
[[agents]]
id = "gone"
role = "admin"
queues = ["sales"]
[[agents]]
id = "bo"
role = "supervisor"
[[agents]]
id = "ada"
role = "admin"
[api]
rate = 1000
{tokens}"#,
        gateway.url(),
        phone.uri(),
    )
}

impl World {
    pub async fn open(mark: &str) -> World {
        let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
        let phone = DeskPhone::new(AGENT_HZ, true).await;
        let house = House::open(&business(mark, &phone, &gateway)).await;
        let before = [("kim", house.sign_in("kim").await), ("gone", house.sign_in("gone").await)];
        let house = takes_roles(house).await;
        let mara = house.agent("mara").await;
        mara.available().await;
        house.stands("mara Available 0/400").await;
        let visitor = Page::open(house.web, None).await;
        visitor.writes(&format!("{mark}: my lamp is broken")).await;
        mara.pushed("ring", "conversation/1/accept").await;
        mara.does("/work/conversation/1/accept", &[]).await;
        visitor.sends(serde_json::json!({ "type": "rate", "score": 3, "comment": mark })).await;
        house.shows("SELECT score FROM survey", &["3"]).await;
        let mut cookies = vec![("mara", mara.cookie.clone())];
        cookies.extend(before);
        for who in ["otto", "bo", "ada"] {
            cookies.push((who, house.sign_in(who).await));
        }
        let mut world = World {
            mark: mark.to_owned(),
            file: visitors_file(&house, &visitor, mark).await,
            upload: String::new(),
            form_file: String::new(),
            session: String::new(),
            other_session: String::new(),
            links: Vec::new(),
            _caller: calls(&house, &phone, mark).await,
            house,
            mara,
            visitor,
            cookies,
            _phone: phone,
            _gateway: gateway,
        };
        world.writes().await;
        world.fills_a_form().await;
        world.sign_links();
        world
    }

    pub fn cookie(&self, who: &str) -> &str {
        self.cookies.iter().find(|(name, _)| *name == who).map_or("", |(_, cookie)| cookie)
    }

    pub fn link(&self, name: &str) -> String {
        self.links.iter().find(|(known, _)| *known == name).map(|(_, token)| token.clone()).unwrap_or_default()
    }

    /// A form of this person's own page.
    pub async fn post(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.house.web);
        let headers = [
            ("origin", origin.as_str()),
            ("cookie", self.cookie(who)),
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "text/html"),
        ];
        request(self.house.web, "POST", path, &headers, form(fields)).await
    }

    async fn does(&self, who: &str, path: &str, fields: &[(&str, &str)]) {
        let answer = self.post(who, path, fields).await;
        assert!(answer.status < 400 && !answer.header("location").starts_with("/login"), "{path}: {} {}", answer.status, answer.text());
    }

    /// One of everything that is written by hand.
    async fn writes(&mut self) {
        let mark = self.mark.clone();
        let said = |rest: &str| format!("{mark}{rest}");
        self.does("mara", "/people/1/edit", &[("name", &*said(" Anna Winter"))]).await;
        self.does("mara", "/people/1/note", &[("text", &*said(": a note")), ("key", "n1")]).await;
        self.does("mara", "/work/conversation/1/draft", &[("text", &*said(": not sent"))]).await;
        self.does("mara", "/tickets", &[("person", "1"), ("subject", &*said(": a lamp")), ("work", "conversation/1"), ("key", "t1")]).await;
        self.does("mara", "/canned", &[("shortcut", "own"), ("title", &*mark), ("text", &*mark), ("shared", "agent/mara")]).await;
        let steps = [("name", &*mark), ("does0", "note"), ("value0", &*mark), ("shared", "agent/mara")];
        self.does("mara", "/macros", &steps).await;
        self.does("bo", "/scripts", &[("name", &*mark), ("text", "# Hello\nWhat is it?")]).await;
        self.does("mara", "/conversations/views", &[("name", &*mark), ("query", "state=serving")]).await;
        self.does("mara", "/tickets/views", &[("name", &*mark), ("query", "show=mine")]).await;
        self.does("mara", "/notices/task", &[("text", &*said(": call them")), ("when", "20"), ("person", "1")]).await;
        self.does("mara", "/team/with/kim", &[("text", &*said(": between us")), ("key", "tm1")]).await;
        self.does("mara", "/team/queue/sales", &[("text", &*said(": in sales")), ("key", "tm2")]).await;
        let (title, body) = (said(": lamps"), said(" [bulbs](javascript:hacked=1) <img src=x onerror=hacked=1>"));
        let article = [("title", &*title), ("language", "en"), ("body", &*body), ("audience", "internal")];
        self.does("mara", "/knowledge", &article).await;
        self.does("otto", "/knowledge/feedback", &[("article", "1"), ("kind", "outdated"), ("words", "old")]).await;
        self.does("bo", "/knowledge/categories", &[("name.en", &*mark)]).await;
        self.does("bo", "/people/block", &[("value", "+4915199999999"), ("reason", "threats")]).await;
        let list = format!("{}.csv", encoded(&mark));
        let headers = [("cookie", self.cookie("bo")), ("x-file-name", list.as_str())];
        let rows = format!("Name;Phone\r\n\"{}\";0151 2345678\r\n", mark.replace('"', "\"\""));
        let brought = request(self.house.web, "POST", "/people/import", &headers, rows).await;
        assert_eq!(brought.status, 201, "{}", brought.text());
        self.upload =
            upload(&self.house, &self.mara, &format!("{}.txt", mark.replace('"', "%22")), said(": not sent yet").as_bytes()).await;
        let identity = self.house.rows("SELECT id FROM identity WHERE kind = 'phone' ORDER BY id LIMIT 1").remove(0);
        self.does("mara", "/callbacks/promise", &[("person", "2"), ("identity", &identity), ("value", "600")]).await;
        self.does("mara", "/callbacks/1/claim", &[]).await;
        sign_in(self.house.web, "mara", PASSWORD).await;
        sign_in(self.house.web, "otto", PASSWORD).await;
        self.session = self.house.rows("SELECT max(id) FROM session WHERE user = 'mara'").remove(0);
        self.other_session = self.house.rows("SELECT max(id) FROM session WHERE user = 'otto'").remove(0);
    }

    /// The customer answers a form, with a picture.
    async fn fills_a_form(&mut self) {
        self.does("mara", "/work/conversation/1/push", &[("form", "proof"), ("seen", "conversation/1"), ("key", "f1")]).await;
        let told = self.visitor.hears("message", "/form/").await.to_string();
        let path = told.split("/form/").nth(1).and_then(|rest| rest.split(['"', '\\', ' ']).next()).expect("a link");
        let filled = fill(&self.house, &format!("/form/{path}"), &[("words", "yes")], &[("front", "front.png", PNG)]).await;
        assert_eq!(filled.status, 303, "{}", filled.text());
        self.form_file = self.house.rows("SELECT file FROM form_answer WHERE file IS NOT NULL").remove(0);
    }

    /// Links as customers have them, and those that must open nothing.
    fn sign_links(&mut self) {
        let key = std::fs::read(self.house.data().join("chat.key")).expect("the key").try_into().expect("32 bytes");
        let (own, other) = (Links::new("", key), Links::new("", [7; 32]));
        let now = hubline::clock::Clock::system().now();
        let file: u64 = self.upload.parse().expect("a number");
        let all = |links: &Links, until: At| {
            [
                ("callback", links.address(CallbackId(1), until)),
                ("form", links.form_address(FormId(1), until)),
                ("sent", links.file_address(FileId(file), until)),
                ("ticket", links.ticket_address(TicketId(1), until)),
                ("call", links.call_address(ConversationId(1), until)),
                ("go", links.go_address(ConversationId(1), until)),
                ("survey", links.survey_address(SurveyId(1), until)),
            ]
        };
        let last = |(name, address): (&'static str, String)| (name, address.rsplit('/').next().unwrap_or_default().to_owned());
        self.links = all(&own, now.after(3_600_000)).into_iter().map(last).collect();
        self.links.extend(all(&own, At(now.0 - 120_000)).into_iter().map(|link| ("late", last(link).1)));
        self.links.extend(all(&other, now.after(3_600_000)).into_iter().map(|link| ("forged", last(link).1)));
    }

    /// Links that must open nothing: too old, signed by somebody else, and such of other things.
    pub fn bad_links(&self, but: &str) -> Vec<String> {
        let others = self.links.iter().filter(|(name, _)| *name != but);
        others.map(|(_, token)| token.clone()).collect()
    }
}

/// Kim is a supervisor no more, and Gone is nobody; their sessions stand.
async fn takes_roles(house: House) -> House {
    let path = house.data().parent().expect("a folder").join("hubline.toml");
    let mut text = std::fs::read_to_string(&path).expect("the configuration");
    for (before, after) in CHANGED {
        assert!(text.contains(before), "{before}");
        text = text.replace(before, after);
    }
    std::fs::write(&path, text).expect("written");
    house.again().await
}

/// One call that was recorded, and one that goes on with Mara.
async fn calls(house: &House, phone: &DeskPhone, mark: &str) -> Caller {
    let first = Caller::dial(house.sip, "4001", NUMBER, CUSTOMER_HZ).await;
    first.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    first.hang_up().await;
    phone.is_idle().await;
    house.shows("SELECT state FROM recording", &["done"]).await;
    until("mara can be rung again", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    let second = Caller::named(house.sip, "4001", &format!("{mark} Winter"), NUMBER, CUSTOMER_HZ).await;
    second.hears(AGENT_HZ).await;
    house.shows("SELECT state, agent FROM call WHERE id = 2", &["talking|mara"]).await;
    second
}

/// A file that the visitor sends; gives its number.
async fn visitors_file(house: &House, visitor: &Page, mark: &str) -> String {
    let name = format!("{}.txt", encoded(mark));
    let (origin, bearer) = (format!("http://{}", house.web), format!("Bearer {}", visitor.token));
    let headers = [("origin", origin.as_str()), ("authorization", bearer.as_str()), ("x-file-name", name.as_str())];
    let file = request(house.web, "POST", "/chat/site/files", &headers, format!("{mark}: what I bought")).await.json()["file"].clone();
    visitor.sends(json!({ "type": "message", "key": "f", "text": "", "files": [file["id"]], "page": null })).await;
    visitor.hears("recorded", "\"f\"").await;
    house.rows("SELECT max(id) FROM file").remove(0)
}

/// A file that an agent's page uploads; gives its number.
pub async fn upload(house: &House, agent: &Agent, name: &str, bytes: &[u8]) -> String {
    const BOUNDARY: &str = "----a-page";
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    let body = [head.as_bytes(), bytes, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat();
    let (origin, kind) = (format!("http://{}", house.web), format!("multipart/form-data; boundary={BOUNDARY}"));
    let headers = [("origin", origin.as_str()), ("cookie", agent.cookie.as_str()), ("content-type", kind.as_str())];
    let answer = request(house.web, "POST", "/files", &headers, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].to_string()
}
