//! How work comes in and where it waits: trunks, lines, queues, hours, channels, tiers, routing.

use super::Effect::Live;
use super::{Changes, list, meta, shown, telegram};
use crate::channels::config::{CallsSection, ChannelSection};
use crate::channels::sms::config::GatewaySection;
use crate::config::Config;
use crate::config::value::Name;
use crate::desk::config::{HolidaySection, HoursSection, LineSection, QueueSection};
use crate::sip::config::TrunkSection;
use std::collections::BTreeMap;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let trunks = changes.ids("trunk", ("trunk_added", "trunk_removed"), by(&old.trunks, |t| &t.id), by(&new.trunks, |t| &t.id));
    for (id, before, after) in trunks {
        trunk(&format!("trunk.{id}"), before, after, changes);
    }
    lines(old, new, changes);
    let queues = changes.ids("queue", ("queue_added", "queue_removed"), by(&old.queues, |q| &q.id), by(&new.queues, |q| &q.id));
    for (id, before, after) in queues {
        queue(&format!("queue.{id}"), before, after, changes);
    }
    let hours = changes.ids("hours", ("hours_added", "hours_removed"), by(&old.hours, |h| &h.id), by(&new.hours, |h| &h.id));
    for (id, before, after) in hours {
        self::hours(&format!("hours.{id}"), before, after, changes);
    }
    let channels = changes.ids("channel", ("channel_added", "channel_removed"), by(&old.channels, |c| &c.id), by(&new.channels, |c| &c.id));
    for (id, before, after) in channels {
        channel(&format!("channel.{id}"), before, after, changes);
    }
    let tiers = changes.ids("tier", ("tier_added", "tier_removed"), by(&old.tiers, |t| &t.id), by(&new.tiers, |t| &t.id));
    for (id, before, after) in tiers {
        let subject = format!("tier.{id}");
        changes.setting(&subject, "name", Live, shown(before.name.as_ref()), shown(after.name.as_ref()));
        changes.setting(&subject, "priority", Live, before.priority.to_string(), after.priority.to_string());
    }
    routing(old, new, changes);
    super::social::alerts(&old.alerts, &new.alerts, changes);
    callbacks(old, new, changes);
}

/// The things of a table by their id.
pub(super) fn by<T>(things: &[T], id: impl Fn(&T) -> &Name) -> BTreeMap<String, &T> {
    things.iter().map(|thing| (id(thing).get_ref().clone(), thing)).collect()
}

fn trunk(subject: &str, before: &TrunkSection, after: &TrunkSection, changes: &mut Changes) {
    changes.setting(subject, "server", Live, shown(before.server.as_ref()), shown(after.server.as_ref()));
    changes.setting(subject, "register", Live, before.register.to_string(), after.register.to_string());
    changes.setting(subject, "user", Live, shown(before.user.as_ref()), shown(after.user.as_ref()));
    if before.password != after.password {
        changes.live(subject.to_owned(), "secret", vec![("setting", "password".to_owned())]);
    }
    changes.setting(
        subject,
        "transport",
        Live,
        before.transport.map_or_else(String::new, |transport| format!("{transport:?}").to_lowercase()),
        after.transport.map_or_else(String::new, |transport| format!("{transport:?}").to_lowercase()),
    );
    let file = |trunk: &TrunkSection| trunk.ca.as_ref().map(|ca| ca.get_ref().display().to_string()).unwrap_or_default();
    changes.setting(subject, "ca", Live, file(before), file(after));
    changes.setting(subject, "srtp", Live, before.srtp.get_ref().as_str().to_owned(), after.srtp.get_ref().as_str().to_owned());
    changes.setting(subject, "believe_identity", Live, before.believe_identity.to_string(), after.believe_identity.to_string());
    changes.setting(subject, "sources", Live, list(before.sources.iter()), list(after.sources.iter()));
    changes.setting(subject, "country_code", Live, shown(before.country_code.as_ref()), shown(after.country_code.as_ref()));
    let with_code = (before.numbers_with_code, after.numbers_with_code);
    changes.setting(subject, "numbers_with_code", Live, with_code.0.to_string(), with_code.1.to_string());
    changes.setting(subject, "ping", Live, before.ping.to_string(), after.ping.to_string());
    changes.setting(subject, "ping_failures", Live, before.ping_failures.to_string(), after.ping_failures.to_string());
    let spoken = |trunk: &TrunkSection| list(trunk.codecs.get_ref().iter());
    changes.setting(subject, "codecs", Live, spoken(before), spoken(after));
    let clean = (before.noise_suppression, after.noise_suppression);
    changes.setting(subject, "noise_suppression", Live, clean.0.to_string(), clean.1.to_string());
    let gain = (before.automatic_gain, after.automatic_gain);
    changes.setting(subject, "automatic_gain", Live, gain.0.to_string(), gain.1.to_string());
    super::dial::outbound(subject, before.outbound.as_ref(), after.outbound.as_ref(), changes);
    changes.setting(subject, "renew", Live, before.renew.to_string(), after.renew.to_string());
}

