//! Who gets it: one scan over the agents of a queue, and the explanation of the choice. Reads only; `route.rs` acts on it.

use super::Desk;
use super::agent::Seat;
use super::catalog::Requirement;
use super::fact::{Decision, Reason, StatusName};
use super::id::*;
use super::queue::{Lane, Member};
use super::work::{Claim, Waiting};
use std::collections::BTreeMap;

/// Losers named in an explanation; the rest are counted.
const NAMED: usize = 20;

/// What the router found.
pub(super) enum Choice {
    Offer(usize, Decision),
    /// Nobody now. The agent who would have room soonest, when only room is missing.
    Nobody {
        roomiest: Option<usize>,
    },
}

/// One piece of waiting work, as each agent is measured against it.
struct Want<'a> {
    work: Work,
    person: PersonId,
    cost: u32,
    waiting: &'a Waiting,
    requires: &'a [Requirement],
    /// Level asked for now, per requirement.
    levels: Vec<u8>,
    /// Lowest levels that this work itself asks for.
    asks: &'a BTreeMap<SkillId, u8>,
}

/// Better is smaller: more of the preferred skill, then idle for longer.
type Fitness = (std::cmp::Reverse<u32>, At);

impl Claim {
    fn reason(self, transferred_by: Option<&AgentId>) -> Reason {
        match (self, transferred_by) {
            (Claim::Transfer, Some(by)) => Reason::Transferred { by: by.clone() },
            (Claim::SamePerson, _) => Reason::SamePerson,
            (Claim::LastAgent, _) => Reason::LastAgent,
            (Claim::Dedicated | Claim::Transfer, _) => Reason::Dedicated,
        }
    }
}

impl Requirement {
    /// The level asked for after this wait: relaxes step by step, never below the minimum.
    pub(super) fn level_after(&self, waited_ms: i64) -> u8 {
        if self.relax_ms <= 0 {
            return self.preferred.max(self.minimum);
        }
        let steps = u8::try_from(waited_ms / self.relax_ms).unwrap_or(u8::MAX);
        self.preferred.saturating_sub(steps).max(self.minimum)
    }
}

impl Desk {
    /// The best agent for waiting work.
    pub(super) fn choose_agent(&self, work: Work) -> Choice {
        let nobody = Choice::Nobody { roomiest: None };
        let Some(want) = self.want(work) else {
            return nobody;
        };
        let Some(lane) = self.lane(&want.waiting.queue) else {
            return nobody;
        };
        if let Some(only) = &want.waiting.only {
            return match self.slot(only) {
                Some(slot) if self.measure(slot, None, &want).is_ok() => {
                    Choice::Offer(slot, Decision { chosen: vec![Reason::Dedicated], ..Decision::default() })
                }
                _ => nobody,
            };
        }
        for prefer in &want.waiting.prefer {
            let Some(slot) = self.slot(&prefer.agent) else {
                continue;
            };
            match self.measure(slot, self.levels(lane, slot, prefer.claim), &want) {
                Ok(()) => {
                    let reason = prefer.claim.reason(want.waiting.transferred_by.as_ref());
                    return Choice::Offer(slot, self.explain(lane, slot, vec![reason], &want));
                }
                Err(reason) if self.worth_waiting(&reason, &want) => return nobody,
                Err(_) => {}
            }
        }
        self.scan(lane, &want)
    }

    fn scan(&self, lane: &Lane, want: &Want) -> Choice {
        let mut best: Option<(Fitness, usize)> = None;
        let mut roomiest: Option<(u32, usize)> = None;
        for member in &lane.members {
            match self.measure(member.slot, Some(&member.levels), want) {
                Ok(()) => {
                    let Some(seat) = self.seats.get(member.slot) else {
                        continue;
                    };
                    let fitness = (std::cmp::Reverse(matched(want.requires, &member.levels)), seat.agent.idle_since);
                    if best.is_none_or(|(found, _)| fitness < found) {
                        best = Some((fitness, member.slot));
                    }
                }
                Err(Reason::NoCapacity { used, capacity, cost }) if cost <= capacity && roomiest.is_none_or(|(least, _)| used < least) => {
                    if self.may_be_set_aside(member.slot, cost) {
                        roomiest = Some((used, member.slot));
                    }
                }
                Err(_) => {}
            }
        }
        let Some((_, slot)) = best else {
            return Choice::Nobody { roomiest: roomiest.map(|(_, slot)| slot) };
        };
        let skills = lane.members.iter().find(|m| m.slot == slot).map(|m| skill_reasons(want, m)).unwrap_or_default();
        Choice::Offer(slot, self.explain(lane, slot, skills, want))
    }

