//! Users, sessions, invitations, attempts; and the small things agents keep.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{Body, FileRef};
use crate::store::StoreError;
use crate::store::canned::{self, CannedForm};
use crate::store::sessions::{self, NewSession};
use crate::store::users::{self, Declared, Prefs};
use crate::store::viewer::Role;
use crate::store::{drafts, files, invites, logins};

fn declared(id: &str, role: Role) -> Declared {
    Declared { id: id.into(), name: id.to_uppercase(), role, language: Some("en".into()) }
}

fn session(user: &str, token: u8) -> NewSession {
    let user = user.into();
    NewSession { token_hash: [token; 32], user, at: At(1), expires_at: At(100), ip: "127.0.0.1".into(), user_agent: "x".repeat(999) }
}

#[tokio::test]
async fn a_reload_renames_and_shuts_out_but_keeps_passwords_and_tastes() {
    let rig = rig();
    let (mara, jo) = (AgentId::from("mara"), AgentId::from("jo"));
    users::declare(&rig.store, vec![declared("mara", Role::Agent), declared("jo", Role::Admin)], At(1)).await.unwrap();
    users::set_password_hash(&rig.store, &mara, "phc".into()).await.unwrap();
    users::set_tastes(&rig.store, &mara, Some("zh-CN".into()), Some("dark".into()), Prefs { ring_volume: 5, ..Prefs::default() })
        .await
        .unwrap();
    let id = sessions::create(&rig.store, session("jo", 1)).await.unwrap();
    sessions::create(&rig.store, session("mara", 2)).await.unwrap();
    users::declare(&rig.store, vec![declared("mara", Role::Supervisor)], At(5)).await.unwrap();
    let row = users::get(&rig.store, &mara).await.unwrap().unwrap();
    assert_eq!((row.role, row.language.as_deref(), row.theme.as_deref()), (Role::Supervisor, Some("zh-CN"), Some("dark")));
    assert_eq!((row.prefs.ring_volume, row.created_at, row.has_password), (5, At(1), true));
    assert_eq!(users::password_hash(&rig.store, &mara).await.unwrap().as_deref(), Some("phc"));
    assert!(!users::get(&rig.store, &jo).await.unwrap().unwrap().active);
    assert_eq!(sessions::by_token(&rig.store, [1; 32], At(2)).await.unwrap(), None, "shut out at once");
    assert!(matches!(sessions::revoke(&rig.store, id).await, Err(StoreError::Missing(_))));
    let mine = sessions::by_token(&rig.store, [2; 32], At(2)).await.unwrap().unwrap();
    assert_eq!((mine.role, mine.user_agent.len()), (Role::Supervisor, 300));
    assert!(matches!(users::set_password_hash(&rig.store, &"nobody".into(), "x".into()).await, Err(StoreError::Missing(_))));
}

#[tokio::test]
async fn sessions_end_by_time_by_hand_and_with_the_password() {
    let rig = rig();
    let mara = AgentId::from("mara");
    users::declare(&rig.store, vec![declared("mara", Role::Agent), declared("jo", Role::Agent)], At(1)).await.unwrap();
    let first = sessions::create(&rig.store, session("mara", 1)).await.unwrap();
    let second = sessions::create(&rig.store, session("mara", 2)).await.unwrap();
    let other = sessions::create(&rig.store, session("jo", 3)).await.unwrap();
    assert_eq!(sessions::by_token(&rig.store, [1; 32], At(100)).await.unwrap(), None, "expired");
    sessions::seen(&rig.store, first, At(90), At(200)).await.unwrap();
    assert_eq!(sessions::by_token(&rig.store, [1; 32], At(100)).await.unwrap().unwrap().seen_at, At(90));
    assert!(sessions::revoke_own(&rig.store, &mara, other).await.is_err(), "another's is not there");
    let ids: Vec<i64> = sessions::of_user(&rig.store, &mara, At(2)).await.unwrap().iter().map(|row| row.id).collect();
    assert_eq!(ids, [first, second]);
    assert_eq!(sessions::revoke_others(&rig.store, &mara, first).await.unwrap(), 1);
    assert_eq!(sessions::purge(&rig.store, At(150)).await.unwrap(), 1, "jo's");
    assert_eq!(sessions::list(&rig.store, At(2)).await.unwrap().len(), 1);
    let again = sessions::create(&rig.store, session("jo", 4)).await.unwrap();
    assert!(again > other, "numbers are never used twice");
}

#[tokio::test]
async fn an_invitation_works_once_in_its_time_and_only_the_newest() {
    let rig = rig();
    let mara = AgentId::from("mara");
    users::declare(&rig.store, vec![declared("mara", Role::Agent)], At(1)).await.unwrap();
    sessions::create(&rig.store, session("mara", 9)).await.unwrap();
    invites::create(&rig.store, [1; 32], &mara, At(1), At(50)).await.unwrap();
    invites::create(&rig.store, [2; 32], &mara, At(2), At(50)).await.unwrap();
    assert_eq!(invites::valid(&rig.store, [1; 32], At(3)).await.unwrap(), None);
    assert_eq!(invites::valid(&rig.store, [2; 32], At(3)).await.unwrap(), Some(mara.clone()));
    assert_eq!(invites::redeem(&rig.store, [2; 32], "late".into(), At(50)).await.unwrap(), None);
    assert_eq!(invites::redeem(&rig.store, [2; 32], "phc".into(), At(4)).await.unwrap(), Some(mara.clone()));
    assert_eq!(invites::redeem(&rig.store, [2; 32], "again".into(), At(5)).await.unwrap(), None);
    assert_eq!(users::password_hash(&rig.store, &mara).await.unwrap().as_deref(), Some("phc"));
    assert_eq!(sessions::by_token(&rig.store, [9; 32], At(5)).await.unwrap(), None, "old sessions end");
    assert!(invites::create(&rig.store, [3; 32], &"nobody".into(), At(1), At(9)).await.is_err());
}

