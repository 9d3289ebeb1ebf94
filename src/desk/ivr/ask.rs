//! What all questions have in common: they are asked, may be answered before they are finished, and are asked again a few times after a
//! wrong answer or none.

use super::flow::{Label, Target, Way, target};
use super::machine::{Exit, Heard, Next, ROUNDS, Turn};
use super::words::Words;
use crate::desk::config::NodeSection;

/// Keys of every question.
macro_rules! question_keys {
    ($($own:literal),*) => {
        &["prompt", "text", "wait", "retries", "invalid", "silence", "otherwise", $($own),*]
    };
}
pub(super) use question_keys;

/// Pressed on a text channel (written as a number): a person.
pub(super) const PERSON: char = '0';

#[derive(Debug, Clone)]
pub(super) struct Ask {
    words: Words,
    /// Keys with what their buttons say, where messages have buttons.
    labels: Vec<(char, Words)>,
    wait_ms: i64,
    retries: u32,
    invalid: Words,
    silence: Words,
    otherwise: Target,
    /// Nothing was written for `otherwise`: on a text channel a person is better than an end.
    unsaid: bool,
}

impl Ask {
    pub fn read(section: &NodeSection) -> Ask {
        Ask {
            words: Words::of(section),
            labels: Vec::new(),
            wait_ms: section.wait.as_ref().map_or(5_000, |wait| wait.get_ref().millis()),
            retries: section.retries.as_ref().map_or(2, |retries| *retries.get_ref()),
            invalid: Words::prompt(section.invalid.as_ref(), Some("invalid-key")),
            silence: Words::prompt(section.silence.as_ref(), None),
            otherwise: target(&section.otherwise),
            unsaid: section.otherwise.is_none(),
        }
    }

    pub fn with(self, labels: Vec<(char, Words)>) -> Ask {
        Ask { labels, ..self }
    }

    /// The key whose label this is.
    pub fn named(&self, is: impl Fn(&Words) -> bool) -> Option<char> {
        self.labels.iter().find(|(_, words)| is(words)).map(|(key, _)| *key)
    }

    pub fn words(&self) -> Vec<&Words> {
        vec![&self.words, &self.invalid, &self.silence]
    }

    pub fn otherwise(&self) -> Way<'_> {
        Way { label: Label::Otherwise, target: &self.otherwise }
    }

    /// Asks for the first time.
    pub fn begin(&self, turn: &mut Turn<'_>) -> Next {
        if !turn.another_round(ROUNDS) {
            return self.give_up(turn);
        }
        self.ask(turn, &[])
    }

    /// The question has been put: now the answer is waited for.
    pub fn said(&self, turn: &mut Turn<'_>) -> Next {
        turn.listen(self.wait_ms);
        Next::Stay
    }

    /// What is heard while a question stands that one key answers, spoken or written.
    pub fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>, key: impl FnOnce(&mut Turn<'_>, char) -> Next) -> Next {
        match heard {
            Heard::Said => self.said(turn),
            Heard::Digit(pressed) => key(turn, *pressed),
            Heard::Text(text) => match written_key(text) {
                Some(written) => key(turn, written),
                None => self.wrong(turn),
            },
            Heard::Time => self.silent(turn),
            Heard::Found(_) | Heard::Ticket(_) | Heard::Written(_) | Heard::NotReached => Next::Stay,
        }
    }

    /// Part of an answer came: a little longer.
    pub fn go_on(&self, turn: &mut Turn<'_>) -> Next {
        turn.hush();
        turn.listen(self.wait_ms);
        Next::Stay
    }

    /// The answer does not fit.
    pub fn wrong(&self, turn: &mut Turn<'_>) -> Next {
        turn.hush();
        self.again(turn, &self.invalid)
    }

    /// No answer came. A prompt whose end was never told has surely been heard: its answer is waited for now.
    pub fn silent(&self, turn: &mut Turn<'_>) -> Next {
        if turn.run.speaking {
            return self.said(turn);
        }
        if turn.scene.text {
            return self.give_up(turn);
        }
        self.again(turn, &self.silence)
    }

    fn again(&self, turn: &mut Turn<'_>, first: &Words) -> Next {
        turn.run.tries += 1;
        turn.run.typed.clear();
        if turn.run.tries > self.retries {
            return self.give_up(turn);
        }
        self.ask(turn, &[first])
    }

    fn ask(&self, turn: &mut Turn<'_>, first: &[&Words]) -> Next {
        let words: Vec<&Words> = first.iter().copied().chain([&self.words]).collect();
        if !turn.say_above(&words, &self.labels) || turn.scene.text {
            turn.listen(self.wait_ms);
        }
        Next::Stay
    }

    fn give_up(&self, turn: &mut Turn<'_>) -> Next {
        if turn.scene.text && self.unsaid { Next::Leave(Exit::Person) } else { Next::Go(self.otherwise.clone()) }
    }
}

/// The key that a written answer means: `2`, `２`, `2.`, `2)`.
pub(super) fn written_key(text: &str) -> Option<char> {
    let text = text.trim().trim_end_matches(['.', ')', '。', '）', '、', ',']);
    let mut letters = text.chars();
    let key = narrow(letters.next()?);
    (letters.next().is_none() && "0123456789*#".contains(key)).then_some(key)
}

/// Full-width digits are what a Chinese keyboard writes.
pub(in crate::desk) fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '＊' => '*',
        '＃' => '#',
        other => other,
    }
}
