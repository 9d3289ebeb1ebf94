//! One message of ours as the messages that its platform carries, and counts.

use super::card::spelt;
use super::input::{Body, Extra, FileRef};
use super::traits::Traits;

/// What goes out in one request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    pub text: String,
    pub files: Vec<FileRef>,
    pub extra: Option<Extra>,
}

/// Text first, cut where it is too long, then each file; `None`: the channel does not carry so much.
pub fn parts(traits: &Traits, body: &Body) -> Option<Vec<Part>> {
    if matches!(body.extra, Some(Extra::Template { .. })) {
        // The platform writes it; our words only tell what it says.
        return Some(vec![Part { text: body.text.clone(), files: Vec::new(), extra: body.extra.clone() }]);
    }
    let (text, extra) = spelt(traits, body);
    // Of what the channel does not take, the text has the link.
    let takes = |file: &&FileRef| traits.file(&file.mime).is_some_and(|rule| file.bytes <= rule.most_bytes);
    let files: Vec<FileRef> = body.files.iter().filter(takes).cloned().collect();
    if traits.whole {
        return (traits.text.count(&text) <= traits.text.longest()).then(|| vec![Part { text, files, extra }]);
    }
    if let [file] = files.as_slice()
        && traits.captions(&file.mime, file.bytes)
        && !text.is_empty()
        && traits.text.count(&text) <= traits.caption
    {
        return Some(vec![Part { text, files: vec![file.clone()], extra }]);
    }
    let mut all = Vec::new();
    if matches!(extra, Some(Extra::Link { .. })) {
        // The card says it all; its words are for whoever reads the talk here.
        all.push(Part { text, files: Vec::new(), extra });
    } else if !text.is_empty() || files.is_empty() {
        all.extend(traits.text.pieces(&text)?.into_iter().map(|text| Part { text: text.to_owned(), ..Part::default() }));
        match all.last_mut() {
            // A card stands under the last of the words.
            Some(last) if !(traits.cards.bare && matches!(extra, Some(Extra::Place { .. }))) => last.extra = extra,
            _ => all.push(Part { extra, ..Part::default() }),
        }
    }
    all.extend(files.into_iter().map(|file| Part { files: vec![file], ..Part::default() }));
    Some(all)
}

/// How many messages that is for a platform that takes only so many; 1 for all others.
pub(super) fn count(traits: &Traits, body: &Body) -> u32 {
    if traits.window.is_none_or(|window| window.messages.is_none()) {
        return 1;
    }
    parts(traits, body).map_or(1, |parts| u32::try_from(parts.len()).unwrap_or(u32::MAX)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::id::FileId;
    use crate::desk::traits::{Cards, FileRule, Text, Unit};

    fn file(id: u64) -> FileRef {
        FileRef { id: FileId(id), name: format!("{id}.png"), mime: "image/png".into(), bytes: 1 }
    }

    fn texts(parts: &Option<Vec<Part>>) -> Vec<(&str, usize)> {
        parts.iter().flatten().map(|part| (part.text.as_str(), part.files.len())).collect()
    }

    #[test]
    fn words_go_before_pictures_and_under_one_where_they_fit() {
        let words = Traits::words(Text { most: 8, unit: Unit::Characters, parts: 3 });
        let plain = Traits { files: vec![FileRule { mime: "image/", most_bytes: 10 }], ..words.clone() };
        let captions = Traits { caption: 5, ..plain.clone() };
        let body = |text: &str, files| Body { files, ..Body::text(text) };
        assert_eq!(texts(&parts(&plain, &body("hello", vec![file(1), file(2)]))), [("hello", 0), ("", 1), ("", 1)]);
        assert_eq!(texts(&parts(&captions, &body("hello", vec![file(1)]))), [("hello", 1)]);
        assert_eq!(texts(&parts(&captions, &body("hello!", vec![file(1)]))), [("hello!", 0), ("", 1)]);
        let small = Traits { captioned: &[FileRule { mime: "image/png", most_bytes: 0 }], ..captions.clone() };
        assert_eq!(texts(&parts(&small, &body("hello", vec![file(1)]))), [("hello", 0), ("", 1)], "it is too large for words");
        assert_eq!(texts(&parts(&plain, &body("", vec![file(1)]))), [("", 1)]);
        assert_eq!(texts(&parts(&plain, &body("12345678abcdefgh", vec![]))), [("12345678", 0), ("abcdefgh", 0)]);
        assert_eq!(parts(&plain, &body(&"x".repeat(25), vec![])), None);
        assert_eq!(texts(&parts(&words, &body("hello", vec![file(1)]))), [("hello", 0)], "the link is in the text");
        let whole = Traits { whole: true, ..plain };
        assert_eq!(texts(&parts(&whole, &body("hello", vec![file(1), file(2)]))), [("hello", 2)]);
    }

    #[test]
    fn choices_are_written_where_they_cannot_be_tapped() {
        let plain = Traits::words(Text { most: 80, unit: Unit::Characters, parts: 1 });
        let tapped = Traits { choices: 3, ..plain.clone() };
        let choices = Extra::Choices { options: vec!["Yes".into(), "No".into()] };
        let body = Body { extra: Some(choices.clone()), ..Body::text("Sure?") };
        assert_eq!(parts(&plain, &body), Some(vec![Part { text: "Sure?\n1. Yes\n2. No".into(), ..Part::default() }]));
        let template = Extra::Template { name: "ready".into(), language: "en".into(), variables: Vec::new() };
        let (none, body_of_one) = (Text { parts: 0, ..plain.text }, Body { extra: Some(template.clone()), ..Body::text("Ready.") });
        let whole = parts(&Traits::words(none), &body_of_one);
        assert_eq!(
            whole,
            Some(vec![Part { text: "Ready.".into(), extra: Some(template), ..Part::default() }]),
            "though no words are taken"
        );
        assert_eq!(parts(&tapped, &body), Some(vec![Part { text: "Sure?".into(), extra: Some(choices), ..Part::default() }]));
        let pin = Extra::Place { latitude: 1, longitude: 2, label: "Shop".into(), address: String::new() };
        let body = Body { extra: Some(pin.clone()), ..Body::text("Shop") };
        let (words, alone) = (Part { text: "Shop".into(), ..Part::default() }, Part { extra: Some(pin), ..Part::default() });
        let bare = Traits { cards: Cards { places: true, bare: true, ..Cards::default() }, ..plain };
        assert_eq!(parts(&bare, &body), Some(vec![words, alone]), "a pin that cannot say what is there");
    }
}
