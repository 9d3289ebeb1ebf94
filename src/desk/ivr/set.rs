//! `set`: how this contact is to be treated from here on: more urgent, only by agents who can do something, marked with tags.

use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Does, Next, Turn};
use crate::desk::config::NodeSection;
use crate::desk::fact::FlowFact;
use crate::desk::id::SkillId;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Set {
    priority: i32,
    skills: BTreeMap<SkillId, u8>,
    tags: Vec<String>,
    next: Target,
}

impl Kind for Set {
    const KEYS: &'static [&'static str] = &["priority", "skills", "add_tags", "next"];
    const NEEDS: &'static [&'static str] = &["next"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Set {
        Set {
            priority: section.priority.as_ref().map_or(0, |points| *points.get_ref()),
            skills: section.skills.iter().map(|(skill, level)| (SkillId::from(skill.get_ref().as_str()), *level.get_ref())).collect(),
            tags: section.add_tags.iter().map(|tag| tag.get_ref().clone()).collect(),
            next: target(&section.next),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way { label: Label::Next, target: &self.next }]
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        turn.tags.extend(self.tags.iter().cloned());
        turn.does.push(Does::Set { priority: self.priority, skills: self.skills.clone(), tags: self.tags.clone() });
        turn.tell(FlowFact::Set { priority: self.priority, skills: self.skills.clone(), tags: self.tags.clone() });
        Next::Go(self.next.clone())
    }
}
