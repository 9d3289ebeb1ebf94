//! Headers from the network: round trip, every optional part, and no panic on any bytes.

use super::*;
use proptest::prelude::*;

#[test]
fn optional_parts_are_skipped_and_padding_removed() {
    let mut data = vec![0; HEADER_LEN];
    Header::write(&mut data, false, 8, 7, 1600, 0xdead_beef);
    data[0] |= 0x20 | 0x10 | 2;
    data.extend([0; 8]); // two CSRCs
    data.extend([0xbe, 0xde, 0, 1, 1, 2, 3, 4]); // an extension of one word
    data.extend([9, 9, 9, 0, 2]); // three bytes of payload, two of padding
    let header = Header::parse(&data).unwrap();
    assert_eq!(&data[header.start..header.end], [9, 9, 9]);
    assert_eq!((header.payload_type, header.seq, header.timestamp, header.ssrc), (8, 7, 1600, 0xdead_beef));
}

#[test]
fn broken_headers_are_named() {
    assert_eq!(Header::parse(&[0x80; 11]), Err(HeaderError::Short));
    assert_eq!(Header::parse(&[0x40; 12]), Err(HeaderError::Version));
    assert_eq!(Header::parse(&[0x8f; 12]), Err(HeaderError::Short));
    let mut padded = [0; 13];
    Header::write(&mut padded, false, 0, 0, 0, 0);
    padded[0] |= 0x20;
    padded[12] = 2;
    assert_eq!(Header::parse(&padded), Err(HeaderError::Padding));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(data in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(header) = Header::parse(&data) {
            prop_assert!(header.start <= header.end && header.end <= data.len());
        }
    }

    #[test]
    fn what_is_written_is_read(marker: bool, pt in 0u8..128, seq: u16, timestamp: u32, ssrc: u32, payload in 0usize..200) {
        let mut data = vec![0; HEADER_LEN + payload];
        Header::write(&mut data, marker, pt, seq, timestamp, ssrc);
        let expected = Header { marker, payload_type: pt, seq, timestamp, ssrc, start: HEADER_LEN, end: data.len() };
        prop_assert_eq!(Header::parse(&data), Ok(expected));
    }
}
