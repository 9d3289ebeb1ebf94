use super::*;
use crate::config::Config;
use crate::store::viewer::{Role, Viewer};
use crate::store::{knowledge, listing, messages, tickets};

const HOUSE: &str = r#"
[[queues]]
id = "sales"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[[agents]]
id = "mara"
queues = ["sales"]
"#;

#[tokio::test]
async fn it_is_as_much_as_was_asked_for_and_a_desk_goes_on_from_it() {
    let catalog = Arc::new(Config::parse(HOUSE, std::path::Path::new("house.toml")).expect("a house").catalog);
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let place = Place { channel: ChannelId::from("site"), agent: AgentId::from("mara") };
    let amounts = Amounts { people: 20, messages: 101, tickets: 10, articles: 6 };
    let mut told = Vec::new();
    write(&store, catalog.clone(), place, amounts, At(1_772_443_800_000), |messages| told.push(messages)).await.expect("written");
    assert_eq!(told.last(), Some(&101));
    let viewer = Viewer { agent: AgentId::from("ada"), role: Role::Admin };
    assert_eq!(listing::people(&store, &viewer, None, 0, 100).await.expect("a store").len(), 20);
    let conversations = listing::conversations(&store, &viewer, None, 0, 100).await.expect("a store");
    assert_eq!((conversations.len(), conversations.iter().filter(|row| row.state == "resolved").count()), (20, 20));
    let mut written = 0;
    for row in &conversations {
        written += listing::messages(&store, row.id, 0, 100).await.expect("a store").len();
    }
    assert_eq!(written, 101);
    assert_eq!(messages::unsent(&store, MessageId(0), 100).await.expect("a store"), [], "nothing is sent to nobody");
    assert_eq!(tickets::list(&store, tickets::Filter::default(), None, 100).await.expect("a store").len(), 10);
    assert_eq!(knowledge::list(&store, &knowledge::Filter::default(), None, At(1_772_443_800_001), 100).await.expect("a store").len(), 6);
    Desk::restore(catalog, store.live_rows().expect("rows")).expect("a desk goes on from it");
}
