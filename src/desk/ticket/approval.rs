//! What needs a yes before it is done, a return for example: simple cases are granted by the house's own rules, for the others somebody is
//! asked. Nobody grants what they have asked for themselves, and what was granted is asked anew when it becomes something else.

use super::spec::{ApprovalSpec, Condition, KindSpec, Rule};
use super::tell::News;
use crate::desk::fact::{ApprovalFact, Fact, TicketFact, TicketNews};
use crate::desk::id::*;
use crate::desk::refusal::{Refusal, within};
use crate::desk::step::Answer;
use crate::desk::{Desk, Key};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest reason, characters.
const REASON: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::desk) enum Approval {
    /// None is needed, or not all is known that it would be about.
    #[default]
    None,
    /// `by` is whose change completed it.
    Asked {
        by: Option<AgentId>,
    },
    Granted,
    Denied,
}

impl Approval {
    pub fn is_none(&self) -> bool {
        *self == Approval::None
    }
}

/// Whether every condition holds of these values on this day.
pub(super) fn holds(conditions: &[Condition], fields: &BTreeMap<String, String>, today: Date) -> bool {
    let one = |condition: &Condition| {
        let Some(value) = fields.get(&condition.field).filter(|value| !value.is_empty()) else { return false };
        match &condition.rule {
            Rule::Most(most) => value.parse::<f64>().is_ok_and(|value| value >= 0.0 && value <= *most),
            Rule::Days(days) => value.parse::<Date>().is_ok_and(|date| {
                let ago = today.since(date).map(|span| i64::from(span.get_days()));
                date <= today && ago.is_ok_and(|ago| ago <= *days)
            }),
            Rule::OneOf(values) => values.contains(value),
        }
    };
    !conditions.is_empty() && conditions.iter().all(one)
}

/// Titles of required fields that are not filled in.
pub(in crate::desk) fn missing(kind: &KindSpec, fields: &BTreeMap<String, String>, language: &str) -> Vec<String> {
    let empty = |name: &str| fields.get(name).is_none_or(String::is_empty);
    let missing = kind.fields.iter().filter(|field| field.required && empty(&field.name));
    missing.map(|field| field.title.say(language).to_owned()).collect()
}

impl Desk {
    /// Judges anew what the ticket is about, after its kind or one of its values has changed.
    pub(in crate::desk) fn settle_approval(&mut self, id: TicketId, by: Option<&AgentId>) {
        let Some(ticket) = self.tickets.get(&id) else { return };
        let kind = self.kind_of(ticket);
        let Some((kind, spec)) = kind.and_then(|kind| Some((kind, kind.approval.as_ref()?))) else {
            return self.set_approval(id, Approval::None, None);
        };
        let complete = missing(kind, &ticket.fields, "").is_empty();
        let granted = complete && holds(&spec.automatic, &ticket.fields, today(self.now, &self.catalog.tickets.zone));
        let asked = || Approval::Asked { by: by.cloned() };
        match (complete, granted) {
            (false, _) => self.set_approval(id, Approval::None, None),
            (true, true) => self.set_approval(id, Approval::Granted, Some(ApprovalFact::Granted { by: None })),
            (true, false) => self.set_approval(id, asked(), Some(ApprovalFact::Asked)),
        }
    }

    fn set_approval(&mut self, id: TicketId, approval: Approval, fact: Option<ApprovalFact>) {
        let Some(ticket) = self.tickets.get_mut(&id) else { return };
        let same = std::mem::discriminant(&ticket.approval) == std::mem::discriminant(&approval);
        // Who is asked twice is told once; but whoever changed it last may not grant it.
        if same && ticket.approval == approval {
            return;
        }
        let news = match approval {
            Approval::Granted => Some(News::Approved),
            Approval::Denied => Some(News::Denied),
            Approval::None | Approval::Asked { .. } => None,
        };
        let asker = match std::mem::replace(&mut ticket.approval, approval) {
            Approval::Asked { by } => by,
            Approval::None | Approval::Granted | Approval::Denied => None,
        };
        self.touch(Key::Ticket(id));
        if same {
            return;
        }
        if let Some(fact) = fact {
            self.facts.push(Fact::Ticket(id, TicketFact::Approval(fact.clone())));
            self.tell_of_approval(id, fact, asker);
        }
        if let Some(news) = news {
            self.tell_customer(id, news);
        }
    }

