//! What is heard, one file per kind of input. Each function checks what it was told against what the desk remembers, because the edges
//! race with each other: whatever no longer fits is dropped or refused, never trusted.

mod agents;
mod amend;
mod callbacks;
mod calls;
mod clock;
mod commands;
mod conference;
mod consult;
mod controls;
mod dial;
mod elsewhere;
mod flows;
mod legs;
mod messages;
mod pages;
mod park;
mod parties;
mod phone;
mod replies;
mod snooze;
mod sources;
mod started;
mod ticket_changes;
mod tickets;
mod transfer;
mod trunks;

use super::Desk;
use super::input::Input;
use super::refusal::Refusal;
use super::step::Answer;

impl Desk {
    pub(super) fn hear(&mut self, input: Input) -> Result<Answer, Refusal> {
        match input {
            Input::Started => self.started(),
            Input::Clock => self.clock(),
            Input::Catalog(catalog) => self.swap_catalog(catalog),
            Input::Call(id, heard) => self.call_heard(id, heard),
            Input::Message(message) => return self.message(message),
            Input::Elsewhere(message) => return self.elsewhere(message),
            Input::Proactive(ask) => return self.proactive(*ask),
            Input::Unreachable(who, why) => self.unreachable(who, why),
            Input::RecordTold { person, identity } => self.record_told(person, identity),
            Input::Continued { conversation, person, identity } => self.continued(conversation, person, identity),
            Input::Delivery(message, delivery) => return self.delivery(message, delivery),
            Input::LateDelivery { message, conversation, known, state } => self.late_delivery(message, conversation, &known, state),
            Input::Changed { message, conversation, person, change } => self.changed(message, conversation, person, change),
            Input::FileCame { late, message, conversation, person, file, instead } => {
                self.file_came(late, message, conversation, person, file, instead);
            }
            Input::CustomerRead { conversation, upto } => self.customer_read(conversation, upto),
            Input::CustomerLeft { conversation } => self.customer_left(conversation),
            Input::CustomerBack { conversation } => self.customer_back(conversation),
            Input::Rated(conversation, score, comment) => return self.rated(conversation, score, &comment),
            Input::Survey(survey, score, comment) => return self.survey_answered(survey, score, &comment),
            Input::SurveyWays { survey, serial, to } => self.survey_ways(survey, serial, to.map(|to| *to)),
            Input::Channel(channel, why) => self.channel_heard(&channel, why),
            Input::Trunk(trunk, heard) => self.trunk_heard(&trunk, heard),
            Input::Source(source, heard) => self.source_heard(source, heard),
            Input::Trial(call, trial) => return self.trial(call, trial),
            Input::Device(agent, device) => return self.device(agent, device),
            Input::Command(agent, command) => return self.command(agent, command),
            Input::Link(callback, usage) => return self.link_used(callback, usage),
            Input::Form(form, usage) => return self.form_used(form, usage),
            Input::OpenTicket(new, source) => return self.ticket_asked(*new, source),
            Input::NotSolved { ticket, text } => return self.not_solved(ticket, &text),
            Input::Ways { ticket, serial, to } => self.ways_heard(ticket, serial, to.map(|to| *to)),
            Input::Told(telling) => return self.told(*telling),
            Input::RuleWays { subject, serial, to } => self.rule_ways(subject, serial, to.map(|to| *to)),
            Input::Found { work, serial, found } => self.flow_found(work, serial, found),
        }
        Ok(Answer::Done)
    }
}