    /// Small work fills this agent, and would take each gap before it is large enough for this. Who talks gives all the room back at
    /// once; and where whatever ends next gives enough, nobody is set aside, because meanwhile larger work could not be.
    fn may_be_set_aside(&self, slot: usize, cost: u32) -> bool {
        let Some(Seat { agent, post: Some(post) }) = self.seats.get(slot) else {
            return false;
        };
        let least = agent.holds.iter().map(|h| h.charge).filter(|charge| *charge > 0).min().unwrap_or(0);
        agent.drained_for.is_none() && agent.calls() == 0 && agent.used.saturating_sub(least) + cost > post.capacity
    }

    /// Whether nothing but room keeps this work from this agent.
    pub(super) fn lacks_room(&self, slot: usize, work: Work) -> bool {
        let Some(want) = self.want(work).filter(|w| w.waiting.only.is_none()) else {
            return false;
        };
        let Some(lane) = self.lane(&want.waiting.queue) else {
            return false;
        };
        let Some(member) = lane.members.iter().find(|m| m.slot == slot) else {
            return false;
        };
        match self.measure(slot, Some(&member.levels), &want) {
            Err(Reason::NoCapacity { cost, capacity, .. }) => cost <= capacity && self.may_be_set_aside(slot, cost),
            _ => false,
        }
    }

    /// Whether this agent may have this work now, by every rule.
    pub(super) fn suits(&self, slot: usize, work: Work) -> bool {
        let Some(want) = self.want(work) else {
            return false;
        };
        let Some(lane) = self.lane(&want.waiting.queue) else {
            return false;
        };
        if let Some(only) = &want.waiting.only {
            return self.slot(only) == Some(slot) && self.measure(slot, None, &want).is_ok();
        }
        for prefer in &want.waiting.prefer {
            let Some(preferred) = self.slot(&prefer.agent) else {
                continue;
            };
            match self.measure(preferred, self.levels(lane, preferred, prefer.claim), &want) {
                Ok(()) => return preferred == slot,
                Err(reason) if self.worth_waiting(&reason, &want) => return false,
                Err(_) => {}
            }
        }
        let member = lane.members.iter().find(|m| m.slot == slot);
        member.is_some_and(|m| self.measure(slot, Some(&m.levels), &want).is_ok())
    }

