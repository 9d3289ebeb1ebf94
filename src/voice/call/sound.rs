//! Who hears whom, and what is played to whom, as the desk says it.

use super::Call;
use super::page::Sounding;
use crate::desk::input::LegParty;
use crate::media::{LegId, Repeat};

/// The last picture of who hears whom; a leg that comes anew finds its place in it.
#[derive(Default)]
pub(super) struct Picture {
    pub hearing: Vec<(LegParty, Vec<LegParty>)>,
    pub music: Vec<(LegParty, String)>,
}

impl Call {
    /// Brings everybody's ears to this picture.
    pub(super) fn paint(&mut self, hearing: Vec<(LegParty, Vec<LegParty>)>, music: Vec<(LegParty, String)>) {
        self.picture = Some(Picture { hearing, music });
        self.repaint();
    }

    /// Again, because a leg has come. Nothing while there is no picture: then prompts and music for the customer are all there is.
    pub(super) fn repaint(&mut self) {
        let Some(picture) = self.picture.take() else { return };
        let everybody: Vec<(LegParty, LegId)> = self.everybody().collect();
        let leg_of = |who: &LegParty| everybody.iter().find(|(party, _)| party == who).map(|(_, leg)| *leg);
        for (who, leg) in &everybody {
            let sources = picture.hearing.iter().find(|(listener, _)| listener == who).map(|(_, sources)| sources.as_slice());
            let sources: Vec<LegId> = sources.unwrap_or_default().iter().filter_map(leg_of).collect();
            self.room.hear(*leg, &sources);
            match picture.music.iter().find(|(listener, _)| listener == who) {
                Some((_, name)) => self.music_to(*leg, name),
                None => self.quiet(*leg),
            }
        }
        self.picture = Some(picture);
    }

    /// Whom this party talks to of those who are none of ours: what it presses is meant for them.
    pub(super) fn outsiders_who_hear(&self, speaker: &LegParty) -> Vec<LegId> {
        let Some(picture) = &self.picture else { return self.customer_leg().into_iter().collect() };
        let hears = |who: &LegParty| picture.hearing.iter().any(|(listener, sources)| listener == who && sources.contains(speaker));
        let outside = self.everybody().filter(|(who, _)| !matches!(who, LegParty::Agent(_)) && hears(who));
        outside.map(|(_, leg)| leg).collect()
    }

    /// Plays again and again; a music that plays already goes on where it is.
    pub(super) fn music_to(&mut self, leg: LegId, name: &str) {
        if self.playing.iter().any(|(to, what)| *to == leg && what == name) {
            return;
        }
        if self.play_to(leg, name, Repeat::Forever) {
            self.playing.push((leg, name.to_owned()));
        }
    }

    pub(super) fn quiet(&mut self, leg: LegId) {
        self.playing.retain(|(to, _)| *to != leg);
        if Some(leg) == self.customer_leg() {
            self.sounding = None;
        }
        self.room.stop_play(leg);
    }

    /// Plays to one leg; says whether it could.
    pub(super) fn play_to(&mut self, leg: LegId, name: &str, repeat: Repeat) -> bool {
        self.playing.retain(|(to, _)| *to != leg);
        if Some(leg) == self.customer_leg() {
            self.saying.over();
        }
        match self.saying.prompts().get(name) {
            Ok(clip) => {
                if Some(leg) == self.customer_leg() && repeat == Repeat::Once {
                    self.sounding = Some(Sounding::Clip(clip.clone()));
                }
                self.room.play(leg, clip, repeat);
                true
            }
            Err(error) => {
                tracing::error!(call = %self.id, %error, "nothing is played");
                false
            }
        }
    }

    /// Over what they hear: nobody's word is lost by it. Whoever has music hears it once that is over.
    pub(super) fn tone(&self, to: &[LegParty], name: &str) {
        match self.saying.prompts().get(name) {
            Ok(clip) => {
                for (_, leg) in self.everybody().filter(|(party, _)| to.contains(party)) {
                    self.room.play_over(leg, clip.clone());
                }
            }
            Err(error) => tracing::error!(call = %self.id, %error, "a supervisor is not announced"),
        }
    }

    /// Every party that has audio.
    pub(super) fn everybody(&self) -> impl Iterator<Item = (LegParty, LegId)> {
        let caller = self.caller.as_ref().and_then(|caller| caller.leg()).map(|leg| (LegParty::Customer, leg));
        let parties = self.parties.iter().filter_map(|(party, leg)| Some((party.clone(), self.heard_aside(party).or(leg.leg)?)));
        caller.into_iter().chain(parties)
    }
}
