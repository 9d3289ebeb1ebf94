//! The right pane: who the person is, from the same card that rings.

use super::forms::takes;
use super::pop::address;
use crate::desk::callback::link::covered;
use crate::desk::id::{At, PersonId, Work};
use crate::desk::input::{EndCause, EndedBy};
use crate::desk::same::{Clue, Proof};
use crate::desk::survey::Scale;
use crate::store::conversations::ConversationRow;
use crate::store::forms::{self, FormRow};
use crate::store::messages::MessageKind;
use crate::store::persons::{Card, MergeRow, Offered, Point, Suggestion, card, matter, merges, suggestions};
use crate::store::records::{self, Record};
use crate::store::surveys::{self, SurveyRow};
use crate::store::timeline::{self, TimelineWhat};
use crate::store::viewer::{Role, SENSITIVE, shown};
use crate::store::{StoreError, access, calls, conversations, notices, persons, tickets, visits};
use crate::web::inbox::phrase::ended_text;
use crate::web::inbox::reader::{Reader, glyph};
use crate::web::inbox::say::Say;
use crate::web::inbox::view::{
    ContactLine, FieldLine, HereLine, IdentityLine, MergedLine, NoteLine, OfferedLine, OrderLine, Panel, PointLine, RatingLine, RecordLine,
    SameLine, SentForm, TicketLine,
};
use crate::web::people::config::PersonFieldSection;
use crate::web::people::identity::number_or_address;
use std::collections::BTreeMap;

const CONTACTS: usize = 8;
/// A page that has told of itself so long ago is still looked at, ms.
const HERE_MS: i64 = 45_000;
/// Answers to surveys that are shown.
const RATINGS: u32 = 3;
/// Orders beside them.
const ORDERS: u32 = 4;
/// How far back the newest notes and calls are looked for.
const LOOK_BACK: u32 = 120;

/// The panel; `None` when there is no such person.
pub async fn panel(reader: &Reader, person: PersonId) -> Result<Option<Panel>, StoreError> {
    let (store, viewer, say) = (&reader.state.store, &reader.viewer, reader.say());
    let Some(card) = card(store, viewer, person).await? else { return Ok(None) };
    let past = timeline::page(store, viewer, person, None, LOOK_BACK).await?;
    let conversations = conversations::of_person(store, viewer, person, 20).await?;
    let mut notes = Vec::new();
    let mut contacts = Vec::new();
    for item in past.into_iter().rev() {
        match item.what {
            TimelineWhat::Message(message) if message.kind == MessageKind::Note && notes.len() < 3 => notes.push(NoteLine {
                by: message.agent.as_ref().map(|agent| say.agent(agent)).unwrap_or_default(),
                at: message.at,
                text: message.text,
            }),
            // The one that goes on is no previous contact.
            TimelineWhat::Call(call) if call.call.ended_at.is_some() => contacts.push((call.call.started_at, call_contact(&say, &call))),
            TimelineWhat::Message(_)
            | TimelineWhat::Call(_)
            | TimelineWhat::Event(_)
            | TimelineWhat::Purchase(_)
            | TimelineWhat::Visit(_) => {}
        }
    }
    contacts.extend(
        conversations.iter().filter(|row| row.state == "resolved").map(|row| (row.opened_at, conversation_contact(reader, &say, row))),
    );
    contacts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    contacts.truncate(CONTACTS);
    let forms = forms::open(store, person, say.now).await?;
    let forms = forms.into_iter().map(|form| sent_form(reader, &say, form)).collect();
    let same = suggestions(store, viewer, person).await?.into_iter().map(|one| same_line(&say, one)).collect();
    let merged = merges(store, person).await?.into_iter().map(|one| merged_line(&say, one)).collect();
    let open = matter(store, person, say.now).await?;
    let works = open.pictures.iter().map(|(id, _)| Work::Conversation(*id)).collect();
    let within = access::within(store, &reader.reach(), works).await?;
    let pictures = open.pictures.into_iter().filter(|(id, _)| within.contains(&Work::Conversation(*id))).map(|(_, file)| file).collect();
    let points = open.points.into_iter().map(|point| point_line(reader, &say, point)).collect();
    let offered = open.offered.into_iter().map(|one| offered_line(&say, one)).collect();
    let all = notices::followers(store, person).await?;
    let following = all.contains(reader.me());
    let followers = all.iter().filter(|agent| *agent != reader.me()).map(|agent| say.agent_name(agent)).collect();
    let records = records::of(store, viewer, person).await?;
    let records = records.into_iter().map(|record| record_line(reader, &say, person, &card, record)).collect();
    let orders = records::orders(store, person, ORDERS).await?;
    let orders = orders
        .into_iter()
        .map(|order| OrderLine { number: order.number, title: order.title, state: order.state, at: At(order.at) })
        .collect();
    let here = visits::here(store, person).await?.filter(|here| say.now.since(here.told) < HERE_MS);
    let here = here.map(|here| HereLine::new(here.url, here.title, here.since));
    let ratings = surveys::of_person(store, person, RATINGS).await?.into_iter().map(|row| rating_line(&say, row)).collect();
    let kept = persons::fields(store, person).await?;
    let fields = reader.loaded.config.people.fields.iter().map(|field| field_line(reader, field, &kept)).collect();
    Ok(Some(Panel {
        records,
        orders,
        fields,
        forms,
        following,
        followers,
        same,
        merged,
        points,
        offered,
        pictures,
        ratings,
        here,
        ..filled(reader, &say, card, contacts.into_iter().map(|(_, line)| line).collect(), notes)
    }))
}

