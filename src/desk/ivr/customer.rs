//! `customer`: a way by what is known of them: their tier, or a tag on them or on this contact.

use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Next, Turn};
use crate::config::value::Name;
use crate::desk::config::NodeSection;
use crate::desk::id::TierId;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Customer {
    tiers: BTreeMap<TierId, Target>,
    tags: BTreeMap<String, Target>,
    otherwise: Target,
}

impl Kind for Customer {
    const KEYS: &'static [&'static str] = &["tiers", "tags", "otherwise"];
    const NEEDS: &'static [&'static str] = &["otherwise"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Customer {
        let to = |name: &Name| Target::read(name.get_ref());
        Customer {
            tiers: section.tiers.iter().map(|(tier, name)| (TierId::from(tier.get_ref().as_str()), to(name))).collect(),
            tags: section.tags.iter().map(|(tag, name)| (tag.get_ref().clone(), to(name))).collect(),
            otherwise: target(&section.otherwise),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        let tiers = self.tiers.iter().map(|(tier, target)| Way { label: Label::Tier(tier.to_string()), target });
        let tags = self.tags.iter().map(|(tag, target)| Way { label: Label::Tag(tag.clone()), target });
        tiers.chain(tags).chain([Way { label: Label::Otherwise, target: &self.otherwise }]).collect()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        let tier = turn.scene.tier.and_then(|tier| self.tiers.get(tier));
        let tag = || self.tags.iter().find(|(tag, _)| turn.scene.tags.contains(*tag) || turn.tags.contains(*tag)).map(|(_, target)| target);
        Next::Go(tier.or_else(tag).unwrap_or(&self.otherwise).clone())
    }
}
