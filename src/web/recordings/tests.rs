//! The picture of a recording.

use super::wave::svg;

#[test]
fn the_picture_has_the_customer_above_the_line_and_no_style() {
    let drawn = svg(&[(255, 0), (0, 255)]);
    assert!(drawn.contains("M2 3.0V17"), "{drawn}");
    assert!(drawn.contains("M6 19V33.0"), "{drawn}");
    assert!(!drawn.contains("style") && !drawn.contains("script"));
}
