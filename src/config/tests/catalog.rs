//! What the desk gets is what the file says.

use super::*;
use crate::desk::catalog::LineTarget;
use crate::desk::id::{At, ChannelId, QueueId, SkillId, TierId};

#[test]
fn queues_agents_tiers_and_channels_resolve_with_their_units() {
    let loaded = good(&with(
        r#"
[[queues]]
id = "vip"
name = "Very important"
priority = 5
offer = "25s"
wrap_up = "1m"
dispositions = ["sold"]
disposition_required = true
greeting = "welcome"
record = true
record_notice = "recorded"
max_wait = "10m"
prefer_agent = "15s"
open_ticket = true
overflow = { to = "support", after = "90s" }
requires = [{ skill = "selling", minimum = 2, preferred = 4, relax = "45s" }]
[[agents]]
id = "jo"
queues = ["vip"]
skills = { selling = 5 }
capacity = 150
phone = "sip:jo@192.0.2.10:5060"
max_calls = 2
[[tiers]]
id = "gold"
name = "金卡"
priority = 10
[[channels]]
kind = "webchat"
id = "shop"
queue = "vip"
cost = 30
max_text = 1000
away_text = "later"
open_text = "sooner"
open_after = "90s"
[routing]
call_cost = 90
agent_grace = "10s"
break_reasons = ["Lunch"]
"#,
    ));
    let queue = &loaded.catalog.queues[&QueueId::from("vip")];
    assert_eq!((queue.name.as_str(), queue.priority, queue.offer_ms, queue.wrap_up_ms), ("Very important", 5, 25_000, 60_000));
    assert_eq!((queue.max_wait_ms, queue.prefer_agent_ms, queue.record, queue.open_ticket), (600_000, 15_000, true, true));
    assert_eq!((queue.greeting.as_deref(), queue.music.as_str()), (Some("welcome"), "music"));
    let overflow = queue.overflow.as_ref().expect("overflow");
    assert_eq!((overflow.after_ms, overflow.to.as_str()), (90_000, "support"));
    let wanted = &queue.requires[0];
    assert_eq!((wanted.skill.as_str(), wanted.minimum, wanted.preferred, wanted.relax_ms), ("selling", 2, 4, 45_000));
    let agent = &loaded.catalog.agents[&AgentId::from("jo")];
    assert_eq!((agent.name.as_str(), agent.capacity, agent.max_calls), ("jo", 150, 2));
    assert_eq!(agent.skills[&SkillId::from("selling")], 5);
    assert_eq!(loaded.catalog.tiers[&TierId::from("gold")], 10);
    assert_eq!(loaded.catalog.tier_names[&TierId::from("gold")], "金卡");
    let channel = &loaded.catalog.channels[&ChannelId::from("shop")];
    assert_eq!((channel.kind.as_str(), channel.cost, channel.traits.text.most), ("webchat", 30, 1_000));
    assert_eq!(
        (channel.away_text.as_deref(), channel.open_text.as_deref(), channel.open_after_ms),
        (Some("later"), Some("sooner"), 90_000)
    );
    assert_eq!((loaded.catalog.routing.call_cost, loaded.catalog.routing.agent_grace_ms), (90, 10_000));
}

#[test]
fn lines_lead_where_they_say_and_a_written_number_wins_over_a_pattern() {
    let loaded = good(&with(
        r#"
[[lines]]
number = "9{n}"
agent = "desk{n}"
[[lines]]
number = "92"
echo = true
[[lines]]
number = "300"
trunk = "provider"
agent = "mara"
[[agent_groups]]
prefix = "desk"
count = 3
queues = ["sales"]
phone = "sip:d{n}@127.0.0.1"
"#,
    ));
    let to = |number: &str| {
        let found: Vec<_> = loaded.catalog.lines.iter().filter(|line| line.number == number).collect();
        assert_eq!(found.len(), 1, "{number}");
        match &found[0].to {
            LineTarget::Queue(id) => format!("queue {id}"),
            LineTarget::Agent(id) => format!("agent {id}"),
            LineTarget::Echo => "echo".to_owned(),
            LineTarget::Flow(id) => format!("flow {id}"),
        }
    };
    assert_eq!([to("100"), to("91"), to("92"), to("93"), to("300")], ["queue sales", "agent desk1", "echo", "agent desk3", "agent mara"]);
    let bound = loaded.catalog.lines.iter().find(|line| line.number == "300").and_then(|line| line.trunk.as_ref());
    assert_eq!(bound.map(|trunk| trunk.as_str()), Some("provider"));
}

#[test]
fn hours_follow_the_week_the_holidays_and_the_zone() {
    let loaded = good(&with(
        r#"
[[queues]]
id = "shop"
hours = "shop"
[[hours]]
id = "shop"
timezone = "Asia/Shanghai"
[hours.week]
mon-fri = ["09:00-12:00", "13:00-18:00"]
sat = ["22:00-02:00"]
[hours.holidays]
"2026-11-23" = "Founders' day"
"2026-11-24" = { name = "Half day", open = ["09:00-10:00"] }
"#,
    ));
    let hours = loaded.catalog.queues[&QueueId::from("shop")].hours.clone().expect("hours");
    let open = |text: &str| hours.open_at(At(text.parse::<jiff::Timestamp>().expect(text).as_millisecond()));
    // Shanghai is 8 hours ahead. 2026-11-20 is a Friday.
    assert!(open("2026-11-20T01:00:00Z") && !open("2026-11-20T00:59:00Z"), "opens at nine");
    assert!(!open("2026-11-20T04:30:00Z") && open("2026-11-20T09:59:00Z") && !open("2026-11-20T10:00:00Z"), "lunch and evening");
    assert!(open("2026-11-21T15:00:00Z") && open("2026-11-21T17:59:00Z") && !open("2026-11-21T18:00:00Z"), "past midnight");
    assert!(!open("2026-11-23T02:00:00Z"), "a holiday");
    assert!(open("2026-11-24T01:30:00Z") && !open("2026-11-24T02:30:00Z"), "half a day");
}

#[test]
fn members_are_the_declared_agents_with_their_role_and_language() {
    let text = format!(
        "[site]\nlanguage = \"zh-CN\"\n{}",
        with("[[agents]]\nid = \"jo\"\nname = \"Jo\"\nqueues = [\"sales\"]\nlanguage = \"en\"\n")
    );
    let loaded = good(&text);
    let members: Vec<(String, String, Role, String)> =
        loaded.config.members().map(|member| (member.id.to_string(), member.name, member.role, member.language)).collect();
    assert_eq!(
        members,
        [("mara".into(), "mara".into(), Role::Admin, "zh-CN".into()), ("jo".into(), "Jo".into(), Role::Agent, "en".into()),]
    );
}
