//! One contact on its way through flows. Pure: a node, what was heard and the scene give what is to be done.

use super::flow::{Flow, Node, Target};
use super::words::{Piece, Words};
use crate::desk::catalog::Catalog;
use crate::desk::fact::{FlowFact, LookupResult};
use crate::desk::id::*;
use crate::desk::input::TicketState;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Whoever comes to the same question more often than this in one contact is led on as if they had not answered.
pub(super) const ROUNDS: u32 = 10;
/// Nodes one contact may come to. `hubline check` proves that it ends sooner; this holds whatever is loaded.
const STEPS: u32 = 1_000;
/// A prompt that does not report its end is given up after this long, ms.
const PROMPT_MS: i64 = 60_000;
/// How long a question on a text channel waits for its answer, ms: people put their telephone away.
const TEXT_MS: i64 = 10 * 60_000;
/// Characters of a variable's value that are kept.
const VALUE: usize = 500;

/// What a contact remembers of its flows, for as long as it lasts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub flow: FlowId,
    /// Where it is; `None` once it has left, for a queue or a person.
    pub node: Option<String>,
    /// Something is being said.
    pub speaking: bool,
    /// Until then something must happen, or it goes on by itself.
    pub until: At,
    /// Answers at this node that were wrong or did not come.
    pub tries: u32,
    /// Digits entered so far.
    pub typed: String,
    pub variables: BTreeMap<String, String>,
    /// Variables that are not shown or spoken.
    pub hidden: BTreeSet<String>,
    /// How often each question and message was come to, by `flow/node`.
    pub rounds: BTreeMap<String, u32>,
    pub steps: u32,
    /// The last number given to something said or asked: answers to earlier ones come too late.
    pub serial: u32,
}

/// Values may be secret, so they are not printed.
impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Run({}/{}, serial {})", self.flow, self.node.as_deref().unwrap_or("-"), self.serial)
    }
}

impl Run {
    pub fn new(flow: FlowId) -> Run {
        Run {
            flow,
            node: None,
            speaking: false,
            until: At::default(),
            tries: 0,
            typed: String::new(),
            variables: BTreeMap::new(),
            hidden: BTreeSet::new(),
            rounds: BTreeMap::new(),
            steps: 0,
            serial: 0,
        }
    }

    /// A value that may be spoken.
    pub fn said(&self, variable: &str) -> Option<&str> {
        self.variables.get(variable).filter(|_| !self.hidden.contains(variable)).map(String::as_str)
    }

    pub fn keep(&mut self, variable: &str, value: &str) {
        self.variables.insert(variable.to_owned(), value.chars().take(VALUE).collect());
    }
}

/// What happened to a contact in a flow.
#[derive(Debug, Clone, Copy)]
pub enum Heard<'a> {
    /// What was being said has been said.
    Said,
    Digit(char),
    /// A written message.
    Text(&'a str),
    /// `Run::until` has come.
    Time,
    /// A lookup's answer; `None` when there was none.
    Found(Option<&'a Found>),
    /// The ticket that was asked for; `None`: it was refused.
    Ticket(Option<TicketId>),
    /// Whether the caller was written to.
    Written(bool),
    /// The number that was called is refused, busy, or does not answer.
    NotReached,
}

/// What a lookup answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Found {
    /// Chooses among the node's branches.
    pub branch: Option<String>,
    /// Variables to keep.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

/// What the machine knows of the contact besides its run.
#[derive(Debug)]
pub struct Scene<'a> {
    pub now: At,
    /// Messages instead of a voice.
    pub text: bool,
    pub tier: Option<&'a TierId>,
    pub tags: &'a BTreeSet<String>,
    /// The customer's tickets, the newest first.
    pub tickets: &'a [TicketSeen],
}

/// A ticket as its customer may hear of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketSeen {
    pub id: TicketId,
    pub state: TicketState,
    /// The state's name where it is the house's own: no recording says it.
    pub name: Option<String>,
    /// To be read.
    pub line: String,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    Say {
        serial: u32,
        pieces: Vec<Piece>,
    },
    /// Stop what is being said.
    Hush,
    /// The question of a survey was answered, 1 to 5.
    Answered {
        survey: String,
        score: u8,
    },
    /// Send this text; for a caller `Heard::Written` follows.
    Write {
        serial: u32,
        text: String,
        /// Keys that answer it, with what their buttons say.
        choices: Vec<(char, String)>,
    },
    /// The contact's language from here on.
    Speak(String),
    Look {
        serial: u32,
        node: String,
    },
    Set {
        priority: i32,
        skills: BTreeMap<SkillId, u8>,
        tags: Vec<String>,
    },
    /// Call this number for the caller, as it was written; who is not reached is heard of by `Heard::NotReached`.
    Dial {
        number: String,
        ring_ms: Option<i64>,
    },
    /// `Heard::Ticket` follows.
    OpenTicket {
        kind: Option<TicketKind>,
        subject: String,
        fields: BTreeMap<String, String>,
    },
    Tell(FlowFact),
    Leave(Exit),
}

/// How a contact leaves its flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    Queue(QueueId),
    Voicemail,
    Callback,
    /// To whoever serves the text channel.
    Person,
    HangUp {
        /// The last word has been said already.
        said: bool,
    },
    /// The flow or node is not there any more, or the contact went round for too long.
    Astray,
}

/// Whether a node keeps the contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Stay,
    Go(Target),
    Leave(Exit),
}

/// One move of one contact.
#[derive(Debug)]
pub struct Turn<'a> {
    pub run: &'a mut Run,
    pub scene: &'a Scene<'a>,
    pub language: String,
    /// Tags given by this very move count for what follows in it.
    pub tags: BTreeSet<String>,
    pub does: Vec<Does>,
}

