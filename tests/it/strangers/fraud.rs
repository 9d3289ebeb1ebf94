//! Toll fraud from end to end: a desk phone whose password has leaked, or whose user means it, asks for dear numbers in every spelling, by an
//! INVITE and by a transfer. None leaves the house; the number that is allowed does.

use crate::rig::deskphone::DeskPhone;
use crate::rig::handset::Handset;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until};
use std::time::Duration;
use tokio::net::UdpSocket;

/// What is asked for: the user part of a SIP address, or a whole one. The house may call Germany, Austria and the mainland of +1.
const SPELLINGS: [&str; 46] = [
    // Premium rate.
    "0900%201234567",
    "09001234567",
    "+499001234567",
    "+49(0)9001234567",
    "00499001234567",
    "499001234567",
    "+4909001234567",
    "0900-123-4567",
    "0900.123.4567",
    "01378123456",
    "01805123456",
    "11833",
    "+19005550123",
    "0019005550123",
    "+19765550123",
    "%30%39%30%30%31%32%33%34%35%36%37",
    "%EF%BC%90%EF%BC%99%EF%BC%90%EF%BC%90%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96%EF%BC%97",
    "09%E2%80%8B001234567",
    "%E2%80%AD09001234567%E2%80%AC",
    "tel:+499001234567",
    "tel:09001234567;phone-context=+49",
    "tel:+49-900-1234567",
    "sip:09001234567@evil.example",
    "sips:09001234567@evil.example",
    "sip:+499001234567@evil.example;user=phone",
    // Satellites, and networks without a country.
    "+870773123456",
    "00881612345678",
    "+8821612345",
    "+979012345678",
    // Countries that are not allowed.
    "+442079460018",
    "00442079460018",
    "+3719912345",
    "+252611234567",
    "+9601234567",
    "+5371234567",
    // Islands behind an allowed country code.
    "+18765550123",
    "+18095550123",
    "0012465550123",
    // An allowed beginning put before another number.
    "+49004420794600181234",
    "0049004420794600",
    // More than a number.
    "030123456,,0900",
    "030123456;phone-context=+1900",
    "+4930123456;ext=0900",
    "*21*09001234567%23",
    "*31%2309001234567",
    "%D9%A0%D9%A9%D9%A0%D9%A0%D9%A1%D9%A2%D9%A3",
];

/// A way out that nobody answers, so that every packet that leaves is seen.
async fn way_out() -> (UdpSocket, String) {
    let trunk = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let server = trunk.local_addr().expect("an address");
    let text = format!(
        "[[trunks]]\nid = \"out\"\nserver = \"{server}\"\nping = \"0s\"\n[trunks.outbound]\nallow = [\"national\", \"+43\", \"+1\"]\n\
         [dial]\ncountry = \"de\"\narea_code = \"30\"\n"
    );
    (trunk, text)
}

/// What has left through the trunk: the first lines.
async fn left(trunk: &UdpSocket, patience: Duration) -> Vec<String> {
    let (mut lines, mut packet) = (Vec::new(), [0; 4_096]);
    while let Ok(Ok((length, _))) = tokio::time::timeout(patience, trunk.recv_from(&mut packet)).await {
        lines.push(String::from_utf8_lossy(&packet[..length]).lines().next().unwrap_or_default().to_owned());
        if lines.len() > 3 {
            break;
        }
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_calls_no_dear_number() {
    let (trunk, way_out) = way_out().await;
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[agents]]\nid = \"dora\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = {{ username = \"d100\", password = \"s3cret\" }}\n{way_out}"
    ))
    .await;
    let mut phone = Handset::at([127, 92, 0, 1], house.sip, "d100", "s3cret").await;
    assert_eq!(phone.does("REGISTER", &format!("sip:{}", house.sip)).await, 200);
    house.stands("dora Available 0/100").await;
    for spelling in SPELLINGS {
        let uri = if spelling.contains(':') { spelling.to_owned() } else { format!("sip:{spelling}@{}", house.sip) };
        let status = phone.does("INVITE", &uri).await;
        assert!((400..700).contains(&status) && status != 401, "{uri} is answered {status}");
    }
    assert_eq!(left(&trunk, Duration::from_millis(300)).await, Vec::<String>::new(), "something left the house");
    // The same phone calls what may be called.
    let dials = async { phone.asks("INVITE", &format!("sip:030123456@{}", house.sip)).await };
    let (_, sent) = tokio::join!(dials, left(&trunk, Duration::from_secs(3)));
    assert!(sent.first().is_some_and(|line| line.contains("4930123456")), "{sent:?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_leads_to_no_dear_number() {
    let (trunk, way_out) = way_out().await;
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = crate::calls::house_of(&[&phone], "", &way_out).await;
    let dora = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    for spelling in SPELLINGS.into_iter().filter(|spelling| !spelling.contains(':')) {
        phone.forget_referred();
        phone.refer(spelling).await;
        until(&format!("the transfer to {spelling} is refused"), || {
            phone.referred().split(' ').next().and_then(|status| status.parse().ok()).is_some_and(|status: u16| status >= 400)
        })
        .await;
        let answer = dora.post("/work/call/1/transfer", &[("to", &format!("outside/{spelling}"))]).await;
        assert!(answer.status >= 400, "{spelling}: {} {}", answer.status, answer.text());
    }
    assert_eq!(left(&trunk, Duration::from_millis(300)).await, Vec::<String>::new(), "something left the house");
    // Whoever talked goes on talking.
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    dora.leave().await;
    house.close().await;
}
