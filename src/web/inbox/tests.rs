//! What the partials draw: hostile names stay text, decisions read in both languages, events find their places.

use super::phrase;
use super::render;
use super::say::{Piece, Say, initials, span};
use super::targets::filled;
use super::view::*;
use crate::desk::catalog::{AgentSpec, Catalog};
use crate::desk::fact::{Decision, Reason, StatusName};
use crate::desk::id::*;
use crate::desk::input::{Delivery, FileRef, TicketChange};
use crate::web::i18n::{I18n, Locale};
use std::collections::BTreeMap;

const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&";

fn catalog() -> Catalog {
    let agent = |id: &str, name: &str| AgentSpec {
        id: id.into(),
        name: name.into(),
        skills: BTreeMap::new(),
        queues: vec!["sales".into()],
        capacity: 100,
        phone: None,
        always_available: false,
        max_calls: 1,
        outbound_queue: None,
        supervises: false,
    };
    let mut catalog = Catalog::default();
    for spec in [agent("mara", "Mara Voss"), agent("theo", "Theo Quill")] {
        catalog.agents.insert(spec.id.clone(), spec);
    }
    catalog
}

fn locale(code: &str) -> Locale {
    I18n::embedded().unwrap().get(code).unwrap()
}

/// 2026-11-21 14:05 UTC.
const NOON: At = At(1_795_269_900_000);

fn with_say<T>(code: &str, run: impl FnOnce(&Say) -> T) -> T {
    let (locale, catalog, me) = (locale(code), catalog(), AgentId::from("mara"));
    run(&Say::new(&locale, &catalog, &me, NOON, "/static/icons.svg"))
}

fn bubble(id: u64, text: &str, theirs: bool) -> Entry {
    let bubble = Bubble {
        message: MessageId(id),
        theirs,
        automatic: false,
        by: String::new(),
        open: true,
        text: text.into(),
        files: Vec::new(),
        extra: None,
        changed: None,
        state: (!theirs).then_some(Delivery::Delivered),
        read_at: None,
        amends: Vec::new(),
        may: None,
    };
    Entry { id: format!("message-{id}"), at: NOON, glyph: "webchat", label: "Web chat".into(), what: What::Message(Box::new(bubble)) }
}

#[test]
fn hostile_text_is_only_text_wherever_it_stands() {
    with_say("en", |s| {
        let mut entry = bubble(1, HOSTILE, true);
        if let What::Message(bubble) = &mut entry.what {
            bubble.by = HOSTILE.into();
            bubble.files = vec![FileRef { id: FileId(9), name: HOSTILE.into(), mime: "image/png".into(), bytes: 10 }];
        }
        let note = Entry {
            id: "message-2".into(),
            at: NOON,
            glyph: "note",
            label: String::new(),
            what: What::Note { by: HOSTILE.into(), text: HOSTILE.into() },
        };
        let line = Entry {
            id: "event-3".into(),
            at: NOON,
            glyph: "ticket",
            label: HOSTILE.into(),
            what: What::Line {
                pieces: vec![Piece::Strong(HOSTILE.into()), Piece::Link { href: "/x".into(), text: HOSTILE.into() }],
                more: vec![vec![Piece::Text(HOSTILE.into())]],
            },
        };
        let timeline = Timeline { person: None, events: render::place(s, vec![entry, note, line], None), older: None };
        let row = Row {
            work: Work::Conversation(ConversationId(1)),
            href: "/inbox/conversation/1".into(),
            glyph: "webchat".into(),
            channel: HOSTILE.into(),
            live: false,
            name: HOSTILE.into(),
            tier: Some(HOSTILE.into()),
            line: HOSTILE.into(),
            meta: HOSTILE.into(),
            since: NOON,
            unread: 2,
            away: false,
            selected: false,
            wait: None,
            due: Some(DueLine { at: NOON, risk: false, late: false, text: HOSTILE.into() }),
        };
        let panel = Panel { name: HOSTILE.into(), tags: vec![HOSTILE.into()], about: HOSTILE.into(), ..Panel::default() };
        for html in [render::timeline(s, &timeline), render::row(s, &row), render::person(s, &panel), render::ring(s, &ring())] {
            assert!(!html.0.contains("<img src=x"), "{html}");
            assert!(!html.0.contains("onerror=alert(1)>\""), "{html}");
            assert!(!html.0.contains("style=") && !html.0.contains("onclick"), "{html}");
        }
    });
}

