//! Views → HTML. The same functions draw a page, a reloaded fragment and a live push.

use super::phrase::{state_text, voice_problem, voice_todo};
use super::say::{Given, Html, Piece, Say, initials};
use super::view::*;
use crate::desk::id::{At, Work};
use crate::desk::input::{Delivery, Extra};
use crate::store::messages::Changed;
use askama::Template;

/// Draws a template; one that fails is logged and shows as nothing, so that the rest of the page stands.
pub fn draw(template: &impl Template) -> Html {
    Html(template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "template could not be drawn");
        String::new()
    }))
}

macro_rules! partial {
    ($($(#[$doc:meta])* $function:ident $struct:ident $path:literal $field:ident: $type:ty;)*) => {$(
        #[derive(Template)]
        #[template(path = $path)]
        struct $struct<'a> { s: &'a Say<'a>, $field: &'a $type }

        $(#[$doc])*
        pub fn $function(s: &Say, $field: &$type) -> Html {
            draw(&$struct { s, $field })
        }
    )*};
}

partial! {
    /// The left pane.
    list ListPart "inbox/_list.html" list: List;
    /// One line of it.
    row RowPart "inbox/_row.html" row: Row;
    /// A page of the timeline.
    timeline TimelinePart "inbox/_timeline.html" timeline: Timeline;
    /// One event with its day heading.
    event EventPart "inbox/_event.html" event: Event;
    /// Delivery ticks under a message.
    receipt ReceiptPart "inbox/_receipt.html" bubble: Bubble;
    /// The right pane.
    person PersonPart "inbox/_person.html" panel: Panel;
    /// Capacity and call strip.
    bar BarPart "inbox/_bar.html" bar: Bar;
    /// The red banner that says why no calls come.
    voice VoicePart "inbox/_voice.html" bar: Bar;
    /// The after-call form.
    wrap_up WrapPart "inbox/_wrapup.html" bar: Bar;
    /// What is asked for before a conversation is resolved.
    resolve_box ResolvePart "inbox/_resolve.html" resolve: ResolveBox;
    /// What rings.
    ring RingPart "inbox/_ring.html" ring: Ring;
    /// Who could take a transfer.
    targets TargetsPart "inbox/_targets.html" targets: Targets;
    /// A form with its answers.
    form FormPart "inbox/_form.html" form: FormBox;
    /// What could be sent to a customer, and where it goes.
    push_box PushPart "inbox/_push.html" push: PushBox;
    dial_pad DialPart "inbox/_dial.html" pad: DialPad;
    /// The header of the centre pane.
    head HeadPart "inbox/_head.html" head: Head;
    /// The composer of one person.
    composer ComposerPart "inbox/_composer.html" composer: Composer;
}

#[derive(Template)]
#[template(path = "inbox/_centre.html")]
struct CentrePart<'a> {
    s: &'a Say<'a>,
    head: &'a Head,
    timeline: &'a Timeline,
    composer: &'a Composer,
}

/// The whole centre pane of one person.
pub fn centre(s: &Say, head: &Head, timeline: &Timeline, composer: &Composer) -> Html {
    draw(&CentrePart { s, head, timeline, composer })
}

#[derive(Template)]
#[template(path = "inbox/_nobody.html")]
struct NobodyPart<'a> {
    s: &'a Say<'a>,
}

/// The centre pane while nothing is chosen.
pub fn nobody(s: &Say) -> Html {
    draw(&NobodyPart { s })
}

#[derive(Template)]
#[template(path = "inbox/_overlays.html")]
struct OverlaysPart<'a> {
    s: &'a Say<'a>,
}

/// Dialogs that every page of the desk has: transfer, keypad, keys, search.
pub fn overlays(s: &Say) -> Html {
    draw(&OverlaysPart { s })
}

