//! What customers answer, on whatever way; the latest counts.

use super::{Asked, CHANGE_MS, COMMENT, State, WINDOW_MS, written_score};
use crate::desk::fact::{AskedBy, SurveyFact};
use crate::desk::id::*;
use crate::desk::input::{Body, MessageHeard, NewTicket, Source, TicketChange};
use crate::desk::person::plain_name;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::work::Stage;
use crate::desk::{Desk, Key};

impl Desk {
    /// In the window: while somebody serves them, or for a day after it. Nobody rates what nobody has served.
    pub(in crate::desk) fn rated(&mut self, id: ConversationId, score: u8, comment: &str) -> Result<Answer, Refusal> {
        let work = Work::Conversation(id);
        let served = self.serving(work).map(|serving| (serving.agent.clone(), Some(serving.queue.clone())));
        let conversation = self.conversations.get(&id).ok_or(Refusal::Gone)?;
        let (person, channel) = (conversation.job.person, conversation.channel.clone());
        let after = || conversation.job.last_agent.clone().filter(|_| conversation.resolved.is_some()).map(|agent| (agent, None));
        let (agent, queue) = served.or_else(after).ok_or(Refusal::NotAnswered)?;
        let asked = self.surveys_with(person).find(|asked| asked.is_of(work)).map(|asked| asked.id);
        if let Some(asked) = asked {
            return self.survey_answered(asked, score, comment);
        }
        let fits = |spec: &&super::SurveySpec| spec.automatic && spec.covers(Some(&channel), queue.as_ref());
        let spec = self.catalog.surveys.iter().find(fits).cloned().ok_or(Refusal::Gone)?;
        let asked = self.begin_survey(&spec, person, Some(work), Some(agent), queue);
        self.open_survey(asked, AskedBy::Window, WINDOW_MS, None);
        self.survey_answered(asked, score, comment)
    }

    /// By the link, or in the window.
    pub(in crate::desk) fn survey_answered(&mut self, id: SurveyId, score: u8, comment: &str) -> Result<Answer, Refusal> {
        let asked = self.surveys.get(&id).ok_or(Refusal::Gone)?;
        let (State::Open { until, .. } | State::Answered { until, .. }) = &asked.state else { return Err(Refusal::Gone) };
        if *until <= self.now {
            return Err(Refusal::Gone);
        }
        self.take_answer(id, score, comment);
        Ok(Answer::Done)
    }

    pub(super) fn take_answer(&mut self, id: SurveyId, score: u8, comment: &str) {
        let until = self.now.after(CHANGE_MS);
        let Some(asked) = self.surveys.get_mut(&id) else { return };
        let score = score.clamp(*asked.scale.range().start(), asked.scale.best());
        let comment = plain_name(comment, COMMENT);
        if matches!(&asked.state, State::Answered { score: known, comment: said, .. } if *known == score && *said == comment) {
            return;
        }
        asked.state = State::Answered { until, score, comment: comment.clone(), reads: asked.reads() };
        let Asked { survey, scale, person, work, agent, ticket, .. } = asked.clone();
        self.touch(Key::Survey(id));
        let limit = self.survey_spec(&survey).and_then(|spec| spec.low.as_ref()).map(|low| low.upto);
        let low = limit.is_some_and(|upto| score <= upto);
        self.survey_fact(id, SurveyFact::Answered { survey, scale, person, work, agent, score, comment: comment.clone(), low });
        match ticket {
            None if low => self.follow_up(id, score, comment),
            // Why comes a moment after the score.
            Some(ticket) if !comment.is_empty() && self.tickets.contains_key(&ticket) => {
                let change = TicketChange::Comment(format!("{score}: {comment}"));
                self.ticket_changed(ticket, None, change);
            }
            _ => {}
        }
    }

    /// Somebody sees to a low score: one ticket, whatever they answer later.
    fn follow_up(&mut self, id: SurveyId, score: u8, comment: String) {
        let Some(asked) = self.surveys.get(&id).cloned() else { return };
        let Some(spec) = self.survey_spec(&asked.survey).cloned() else { return };
        let Some(ticket) = spec.low.as_ref().and_then(|low| low.ticket.clone()) else { return };
        let agent = asked.agent.as_ref().map(|agent| self.catalog.agents.get(agent).map_or(agent.as_str(), |spec| spec.name.as_str()));
        let subject = spec.texts_for(&self.catalog.language).low.replace("{score}", &score.to_string());
        let subject = subject.replace("{agent}", agent.unwrap_or("–"));
        let work = asked.work.filter(|work| self.job(*work).is_some_and(|job| job.person == asked.person));
        // The customer has complained of us: we come to them, they need no news of our ticket.
        let new = NewTicket {
            kind: ticket.kind,
            department: ticket.department,
            priority: ticket.priority,
            work,
            note: comment,
            quiet: true,
            key: Some(format!("survey-{id}")),
            ..NewTicket::plain(asked.person, subject)
        };
        let Ok(Answer::Ticket(ticket)) = self.new_ticket(new, None, Source::House) else { return };
        if let Some(asked) = self.surveys.get_mut(&id) {
            asked.ticket = Some(ticket);
        }
        self.touch(Key::Survey(id));
        self.survey_fact(id, SurveyFact::FollowedUp { ticket });
    }

    /// A message of somebody who was asked by one: a number alone answers, and rings nobody. Anything else is what they write about, and from
    /// then on a number is a number.
    pub(in crate::desk) fn survey_reads(&mut self, heard: &MessageHeard) -> Option<Answer> {
        let id = self.at_hand(heard)?;
        let conversation = self.conversations.get(&id)?;
        let quiet = conversation.job.stage == Stage::Apart && !conversation.in_flow() && conversation.snoozed.is_none();
        let person = conversation.job.person;
        let (survey, scale) = self.surveys_with(person).find(|asked| asked.reads() == Some(id)).map(|asked| (asked.id, asked.scale))?;
        if heard.besides.automatic {
            return None;
        }
        let score = written_score(scale, &heard.body.text).filter(|_| quiet && heard.body.files.is_empty());
        let Some(score) = score else {
            if let Some(State::Open { reads, .. } | State::Answered { reads, .. }) =
                self.surveys.get_mut(&survey).map(|asked| &mut asked.state)
            {
                *reads = None;
            }
            self.touch(Key::Survey(survey));
            return None;
        };
        // It asks for nothing: no ticket is reopened by it.
        let mut vote = heard.clone();
        vote.besides.automatic = true;
        let message = self.receive(id, vote);
        self.take_answer(survey, score, "");
        self.thank(survey, id);
        self.wait_in_quiet(id);
        Some(Answer::Message(message))
    }

    fn thank(&mut self, survey: SurveyId, id: ConversationId) {
        let Some(asked) = self.surveys.get(&survey) else { return };
        let Some(spec) = self.survey_spec(&asked.survey) else { return };
        let texts = spec.texts_for(&asked.language);
        let link = self.survey_link(survey, CHANGE_MS).filter(|_| spec.comment);
        let more = link.map(|link| format!(" {}", texts.more.replace("{link}", &link)));
        let thanks = format!("{}{}", texts.thanks, more.unwrap_or_default()).replace("{site}", &self.catalog.callbacks.site);
        let fits = self
            .conversations
            .get(&id)
            .and_then(|c| self.catalog.channels.get(&c.channel))
            .is_some_and(|c| c.traits.text.pieces(&thanks).is_some());
        let text = if fits { thanks } else { texts.thanks.clone() };
        if !text.trim().is_empty() {
            self.send(id, None, Body::text(text), format!("survey-{survey}-thanks"));
        }
    }
}