fn point_line(reader: &Reader, say: &Say, point: Point) -> PointLine {
    match point {
        Point::Unanswered { conversation, channel, text, at } => {
            let kind = reader.catalog().channels.get(&channel).map_or("webchat", |spec| spec.kind.as_str());
            PointLine {
                href: format!("/inbox/conversation/{conversation}"),
                glyph: glyph(kind),
                what: say.t("people.matter.unanswered"),
                text: covered(&text),
                at,
            }
        }
        Point::Callback { callback, at } => PointLine {
            href: format!("/callbacks#callback-{callback}"),
            glyph: "callback",
            what: say.t("people.matter.callback"),
            text: say.with("desk.ticket.work_callback", &[("id", &callback.to_string())]),
            at,
        },
        Point::Undelivered { conversation, text, at } => PointLine {
            href: format!("/inbox/conversation/{conversation}"),
            glyph: "warn",
            what: say.t("people.matter.undelivered"),
            text: covered(&text),
            at,
        },
    }
}

fn rating_line(say: &Say, row: SurveyRow) -> RatingLine {
    let score = row.score.unwrap_or_default();
    RatingLine {
        score: format!("{score} / {}", row.scale.best()),
        low: row.low || row.scale == Scale::Csat && score <= 2,
        about: row.agent.as_ref().map_or_else(|| row.survey.to_string(), |agent| say.agent_name(agent)),
        text: row.comment,
        at: row.answered_at.unwrap_or(row.asked_at),
    }
}

/// What they were told already.
pub fn offered_line(say: &Say, one: Offered) -> OfferedLine {
    OfferedLine { by: one.agent.map(|agent| say.agent_name(&agent)).unwrap_or_default(), text: covered(&one.text), at: one.at }
}

/// What the firm's own system says, with the way there.
fn record_line(reader: &Reader, say: &Say, person: PersonId, card: &Card, record: Record) -> RecordLine {
    let known = |kind: &str| card.identities.iter().find(|one| one.kind == kind).map(|one| one.value.as_str()).unwrap_or_default();
    let (person, agent) = (person.to_string(), reader.me().to_string());
    let value = |place: &str| match place {
        "record" => record.id.as_str(),
        "person" => person.as_str(),
        "name" => card.person.name.as_str(),
        "agent" => agent.as_str(),
        "phone" | "email" => known(place),
        _ => "",
    };
    let pattern = reader.loaded.config.crm.open.as_ref().and_then(|open| address(open.get_ref(), value));
    let href = pattern.unwrap_or(record.url);
    let leads = href.starts_with("https://") || href.starts_with("http://");
    let told = say.with("people.record.told", &[("time", &say.when(record.at))]);
    RecordLine { id: record.id, href: Some(href).filter(|_| leads), facts: record.facts, told }
}

fn field_line(reader: &Reader, field: &PersonFieldSection, kept: &BTreeMap<String, String>) -> FieldLine {
    let value = kept.get(field.id.get_ref()).cloned().unwrap_or_default();
    let value = if field.masked { shown(&reader.viewer, SENSITIVE, &value) } else { value };
    FieldLine {
        id: field.id.get_ref().clone(),
        title: field.title_in(reader.locale().code()).to_owned(),
        kind: field.kind.word(),
        options: field.options.clone(),
        value,
        closed: field.masked && reader.viewer.role < Role::Supervisor,
    }
}

