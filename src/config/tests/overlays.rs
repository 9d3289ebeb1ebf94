//! Overlays, supervision and the wallboard: mistakes, and what the desk gets.

use super::mistakes::mistake;
use super::*;
use crate::desk::id::{OverlayId, QueueId};

fn overlay(lines: &str) -> String {
    with(&format!("[overlays.promotion.queues.sales]\n{lines}\n"))
}

#[test]
fn mistakes_are_marked() {
    mistake(&overlay("add_agents = [\"maro\"]"), "unknown agent `maro`", "\"maro\"", "mara");
    mistake(&with("[overlays.promotion.queues.sails]\npriority = 1\n"), "unknown queue `sails`", "sails", "sales");
    mistake(&overlay("greeting = \"wellcome\""), "unknown prompt `wellcome`", "\"wellcome\"", "welcome");
    mistake(&overlay("hours = \"night\""), "unknown hours `night`", "\"night\"", "");
    mistake(&overlay("overflow = { to = \"sales\", after = \"5s\" }"), "overflows back to itself", "\"sales\"", "");
    mistake(&overlay("add_agents = [\"mara\"]\nremove_agents = [\"mara\"]"), "is both added to queue `sales`", "\"mara\"", "");
    mistake(&with("[supervision]\nprompt = \"beeep\"\n"), "unknown prompt `beeep`", "\"beeep\"", "beep");
    mistake(&with("[wallboard]\ntarget = 101\n"), "`target` is 101", "101", "");
    mistake(&with("[wallboard]\ncsat_target = 5.5\n"), "`csat_target` is 5.5", "5.5", "");
    mistake(&with("[wallboard]\nvoice_within = \"0s\"\n"), "counts in seconds", "\"0s\"", "");
    let lines = |lines: &str| with(&format!("[overlays.promotion]\n{lines}\n"));
    mistake(&lines("lines = { 101 = \"queue:sales\" }"), "unknown line `101`", "101", "100");
    mistake(&lines("lines = { 100 = \"queue:sails\" }"), "unknown queue `sails`", "\"queue:sails\"", "sales");
    mistake(&lines("lines = { 100 = \"hangup\" }"), "`hangup` is not a target", "\"hangup\"", "");
    mistake(&lines("channels = { site = \"queue:sales\" }"), "unknown channel `site`", "site", "");
    let warned = good(&with("[overlays.promotion]\nname = \"Nothing\"\n")).warnings;
    assert!(warned.iter().any(|warning| warning.message.contains("overlay `promotion` changes nothing")), "{warned:?}");
}

#[test]
fn the_desk_gets_what_it_says_and_nothing_more() {
    let elsewhere = good(&with("[overlays.night]\nlines = { 100 = \"queue:support\" }\n")).catalog;
    let lines = &elsewhere.overlays[&OverlayId::from("night")].lines;
    assert_eq!(lines.get("100"), Some(&crate::desk::catalog::LineTarget::Queue("support".into())));
    let text = overlay("add_agents = [\"mara\"]\npriority = 20\nmax_wait = \"90s\"\noverflow = { to = \"support\", after = \"30s\" }");
    let catalog = good(&format!("{text}[supervision]\nannounce = false\n")).catalog;
    let overlay = &catalog.overlays[&OverlayId::from("promotion")];
    assert_eq!(overlay.name, "promotion");
    let sales = &overlay.queues[&QueueId::from("sales")];
    assert_eq!((sales.priority, sales.max_wait_ms, sales.wrap_up_ms, sales.greeting.as_deref()), (Some(20), Some(90_000), None, None));
    assert_eq!(sales.add.iter().map(|agent| agent.as_str()).collect::<Vec<_>>(), ["mara"]);
    assert!(!catalog.supervision.announce && catalog.supervision.prompt == "supervised");
}

#[test]
fn changes_are_told_in_both_languages() {
    let (old, new) = (good(BASE).config, good(&overlay("priority = 20")).config);
    let told = |language| diff(&old, &new).iter().map(|change| change.text(language)).collect::<Vec<_>>();
    assert_eq!(told("en"), ["Overlay promotion is new: supervisors can switch it on"]);
    assert_eq!(told("zh-CN"), ["新增预案 promotion：主管可以启用"]);
    let higher = good(&overlay("priority = 30")).config;
    let told = diff(&new, &higher).into_iter().map(|change| (change.subject.clone(), change.text("en"))).collect::<Vec<_>>();
    assert_eq!(told.len(), 1);
    let line = |to: &str| good(&with(&format!("[overlays.promotion]\nlines = {{ 100 = \"queue:{to}\" }}\n"))).config;
    let elsewhere = diff(&line("sales"), &line("support")).into_iter().map(|change| change.text("en")).collect::<Vec<_>>();
    assert!(elsewhere.len() == 1 && elsewhere[0].contains("100 → queue:support"), "{elsewhere:?}");
    assert!(told[0].0 == "overlay.promotion.queues.sales" && told[0].1.contains("30"), "{told:?}");
}