fn ring() -> Ring {
    Ring {
        offered: Vec::new(),
        work: Work::Call(CallId(12)),
        person: PersonId(7),
        queue: "Returns".into(),
        name: HOSTILE.into(),
        tier: None,
        identity: HOSTILE.into(),
        verified: false,
        glyph: "phone".into(),
        until: NOON.after(16_000),
        total_ms: 20_000,
        waited_ms: 38_000,
        why: vec![Why { glyph: "history", text: HOSTILE.into() }],
        others: Vec::new(),
        chats: vec![Peek { glyph: "webchat".into(), channel: "Web chat".into(), at: NOON, lines: vec![HOSTILE.into()], picture: None }],
        tickets: Vec::new(),
        desk_phone: false,
        asked: None,
        video: false,
        pop: Some(Pop { href: "https://crm.example/?q=1".into(), work: "call/12".into(), by_itself: false }),
    }
}

#[test]
fn the_card_tells_that_the_customer_shows_themselves() {
    for (language, words, voice) in
        [("en", "Incoming video call · Returns", "Incoming call · Returns"), ("zh-CN", "视频来电 · Returns", "来电 · Returns")]
    {
        with_say(language, |s| {
            let html = render::ring(s, &Ring { video: true, ..ring() }).0;
            assert!(html.contains(words) && html.contains("#video"), "{html}");
            let html = render::ring(s, &ring()).0;
            assert!(html.contains(voice) && !html.contains(words), "{html}");
        });
    }
}