fn same_line(say: &Say, one: Suggestion) -> SameLine {
    let clue = clue_word(one.clue);
    let known = one.identities.into_iter().filter(|identity| identity.kind != "webchat").map(|identity| identity.value);
    SameLine {
        person: one.person.0,
        name: one.name,
        why: say.t(format!("people.same.{clue}")),
        clue: clue.to_owned(),
        known: known.take(3).collect::<Vec<_>>().join(" · "),
    }
}

fn merged_line(say: &Say, one: MergeRow) -> MergedLine {
    let by = say.with("people.same.merged_by", &[("by", &say.agent_name(&one.by)), ("time", &say.when(one.at))]);
    MergedLine { person: one.other.0, name: one.name, by }
}

fn clue_word(clue: Clue) -> &'static str {
    match clue {
        Clue::Platform => "platform",
        Clue::Browser => "browser",
        Clue::Page => "page",
        Clue::Record => "record",
        Clue::Unsigned => "unsigned",
        Clue::Said => "said",
        Clue::Name => "name",
    }
}

fn proof_word(proof: Proof) -> &'static str {
    match proof {
        Proof::Platform => "platform",
        Proof::Dkim => "dkim",
        Proof::Union => "union",
        Proof::Account => "account",
        Proof::Link => "link",
        Proof::Agent => "agent",
        Proof::List => "list",
    }
}

/// What the customer has not filled in yet. It is taken back by who sent it, or a supervisor.
fn sent_form(reader: &Reader, say: &Say, form: FormRow) -> SentForm {
    let spec = reader.catalog().forms.get(&form.kind).filter(|_| form.verdict);
    SentForm {
        takes: spec.map(|spec| takes(say, spec)).unwrap_or_default(),
        id: form.id,
        title: say.form(&form.kind),
        meta: say.with("desk.form.waits", &[("by", &say.agent(&form.by)), ("time", &say.when(form.until_at))]),
        takes_back: form.by == *reader.me() || reader.viewer.role >= Role::Supervisor,
    }
}

