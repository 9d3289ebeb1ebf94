//! Calls: telephones and browsers that send tones and listen for each other's.

mod after_calls;
mod bad_lines;
mod browser;
mod carriers;
mod colleagues;
mod context;
mod desk_phones;
mod flows;
mod handed_on;
mod hands;
mod improved;
mod keys_heard;
mod lines;
mod missed;
mod one_story;
mod other_pages;
mod out;
mod page_hands;
mod pages;
mod peers;
mod phone_keys;
mod pictures;
pub mod pushed;
mod put_through;
mod races;
mod registered;
mod secure;
mod supervision;
mod surveys;
mod taken_over;
mod talks;
mod told;
mod trials;
mod trunks;
mod waiting;

use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::wav::Recording;
use hubline::sim::sms::Gateway;

/// A queue that records, and agents with these desk phones: dora, then emil, then fred.
pub async fn house_of(phones: &[&DeskPhone], queue: &str, more: &str) -> House {
    let mut business = format!(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n\
         [[queues]]\nid = \"sales\"\nname = \"Sales\"\nmusic = \"music\"\nrecord = true\nwrap_up = \"0s\"\n{queue}\n{more}\n"
    );
    if !phones.is_empty() {
        business += "[[lines]]\nnumber = \"4100\"\nagent = \"dora\"\n";
    }
    for (id, phone) in ["dora", "emil", "fred"].iter().zip(phones) {
        business += &format!(
            "[[agents]]\nid = \"{id}\"\nname = \"{id}\"\nqueues = [\"sales\"]\nphone = \"{}\"\nalways_available = true\n",
            phone.uri()
        );
    }
    House::open(&business).await
}

/// A trunk by which calls go out, to this telephone, for everybody and everywhere.
fn way_out(to: &DeskPhone) -> String {
    format!(
        "[[trunks]]\nid = \"out\"\nserver = \"{}\"\nping = \"0s\"\n[trunks.outbound]\nallow = [\"any\"]\n[dial]\ncountry = \"de\"\n",
        to.address
    )
}

/// The one recording, once it is finished.
async fn recording(house: &House) -> Recording {
    house.shows("SELECT state, error FROM recording", &["done|-"]).await;
    let file = house.rows("SELECT file FROM recording").remove(0);
    Recording::read(&house.data().join("recordings").join(file))
}

/// What a house needs that sends texts by this gateway, from a queue `sales`, and calls out to this address.
fn by_text(gateway: &Gateway, outside: &str) -> String {
    format!(
        r#"
[[trunks]]
id = "out"
server = "{outside}"
ping = "0s"
[trunks.outbound]
allow = ["any"]
number = "+4930111"
[callbacks]
text_channel = "texts"
polite = "00:00-24:00"
[[lines]]
number = "4001"
queue = "sales"
[[channels]]
kind = "sms"
id = "texts"
queue = "sales"
[channels.gateway]
url = "{}"
secret = "shared by both"
from = "+4930111"
"#,
        gateway.url()
    )
}
