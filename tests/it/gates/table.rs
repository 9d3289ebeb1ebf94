//! The table: every address of the house with its method, an object that exists, and who may.

use super::world::World;

const CARD: &str = r#"{"kind":"choices","question":"x","choices":["a","b"]}"#;

/// Who may, and what the others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Whoever comes.
    Anybody,
    /// Everybody who is signed in.
    Staff,
    /// The agent who has the contact; the desk refuses everybody else, supervisors too.
    Holder,
    /// The agent who has the contact, colleagues of its queue, and supervisors.
    Reach,
    /// These see the object or change it. All others may ask, and are neither shown nor do anything.
    Only(&'static [&'static str]),
    Supervisors,
    Admins,
    /// Programs whose token has this scope.
    Scope(&'static str),
    /// Whoever has the link.
    Link,
    /// The visitor whose window it is.
    Visitor,
    /// Whoever signs: a platform, or the firm's own system.
    Signed,
}

/// One try.
pub struct Row {
    pub method: &'static str,
    pub route: &'static str,
    pub path: String,
    pub form: Vec<(&'static str, String)>,
    pub may: May,
    /// What those who may are shown.
    pub shows: &'static str,
}

impl Row {
    fn new(method: &'static str, route: &'static str, object: &str, form: &[(&'static str, &str)], may: May, shows: &'static str) -> Row {
        let form = form.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Row { method, route, path: address(route, object), form, may, shows }
    }
}

/// `/work/{kind}/{id}/take` with `call 2` is `/work/call/2/take`; what begins with `?` is the query.
fn address(route: &str, object: &str) -> String {
    let (names, query) = object.split_once('?').map_or((object, None), |(names, query)| (names, Some(query)));
    let mut names = names.split_whitespace();
    let mut parts: Vec<&str> = route.split('/').collect();
    for part in parts.iter_mut().filter(|part| part.starts_with('{')) {
        *part = names.next().unwrap_or_else(|| panic!("{route} lacks a name in {object:?}"));
    }
    query.map_or(parts.join("/"), |query| format!("{}?{query}", parts.join("/")))
}

/// The rows. `world` knows the numbers and links of what was made.
#[allow(clippy::too_many_lines, reason = "it is a table")]
pub fn table(world: &World) -> Vec<Row> {
    use May::{Admins, Anybody, Holder, Link, Reach, Scope, Signed, Staff, Supervisors, Visitor};
    const MARA: May = May::Only(&["mara"]);
    const SALES: May = May::Only(&["mara", "bo", "ada"]);
    const KIM: May = May::Only(&["kim"]);
    let get = |route, object: &str, may, shows| Row::new("GET", route, object, &[], may, shows);
    let post = |route, object: &str, form: &[(&'static str, &str)], may| Row::new("POST", route, object, form, may, "");
    let (file, upload) = (world.file.as_str(), world.upload.as_str());
    let (session, other_session) = (world.session.as_str(), world.other_session.as_str());
    let link = |name: &str| world.link(name);
    vec![
        // Programs.
        get("/api/v1/people", "", Scope("people"), "xyzzy"),
        get("/api/v1/people/{id}", "1", Scope("people"), "xyzzy"),
        get("/api/v1/conversations", "", Scope("contacts"), "mara"),
        get("/api/v1/conversations/{id}", "1", Scope("contacts"), "mara"),
        get("/api/v1/conversations/{id}/messages", "1", Scope("contacts"), "xyzzy"),
        get("/api/v1/calls", "", Scope("contacts"), "mara"),
        get("/api/v1/calls/{id}", "1", Scope("contacts"), "mara"),
        get("/api/v1/tickets", "", Scope("tickets"), "xyzzy"),
        get("/api/v1/tickets/{id}", "1", Scope("tickets"), "xyzzy"),
        post("/api/v1/tickets", "", &[("person", "1"), ("subject", "by a program")], Scope("open_tickets")),
        get("/api/v1/surveys", "", Scope("surveys"), "xyzzy"),
        get("/api/v1/surveys/{id}", "1", Scope("surveys"), "xyzzy"),
        get("/api/v1/events", "", Scope("events"), "ticket.opened"),
        post("/api/v1/facts", "", &[("to", "+4915100138190"), ("name", "parcel.stuck")], Scope("facts")),
        post("/api/v1/messages", "", &[("to", "+4915100138190"), ("text", "hello")], Scope("messages")),
        get("/api/v1/messages/{id}", "99", Scope("messages"), ""),
        get("/api/v1/openapi.json", "", Anybody, "openapi"),
        get("/api/{*path}", "nothing", Anybody, "not_found"),
        post("/crm/events", "", &[], Signed),
        post("/hooks/{channel}", "texts", &[], Signed),
        get("/hooks/{channel}/{name}", "texts picture.png", Signed, ""),
        post("/sms/{channel}/hook", "texts", &[], Signed),
        // The door.
        get("/", "", Anybody, ""),
        get("/static/{*path}", "hubline.css", Anybody, ""),
        get("/status", "", Anybody, ""),
        get("/login", "", Anybody, ""),
        post("/login", "", &[("name", "mara"), ("password", "wrong")], Anybody),
        post("/login/language", "", &[("language", "en")], Anybody),
        get("/invite/{token}", "00", Anybody, ""),
        post("/invite/{token}", "00", &[("password", "a long password"), ("again", "a long password")], Anybody),
        get("/ca", "", Anybody, ""),
        get("/ca.crt", "", Anybody, ""),
        get("/live", "", Staff, ""),
        post("/softphone/offer", "", &[], Staff),
        post("/softphone/relays", "", &[], Staff),
        // One's own settings.
        get("/settings", "", Staff, ""),
        post("/settings", "", &[("language", "en"), ("theme", "light"), ("density", "compact"), ("volume", "70")], Staff),
        post("/settings/theme", "", &[("theme", "dark")], Staff),
        get("/settings/keys", "", Staff, ""),
        post("/settings/keys", "", &[], Staff),
        post("/settings/enter", "", &[("on", "true")], Staff),
        post("/settings/password", "", &[("old", "wrong"), ("password", "another long one"), ("again", "another long one")], Staff),
        post("/settings/sessions/{id}/end", session, &[], MARA),
        // What is written beforehand.
        get("/canned", "?edit=1", MARA, "xyzzy"),
        post("/canned", "", &[("shortcut", "all"), ("title", "t"), ("text", "x"), ("shared", "all")], Supervisors),
        post("/canned/{id}", "1", &[("shortcut", "own"), ("title", "xyzzy"), ("text", "xyzzy"), ("shared", "agent/mara")], MARA),
        get("/macros", "?edit=1", MARA, "xyzzy"),
        post("/macros", "", &[("name", "All"), ("does1", "tag"), ("value1", "x"), ("shared", "all")], Supervisors),
        post("/macros/{id}", "1", &[("name", "xyzzy"), ("does1", "tag"), ("value1", "x"), ("shared", "agent/mara")], MARA),
        get("/scripts", "", Staff, "xyzzy"),
        post("/scripts", "", &[("name", "New"), ("text", "# Hello\nWhat is it?")], Supervisors),
        post("/scripts/{id}", "1", &[("name", "xyzzy"), ("text", "# Hello\nWhat is it?")], Supervisors),
        get("/inbox/macros", "", MARA, "xyzzy"),
        get("/inbox/scripts", "?conversation=1", Staff, ""),
        get("/inbox/canned", "?person=1&conversation=1", MARA, "xyzzy"),
        // The desk.
        get("/inbox", "", Staff, ""),
        get("/inbox/call/{id}", "2", Staff, ""),
        get("/inbox/conversation/{id}", "1", Staff, "xyzzy"),
        get("/inbox/person/{id}", "1", Staff, "xyzzy"),
        get("/inbox/parts/now", "", Staff, ""),
        get("/inbox/parts/person/{id}", "1", Staff, "xyzzy"),
        get("/inbox/parts/events/{id}", "1", Staff, "xyzzy"),
        get("/inbox/timeline/{id}", "1", Staff, ""),
        get("/inbox/targets", "", Staff, ""),
        get("/inbox/dial", "", Staff, ""),
        get("/inbox/templates", "?conversation=1", Staff, ""),
        post("/inbox/templates", "?conversation=1", &[], Staff),
        get("/inbox/colleagues", "", Staff, ""),
        // A contact and who has it.
        post("/work/{kind}/{id}/accept", "conversation 1", &[], Holder),
        post("/work/{kind}/{id}/decline", "conversation 1", &[], Holder),
        post("/work/{kind}/{id}/take", "conversation 1", &[], Holder),
        post("/work/{kind}/{id}/take", "call 2", &[], Holder),
        post("/work/{kind}/{id}/shown", "conversation 1", &[], MARA),
        get("/work/{kind}/{id}/push", "conversation 1", Staff, ""),
        post("/work/{kind}/{id}/push", "conversation 1", &[("text", "sent"), ("seen", "conversation/1"), ("key", "m1")], Holder),
        post("/work/{kind}/{id}/push", "call 2", &[("text", "sent"), ("seen", "text"), ("key", "m2")], Holder),
        post("/work/call", "", &[("number", "not a number")], Staff),
        post("/work/pickup", "", &[("slot", "9")], Staff),
        post("/work/call/{id}/hold", "2", &[("on", "true")], Holder),
        post("/work/call/{id}/hold", "2", &[("on", "false")], Holder),
        post("/work/call/{id}/digits", "2", &[("digits", "1")], Holder),
        post("/work/call/{id}/record", "2", &[("on", "true")], Holder),
        post("/work/call/{id}/masked", "2", &[("on", "true")], Holder),
        post("/work/call/{id}/consult", "2", &[("to", "agent/bo")], Holder),
        post("/work/call/{id}/swap", "2", &[], Holder),
        post("/work/call/{id}/merge", "2", &[], Holder),
        post("/work/call/{id}/complete", "2", &[], Holder),
        post("/work/call/{id}/back", "2", &[], Holder),
        post("/work/call/{id}/add", "2", &[("to", "agent/bo")], Holder),
        post("/work/call/{id}/remove", "2", &[("party", "agent/mara")], Holder),
        post("/work/call/{id}/leave", "2", &[], Holder),
        post("/work/call/{id}/wrapup", "2", &[("note", "")], Holder),
        post("/work/call/{id}/extend", "2", &[], Holder),
        get("/work/conversation/{id}/resolve", "1", Holder, "xyzzy"),
        post("/work/conversation/{id}/reply", "1", &[("text", "an answer"), ("key", "m3")], Holder),
        post("/work/conversation/{id}/edit", "1", &[("message", "1"), ("text", "other words")], Holder),
        post("/work/conversation/{id}/recall", "1", &[("message", "1")], Holder),
        post("/work/conversation/{id}/card", "1", &[("card", CARD), ("key", "m6")], Holder),
        post("/work/conversation/{id}/template", "1", &[("name", "x"), ("values", "[]"), ("key", "m4")], Holder),
        post("/work/conversation/{id}/macro/{macro}", "1 1", &[("key", "m5")], Holder),
        post("/work/conversation/{id}/phone", "1", &[], Holder),
        post("/work/conversation/{id}/call-link", "1", &[], Holder),
        post("/work/conversation/{id}/chat-link", "1", &[], Holder),
        post("/work/conversation/{id}/draft", "1", &[("text", "begun")], Staff),
        post("/work/conversation/{id}/read", "1", &[("upto", "1")], MARA),
        get("/conversations", "", SALES, "xyzzy"),
        get("/conversations/views", "", MARA, "xyzzy"),
        post("/conversations/views", "", &[("name", "Open"), ("query", "state=open")], Staff),
        post("/conversations/views/{id}/delete", "1", &[], MARA),
        post("/conversations/bulk", "", &[("ids", "1"), ("act", "resolve"), ("key", "b1")], MARA),
        post("/conversations/bulk", "", &[("ids", "1"), ("act", "tag"), ("value", "lamp"), ("key", "b2")], SALES),
        // Customers.
        get("/people", "", Staff, "xyzzy"),
        get("/people/{id}", "1", Staff, "xyzzy"),
        get("/people/{id}/same", "1", Staff, ""),
        get("/people/{id}/mail", "1", Staff, ""),
        post("/people/{id}/mail", "1", &[("to", "1"), ("subject", "s"), ("text", "t"), ("key", "l1")], Staff),
        post("/people/{id}/mail/draft", "1", &[("text", "t")], Staff),
        post("/people/{id}/note", "1", &[("text", "a note"), ("key", "n2")], Staff),
        post("/people/{id}/draft", "1", &[("text", "begun")], Staff),
        post("/work/call/{id}/draft", "1", &[("text", "{}")], Staff),
        post("/work/{kind}/{id}/assist", "conversation 1", &[("word", "please")], Holder),
        post("/work/{kind}/{id}/assist/end", "conversation 1", &[], Holder),
        post("/people/{id}/consent", "1", &[("consent", "offers")], Staff),
        post("/people/{id}/edit", "3", &[("name", "Somebody")], Staff),
        post("/people/enter", "", &[("name", "Nina"), ("phone", "+4915199999990")], Staff),
        post("/people/{id}/identity", "1", &[("add", "nina@example.com")], Staff),
        post("/people/{id}/tag", "1", &[("add", "lamp")], Staff),
        post("/people/{id}/fields", "1", &[("size", "M")], Staff),
        post("/people/{id}/follow", "1", &[("on", "true")], Staff),
        post("/people/{id}/merge", "3", &[("person", "99")], Staff),
        post("/people/{id}/unmerge", "3", &[("person", "99")], Staff),
        post("/people/{id}/apart", "3", &[("person", "99")], Staff),
        get("/people/blocked", "", Supervisors, "+4915199999999"),
        post("/people/block", "", &[("value", "+4915199999998"), ("reason", "r")], Supervisors),
        post("/people/{id}/block", "3", &[("reason", "r")], Supervisors),
        post("/people/{id}/unblock", "3", &[], Supervisors),
        get("/people/import", "", Supervisors, "xyzzy.csv"),
        post("/people/import", "", &[], Supervisors),
        get("/people/import/{id}", "1", Supervisors, "xyzzy.csv"),
        post("/people/import/{id}/columns", "1", &[], Supervisors),
        post("/people/import/{id}/run", "1", &[], Supervisors),
        get("/people/export.csv", "", Supervisors, "xyzzy"),
        // Tickets: everybody works on them; what is done stands in their trail.
        get("/tickets", "?show=all", Staff, "xyzzy"),
        get("/tickets/new", "?person=1", Staff, ""),
        get("/tickets/{id}", "1", Staff, "xyzzy"),
        post("/tickets", "", &[("person", "1"), ("subject", "another"), ("key", "t2")], Staff),
        get("/tickets/views", "", MARA, "xyzzy"),
        post("/tickets/views", "", &[("name", "Mine"), ("query", "show=mine")], Staff),
        post("/tickets/views/{id}/delete", "2", &[], MARA),
        post("/tickets/bulk", "", &[("ids", "1"), ("act", "priority"), ("value", "3")], Staff),
        post("/tickets/{id}/change", "1", &[("field", "priority"), ("value", "2")], Staff),
        post("/tickets/{id}/merge", "1", &[("into", "99")], Staff),
        post("/tickets/{id}/split", "1", &[], Staff),
        post("/tickets/{id}/resolve", "1", &[], Staff),
        post("/tickets/{id}/judge", "1", &[("granted", "true")], Staff),
        // Callbacks: whoever claimed one has it, until somebody lets it go for a colleague who went home.
        get("/callbacks", "?show=all", Staff, ""),
        post("/callbacks/promise", "", &[("person", "1"), ("identity", "99")], Staff),
        post("/callbacks/{id}/claim", "1", &[], Holder),
        post("/callbacks/{id}/call", "1", &[], Holder),
        post("/callbacks/{id}/write", "1", &[("text", "a word")], Holder),
        post("/callbacks/{id}/book", "1", &[("value", "")], Holder),
        post("/callbacks/{id}/invite", "1", &[], Holder),
        // What customers answered.
        post("/forms/{id}/judge", "1", &[("value", "accepted")], Reach),
        post("/forms/{id}/snapshot/{field}", "1 front", &[], Reach),
        post("/forms/{id}/withdraw", "1", &[], Reach),
        // What was said and sent.
        get("/recordings/{name}", "1.wav", Reach, ""),
        get("/files/{id}", file, Reach, ""),
        get("/files/{id}", upload, MAY_UPLOAD, ""),
        get("/files/{id}", &world.form_file, Reach, ""),
        get("/files/{id}/letter", file, Reach, ""),
        get("/files/{id}/spoken", file, Reach, ""),
        post("/files", "", &[], Staff),
        get("/search", "?q=xyzzy", Staff, "xyzzy"),
        // Articles: everybody reads and writes, supervisors publish.
        get("/knowledge", "", Staff, "xyzzy"),
        get("/knowledge/new", "", Staff, ""),
        get("/knowledge/{id}", "1", Staff, "xyzzy"),
        get("/knowledge/{id}/edit", "1", Staff, "xyzzy"),
        get("/knowledge/{id}/versions", "1?lang=en", Staff, "xyzzy"),
        get("/knowledge/suggest", "?conversation=1", Staff, ""),
        get("/knowledge/files/{id}", upload, MAY_UPLOAD, ""),
        get("/knowledge/feedback", "?show=all", Staff, ""),
        post("/knowledge", "", &[("title", "Another"), ("language", "en"), ("body", "text")], Staff),
        post("/knowledge/{id}", "1", &[("title", "Lamps"), ("language", "en"), ("body", "xyzzy"), ("base", "1")], Staff),
        post("/knowledge/{id}/step", "1", &[("language", "en"), ("version", "1"), ("step", "publish")], Supervisors),
        post("/knowledge/{id}/cite", "1", &[("language", "en"), ("kind", "insert"), ("conversation", "1")], Staff),
        post("/knowledge/preview", "", &[("body", "text")], Staff),
        post("/knowledge/feedback", "", &[("article", "1"), ("kind", "wrong"), ("words", "no")], Staff),
        post("/knowledge/feedback/{id}/close", "1", &[], SALES),
        get("/knowledge/categories", "", Supervisors, "xyzzy"),
        post("/knowledge/categories", "", &[("name.en", "More")], Supervisors),
        post("/knowledge/categories/{id}", "1", &[("name.en", "xyzzy")], Supervisors),
        // Among colleagues.
        get("/team", "", Staff, ""),
        get("/team/{*room}", "with/kim?part=true", MARA, "xyzzy"),
        get("/team/{*room}", "with/mara?part=true", KIM, "xyzzy"),
        get("/team/{*room}", "queue/sales", SALES, "xyzzy"),
        get("/team/{*room}", "queue/sales?part=true", SALES, "xyzzy"),
        post("/team/{*room}", "queue/sales", &[("text", "hello"), ("key", "tm1")], SALES),
        post("/team-seen/{*room}", "queue/sales", &[("upto", "99")], SALES),
        get("/notices", "", MARA, "xyzzy"),
        get("/notices/count", "", Staff, ""),
        post("/notices/{id}/seen", "1", &[], MARA),
        post("/notices/seen", "", &[("person", "1")], MARA),
        post("/notices/task", "", &[("text", "call"), ("when", "20")], Staff),
        post("/me/takes", "", &[("takes", "mail:on")], May::Only(&["mara", "otto", "kim", "bo", "ada"])),
        post("/me/status", "", &[("status", "offline")], May::Only(&["mara", "otto", "kim", "bo", "ada"])),
        post("/me/quiet", "", &[("value", "off")], Staff),
        get("/me/day", "", Staff, ""),
        // Who answers for others.
        get("/wallboard", "", Supervisors, ""),
        get("/wallboard/parts/board", "", Supervisors, ""),
        get("/wallboard/screen", "", Supervisors, ""),
        get("/wallboard/parts/screen", "", Supervisors, ""),
        get("/supervision", "", Supervisors, ""),
        get("/topics", "", Supervisors, ""),
        get("/surveys", "", Supervisors, ""),
        get("/surveys/answers.csv", "", Supervisors, ""),
        post("/wallboard/call/{id}/watch", "2", &[("value", "listen")], Supervisors),
        post("/wallboard/call/{id}/stop", "2", &[], Supervisors),
        post("/wallboard/agent/{id}/status", "otto", &[("value", "away")], Supervisors),
        post("/wallboard/agent/{id}/takes", "otto", &[("value", "chats:on")], Supervisors),
        post("/wallboard/{kind}/{id}/assist", "conversation 1", &[], Supervisors),
        post("/wallboard/agent/{id}/move", "otto", &[("value", "queue/sales"), ("minutes", "5")], Supervisors),
        post("/wallboard/agent/{id}/move/end", "otto", &[("value", "queue/sales")], Supervisors),
        post("/wallboard/overlay/{id}/on", "rush", &[("minutes", "5")], Supervisors),
        post("/wallboard/overlay/{id}/off", "rush", &[], Supervisors),
        get("/admin/trunks", "", Supervisors, ""),
        // Who runs the house.
        get("/admin/config", "", Admins, "xyzzy"),
        post("/admin/config/check", "", &[("text", "x"), ("seen", "")], Admins),
        post("/admin/config", "", &[("text", "x"), ("seen", "")], Admins),
        post("/admin/trunks/call", "", &[("trunk", "line"), ("number", "1"), ("way", "way")], Admins),
        get("/admin/channels", "", Admins, ""),
        post("/admin/channels/{channel}/try", "texts", &[], Admins),
        get("/admin/webhooks", "", Admins, "crm"),
        get("/admin/webhooks/{id}", "crm", Admins, "crm"),
        post("/admin/webhooks/{id}/try", "crm", &[], Admins),
        post("/admin/webhooks/{id}/start", "crm", &[], Admins),
        post("/admin/webhooks/{id}/again", "crm", &[], Admins),
        post("/admin/webhooks/{id}/deliveries/{delivery}/again", "crm 1", &[], Admins),
        get("/admin/flows", "", Admins, "main"),
        get("/admin/flows/{flow}", "main", Admins, "main"),
        get("/admin/flows/{flow}/picture.svg", "main", Admins, "svg"),
        get("/admin/sessions", "", Admins, ""),
        post("/admin/sessions/{id}/end", other_session, &[], Admins),
        get("/admin/phones", "", Admins, ""),
        post("/admin/phones/allow", "", &[("source", "203.0.113.9")], Admins),
        post("/admin/people/{agent}/invite", "otto", &[], Admins),
        // Customers' own pages.
        get("/ticket/{token}", &link("ticket"), Link, "xyzzy"),
        post("/ticket/{token}/not-solved", &link("ticket"), &[("text", "still")], Link),
        get("/ticket/look.css", "", Anybody, ""),
        get("/survey/{token}", &link("survey"), Link, ""),
        post("/survey/{token}", &link("survey"), &[("score", "4")], Link),
        get("/survey/look.css", "", Anybody, ""),
        get("/callback/{token}", &link("callback"), Link, ""),
        post("/callback/{token}/book", &link("callback"), &[("when", "")], Link),
        post("/callback/{token}/withdraw", &link("callback"), &[], Link),
        get("/callback/look.css", "", Anybody, ""),
        get("/form/{token}", &link("form"), Link, ""),
        post("/form/{token}", &link("form"), &[], Link),
        get("/form/look.css", "", Anybody, ""),
        get("/sent/{token}", &link("sent"), Link, "xyzzy"),
        get("/chat/call/{link}", &link("call"), Link, ""),
        get("/chat/go/{link}", &link("go"), Link, ""),
        get("/chat/call-page.js", "", Anybody, ""),
        get("/chat/visits.js", "", Anybody, ""),
        get("/chat/go-page.js", "", Anybody, ""),
        get("/chat/call-page.css", "", Anybody, ""),
        get("/help", "", Anybody, ""),
        get("/help/{id}", "1", Anybody, ""),
        post("/help/{id}/vote", "1", &[("helped", "true")], Anybody),
        get("/help/files/{id}", upload, Anybody, ""),
        get("/help/answers", "?q=xyzzy", Anybody, ""),
        get("/help/look.css", "", Anybody, ""),
        // The chat window.
        post("/chat/{channel}/session", "site", &[], Anybody),
        post("/chat/{channel}/say", "site", &[], Visitor),
        post("/chat/{channel}/hear", "site", &[], Visitor),
        post("/chat/{channel}/call", "site", &[], Visitor),
        post("/chat/{channel}/call/relays", "site", &[], Visitor),
        post("/chat/{channel}/files", "site", &[], Visitor),
        get("/chat/{channel}/socket", "site", Anybody, ""),
        get("/chat/{channel}/files/{id}", &format!("site {file}"), Visitor, ""),
        get("/chat/widget.js", "", Anybody, ""),
        get("/chat/call.js", "", Anybody, ""),
        get("/chat/find.js", "", Anybody, ""),
        get("/chat/call-look.js", "", Anybody, ""),
        get("/chat/call-picture.js", "", Anybody, ""),
        get("/chat/softphone-picture.js", "", Anybody, ""),
        get("/chat/softphone-arrows.js", "", Anybody, ""),
        get("/chat/softphone-link.js", "", Anybody, ""),
        get("/chat/softphone-mic.js", "", Anybody, ""),
        // What ends something, last of all.
        post("/canned/{id}/delete", "1", &[], MARA),
        post("/macros/{id}/delete", "1", &[], MARA),
        post("/scripts/{id}/delete", "1", &[], Supervisors),
        post("/knowledge/categories/{id}/delete", "1", &[], Supervisors),
        post("/callbacks/{id}/settle", "1", &[("outcome", "done")], Holder),
        post("/callbacks/{id}/release", "1", &[], Staff),
        post("/work/conversation/{id}/snooze", "1", &[("when", "20")], Holder),
        post("/work/conversation/{id}/wake", "1", &[], Holder),
        post("/work/{kind}/{id}/transfer", "conversation 1", &[("to", "queue/support")], Holder),
        post("/work/conversation/{id}/resolve", "1", &[], Holder),
        post("/work/{kind}/{id}/transfer", "call 2", &[("to", "queue/support")], Holder),
        post("/work/call/{id}/park", "2", &[], Holder),
        post("/work/call/{id}/hangup", "2", &[], Holder),
        post("/settings/sessions/end-others", "", &[], Staff),
        post("/logout", "", &[], Anybody),
    ]
}

/// An upload is its agent's until it is sent, and supervisors'.
const MAY_UPLOAD: May = May::Reach;
