//! What was found is marked, and nothing in it is markup.

use super::marked;
use crate::store::search::Excerpt;

fn excerpt(text: &str, marks: Vec<std::ops::Range<usize>>) -> Excerpt {
    Excerpt { text: text.into(), marks, cut_before: true, cut_after: false }
}

#[test]
fn marks_stand_where_they_belong_and_hostile_text_is_only_text() {
    let html = marked(&excerpt("<b>bolt</b> & bolt", vec![3..7, 14..18])).0;
    assert_eq!(html, "…&lt;b&gt;<mark>bolt</mark>&lt;/b&gt; &amp; <mark>bolt</mark>");
}

#[test]
fn a_range_inside_a_character_is_not_marked_and_does_not_panic() {
    assert_eq!(marked(&excerpt("螺丝", std::iter::once(1..2).collect())).0, "…螺丝");
    assert_eq!(marked(&excerpt("螺丝", std::iter::once(0..3).collect())).0, "…<mark>螺</mark>丝");
}