/// Four bars from a mean opinion score: 4 from 4.0, 3 from 3.6, 2 from 3.1, 1 from 1.0; none for 0 (nothing measured).
pub fn bars(mos: impl Given<f32>) -> Html {
    let mos = mos.given();
    let lit = match mos {
        m if m >= 4.0 => 4,
        m if m >= 3.6 => 3,
        m if m >= 3.1 => 2,
        m if m >= 1.0 => 1,
        _ => 0,
    };
    let class = match lit {
        1 => " low",
        2 => " mid",
        _ => "",
    };
    let rects: String = (0..4)
        .map(|k| {
            let on = if k < lit { r#" class="on""# } else { "" };
            format!(r#"<rect{on} x="{}" y="{}" width="3" height="{}" rx="1"/>"#, k * 4, 10 - k * 3, 4 + k * 3)
        })
        .collect();
    Html(format!(r#"<svg class="bars{class}" viewBox="0 0 16 14" aria-hidden="true">{rects}</svg>"#))
}

/// Outcomes as a tree of two levels: `delivery / late` stands as `late` under `delivery`; those without a branch come under an empty heading.
/// Each outcome is its whole path, and what is shown of it.
pub fn branches(outcomes: &[String]) -> Vec<(String, Vec<(String, String)>)> {
    let mut all: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for outcome in outcomes {
        let (branch, leaf) = outcome.split_once('/').map_or(("", outcome.trim()), |(branch, leaf)| (branch.trim(), leaf.trim()));
        let line = (outcome.clone(), leaf.to_owned());
        match all.iter_mut().find(|(known, _)| known == branch) {
            Some((_, lines)) => lines.push(line),
            None => all.push((branch.to_owned(), vec![line])),
        }
    }
    all
}

/// Millionths of a degree as a map writes them.
pub fn degrees(millionths: &i32) -> String {
    format!("{:.6}", f64::from(*millionths) / 1_000_000.0)
}

/// An address from outside, if it is one of the web; nothing else, and nothing that runs, is ever led to.
pub fn web_address(url: &str) -> Option<&str> {
    Some(url).filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// `call/12`: how work stands in URLs.
pub fn work_path(work: &Work) -> String {
    match work {
        Work::Call(id) => format!("call/{id}"),
        Work::Conversation(id) => format!("conversation/{id}"),
        Work::Callback(id) => format!("callback/{id}"),
    }
}

/// `call-12`: how work stands in element ids.
pub fn work_key(work: &Work) -> String {
    work_path(work).replace('/', "-")
}

impl Row {
    /// Also the element's id, behind `row-`.
    pub fn key(&self) -> String {
        work_key(&self.work)
    }
}

impl Ring {
    pub fn key(&self) -> String {
        work_key(&self.work)
    }

    pub fn path(&self) -> String {
        work_path(&self.work)
    }

    /// Whole seconds left.
    pub fn seconds(&self, now: impl Given<At>) -> i64 {
        (self.until.since(now.given()) + 999) / 1000
    }

    /// Share of the time left.
    pub fn percent(&self, now: impl Given<At>) -> i64 {
        (self.until.since(now.given()) * 100 / self.total_ms.max(1)).clamp(0, 100)
    }
}

impl CallStrip {
    /// Whether there is somebody to press keys for: colleagues have no use for them.
    pub fn keys(&self) -> bool {
        self.consult.as_ref().map_or(self.customer, |consult| consult.outside || !consult.aside)
    }
}

impl Bar {
    pub fn percent(&self) -> u32 {
        (self.used * 100).checked_div(self.capacity).unwrap_or(0).min(100)
    }
}

/// Puts entries (oldest first) in their places: days, stations where the channel changes, times where the minute changes.
/// `before` is what stands above them on the page already.
pub fn place(s: &Say, entries: Vec<Entry>, before: Option<&Entry>) -> Vec<Event> {
    let mut last: Option<(String, &'static str, String, bool)> = before.map(|entry| trace(s, entry));
    entries
        .into_iter()
        .map(|entry| {
            let now = trace(s, &entry);
            let same_day = last.as_ref().is_some_and(|l| l.0 == now.0);
            let dot = same_day
                && !matches!(entry.what, What::Call(_) | What::Form(_) | What::Note { .. })
                && last.as_ref().is_some_and(|l| l.1 == now.1);
            let same = dot && last.as_ref().is_some_and(|l| l.2 == now.2 && l.3 == now.3);
            let day = (!same_day).then(|| s.day(entry.at));
            last = Some(now);
            Event { entry, day, dot, same }
        })
        .collect()
}

/// What the next event is compared with: day, glyph, minute, side.
fn trace(s: &Say, entry: &Entry) -> (String, &'static str, String, bool) {
    let theirs = matches!(&entry.what, What::Message(bubble) if bubble.theirs);
    (s.day_key(entry.at), entry.glyph, s.clock(entry.at), theirs)
}

#[derive(Template)]
#[template(path = "layout/_me.html")]
struct MePart<'a> {
    page: &'a crate::web::Page,
}

/// The status selector: the shell's own partial.
pub fn me(page: &crate::web::Page) -> Html {
    draw(&MePart { page })
}