impl Turn<'_> {
    /// Says it and waits for its end. Whether there was anything to say.
    pub fn say(&mut self, words: &[&Words]) -> bool {
        self.say_above(words, &[])
    }

    /// The same with keys that answer it, which only messages show.
    pub fn say_above(&mut self, words: &[&Words], labels: &[(char, Words)]) -> bool {
        if self.scene.text {
            let texts: Vec<String> = words.iter().filter_map(|words| words.written(&self.language, self.run)).collect();
            self.run.speaking = false;
            if texts.is_empty() {
                return false;
            }
            let (serial, text) = (self.next_serial(), texts.join("\n"));
            let label = |(key, words): &(char, Words)| Some((*key, words.written(&self.language, self.run)?));
            let choices = labels.iter().filter_map(label).collect();
            self.does.push(Does::Write { serial, text, choices });
            return true;
        }
        let pieces: Vec<Piece> = words.iter().flat_map(|words| words.pieces(&self.language, self.run)).collect();
        self.say_pieces(pieces)
    }

    /// The same for a voice, of what has been put together already.
    pub fn say_pieces(&mut self, pieces: Vec<Piece>) -> bool {
        self.run.speaking = !pieces.is_empty();
        if pieces.is_empty() {
            return false;
        }
        let serial = self.next_serial();
        self.does.push(Does::Say { serial, pieces });
        self.run.until = self.scene.now.after(PROMPT_MS);
        true
    }

    /// Waits this long for the next thing to be heard; on text channels as long as people take.
    pub fn listen(&mut self, ms: i64) {
        self.run.speaking = false;
        self.run.until = self.scene.now.after(if self.scene.text { TEXT_MS } else { ms });
    }

    /// A key stops what is being said.
    pub fn hush(&mut self) {
        if std::mem::take(&mut self.run.speaking) {
            self.does.push(Does::Hush);
        }
    }

    pub fn tell(&mut self, fact: FlowFact) {
        self.does.push(Does::Tell(fact));
    }

    pub fn answered(&mut self, survey: &str, score: u8) {
        self.does.push(Does::Answered { survey: survey.to_owned(), score });
    }

    pub fn wrote(&mut self, sent: bool) {
        let node = self.node();
        self.tell(FlowFact::Wrote { node, sent });
    }

    pub fn node(&self) -> String {
        self.run.node.clone().unwrap_or_default()
    }

    pub fn next_serial(&mut self) -> u32 {
        self.run.serial = self.run.serial.wrapping_add(1);
        self.run.serial
    }

    /// Counts another round at this node; whether they are not yet more than `most`.
    pub fn another_round(&mut self, most: u32) -> bool {
        let key = format!("{}/{}", self.run.flow, self.node());
        let rounds = self.run.rounds.entry(key).or_default();
        *rounds += 1;
        *rounds <= most
    }

    /// A lookup's answer is kept; what it says about the way is given back.
    pub fn found(&mut self, found: Option<&Found>, result: LookupResult) -> Option<String> {
        let node = self.node();
        self.tell(FlowFact::LookedUp { node, result });
        let found = found?;
        for (name, value) in &found.set {
            self.run.keep(name, value);
        }
        found.branch.clone()
    }
}

/// Puts a contact at the beginning of a flow.
pub fn begin(catalog: &Catalog, flow: &FlowId, turn: &mut Turn<'_>) {
    go(catalog, Target::Flow(flow.clone()), turn);
}

/// Lets the node where the contact is hear something.
pub fn hear(catalog: &Catalog, heard: &Heard<'_>, turn: &mut Turn<'_>) {
    let Some(node) = find(catalog, turn.run) else {
        return leave(turn, Exit::Astray);
    };
    match node.hear(turn, heard) {
        Next::Stay => {}
        Next::Go(target) => go(catalog, target, turn),
        Next::Leave(exit) => leave(turn, exit),
    }
}

fn go(catalog: &Catalog, mut target: Target, turn: &mut Turn<'_>) {
    loop {
        match target {
            Target::Queue(queue) => return leave(turn, Exit::Queue(queue)),
            Target::Voicemail => return leave(turn, Exit::Voicemail),
            Target::Callback => return leave(turn, Exit::Callback),
            Target::HangUp => return leave(turn, Exit::HangUp { said: false }),
            // Its node calls; no way written in a file leads there.
            Target::Outside(_) => return leave(turn, Exit::Astray),
            Target::Flow(id) => {
                let Some(flow) = catalog.flows.get(&id) else {
                    return leave(turn, Exit::Astray);
                };
                turn.run.flow = id.clone();
                turn.run.node = Some(flow.start.clone());
                turn.tell(FlowFact::Entered { flow: id });
            }
            Target::Node(node) => turn.run.node = Some(node),
        }
        turn.run.steps += 1;
        turn.run.tries = 0;
        turn.run.typed.clear();
        let Some(node) = find(catalog, turn.run).filter(|_| turn.run.steps <= STEPS) else {
            return leave(turn, Exit::Astray);
        };
        match node.enter(turn) {
            Next::Stay => return,
            Next::Go(next) => target = next,
            Next::Leave(exit) => return leave(turn, exit),
        }
    }
}

fn find<'c>(catalog: &'c Catalog, run: &Run) -> Option<&'c Node> {
    let flow: &Flow = catalog.flows.get(&run.flow)?;
    flow.nodes.get(run.node.as_ref()?)
}

fn leave(turn: &mut Turn<'_>, exit: Exit) {
    turn.hush();
    turn.run.node = None;
    turn.does.push(Does::Leave(exit));
}
