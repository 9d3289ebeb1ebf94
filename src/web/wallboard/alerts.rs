//! What a supervisor should see to: nobody there for those who wait, goals that are missed, what takes too long, what does not work.

use super::board::{AgentLine, Group};
use super::config::WallboardSection;
use crate::desk::id::At;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;

pub struct Alert {
    pub key: String,
    pub class: &'static str,
    pub glyph: &'static str,
    pub title: String,
    pub text: String,
    pub since: Option<At>,
}

/// The worst first; `agents` are who is here, and who is not.
pub(super) fn alerts(
    reader: &Reader,
    say: &Say,
    goals: &WallboardSection,
    queues: &[Group],
    agents: (&[AgentLine], &[AgentLine]),
) -> Vec<Alert> {
    let (agents, offline) = agents;
    let mut alerts = Vec::new();
    for (group, row) in queues.iter().flat_map(|group| group.rows.iter().map(move |row| (group, row))) {
        let place = say.with("wallboard.place", &[("queue", &group.name), ("channel", &row.channel)]);
        let waiting = say.n("wallboard.n_waiting", row.waiting as u32);
        if row.waiting > 0 && row.ready == 0 {
            let key = if row.staffed == 0 { "wallboard.alert.nobody" } else { "wallboard.alert.none_ready" };
            alerts.push(Alert {
                key: format!("nobody/{}", row.key),
                class: "bad",
                glyph: "alert",
                title: say.with(key, &[("place", &place)]),
                text: waiting.clone(),
                since: row.longest,
            });
        } else if row.longest_class == "hot bad" {
            let title = say.with("wallboard.alert.wait", &[("place", &place)]);
            alerts.push(Alert {
                key: format!("wait/{}", row.key),
                class: "bad",
                glyph: "clock",
                title,
                text: waiting.clone(),
                since: row.longest,
            });
        }
        if row.class == "bad"
            && let Some(level) = &row.level
        {
            let title = say.with("wallboard.alert.level", &[("place", &place), ("level", level)]);
            let text = say.with("wallboard.goal", &[("target", &row.target.to_string()), ("time", &row.within)]);
            alerts.push(Alert { key: format!("level/{}", row.key), class: "warn", glyph: "warn", title, text, since: None });
        }
    }
    for line in agents.iter().filter(|line| line.class == "warn") {
        let (key, limit) = match line.presence {
            "break" => ("wallboard.alert.long_break", goals.long_break.get_ref()),
            _ => ("wallboard.alert.long_call", goals.long_call.get_ref()),
        };
        let title = say.with(key, &[("who", &line.name), ("time", &say.duration(limit.millis()))]);
        let key = format!("long/{}", line.id);
        alerts.push(Alert { key, class: "warn", glyph: "clock", title, text: line.state.clone(), since: Some(line.since) });
    }
    for line in agents {
        let title = say.with("wallboard.alert.assist", &[("who", &line.name)]);
        alerts.extend(line.assists.iter().map(|assist| Alert {
            key: format!("assist/{}/{}", line.id, assist.work),
            class: "bad",
            glyph: "help",
            title: title.clone(),
            text: assist.text.clone(),
            since: Some(assist.since),
        }));
    }
    for (line, since) in agents.iter().chain(offline).filter_map(|line| Some((line, line.owes?))) {
        let (key, title) = (format!("owed/{}", line.id), say.with("wallboard.alert.owed", &[("who", &line.name)]));
        alerts.push(Alert { key, class: "warn", glyph: "clock", title, text: say.t("wallboard.alert.owed_next"), since: Some(since) });
    }
    for line in agents.iter().filter(|line| line.voice_problem) {
        let title = say.with("wallboard.alert.no_voice", &[("who", &line.name)]);
        alerts.push(Alert { key: format!("voice/{}", line.id), class: "warn", glyph: "mic-off", title, text: String::new(), since: None });
    }
    for trunk in reader.floor.trunks.iter().filter(|trunk| !trunk.well) {
        let title = say.with("wallboard.alert.trunk", &[("trunk", trunk.id.as_str())]);
        let since = trunk.down.as_ref().map(|(since, _)| *since);
        alerts.push(Alert { key: format!("trunk/{}", trunk.id), class: "bad", glyph: "alert", title, text: String::new(), since });
    }
    for (channel, outage) in &reader.floor.outages {
        let title = say.with("wallboard.alert.channel", &[("channel", channel.as_str())]);
        let (key, text, since) = (format!("channel/{channel}"), outage.why.clone(), Some(outage.since));
        alerts.push(Alert { key, class: "bad", glyph: "alert", title, text, since });
    }
    for alert in &reader.floor.rule_alerts {
        alerts.push(Alert {
            key: format!("rule/{}/{}", alert.rule, alert.subject),
            class: "warn",
            glyph: "bot",
            title: say.with("wallboard.alert.rule", &[("rule", &say.rule(&alert.rule))]),
            text: alert.text.clone(),
            since: Some(alert.at),
        });
    }
    alerts.sort_by_key(|alert| alert.class != "bad");
    alerts
}
