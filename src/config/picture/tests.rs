//! Boxes do not lie on each other, every way begins and ends at its boxes, and the words are in the reader's language.

use super::*;
use crate::config::Config;
use proptest::prelude::*;
use std::path::Path;

fn flow() -> Flow {
    let text = r#"
[[trunks]]
id = "t"
server = "sip.example"
[[lines]]
number = "1"
flow = "main"
[[queues]]
id = "sales"
[[agents]]
id = "mara"
role = "admin"
queues = ["sales"]
[flows.main]
name = "Main <menu>"
[flows.main.nodes.start]
kind = "menu"
prompt = "menu"
options = { 1 = "queue:sales", 2 = "queue:sales", 9 = "other" }
[flows.main.nodes.other]
kind = "language"
language = "zh-CN"
next = "start"
"#;
    let loaded = Config::parse(text, Path::new("hubline.toml")).unwrap_or_else(|report| panic!("{report}"));
    loaded.catalog.flows.into_values().next().expect("a flow")
}

#[test]
fn it_says_what_leads_where_in_the_readers_language() {
    let english = svg(&flow(), "en", Dress::File);
    for words in ["Main &lt;menu&gt;", ">start<", ">1, 2<", ">9<", ">sales<", ">otherwise<", "prefers-color-scheme:dark"] {
        assert!(english.contains(words), "{words} is missing in {english}");
    }
    let chinese = svg(&flow(), "zh-CN", Dress::Page);
    assert!(chinese.contains(">1、2<") && chinese.contains("菜单") && !chinese.contains("<style"), "{chinese}");
    assert!(!chinese.contains("cli.flow"), "every word has a text: {chinese}");
    let outline = outline(&flow(), "en");
    assert_eq!(outline[0].name, "start");
    assert_eq!(outline[0].ways[0], ("1".into(), "Queue sales".into()));
}

#[test]
fn every_kind_and_way_has_words() {
    for language in ["en", "zh-CN"] {
        for kind in Node::KINDS {
            let key = format!("cli.flow.kind.{kind}");
            assert_ne!(say(language, &key, &[]), key);
        }
        for name in ["next", "entered", "otherwise", "open", "closed", "holiday"] {
            let key = format!("cli.flow.way.{name}");
            assert_ne!(say(language, &key, &[]), key);
        }
    }
}

proptest! {
    #[test]
    fn boxes_stand_apart_and_ways_go_down_or_back(ends in proptest::collection::vec((0usize..12, 0usize..12), 0..30)) {
        let sizes: Vec<(f64, f64)> = (0..12).map(|n| (130.0 + f64::from(n) * 10.0, HEIGHT)).collect();
        let laid = layout(&sizes, &ends);
        let boxes = &laid.spots[..12];
        for (n, a) in boxes.iter().enumerate() {
            prop_assert!(a.x - a.width / 2.0 >= 0.0 && a.x + a.width / 2.0 <= laid.width && a.y + a.height <= laid.height);
            for b in &boxes[n + 1..] {
                let apart = (a.x - b.x).abs() >= (a.width + b.width) / 2.0 || (a.y - b.y).abs() >= HEIGHT;
                prop_assert!(apart, "{a:?} on {b:?}");
            }
        }
        for line in &laid.lines {
            prop_assert!(line.back || boxes[line.to].layer > boxes[line.from].layer);
            prop_assert_eq!(line.through.len(), if line.back { 0 } else { boxes[line.to].layer - boxes[line.from].layer - 1 });
        }
    }
}
