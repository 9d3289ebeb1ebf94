//! A flow as a picture: SVG, readable in light and dark, with its words in the reader's language. Drawn for a page, which brings its own
//! colours, or as a file that brings them along.

mod layout;
#[cfg(test)]
mod tests;

use super::words::say;
use crate::desk::ivr::{Flow, Label, Node, Target};
use layout::{Layout, layout};
use std::fmt::Write;

/// Characters of what a node says that are shown.
const SAID: usize = 26;
const HEIGHT: f64 = 50.0;
const NARROWEST: f64 = 132.0;

/// Who shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dress {
    /// Part of a page whose style sheet knows the classes.
    Page,
    /// A file of its own.
    File,
}

/// A node in words: for those who cannot see the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    pub name: String,
    pub kind: String,
    pub says: String,
    /// What leads there, and where.
    pub ways: Vec<(String, String)>,
}

/// A box of the picture.
struct Shape {
    class: &'static str,
    title: String,
    sub: String,
    /// Labels of its ways out, each with the way's index.
    ways: Vec<(String, usize)>,
}

/// The nodes from the start on, as they come.
pub fn outline(flow: &Flow, language: &str) -> Vec<Outline> {
    let of = |(name, node): (&str, &Node)| Outline {
        name: name.to_owned(),
        kind: say(language, &format!("cli.flow.kind.{}", node.kind()), &[]),
        says: said(node, language),
        ways: node.ways().iter().map(|way| (label(&way.label, language), target(way.target, language))).collect(),
    };
    nodes(flow).into_iter().map(of).collect()
}

/// The picture.
pub fn svg(flow: &Flow, language: &str, dress: Dress) -> String {
    let (shapes, ways) = shapes(flow, language);
    let sizes: Vec<(f64, f64)> = shapes.iter().map(|shape| (shape.width(), HEIGHT)).collect();
    let ends: Vec<(usize, usize)> = ways.iter().map(|way| (way.from, way.to)).collect();
    let laid = layout(&sizes, &ends);
    let title = escape(&say(language, "cli.flow.picture", &[("flow", &flow.name)]));
    let (width, height) = (laid.width.ceil(), laid.height.ceil());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flow\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
    );
    if dress == Dress::File {
        out += STYLE;
        let _ = write!(out, "<rect class=\"fbg\" width=\"{width}\" height=\"{height}\"/>");
    }
    out += "<defs><marker id=\"fa\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
            <path class=\"fh\" d=\"M0 0L8 4L0 8Z\"/></marker></defs>";
    let ports = ports(&shapes, &laid);
    for (index, way) in ways.iter().enumerate() {
        let class = if way.own { "fe own" } else { "fe" };
        let _ = write!(out, "<path class=\"{class}\" marker-end=\"url(#fa)\" d=\"{}\"/>", route(&laid, index, &ports));
    }
    for (spot, shape) in laid.spots.iter().zip(&shapes) {
        shape.draw(&mut out, spot.x, spot.y, spot.width);
    }
    for (index, way) in ways.iter().enumerate() {
        if let Some((x, y)) = ports.get(index) {
            let _ = write!(out, "<text class=\"fl\" x=\"{:.0}\" y=\"{:.0}\">{}</text>", x + 4.0, y + 13.0, escape(&way.label));
        }
    }
    out + "</svg>"
}

struct Way {
    from: usize,
    to: usize,
    label: String,
    /// Taken by itself.
    own: bool,
}

/// The start first, then as the nodes are come to; what nothing leads to stands at the end.
fn nodes(flow: &Flow) -> Vec<(&str, &Node)> {
    let mut order: Vec<&str> = Vec::new();
    for name in std::iter::once(flow.start.as_str()).chain(flow.nodes.keys().map(String::as_str)) {
        walk(flow, name, &mut order);
    }
    order.into_iter().filter_map(|name| Some((name, flow.nodes.get(name)?))).collect()
}

fn walk<'f>(flow: &'f Flow, name: &'f str, order: &mut Vec<&'f str>) {
    let mut next = std::collections::VecDeque::from([name]);
    while let Some(name) = next.pop_front() {
        let Some(node) = flow.nodes.get(name).filter(|_| !order.contains(&name)) else { continue };
        order.push(name);
        next.extend(node.ways().into_iter().filter_map(|way| if let Target::Node(node) = way.target { Some(node.as_str()) } else { None }));
    }
}