#[tokio::test]
async fn attempts_are_kept_in_their_order_until_they_are_old() {
    let rig = rig();
    for (user, ip, ok, at) in [("mara", "a", false, 1), ("mara", "a", true, 20), ("mara", "b", false, 21), ("jo", "b", false, 22)] {
        logins::note(&rig.store, user, ip, ok, At(at)).await.unwrap();
    }
    let recent = logins::recent(&rig.store, At(10)).await.unwrap();
    let told: Vec<_> = recent.iter().map(|row| (row.user.as_str(), row.ip.as_str(), row.ok, row.at.0)).collect();
    assert_eq!(told, [("mara", "a", true, 20), ("mara", "b", false, 21), ("jo", "b", false, 22)]);
    // Where somebody has signed in is known for a month longer.
    assert_eq!(logins::purge(&rig.store, At(25)).await.unwrap(), 3);
    assert_eq!(logins::places(&rig.store, "mara", At(30)).await.unwrap(), ["a"]);
    assert!(logins::places(&rig.store, "jo", At(30)).await.unwrap().is_empty());
    let month = 30 * 24 * 3_600_000;
    assert!(logins::places(&rig.store, "mara", At(month + 20)).await.unwrap().is_empty());
    assert_eq!(logins::purge(&rig.store, At(month + 20)).await.unwrap(), 1);
}

#[tokio::test]
async fn canned_replies_and_drafts() {
    let rig = rig();
    let mara = AgentId::from("mara");
    let form = |shortcut: &str, text: &str| CannedForm {
        shortcut: shortcut.into(),
        title: "t".into(),
        text: text.into(),
        language: "zh-CN".into(),
        ..CannedForm::default()
    };
    let id = canned::create(&rig.store, form("hi", "您好"), &mara, At(1)).await.unwrap();
    assert!(matches!(canned::create(&rig.store, form("hi", "x"), &mara, At(1)).await, Err(StoreError::Duplicate(_))));
    canned::update(&rig.store, id, form("hello", "您好！"), &mara, At(2)).await.unwrap();
    let list = canned::list(&rig.store).await.unwrap();
    assert_eq!((list.len(), list[0].form.text.as_str(), list[0].changed_at), (1, "您好！", At(2)));
    canned::remove(&rig.store, id).await.unwrap();
    assert!(matches!(canned::remove(&rig.store, id).await, Err(StoreError::Missing(_))));
    assert_eq!(canned::get(&rig.store, id).await.unwrap(), None);

    let place = drafts::Place::Conversation(ConversationId(7));
    let note = drafts::Place::Person(PersonId(7));
    drafts::set(&rig.store, &mara, note, "a note".into(), At(1)).await.unwrap();
    drafts::set(&rig.store, &mara, place, "half a sen".into(), At(1)).await.unwrap();
    drafts::set(&rig.store, &mara, place, "half a sentence".into(), At(2)).await.unwrap();
    assert_eq!(drafts::get(&rig.store, &mara, place).await.unwrap(), "half a sentence");
    drafts::set(&rig.store, &mara, place, String::new(), At(3)).await.unwrap();
    assert_eq!(drafts::get(&rig.store, &mara, note).await.unwrap(), "a note", "each place has its own");
    drafts::set(&rig.store, &mara, note, String::new(), At(3)).await.unwrap();
    assert_eq!(rig.count("SELECT count(*) FROM draft").await, 0);
}

#[tokio::test]
async fn uploads_that_no_message_took_are_removed_after_a_while() {
    let rig = with_conversation().await;
    let keep = async |name: &'static str, text: &'static str, at: i64| {
        files::create(&rig.store, name, "text/plain", text.into(), "agent/mara", At(at)).await.unwrap()
    };
    let (sent, old) = (keep("sent", "a", 1).await, keep("old", "b", 1).await);
    let (twin, new) = (keep("twin", "c", 1).await, keep("new", "c", 100).await);
    let body = Body { files: vec![sent.clone()], ..Body::default() };
    let received = ConversationFact::Received {
        message: MessageId(2),
        person: PersonId(1),
        channel: "site".into(),
        external_id: "x2".into(),
        body,
        sent: At(1),
        seq: 0,
        measure: None,
    };
    rig.record(20, vec![Fact::Conversation(ConversationId(1), received)]).await;
    let kept = async |file: &FileRef| files::get(&rig.store, file.id).await.unwrap().is_some();
    let paths: Vec<_> = {
        let mut paths = Vec::new();
        for file in [&sent, &old, &twin, &new] {
            paths.push(files::path(&rig.store, &files::get(&rig.store, file.id).await.unwrap().unwrap()));
        }
        paths
    };
    assert_eq!(files::purge(&rig.store, At(50)).await.unwrap(), 2);
    assert!(kept(&sent).await && !kept(&old).await && !kept(&twin).await && kept(&new).await);
    // The same bytes sent twice are kept once: as long as one of them stands, they do.
    assert_eq!(paths.iter().map(|path| path.exists()).collect::<Vec<_>>(), [true, false, true, true]);
    assert_eq!(files::purge(&rig.store, At(50)).await.unwrap(), 0);
    assert_eq!(files::purge(&rig.store, At(100)).await.unwrap(), 1);
    assert!(!paths[3].exists() && paths[0].exists());
}
