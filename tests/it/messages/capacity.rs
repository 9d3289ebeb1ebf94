//! Twenty visitors at once, and calls beside chats: nobody gets more than they can serve.

use super::{HOUSE, on_duty, takes};
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until};
use hubline::desk::id::Work;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_visitors_and_two_agents() {
    let house = House::open(HOUSE).await;
    let (mara, sumi) = (on_duty(&house, "mara").await, on_duty(&house, "sumi").await);
    let mut visitors = Vec::new();
    for n in 1..=20 {
        let visitor = Page::open(house.web, None).await;
        visitor.writes(&format!("Visitor {n}")).await;
        visitors.push(visitor);
    }
    house.stands("mara Available 100/100").await;
    house.stands("sumi Available 100/100").await;
    let waiting = || house.app.switchboard.floor().waiting.iter().filter(|waiting| waiting.offered_to.is_none()).count();
    until("twelve wait", || waiting() == 12).await;
    assert_eq!((mara.frames("ring").len(), sumi.frames("ring").len()), (4, 4), "four each, and not one more");
    let floor = house.app.switchboard.floor();
    for offered in floor.waiting.iter().filter(|waiting| waiting.offered_to.is_some()) {
        let (Work::Conversation(id), Some((agent, _))) = (offered.work, &offered.offered_to) else { panic!("{offered:?}") };
        takes(if agent.as_str() == "mara" { &mara } else { &sumi }, id.0).await;
    }
    // The first who wrote are the first who are served.
    house
        .shows("SELECT group_concat(id) FROM (SELECT id FROM conversation WHERE state = 'serving' ORDER BY id)", &["1,2,3,4,5,6,7,8"])
        .await;
    visitors[8].hears("waiting", "\"position\":1").await;
    let mine = house.rows("SELECT id FROM conversation WHERE agent = 'mara' ORDER BY id").remove(0);
    mara.does(&format!("/work/conversation/{mine}/resolve"), &[]).await;
    takes(&mara, 9).await;
    visitors[8].hears("joined", "Mara Voss").await;
    visitors[9].hears("waiting", "\"position\":1").await;
    house.stands("mara Available 100/100").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_goes_on_beside_the_call_of_the_same_agent() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = House::open(&format!(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[queues]]\nid = \"sales\"\nname = \"Sales\"\nwrap_up = \"0s\"\n\
         [[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n\
         [[agents]]\nid = \"mara\"\nname = \"Mara\"\nqueues = [\"sales\"]\nphone = \"{}\"\ncapacity = 150\n",
        phone.uri()
    ))
    .await;
    let mara = on_duty(&house, "mara").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("While you are on the phone").await;
    takes(&mara, 1).await;
    super::replies(&mara, 1, "I type and talk").await;
    visitor.hears("message", "I type and talk").await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    house.stands("mara Available 125/150").await;
    caller.hang_up().await;
    house.quiet().await;
    house.stands("mara Available 25/150").await;
    house.close().await;
}