/// Boxes for the nodes and for where the flow is left, and the ways between them; ways to the same place are one.
fn shapes(flow: &Flow, language: &str) -> (Vec<Shape>, Vec<Way>) {
    let nodes = nodes(flow);
    let mut shapes: Vec<Shape> = nodes
        .iter()
        .map(|(name, node)| Shape { class: "fb", title: (*name).to_owned(), sub: sub(node, language), ways: Vec::new() })
        .collect();
    let mut outside: Vec<&Target> = Vec::new();
    let mut ways: Vec<Way> = Vec::new();
    for (from, (_, node)) in nodes.iter().enumerate() {
        for way in node.ways() {
            let to = match way.target {
                Target::Node(name) => match nodes.iter().position(|(other, _)| other == name) {
                    Some(to) => to,
                    None => continue,
                },
                target => match outside.iter().position(|other| *other == target) {
                    Some(at) => nodes.len() + at,
                    None => {
                        outside.push(target);
                        shapes.push(left(target, language));
                        shapes.len() - 1
                    }
                },
            };
            let text = label(&way.label, language);
            match ways.iter_mut().find(|other| other.from == from && other.to == to) {
                Some(known) => {
                    let _ = write!(known.label, "{}{text}", say(language, "cli.flow.comma", &[]));
                    known.own &= !way.label.by_caller();
                }
                None => ways.push(Way { from, to, label: text, own: !way.label.by_caller() }),
            }
        }
    }
    for (index, way) in ways.iter().enumerate() {
        if let Some(shape) = shapes.get_mut(way.from) {
            shape.ways.push((way.label.clone(), index));
        }
    }
    (shapes, ways)
}

/// Where a flow is left.
fn left(target: &Target, language: &str) -> Shape {
    let class = match target {
        Target::Queue(_) => "fb fq",
        Target::Flow(_) => "fb ff",
        Target::Voicemail | Target::Callback | Target::Outside(_) => "fb ff",
        Target::Node(_) | Target::HangUp => "fb fx",
    };
    let sub = match target {
        Target::Queue(_) => say(language, "cli.flow.kind.queue", &[]),
        Target::Flow(_) => say(language, "cli.flow.other", &[]),
        Target::Outside(_) => say(language, "cli.flow.kind.outside", &[]),
        Target::Voicemail | Target::Callback | Target::Node(_) | Target::HangUp => String::new(),
    };
    let title = match target {
        Target::Queue(queue) => queue.to_string(),
        Target::Flow(flow) => flow.to_string(),
        Target::Outside(number) => number.clone(),
        Target::Voicemail | Target::Callback | Target::Node(_) | Target::HangUp => self::target(target, language),
    };
    Shape { class, title, sub, ways: Vec::new() }
}

fn sub(node: &Node, language: &str) -> String {
    let kind = say(language, &format!("cli.flow.kind.{}", node.kind()), &[]);
    let said = said(node, language);
    if said.is_empty() { kind } else { format!("{kind} · {said}") }
}

/// The beginning of what a node says: its text, or the names of its recordings.
fn said(node: &Node, language: &str) -> String {
    let words = node.words();
    let Some(first) = words.first() else { return String::new() };
    let all = first.text(language).map_or_else(|| first.prompts.join(" + "), |text| text.replace('\n', " "));
    if all.chars().count() <= SAID { all } else { all.chars().take(SAID).collect::<String>() + "…" }
}

fn label(label: &Label, language: &str) -> String {
    let word = |key: &str| say(language, &format!("cli.flow.way.{key}"), &[]);
    match label {
        Label::Next => word("next"),
        Label::Key(key) => key.clone(),
        Label::Entered => word("entered"),
        Label::Otherwise => word("otherwise"),
        Label::Open => word("open"),
        Label::Closed => word("closed"),
        Label::Holiday => word("holiday"),
        Label::Reached => word("reached"),
        Label::Tier(name) | Label::Tag(name) | Label::Answer(name) => name.clone(),
    }
}

fn target(target: &Target, language: &str) -> String {
    match target {
        Target::Node(node) => node.clone(),
        Target::Queue(queue) => format!("{} {queue}", say(language, "cli.flow.kind.queue", &[])),
        Target::Flow(flow) => format!("{} {flow}", say(language, "cli.flow.other", &[])),
        Target::Voicemail => say(language, "cli.flow.voicemail", &[]),
        Target::Callback => say(language, "cli.flow.callback", &[]),
        Target::Outside(number) => number.clone(),
        Target::HangUp => say(language, "cli.flow.kind.hangup", &[]),
    }
}

impl Shape {
    /// As wide as its words, and as the labels of its ways beside each other.
    fn width(&self) -> f64 {
        let words = (text_width(&self.title, 7.4)).max(text_width(&self.sub, 6.2)) + 24.0;
        let labels: f64 = self.ways.iter().map(|(label, _)| slot(label)).sum::<f64>() + 8.0;
        words.max(labels).max(NARROWEST).ceil()
    }

    fn draw(&self, out: &mut String, x: f64, y: f64, width: f64) {
        let left = x - width / 2.0;
        let round = if self.class == "fb" { 8.0 } else { HEIGHT / 2.0 };
        let class = self.class;
        let _ = write!(
            out,
            "<g class=\"{class}\"><rect x=\"{left:.0}\" y=\"{y:.0}\" width=\"{width:.0}\" height=\"{HEIGHT}\" rx=\"{round}\"/>"
        );
        let first = if self.sub.is_empty() { y + 30.0 } else { y + 21.0 };
        let _ = write!(out, "<text class=\"ft\" x=\"{x:.0}\" y=\"{first:.0}\">{}</text>", escape(&self.title));
        if !self.sub.is_empty() {
            let _ = write!(out, "<text class=\"fs\" x=\"{x:.0}\" y=\"{:.0}\">{}</text>", y + 38.0, escape(&self.sub));
        }
        *out += "</g>";
    }
}