    /// A named agent with a strong claim is not measured by skills.
    fn levels<'a>(&self, lane: &'a Lane, slot: usize, claim: Claim) -> Option<&'a [u8]> {
        match claim {
            Claim::LastAgent => lane.members.iter().find(|m| m.slot == slot).map(|m| m.levels.as_slice()),
            Claim::Transfer | Claim::SamePerson | Claim::Dedicated => None,
        }
    }

    /// A preferred agent on a contact is waited for, for a bounded time; one who is away is not.
    fn worth_waiting(&self, against: &Reason, want: &Want) -> bool {
        let busy =
            matches!(against, Reason::NoCapacity { .. } | Reason::ReservedForAnother | Reason::NotAvailable { status: StatusName::WrapUp });
        busy && self.now < want.waiting.prefer_until
    }

    /// What the work needs; `None` while it may not be offered.
    fn want(&self, work: Work) -> Option<Want<'_>> {
        let waiting = self.waiting(work).filter(|_| !self.must_hear_first(work) && self.may_be_served_now(work))?;
        let requires = self.queue_spec(&waiting.queue)?.requires.as_slice();
        let waited = self.now.since(waiting.since);
        let levels = requires.iter().map(|r| r.level_after(waited)).collect();
        let job = self.job(work)?;
        Some(Want { work, person: job.person, cost: self.cost(work), waiting, requires, levels, asks: &job.asks.skills })
    }

    /// What rules this agent out, the plainest reason first. `levels` is `None` where skills do not matter.
    fn measure(&self, slot: usize, levels: Option<&[u8]>, want: &Want) -> Result<(), Reason> {
        let away = Reason::NotAvailable { status: StatusName::Offline };
        let Some(seat) = self.seats.get(slot) else {
            return Err(away);
        };
        let Some(post) = &seat.post else {
            return Err(away);
        };
        if let Some(reason) = seat.away() {
            return Err(reason);
        }
        let agent = &seat.agent;
        let medium = self.medium(want.work);
        if agent.refuses.contains(&medium) {
            return Err(Reason::NotTaking { medium });
        }
        let is_call = matches!(want.work, Work::Call(_) | Work::Callback(_));
        if is_call && seat.voice_problem().is_some() {
            return Err(Reason::NoVoice);
        }
        // A callback is a card on the page, also for those who then speak by a desk phone.
        if !matches!(want.work, Work::Call(_)) && !agent.page_open {
            return Err(away);
        }
        for ((requirement, level), wanted) in want.requires.iter().zip(levels.unwrap_or_default()).zip(&want.levels) {
            if level < wanted {
                return Err(Reason::SkillTooLow { skill: requirement.skill.clone(), level: *level, wanted: *wanted });
            }
        }
        for (skill, wanted) in want.asks.iter().filter(|_| levels.is_some()) {
            let level = post.skills.get(skill).copied().unwrap_or(0);
            if level < *wanted {
                return Err(Reason::SkillTooLow { skill: skill.clone(), level, wanted: *wanted });
            }
        }
        if want.waiting.passed.iter().any(|(who, until)| *who == agent.id && self.now < *until) {
            return Err(Reason::MissedJustNow);
        }
        let charge = agent.charge_for(want.person, want.cost);
        if charge > 0 && agent.drained_for.is_some_and(|work| work != want.work) {
            return Err(Reason::ReservedForAnother);
        }
        if agent.used + charge > post.capacity || (is_call && agent.calls() >= post.max_calls) {
            return Err(Reason::NoCapacity { used: agent.used, capacity: post.capacity, cost: charge });
        }
        Ok(())
    }

    /// Why this one, and what stood against the others.
    fn explain(&self, lane: &Lane, slot: usize, mut chosen: Vec<Reason>, want: &Want) -> Decision {
        let idle_ms = self.seats.get(slot).map_or(0, |s| self.now.since(s.agent.idle_since));
        let by_claim = matches!(
            chosen.first(),
            Some(Reason::Dedicated | Reason::LastAgent | Reason::SamePerson | Reason::Transferred { .. } | Reason::Took)
        );
        if !by_claim {
            chosen.push(Reason::LongestIdle { idle_ms });
        }
        if let Some(tier) = self.job(want.work).and_then(|j| j.tier.clone())
            && self.catalog.tiers.get(&tier).is_some_and(|points| *points > 0)
        {
            chosen.push(Reason::TierFirst { tier });
        }
        let matched_best = lane.members.iter().find(|m| m.slot == slot).map_or(0, |m| matched(want.requires, &m.levels));
        let others = lane.members.iter().filter(|m| m.slot != slot).take(NAMED).filter_map(|member| {
            let seat: &Seat = self.seats.get(member.slot)?;
            let reason = match self.measure(member.slot, Some(&member.levels), want) {
                Err(reason) => reason,
                Ok(()) if by_claim => Reason::ReservedForAnother,
                Ok(()) if matched(want.requires, &member.levels) < matched_best => Reason::LessSkilled,
                Ok(()) => Reason::IdleShorter { idle_ms: self.now.since(seat.agent.idle_since) },
            };
            Some((seat.agent.id.clone(), reason))
        });
        let others: Vec<_> = others.collect();
        let is_member = lane.members.iter().any(|m| m.slot == slot);
        let rest = lane.members.len().saturating_sub(usize::from(is_member) + others.len());
        Decision { chosen, others, more: rest as u32 }
    }
}

/// Levels of the preferred skills, counted only as far as they are preferred.
fn matched(requires: &[Requirement], levels: &[u8]) -> u32 {
    requires.iter().zip(levels).map(|(r, level)| u32::from((*level).min(r.preferred.max(r.minimum)))).sum()
}

fn skill_reasons(want: &Want, member: &Member) -> Vec<Reason> {
    let levels = want.requires.iter().zip(&member.levels).zip(&want.levels);
    levels.map(|((r, level), wanted)| Reason::Skill { skill: r.skill.clone(), level: *level, wanted: *wanted }).collect()
}