    pub(in crate::desk) fn judge_ticket(&mut self, by: &AgentId, id: TicketId, granted: bool, reason: &str) -> Result<Answer, Refusal> {
        let ticket = self.tickets.get(&id).ok_or(Refusal::Gone)?;
        let Approval::Asked { by: asked } = &ticket.approval else { return Err(Refusal::NothingToChange) };
        let spec = self.kind_of(ticket).and_then(|kind| kind.approval.as_ref()).ok_or(Refusal::NothingToChange)?;
        if !self.may_approve(spec, by) {
            return Err(Refusal::MayNotApprove);
        }
        if asked.as_ref() == Some(by) {
            return Err(Refusal::OwnRequest);
        }
        let reason = reason.trim().to_owned();
        within(&reason, REASON)?;
        if !granted && reason.is_empty() {
            return Err(Refusal::Empty);
        }
        let by = by.clone();
        match granted {
            true => self.set_approval(id, Approval::Granted, Some(ApprovalFact::Granted { by: Some(by) })),
            false => self.set_approval(id, Approval::Denied, Some(ApprovalFact::Denied { by, reason })),
        }
        Ok(Answer::Done)
    }

    /// Whoever may say yes hears that they are asked; who has it, who watches it and who asked hear what came of it.
    fn tell_of_approval(&mut self, id: TicketId, fact: ApprovalFact, asker: Option<AgentId>) {
        let (agents, by, news, text) = match fact {
            ApprovalFact::Asked => {
                let Some(ticket) = self.tickets.get(&id) else { return };
                let Some(spec) = self.kind_of(ticket).and_then(|kind| kind.approval.as_ref()) else { return };
                let own = match &ticket.approval {
                    Approval::Asked { by } => by.clone(),
                    Approval::None | Approval::Granted | Approval::Denied => None,
                };
                let may = self.catalog.agents.keys().filter(|agent| self.may_approve(spec, agent)).cloned().collect();
                (may, own, TicketNews::Asked, String::new())
            }
            // By the rules, at the moment at which the last value was written.
            ApprovalFact::Granted { by: None } => return,
            ApprovalFact::Granted { by } => (self.concerned(id).into_iter().chain(asker).collect(), by, TicketNews::Judged, String::new()),
            ApprovalFact::Denied { by, reason } => {
                (self.concerned(id).into_iter().chain(asker).collect(), Some(by), TicketNews::Judged, reason)
            }
        };
        self.tell_house(id, agents, by.as_ref(), news, &text);
    }

    fn may_approve(&self, spec: &ApprovalSpec, agent: &AgentId) -> bool {
        let supervises = || self.catalog.agents.get(agent).is_some_and(|agent| agent.supervises);
        if spec.by.is_empty() { supervises() } else { spec.by.contains(agent) }
    }
}

fn today(now: At, zone: &TimeZone) -> Date {
    Timestamp::from_millisecond(now.0).unwrap_or_default().to_zoned(zone.clone()).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn simple_returns_are_granted_by_rules_alone() {
        let condition = |field: &str, rule| Condition { field: field.into(), rule };
        let conditions = [
            condition("amount", Rule::Most(50.0)),
            condition("bought", Rule::Days(14)),
            condition("why", Rule::OneOf(vec!["broken".into()])),
        ];
        let fields = |amount: &str, bought: &str, why: &str| {
            [("amount", amount), ("bought", bought), ("why", why)].map(|(k, v)| (k.to_owned(), v.to_owned())).into()
        };
        let today = date(2026, 3, 2);
        let granted = |amount: &str, bought: &str, why: &str| holds(&conditions, &fields(amount, bought, why), today);
        assert!(granted("50", "2026-02-16", "broken"));
        assert!(!granted("50.01", "2026-02-16", "broken"));
        assert!(!granted("-1", "2026-02-16", "broken"), "nobody is paid for a return");
        assert!(!granted("50", "2026-02-15", "broken"));
        assert!(!granted("50", "2026-03-03", "broken"), "bought tomorrow");
        assert!(!granted("50", "2026-02-16", "regret"));
        assert!(!granted("", "2026-02-16", "broken"));
        assert!(!granted("NaN", "2026-02-16", "broken"));
        assert!(!holds(&[], &fields("1", "2026-02-16", "broken"), today), "no rule grants nothing");
    }
}
