//! What we write can be read; anything may be read.

use super::*;
use proptest::prelude::*;
use std::time::Duration;

fn compound() -> Compound {
    let report = ReceptionReport { ssrc: 9, fraction_lost: 12, lost: -3, highest_seq: 70_000, jitter: 33 };
    let ntp = NtpTime::since_start(Duration::from_millis(2500));
    Compound {
        ssrc: 5,
        sender: Some(SenderInfo { ntp, timestamp: 1, packets: 2, octets: 3 }),
        reception: Some((report, LastReport { lsr: 77, dlsr: 88 })),
        cname: 0x0123_4567_89ab_cdef,
        bye: true,
    }
}

#[test]
fn a_full_compound_is_read_back() {
    let mut out = [0; MAX_LEN];
    let length = compound().write(&mut out);
    assert_eq!(length, 52 + 28 + 8);
    let heard = parse(&out[..length], 9);
    assert_eq!(heard.sender, Some((5, (2 << 16) + (1 << 15))));
    assert_eq!(heard.block, Some(Block { fraction_lost: 12, jitter: 33, lsr: 77, dlsr: 88 }));
    assert!(heard.bye);
    assert_eq!(parse(&out[..length], 4).block, None, "a block about somebody else");
}

#[test]
fn a_receiver_report_without_a_stream_is_well_formed() {
    let mut out = [0; MAX_LEN];
    let length = Compound { sender: None, reception: None, bye: false, ..compound() }.write(&mut out);
    assert_eq!(&out[..8], [0x80, 201, 0, 1, 0, 0, 0, 5]);
    assert_eq!(length, 8 + 28);
    assert_eq!(&out[18..34], b"0123456789abcdef");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(data in proptest::collection::vec(any::<u8>(), 0..120), kind in 199u8..205) {
        let mut data = data;
        if data.len() > 3 {
            (data[0], data[1], data[2]) = (data[0] | 0x80, kind, 0);
        }
        parse(&data, 7);
    }
}
