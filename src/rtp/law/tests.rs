//! Companding is checked against its own inverse and against values of the G.711 tables.

use super::Law::{Pcma, Pcmu};

#[test]
fn every_byte_survives_a_decode_and_an_encode() {
    for law in [Pcmu, Pcma] {
        for byte in 0..=255u8 {
            let back = law.encode(law.decode(byte));
            // µ-law has two zeros; both decode to 0 and the positive one is sent.
            let expected = if law == Pcmu && byte == 0x7f { 0xff } else { byte };
            assert_eq!(back, expected, "{law} {byte:#x}");
        }
    }
}

#[test]
fn known_values_of_the_tables() {
    assert_eq!(Pcmu.decode(0x00), -32124);
    assert_eq!(Pcmu.decode(0x80), 32124);
    assert_eq!(Pcmu.decode(0xff), 0);
    assert_eq!(Pcma.decode(0xd5), 8);
    assert_eq!(Pcma.decode(0x2a), -32256);
    assert_eq!(Pcma.decode(0xaa), 32256);
    assert_eq!(Pcmu.encode(i16::MIN), 0x00);
    assert_eq!(Pcma.encode(i16::MAX), 0xaa);
}

#[test]
fn maps_keep_sign_and_loudness() {
    for (from, to) in [(Pcmu, Pcma), (Pcma, Pcmu)] {
        let map = from.map_to(to).unwrap();
        for byte in 0..=255u8 {
            let (a, b) = (i32::from(from.decode(byte)), i32::from(to.decode(map[byte as usize])));
            assert!((a - b).abs() <= a.abs() / 16 + 16, "{from} {byte:#x}: {a} {b}");
        }
    }
    assert!(Pcmu.map_to(Pcmu).is_none());
}
