//! First contact resolution and repeat contacts by the definitions of the trade, each clause by a case of its own.
//!
//! FCR: issues resolved with no further contact about the same case, on any channel, within seven days of the resolution, of all that were
//! resolved. Repeat: contacts that reopen or repeat a case on a different channel, of all contacts.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{TicketChange, TicketState};
use crate::store::cases::{Cases, cases};

const DAY: i64 = 24 * 3_600_000;
const WEEK: i64 = 7 * DAY;
/// When the cases are resolved: well after the span begins.
const RESOLVED: i64 = 100 * DAY;

fn ticket(id: u64, fact: TicketFact) -> Fact {
    Fact::Ticket(TicketId(id), fact)
}

fn opened(id: u64, work: Option<Work>, follows: Option<u64>) -> Fact {
    let (person, subject) = (PersonId(1), format!("case {id}"));
    let with = Box::new(Beginning { follows: follows.map(TicketId), ..Beginning::default() });
    ticket(id, TicketFact::Opened { person, subject, work, queue: None, priority: 3, by: None, with })
}

fn turns(id: u64, state: TicketState) -> Fact {
    ticket(id, TicketFact::Changed { by: None, change: TicketChange::State(state) })
}

fn call(id: u64) -> Work {
    Work::Call(CallId(id))
}

fn chat(id: u64) -> Work {
    Work::Conversation(ConversationId(id))
}

fn linked(id: u64, work: Work) -> Fact {
    ticket(id, TicketFact::Linked { work })
}

/// A conversation of the first person on this channel.
fn talk(id: u64, channel: &str) -> Fact {
    let opened = ConversationFact::Opened { person: PersonId(1), channel: ChannelId::from(channel), identity: visitor("v1"), page: None };
    Fact::Conversation(ConversationId(id), opened)
}

/// What comes so long after the resolution of a case that began in chat 10, and whether the case was solved at the first go.
#[tokio::test]
async fn a_case_is_solved_at_the_first_go_when_nothing_comes_again_within_seven_days() {
    use TicketState::{Closed, Open, Reopened, Resolved};
    let begins = |id: u64, follows: u64| vec![opened(id, None, Some(follows))];
    let comment = |id: u64| vec![ticket(id, TicketFact::Changed { by: None, change: TicketChange::Comment("thanks".into()) })];
    type After = Vec<(i64, Vec<Fact>)>;
    let all: Vec<(&str, bool, After)> = vec![
        ("nothing comes", true, vec![]),
        ("a call comes the next moment", false, vec![(1, vec![linked(2, call(2))])]),
        ("the same channel is another contact too", false, vec![(DAY, vec![linked(3, chat(20))])]),
        ("on the seventh day it still counts", false, vec![(WEEK, vec![linked(4, call(4))])]),
        ("after the seventh day it does not", true, vec![(WEEK + 1, vec![linked(5, call(5))])]),
        ("it is reopened", false, vec![(DAY, vec![turns(6, Reopened)])]),
        ("it is reopened too late to count", true, vec![(WEEK + 1, vec![turns(7, Reopened)])]),
        ("another case follows it", false, vec![(DAY, begins(108, 8))]),
        ("another case follows it too late to count", true, vec![(WEEK + 1, begins(109, 9))]),
        ("it is closed", true, vec![(DAY, vec![turns(10, Closed)])]),
        ("somebody writes a comment", true, vec![(DAY, comment(11))]),
        ("reopened and resolved again it is one case", false, vec![(DAY, vec![turns(12, Reopened)]), (2 * DAY, vec![turns(12, Resolved)])]),
    ];
    let rig = with_conversation().await;
    rig.record(20, vec![talk(10, "site"), talk(20, "site")]).await;
    for (id, _) in (1u64..).zip(&all) {
        // Several contacts before the resolution are the way to it.
        rig.record(30, vec![opened(id, Some(chat(10)), None)]).await;
        rig.record(40, vec![linked(id, call(1)), turns(id, Open)]).await;
        rig.record(RESOLVED, vec![turns(id, Resolved)]).await;
    }
    // Never resolved, resolved before the span, and become another: none of them is counted.
    rig.record(50, vec![opened(201, None, None), opened(202, None, None), opened(203, None, None)]).await;
    rig.record(60, vec![turns(202, Resolved)]).await;
    rig.record(RESOLVED, vec![turns(203, Resolved)]).await;
    rig.record(RESOLVED + 1, vec![ticket(203, TicketFact::Merged { into: TicketId(1), by: "mara".into() })]).await;

    let solved = async || cases(&rig.store, At(DAY), At(RESOLVED + DAY), WEEK).await.unwrap();
    let mut expected = Cases { resolved: 12, solved: 12, ..Cases::default() };
    let figures = |cases: Cases| (cases.resolved, cases.solved);
    assert_eq!(figures(solved().await), figures(expected), "before anything came");
    for (what, first_go, after) in all {
        for (later, facts) in after {
            rig.record(RESOLVED + later, facts).await;
        }
        expected.solved -= i64::from(!first_go);
        assert_eq!(figures(solved().await), figures(expected), "{what}");
    }
    assert_eq!((expected.solved, solved().await.solved_share()), (6, Some(500)), "six of twelve");
    assert_eq!(Cases::default().solved_share(), None, "of none there is no share");
}