fn filled(reader: &Reader, say: &Say, card: Card, contacts: Vec<ContactLine>, notes: Vec<NoteLine>) -> Panel {
    let tickets = card
        .tickets
        .into_iter()
        .map(|ticket| TicketLine {
            id: ticket.id,
            subject: ticket.subject,
            priority: ticket.priority,
            state: ticket.state,
            assignee: ticket.assignee.as_ref().map(|agent| say.agent(agent)),
            person: card.person.name.clone(),
            updated: ticket.changed_at,
            opened: ticket.changed_at,
            due: ticket.promised_at.map(|at| (at, ticket.late)),
            queue: None,
        })
        .collect();
    let language = match card.person.language.as_deref() {
        Some(tag) if tag.starts_with("en") => "English".to_owned(),
        Some(tag) if tag.starts_with("zh") => "中文".to_owned(),
        Some(tag) => tag.to_owned(),
        None => String::new(),
    };
    let about: Vec<&str> =
        [card.person.company.as_str(), language.as_str(), card.person.about.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    let dedicated = card.person.dedicated_agent.clone();
    let mut agents: Vec<_> = reader.catalog().agents.keys().map(|agent| (agent.as_str().to_owned(), say.agent_name(agent))).collect();
    // Whom the configuration no longer has stays until somebody chooses another.
    if let Some(gone) = dedicated.as_ref().filter(|agent| !reader.catalog().agents.contains_key(agent)) {
        agents.push((gone.as_str().to_owned(), say.agent_name(gone)));
    }
    Panel {
        id: card.person.id.0,
        about: about.join(" · "),
        served_by: dedicated.as_ref().map(|agent| say.with("people.edit.served_by", &[("agent", &say.agent_name(agent))])),
        dedicated: dedicated.map(|agent| agent.as_str().to_owned()).unwrap_or_default(),
        agents,
        company: card.person.company,
        remark: card.person.about,
        name: card.person.name,
        tier: card.person.tier.as_ref().map(|tier| say.tier(tier)),
        tier_id: card.person.tier.as_ref().map(|tier| tier.as_str().to_owned()).unwrap_or_default(),
        language: card.person.language.unwrap_or_default(),
        blocked: card.person.blocked,
        consent: card.person.consent.word(),
        consented: card
            .person
            .consented
            .map(|(by, at)| say.with("desk.consent.by", &[("by", &say.agent_name(&by)), ("time", &say.when(at))])),
        tags: card.tags,
        following: false,
        followers: Vec::new(),
        identities: card
            .identities
            .into_iter()
            .map(|identity| IdentityLine {
                id: identity.id,
                removable: number_or_address(&identity.kind, &identity.namespace),
                phone: identity.kind == "phone",
                glyph: glyph(&identity.kind).to_owned(),
                channel: say.channel(&identity.kind),
                verified: identity.proof.is_some(),
                proof: say.t(format!("people.proof.{}", identity.proof.map_or("none", proof_word))),
                shown: identity_text(say, &identity.kind, identity.value),
            })
            .collect(),
        tickets,
        contacts,
        notes,
        forms: Vec::new(),
        same: Vec::new(),
        merged: Vec::new(),
        points: Vec::new(),
        records: Vec::new(),
        orders: Vec::new(),
        fields: Vec::new(),
        rules: reader.viewer.role >= Role::Supervisor,
        offered: Vec::new(),
        ratings: Vec::new(),
        here: None,
        pictures: Vec::new(),
        tiers: reader.catalog().tiers.keys().map(|tier| (tier.as_str().to_owned(), say.tier(tier))).collect(),
    }
}

/// A visitor's random token says nothing to anybody; its last characters tell two apart.
fn identity_text(say: &Say, kind: &str, value: String) -> String {
    if kind != "webchat" || value.chars().count() <= 16 {
        return value;
    }
    let tail: Vec<char> = value.chars().rev().take(6).collect();
    say.with("desk.visitor", &[("id", &tail.into_iter().rev().collect::<String>())])
}

fn call_contact(say: &Say, call: &calls::Call) -> ContactLine {
    let row = &call.call;
    let outcome = row.disposition.clone().unwrap_or_else(|| match (row.ended_by, row.end_cause, row.bridged_at) {
        (Some(by), Some(cause), _) if cause != EndCause::Normal => ended_text(say, by, cause),
        (Some(_), Some(_), Some(_)) | (None, None, _) => String::new(),
        (by, cause, _) => ended_text(say, by.unwrap_or(EndedBy::System), cause.unwrap_or(EndCause::Normal)),
    });
    let parts =
        [Some(say.when(row.started_at)), row.agent.as_ref().map(|agent| say.agent(agent)), (!outcome.is_empty()).then_some(outcome)];
    ContactLine {
        href: format!("/inbox/call/{}#call-{}", row.id, row.id),
        glyph: "phone-in".into(),
        channel: say.channel("phone"),
        title: row.queue.as_ref().map_or_else(|| row.caller.clone(), |queue| say.queue(queue)),
        meta: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

fn conversation_contact(reader: &Reader, say: &Say, row: &ConversationRow) -> ContactLine {
    let kind = reader.catalog().channels.get(&row.channel).map_or(row.identity.kind.as_str(), |spec| spec.kind.as_str());
    let over = if row.abandoned_at.is_some() { "desk.contact_missed" } else { "desk.ticket.resolved" };
    let end = row.disposition.clone().unwrap_or_else(|| say.t(over));
    let parts = [Some(say.when(row.opened_at)), row.agent.as_ref().map(|agent| say.agent(agent)), Some(end)];
    ContactLine {
        href: format!("/inbox/conversation/{}", row.id),
        glyph: glyph(kind).into(),
        channel: say.channel(kind),
        title: if row.last_line.is_empty() { say.channel(kind) } else { row.last_line.clone() },
        meta: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

/// A ticket of the store as a line.
pub fn ticket_line(say: &Say, row: &tickets::TicketRow) -> TicketLine {
    TicketLine {
        id: row.id,
        subject: row.subject.clone(),
        priority: row.priority,
        state: row.state,
        assignee: row.assignee.as_ref().map(|agent| say.agent(agent)),
        person: row.person_name.clone(),
        updated: row.changed_at,
        opened: row.opened_at,
        queue: row.queue.as_ref().map(|queue| say.queue(queue)),
        due: row.promised_at.map(|at| (at, row.risk.as_deref() == Some("late"))),
    }
}
