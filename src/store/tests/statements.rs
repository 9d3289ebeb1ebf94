//! Every SQL statement is one that the migrated schema understands.

use crate::store::*;

#[test]
fn every_statement_prepares_against_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let conn = open::writer(folder.path()).unwrap();
    let files: Vec<(&str, &[(&str, &str)])> = vec![
        ("agents", agents::STATEMENTS),
        ("amendments", amendments::STATEMENTS),
        ("apply", apply::STATEMENTS),
        ("backup", backup::STATEMENTS),
        ("backup/restore", backup::restore::STATEMENTS),
        ("callbacks", callbacks::STATEMENTS),
        ("calls", calls::STATEMENTS),
        ("canned", canned::STATEMENTS),
        ("cases", cases::STATEMENTS),
        ("channel_events", channel_events::STATEMENTS),
        ("continuations", continuations::STATEMENTS),
        ("conversations", conversations::STATEMENTS),
        ("access", access::STATEMENTS),
        ("app_push", app_push::STATEMENTS),
        ("day", day::STATEMENTS),
        ("drafts", drafts::STATEMENTS),
        ("persons/blocked", persons::blocked::STATEMENTS),
        ("persons/fields", persons::fields::STATEMENTS),
        ("persons/import", persons::import::STATEMENTS),
        ("records", records::STATEMENTS),
        ("persons/merge", persons::merge::STATEMENTS),
        ("persons/same", persons::same::STATEMENTS),
        ("events", events::STATEMENTS),
        ("figures", figures::STATEMENTS),
        ("figures/context", figures::context::STATEMENTS),
        ("figures/flows", figures::flows::STATEMENTS),
        ("persons/matter", persons::matter::STATEMENTS),
        ("files", files::STATEMENTS),
        ("forms", forms::STATEMENTS),
        ("surveys", surveys::STATEMENTS),
        ("visits", visits::STATEMENTS),
        ("invites", invites::STATEMENTS),
        ("knowledge/category", knowledge::category::STATEMENTS),
        ("knowledge/edit", knowledge::edit::STATEMENTS),
        ("knowledge/feedback", knowledge::feedback::STATEMENTS),
        ("knowledge/files", knowledge::files::STATEMENTS),
        ("knowledge/find", knowledge::find::STATEMENTS),
        ("knowledge/read", knowledge::read::STATEMENTS),
        ("knowledge/terms", knowledge::terms::STATEMENTS),
        ("knowledge/usage", knowledge::usage::STATEMENTS),
        ("late_files", late_files::STATEMENTS),
        ("listing", listing::STATEMENTS),
        ("logins", logins::STATEMENTS),
        ("macros", macros::STATEMENTS),
        ("messages", messages::STATEMENTS),
        ("notices", notices::STATEMENTS),
        ("persons", persons::STATEMENTS),
        ("persons/card", persons::card::STATEMENTS),
        ("persons/edit", persons::edit::STATEMENTS),
        ("phones", phones::STATEMENTS),
        ("pieces", pieces::STATEMENTS),
        ("proactive", proactive::STATEMENTS),
        ("templates", templates::STATEMENTS),
        ("recordings", recordings::STATEMENTS),
        ("restore", restore::STATEMENTS),
        ("routing", routing::STATEMENTS),
        ("search", search::STATEMENTS),
        ("search/index", search::index::STATEMENTS),
        ("sessions", sessions::STATEMENTS),
        ("supervision", supervision::STATEMENTS),
        ("team", team::STATEMENTS),
        ("threads", threads::STATEMENTS),
        ("tickets", tickets::STATEMENTS),
        ("timeline", timeline::STATEMENTS),
        ("told", told::STATEMENTS),
        ("topics", topics::STATEMENTS),
        ("users", users::STATEMENTS),
        ("webhooks", webhooks::STATEMENTS),
        ("views", views::STATEMENTS),
    ];
    let topics = apply::TOPICS.iter().map(|topic| ("apply/", *topic));
    let mut count = 0;
    for (file, statements) in files.into_iter().chain(topics) {
        for (name, sql) in statements {
            if let Err(error) = conn.prepare(sql) {
                panic!("{file} {name}: {error}\n{sql}");
            }
            count += 1;
        }
    }
    assert!(count > 100, "only {count} statements were listed");
}