fn lines(old: &Config, new: &Config, changes: &mut Changes) {
    let key = |line: &LineSection| match &line.trunk {
        Some(trunk) => format!("{} ({trunk})", line.number),
        None => line.number.to_string(),
    };
    let by_key = |config: &Config| -> BTreeMap<String, String> { config.lines.iter().map(|line| (key(line), target(line))).collect() };
    let (before, mut after) = (by_key(old), by_key(new));
    for (number, was) in before {
        match after.remove(&number) {
            None => changes.live(format!("line.{number}"), "line_removed", vec![("id", number)]),
            Some(now) if now != was => {
                changes.live(format!("line.{number}"), "line_moved", vec![("id", number), ("old", was), ("new", now)]);
            }
            Some(_) => {}
        }
    }
    for (number, now) in after {
        changes.live(format!("line.{number}"), "line_added", vec![("id", number), ("new", now)]);
    }
}

fn target(line: &LineSection) -> String {
    match (&line.queue, &line.agent) {
        _ if line.flow.is_some() => format!("flow {}", shown(line.flow.as_ref())),
        (Some(queue), _) => format!("queue {queue}"),
        (None, Some(agent)) => format!("agent {agent}"),
        (None, None) => "echo".to_owned(),
    }
}

fn queue(subject: &str, before: &QueueSection, after: &QueueSection, changes: &mut Changes) {
    let requires = |queue: &QueueSection| {
        list(queue.requires.iter().map(|wanted| {
            let preferred = wanted.preferred.as_ref().unwrap_or(&wanted.minimum);
            format!("{} {}–{} / {}", wanted.skill, wanted.minimum, preferred, wanted.relax)
        }))
    };
    let overflow = |queue: &QueueSection| shown(queue.overflow.as_ref().map(|over| format!("{} > {}", over.after, over.to)).as_ref());
    changes.setting(subject, "name", Live, shown(before.name.as_ref()), shown(after.name.as_ref()));
    changes.setting(subject, "requires", Live, requires(before), requires(after));
    changes.setting(subject, "priority", Live, before.priority.to_string(), after.priority.to_string());
    changes.setting(subject, "offer", Live, before.offer.to_string(), after.offer.to_string());
    changes.setting(subject, "wrap_up", Live, before.wrap_up.to_string(), after.wrap_up.to_string());
    changes.setting(subject, "dispositions", Live, list(&before.dispositions), list(&after.dispositions));
    changes.setting(subject, "disposition_required", Live, before.disposition_required.to_string(), after.disposition_required.to_string());
    let fields = |queue: &QueueSection| {
        list(queue.wrap_up_fields.iter().map(|field| {
            let choices = if field.choices.is_empty() { String::new() } else { format!(" ({})", field.choices.join(", ")) };
            format!("{}{}{choices}", field.name.get_ref(), if field.required { "*" } else { "" })
        }))
    };
    changes.setting(subject, "wrap_up_fields", Live, fields(before), fields(after));
    changes.setting(subject, "greeting", Live, shown(before.greeting.as_ref()), shown(after.greeting.as_ref()));
    changes.setting(subject, "music", Live, shown(before.music.as_ref()), shown(after.music.as_ref()));
    changes.setting(subject, "record", Live, before.record.to_string(), after.record.to_string());
    changes.setting(subject, "record_notice", Live, shown(before.record_notice.as_ref()), shown(after.record_notice.as_ref()));
    let outbound = |queue: &QueueSection| queue.record_outbound.unwrap_or(queue.record).to_string();
    changes.setting(subject, "record_outbound", Live, outbound(before), outbound(after));
    changes.setting(subject, "overflow", Live, overflow(before), overflow(after));
    changes.setting(subject, "max_wait", Live, before.max_wait.to_string(), after.max_wait.to_string());
    changes.setting(subject, "hours", Live, shown(before.hours.as_ref()), shown(after.hours.as_ref()));
    changes.setting(subject, "closed_prompt", Live, shown(before.closed_prompt.as_ref()), shown(after.closed_prompt.as_ref()));
    changes.setting(subject, "prefer_agent", Live, before.prefer_agent.to_string(), after.prefer_agent.to_string());
    changes.setting(subject, "open_ticket", Live, before.open_ticket.to_string(), after.open_ticket.to_string());
    super::flows::waiting(subject, &before.waiting, &after.waiting, changes);
}