#[tokio::test]
async fn a_contact_repeats_a_case_of_which_another_channel_has_heard() {
    let rig = with_conversation().await;
    rig.record(20, vec![talk(10, "site"), talk(11, "site"), talk(12, "texts"), talk(13, "site"), talk(14, "mail"), talk(15, "site")]).await;
    let count = async |from: i64, to: i64| {
        let found = cases(&rig.store, At(from), At(to), WEEK).await.unwrap();
        (found.contacts, found.repeats)
    };
    assert_eq!(count(0, WEEK).await, (0, 0));
    // One case: by chat, again by chat, by telephone, by text, and by telephone once more.
    rig.record(100, vec![opened(1, Some(chat(10)), None)]).await;
    assert_eq!(count(0, WEEK).await, (1, 0), "the first is none");
    rig.record(110, vec![linked(1, chat(11))]).await;
    assert_eq!(count(0, WEEK).await, (2, 0), "the same channel is none");
    rig.record(120, vec![linked(1, call(1))]).await;
    assert_eq!(count(0, WEEK).await, (3, 1), "another channel");
    rig.record(130, vec![linked(1, chat(12))]).await;
    rig.record(140, vec![linked(1, call(2))]).await;
    assert_eq!(count(0, WEEK).await, (5, 3), "a third, and the second again");
    // Another case of the same customer has heard nothing yet.
    rig.record(150, vec![opened(2, Some(call(3)), None)]).await;
    assert_eq!(count(0, WEEK).await, (6, 3));
    // A letter reopens it.
    rig.record(160, vec![turns(2, TicketState::Resolved)]).await;
    rig.record(170, vec![turns(2, TicketState::Reopened), linked(2, chat(14))]).await;
    assert_eq!(count(0, WEEK).await, (7, 4), "what reopens a case on another channel repeats it");
    // One chat about two cases is one contact, and repeats if it repeats one of them.
    rig.record(180, vec![opened(3, Some(chat(15)), None), linked(2, chat(15))]).await;
    assert_eq!(count(0, WEEK).await, (8, 5), "one contact of two cases");
    // What has become another ticket takes its contacts along, once.
    rig.record(190, vec![opened(4, Some(chat(13)), None)]).await;
    assert_eq!(count(0, WEEK).await, (9, 5));
    rig.record(200, vec![ticket(4, TicketFact::Merged { into: TicketId(1), by: "mara".into() })]).await;
    assert_eq!(count(0, WEEK).await, (9, 6), "it came after the call about the same matter, and is one contact still");
    // Contacts of the span; whatever was heard before it is heard.
    assert_eq!(count(120, 130).await, (1, 1));
    assert_eq!(count(121, 130).await, (0, 0));
    let all = cases(&rig.store, At(0), At(WEEK), WEEK).await.unwrap();
    assert_eq!(all.repeat_share(), Some(667), "six of nine");
    let target = Cases { contacts: 1_000, repeats: 100, ..Cases::default() };
    assert_eq!(target.repeat_share(), Some(100), "a tenth is the target");
    assert_eq!(Cases::default().repeat_share(), None);
}
