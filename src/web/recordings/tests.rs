//! Ranges as players send them, and as nobody should.

use super::range::{Asked, asked};
use super::wave::svg;

#[test]
fn a_player_gets_the_part_it_asks_for() {
    assert_eq!(asked(None, 100), Asked::Whole);
    assert_eq!(asked(Some("bytes=0-"), 100), Asked::Part(0..100));
    assert_eq!(asked(Some("bytes=10-19"), 100), Asked::Part(10..20));
    assert_eq!(asked(Some("bytes=90-500"), 100), Asked::Part(90..100));
    assert_eq!(asked(Some("bytes=-30"), 100), Asked::Part(70..100));
    assert_eq!(asked(Some("bytes=-300"), 100), Asked::Part(0..100));
}

#[test]
fn what_is_not_there_is_416_and_nonsense_is_the_whole() {
    assert_eq!(asked(Some("bytes=100-"), 100), Asked::Nothing);
    assert_eq!(asked(Some("bytes=-0"), 100), Asked::Nothing);
    assert_eq!(asked(Some("bytes=-5"), 0), Asked::Nothing);
    for text in ["", "bytes=", "bytes=a-b", "bytes=9-3", "lines=1-2", "bytes=1-2,5-6", "bytes=+1-2", "bytes=18446744073709551615-0x"] {
        assert!(matches!(asked(Some(text), 100), Asked::Whole | Asked::Nothing), "{text}");
    }
}

#[test]
fn the_picture_has_the_customer_above_the_line_and_no_style() {
    let drawn = svg(&[(255, 0), (0, 255)]);
    assert!(drawn.contains("M2 3.0V17"), "{drawn}");
    assert!(drawn.contains("M6 19V33.0"), "{drawn}");
    assert!(!drawn.contains("style") && !drawn.contains("script"));
}