fn hours(subject: &str, before: &HoursSection, after: &HoursSection, changes: &mut Changes) {
    let week = |hours: &HoursSection| list(hours.week.iter().map(|(days, times)| format!("{days} {}", list(times))));
    changes.setting(subject, "timezone", Live, shown(before.timezone.as_ref()), shown(after.timezone.as_ref()));
    changes.setting(subject, "week", Live, week(before), week(after));
    changes.setting(subject, "holidays", Live, holidays(&before.holidays), holidays(&after.holidays));
    changes.setting(subject, "holiday_lists", Live, list(&before.holiday_lists), list(&after.holiday_lists));
}

/// Every day with its name and times.
pub(super) fn holidays(days: &BTreeMap<Name, HolidaySection>) -> String {
    list(days.iter().map(|(date, day)| {
        let times = if day.open.is_empty() { String::new() } else { format!(" {}", list(&day.open)) };
        format!("{date} {}{times}", day.name)
    }))
}

fn channel(subject: &str, before: &ChannelSection, after: &ChannelSection, changes: &mut Changes) {
    changes.setting(subject, "kind", Live, before.kind.as_str().to_owned(), after.kind.as_str().to_owned());
    changes.setting(subject, "queue", Live, before.queue.to_string(), after.queue.to_string());
    changes.setting(subject, "flow", Live, shown(before.flow.as_ref()), shown(after.flow.as_ref()));
    changes.setting(subject, "origins", Live, list(&before.origins), list(&after.origins));
    changes.setting(subject, "cost", Live, before.cost.to_string(), after.cost.to_string());
    changes.setting(subject, "max_text", Live, before.max_text.to_string(), after.max_text.to_string());
    changes.setting(subject, "away_text", Live, shown(before.away_text.as_ref()), shown(after.away_text.as_ref()));
    changes.setting(subject, "open_text", Live, shown(before.open_text.as_ref()), shown(after.open_text.as_ref()));
    changes.setting(subject, "open_after", Live, before.open_after.get_ref().to_string(), after.open_after.get_ref().to_string());
    changes.setting(subject, "title", Live, shown(before.title.as_ref()), shown(after.title.as_ref()));
    changes.setting(subject, "greeting", Live, shown(before.greeting.as_ref()), shown(after.greeting.as_ref()));
    changes.setting(subject, "accent", Live, shown(before.accent.as_ref()), shown(after.accent.as_ref()));
    changes.setting(subject, "files", Live, before.files.to_string(), after.files.to_string());
    changes.setting(subject, "rate", Live, before.rate.to_string(), after.rate.to_string());
    changes.setting(subject, "tries", Live, before.tries.to_string(), after.tries.to_string());
    changes.setting(subject, "private_networks", Live, list(&before.private_networks), list(&after.private_networks));
    changes.setting(subject, "max_video_mb", Live, before.max_video_mb.to_string(), after.max_video_mb.to_string());
    changes.setting(subject, "max_file_mb", Live, before.most_file_mb().to_string(), after.most_file_mb().to_string());
    let push =
        |section: &ChannelSection| shown(section.push.as_ref().map(|push| format!("{} {} {}", push.url, push.after, push.text)).as_ref());
    changes.setting(subject, "push", Live, push(before), push(after));
    let visits = |section: &ChannelSection| {
        shown(section.visits.as_ref().map(|visits| format!("{} {}", visits.keep.get_ref(), visits.query)).as_ref())
    };
    changes.setting(subject, "visits", Live, visits(before), visits(after));
    let invitations = |section: &ChannelSection| list(section.invitations.iter().map(|one| &one.id));
    changes.setting(subject, "invitations", Live, invitations(before), invitations(after));
    for one in after.invitations.iter().filter(|one| before.invitations.iter().any(|old| old.id == one.id && old != *one)) {
        changes.live(subject.to_owned(), "invitation_changed", vec![("id", one.id.get_ref().clone())]);
    }
    changes.setting(subject, "rating", Live, before.rating.to_string(), after.rating.to_string());
    let secret = |section: &ChannelSection| section.push.as_ref().map(|push| push.secret.get_ref().clone());
    if before.push.is_some() && after.push.is_some() && secret(before) != secret(after) {
        changes.live(subject.to_owned(), "secret", vec![("setting", "push.secret".to_owned())]);
    }
    let account = |section: &ChannelSection| section.account.as_ref().map(|account| account.secret.clone());
    if account(before) != account(after) {
        changes.live(subject.to_owned(), "secret", vec![("setting", "account.secret".to_owned())]);
    }
    let calls = |section: &ChannelSection| match &section.calls {
        None => shown(None::<&Name>),
        Some(CallsSection { to: Some(to), .. }) => to.to_string(),
        Some(CallsSection { to: None, .. }) => format!("queue:{}", section.queue),
    };
    changes.setting(subject, "calls", Live, calls(before), calls(after));
    let video = |section: &ChannelSection| section.calls.as_ref().is_some_and(|calls| calls.video).to_string();
    changes.setting(subject, "calls.video", Live, video(before), video(after));
    telegram::compare(subject, before.telegram.as_ref(), after.telegram.as_ref(), changes);
    meta::compare(subject, before, after, changes);
    super::line::compare(subject, before.line.as_ref(), after.line.as_ref(), changes);
    super::viber::compare(subject, before.viber.as_ref(), after.viber.as_ref(), changes);
    super::email::email(subject, before, after, changes);
    super::texts::compare(subject, before, after, changes);
    match (&before.gateway, &after.gateway) {
        (Some(before), Some(after)) => gateway(subject, before, after, changes),
        (before, after) => {
            let url = |section: &Option<GatewaySection>| shown(section.as_ref().map(|gateway| &gateway.url));
            changes.setting(subject, "gateway.url", Live, url(before), url(after));
        }
    }
    super::social::accounts(subject, before, after, changes);
}