#[test]
fn the_card_is_an_alert_with_its_seconds_and_both_answers() {
    with_say("en", |s| {
        let html = render::ring(s, &ring()).0;
        for part in [
            "role=\"alertdialog\"",
            ">16</text>",
            "stroke-dasharray=\"80 100\"",
            "/work/call/12/accept",
            "/work/call/12/decline",
            "waited 0:38",
            "data-call=\"true\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    });
}

#[test]
fn a_decision_reads_in_both_languages() {
    let decision = Decision {
        chosen: vec![Reason::LastAgent, Reason::Skill { skill: "returns".into(), level: 4, wanted: 3 }],
        others: vec![
            ("theo".into(), Reason::NotAvailable { status: StatusName::Break }),
            ("mara".into(), Reason::NoCapacity { used: 75, capacity: 100, cost: 100 }),
        ],
        more: 2,
    };
    with_say("en", |s| {
        assert_eq!(phrase::chosen(s, &decision), "Served by you last time, Skill Returns 4 of 5, wanted 3");
        assert_eq!(
            phrase::others(s, &decision),
            ["Theo Quill: not available (Break)", "Mara Voss: full (75 of 100, needs 100)", "2 more were looked at"]
        );
    });
    with_say("zh-CN", |s| {
        assert_eq!(phrase::chosen(s, &decision), "上次由您服务，技能 Returns 4/5，需要 3");
        assert_eq!(phrase::others(s, &decision)[0], "Theo Quill：不可分配（小休）");
    });
}

#[test]
fn events_find_their_places() {
    with_say("en", |s| {
        let mut old = bubble(1, "yesterday", true);
        old.at = At(NOON.0 - 86_400_000);
        let mut later = bubble(4, "later", true);
        later.at = NOON.after(120_000);
        let mut call = bubble(5, "", true);
        call.glyph = "phone";
        let events = render::place(s, vec![old, bubble(2, "a", true), bubble(3, "b", true), later, call], None);
        assert_eq!(events[0].day.as_deref(), Some("Yesterday, Friday 20 November"));
        assert_eq!(events[1].day.as_deref(), Some("Today, Saturday 21 November"));
        assert!(!events[1].dot, "a station begins each day");
        assert!(events[2].dot && events[2].same && events[2].day.is_none());
        assert!(events[3].dot && !events[3].same);
        assert!(!events[4].dot, "another channel is another station");
        let next = render::place(s, vec![bubble(6, "c", true)], Some(&bubble(5, "b", true)));
        assert!(next[0].dot && next[0].day.is_none(), "a push goes on where the page ends");
    });
}

#[test]
fn dates_and_spans_read_as_people_write_them() {
    with_say("zh-CN", |s| {
        assert_eq!(s.day(NOON), "今天 11 月 21 日 星期六");
        assert_eq!(s.age(At(NOON.0 - 125_000)), "2 分");
        assert_eq!(s.when(At(NOON.0 - 12 * 86_400_000)), "11 月 9 日");
    });
    with_say("en", |s| {
        assert_eq!(s.when(At(NOON.0 - 400 * 86_400_000)), "17 Oct 2025");
        assert_eq!(s.when(NOON), "today 14:05");
    });
    assert_eq!((span(0), span(267_000), span(3_729_000), span(-5)), ("0:00".into(), "4:27".into(), "1:02:09".into(), "0:00".into()));
    assert_eq!((initials("Lin Yueming"), initials("林月明"), initials("  ")), ("LY".into(), "月明".into(), "?".into()));
}

#[test]
fn a_sentence_keeps_its_order_around_names() {
    with_say("zh-CN", |s| {
        let pieces = phrase::change_pieces(s, "您", &TicketChange::Priority(1));
        assert_eq!(pieces, [Piece::Strong("您".into()), Piece::Text("将优先级改为 ".into()), Piece::Bad("P1".into())]);
    });
}

#[test]
fn canned_texts_are_filled_once() {
    let values = [("name", "{agent}"), ("agent", "Mara")];
    assert_eq!(filled("Hi {{name}}, {agent} here. {unknown} {", &values), "Hi {agent}, Mara here. {unknown} {");
}

#[test]
fn a_call_strip_says_what_each_button_would_do() {
    with_say("en", |s| {
        let strip = |held, paused| Bar {
            used: 100,
            capacity: 100,
            voice_problem: Some("mic_denied".into()),
            desk_phone: false,
            outages: Vec::new(),
            call: Some(CallStrip {
                pop: None,
                call: CallId(3),
                name: HOSTILE.into(),
                sub: "Sales".into(),
                since: NOON,
                held,
                paused,
                reaching: false,
                leads: true,
                customer: true,
                page: false,
                members: Vec::new(),
                consult: None,
                watched: Vec::new(),
            }),
            watch: None,
            moves: Vec::new(),
            parked: 0,
            wraps: Vec::new(),
            assists: String::new(),
        };
        let html = render::bar(s, &strip(true, Some(true))).0;
        assert!(html.contains("/work/call/3/hold\" data-on=\"false\"") && html.contains("Resume rec."), "{html}");
        let html = render::bar(s, &strip(false, None)).0;
        assert!(html.contains("/work/call/3/hold\" data-on=\"true\"") && !html.contains("/record"), "{html}");
        assert!(render::voice(s, &strip(false, None)).0.contains("Click the lock beside the address"));
    });
}

#[test]
fn every_problem_of_the_softphone_has_its_sentences_in_every_language() {
    let codes = ["mic_denied", "mic_missing", "mic_busy", "mic_lost", "media_failed", "media_lost", "offline", "insecure"];
    for language in ["en", "zh-CN"] {
        let locale = locale(language);
        with_say(language, |s| {
            for code in codes {
                assert_ne!(phrase::voice_problem(s, code), s.t("desk.voice.other"), "{language} {code}: the banner");
                assert_ne!(phrase::voice_todo(s, code), s.t("desk.voice.todo_other"), "{language} {code}: what to do");
                assert!(locale.has(&format!("voice.problem.{code}")), "{language} {code}: the status line");
            }
        });
    }
}