/// What a label takes beside the others.
fn slot(label: &str) -> f64 {
    text_width(label, 6.4) + 16.0
}

/// About as wide as text is drawn; a Chinese character is as wide as two.
fn text_width(text: &str, letter: f64) -> f64 {
    text.chars().map(|c| if u32::from(c) >= 0x2e80 { letter * 1.75 } else { letter }).sum()
}

/// Where each way leaves its box.
fn ports(shapes: &[Shape], laid: &Layout) -> Vec<(f64, f64)> {
    let mut ports = vec![(0.0, 0.0); laid.lines.len()];
    for (shape, spot) in shapes.iter().zip(&laid.spots) {
        // From left to right as they go on, so that they do not cross at the start; those that go back leave at the right.
        let goes = |way: usize| {
            laid.lines.get(way).map_or(f64::INFINITY, |line| {
                let next = line.through.first().copied().unwrap_or(line.to);
                if line.back { f64::INFINITY } else { laid.spots.get(next).map_or(0.0, |spot| spot.x) }
            })
        };
        let mut ways: Vec<&(String, usize)> = shape.ways.iter().collect();
        ways.sort_by(|a, b| goes(a.1).total_cmp(&goes(b.1)));
        let all: f64 = ways.iter().map(|(label, _)| slot(label)).sum();
        let mut x = spot.x - all / 2.0 + 6.0;
        for (label, way) in ways {
            if let Some(port) = ports.get_mut(*way) {
                *port = (x, spot.y + spot.height);
            }
            x += slot(label);
        }
    }
    ports
}

/// The path of a way.
fn route(laid: &Layout, index: usize, ports: &[(f64, f64)]) -> String {
    let (Some(line), Some(&(x, y))) = (laid.lines.get(index), ports.get(index)) else { return String::new() };
    let Some(to) = laid.spots.get(line.to) else { return String::new() };
    if line.back {
        // Down, to the right edge, up and in from the right.
        let lane = laid.lines.iter().take(index).filter(|line| line.back).count() as f64;
        let right = laid.width - 8.0 - lane * 14.0;
        let (turn, level) = (y + 24.0 + lane * 5.0, to.y + to.height / 2.0 + lane * 3.0);
        return format!("M{x:.0} {y:.0}V{turn:.0}H{right:.0}V{level:.0}H{:.0}", to.x + to.width / 2.0 + 2.0);
    }
    let mut path = format!("M{x:.0} {y:.0}v16");
    let (mut from_x, mut from_y) = (x, y + 16.0);
    let stops = line.through.iter().filter_map(|spot| laid.spots.get(*spot)).map(|spot| (spot.x, spot.y + HEIGHT / 2.0));
    // Many ways into one box come in side by side.
    let aside = (x - to.x).clamp(-to.width / 4.0, to.width / 4.0) / 2.0;
    for (to_x, to_y) in stops.chain([(to.x + aside, to.y - 1.0)]) {
        let half = (to_y - from_y) / 2.0;
        let _ = write!(path, "C{from_x:.0} {:.0} {to_x:.0} {:.0} {to_x:.0} {to_y:.0}", from_y + half, to_y - half);
        (from_x, from_y) = (to_x, to_y);
    }
    path
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The colours of the file, by day and by night.
const STYLE: &str = "<style>.flow{font-family:system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}.fbg{fill:#fff}\
.fb rect{fill:#f4f5f7;stroke:#8a919c}.fq rect{fill:#e4f0f6;stroke:#0f648f}.fx rect{fill:#fcebe9;stroke:#c22f26}.ff rect{fill:#f1edfa;stroke:#6246ab}\
.ft{font-size:13px;font-weight:600;text-anchor:middle;fill:#1a1d22}.fs{font-size:11px;text-anchor:middle;fill:#4f5661}\
.fl{font-size:12px;fill:#0d5c84;paint-order:stroke;stroke:#fff;stroke-width:3px}.fe{fill:none;stroke:#636a75;stroke-width:1.4}.own{stroke-dasharray:5 4}.fh{fill:#636a75}\
@media(prefers-color-scheme:dark){.fbg{fill:#15181c}.fb rect{fill:#22272d;stroke:#6b737e}.fq rect{fill:#16303f;stroke:#7cc3e6}.fx rect{fill:#3a1b19;stroke:#f48b82}\
.ff rect{fill:#262040;stroke:#b9a4f0}.ft{fill:#e7e9ec}.fs{fill:#adb4be}.fl{fill:#7cc3e6;stroke:#15181c}.fe{stroke:#969ea9}.fh{fill:#969ea9}}</style>";