fn gateway(subject: &str, before: &GatewaySection, after: &GatewaySection, changes: &mut Changes) {
    changes.setting(subject, "gateway.url", Live, before.url.to_string(), after.url.to_string());
    if before.secret != after.secret {
        changes.live(subject.to_owned(), "secret", vec![("setting", "gateway.secret".to_owned())]);
    }
    changes.setting(subject, "gateway.from", Live, before.from.to_string(), after.from.to_string());
    changes.setting(subject, "gateway.max_parts", Live, before.max_parts.to_string(), after.max_parts.to_string());
    changes.setting(subject, "gateway.timeout", Live, before.timeout.to_string(), after.timeout.to_string());
    changes.setting(subject, "gateway.tries", Live, before.tries.to_string(), after.tries.to_string());
    changes.setting(subject, "gateway.rate", Live, before.rate.to_string(), after.rate.to_string());
}

fn callbacks(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (&old.callbacks, &new.callbacks);
    let mut one = |name, old: String, new: String| changes.setting("callbacks", name, Live, old, new);
    one("text", before.text.to_string(), after.text.to_string());
    one("text_channel", shown(before.text_channel.as_ref()), shown(after.text_channel.as_ref()));
    one("mobile", list(&before.mobile), list(&after.mobile));
    one("text_every", before.text_every.to_string(), after.text_every.to_string());
    one("link_valid", before.link_valid.to_string(), after.link_valid.to_string());
    one("slot", before.slot.to_string(), after.slot.to_string());
    one("tries", before.tries.to_string(), after.tries.to_string());
    one("busy_retry", before.busy_retry.to_string(), after.busy_retry.to_string());
    one("no_answer_retry", before.no_answer_retry.to_string(), after.no_answer_retry.to_string());
    one("expire", before.expire.to_string(), after.expire.to_string());
    one("polite", before.polite.to_string(), after.polite.to_string());
    one("voicemail_longest", before.voicemail_longest.to_string(), after.voicemail_longest.to_string());
    one("voicemail_silence", before.voicemail_silence.to_string(), after.voicemail_silence.to_string());
}

fn routing(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (&old.routing, &new.routing);
    changes.setting("routing", "call_cost", Live, before.call_cost.to_string(), after.call_cost.to_string());
    changes.setting("routing", "missed_limit", Live, before.missed_limit.to_string(), after.missed_limit.to_string());
    changes.setting("routing", "aging_per_minute", Live, before.aging_per_minute.to_string(), after.aging_per_minute.to_string());
    changes.setting("routing", "agent_grace", Live, before.agent_grace.to_string(), after.agent_grace.to_string());
    changes.setting("routing", "page_grace", Live, before.page_grace.to_string(), after.page_grace.to_string());
    changes.setting("routing", "break_reasons", Live, list(&before.break_reasons), list(&after.break_reasons));
    changes.setting("routing", "callback_after", Live, before.callback_after.to_string(), after.callback_after.to_string());
    changes.setting("routing", "left_grace", Live, before.left_grace.to_string(), after.left_grace.to_string());
    changes.setting("routing", "ring_out", Live, before.ring_out.to_string(), after.ring_out.to_string());
    changes.setting("routing", "record_internal", Live, before.record_internal.to_string(), after.record_internal.to_string());
    changes.setting("routing", "park_first", Live, before.park_first.to_string(), after.park_first.to_string());
    changes.setting("routing", "park_slots", Live, before.park_slots.to_string(), after.park_slots.to_string());
    changes.setting("routing", "park_time", Live, before.park_time.to_string(), after.park_time.to_string());
}
