use super::*;
use crate::desk::traits::{Cards, Text, Unit};

fn words() -> Traits {
    Traits::words(Text { most: 400, unit: Unit::Characters, parts: 1 })
}

fn buttons() -> Traits {
    let cards = Cards { choice: 8, question: 20, links: true, title: 10, about: 12, places: true, ..Cards::default() };
    Traits { choices: 3, cards, ..words() }
}

fn choices(question: &str, choices: &[&str]) -> Card {
    Card::Choices { question: question.into(), choices: choices.iter().map(|choice| (*choice).to_owned()).collect() }
}

fn link(title: &str, about: &str, url: &str) -> Card {
    Card::Link { title: title.into(), about: about.into(), url: url.into(), picture: String::new() }
}

fn place(latitude: i32, longitude: i32) -> Card {
    Card::Place { name: "Shop".into(), address: "Seestr. 1".into(), latitude, longitude }
}

#[test]
fn a_question_keeps_to_what_the_buttons_hold() {
    let body = choices(" Sure?\u{7} ", &[" Yes\n sir", "", "No"]).body(&buttons()).expect("fits");
    assert_eq!((body.text.as_str(), body.extra), ("Sure?", Some(Extra::Choices { options: vec!["Yes sir".into(), "No".into()] })));
    let wrong = |question: &str, all: &[&str]| choices(question, all).body(&buttons()).expect_err("refused");
    assert_eq!(wrong(" ", &["a", "b"]), CardProblem::NoQuestion);
    assert_eq!(wrong("x", &["a", " "]), CardProblem::FewChoices);
    assert_eq!(wrong("x", &["a", "b", "c", "d"]), CardProblem::ManyChoices { most: 3 });
    assert_eq!(wrong("x", &["a", "nine char"]), CardProblem::LongChoice { choice: "nine char".into(), most: 8 });
    assert_eq!(wrong("x", &["Yes", " yes"]), CardProblem::SameChoice { choice: "yes".into() });
    assert_eq!(wrong("one and twenty letters", &["a", "b"]), CardProblem::LongQuestion { most: 20 });
}

#[test]
fn without_buttons_choices_have_numbers() {
    let body = choices("one and twenty letters", &["nine char", "b", "c", "d"]).body(&words()).expect("as words there is room");
    assert_eq!(spelt(&words(), &body), ("one and twenty letters\n1. nine char\n2. b\n3. c\n4. d".into(), None));
    assert_eq!(spelt(&buttons(), &body).1, None, "more than there are buttons");
    let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    let many = Card::Choices { question: "x".into(), choices: many };
    assert_eq!(many.body(&words()), Err(CardProblem::ManyChoices { most: MOST_CHOICES }));
    let letter = Traits { threads: true, ..words() };
    let body = choices("x", &["a", "b"]).body(&letter).expect("fits");
    assert_eq!((body.text.as_str(), body.extra), ("x\n1. a\n2. b", None), "a letter has a head where others have a card");
}

#[test]
fn links_and_places_say_in_words_what_they_are() {
    let body = link("Order 1", "on its way", "https://shop.example/1").body(&buttons()).expect("fits");
    assert_eq!(body.text, "Order 1\non its way\nhttps://shop.example/1");
    assert_eq!(spelt(&words(), &body), (body.text.clone(), None));
    assert_eq!(spelt(&buttons(), &body).1, body.extra);
    let body = place(52_516_300, -13_377).body(&buttons()).expect("fits");
    assert_eq!(body.text, "Shop\nSeestr. 1\n52.516300, -0.013377");
    assert_eq!(spelt(&words(), &body).1, None);
    assert_eq!(place(90_000_001, 0).body(&words()), Err(CardProblem::BadPlace));
    assert_eq!(link("eleven long", "", "https://a").body(&buttons()), Err(CardProblem::LongTitle { most: 10 }));
    assert_eq!(link("a", "thirteen long", "https://a").body(&buttons()), Err(CardProblem::LongAbout { most: 12 }));
    assert_eq!(link("", "", "https://a").body(&words()), Err(CardProblem::NoTitle));
    for url in ["", "shop.example", "javascript:alert(1)", "https://", "https://a b", "https://bank.example@evil.example/", "http://a\"b"] {
        assert_eq!(link("a", "", url).body(&words()), Err(CardProblem::BadAddress), "{url}");
    }
}

#[test]
fn values_are_put_into_the_words_of_a_card() {
    let values = BTreeMap::from([("n".to_owned(), "42".to_owned())]);
    assert_eq!(choices("Order {n}?", &["{n}", "b"]).filled(&values), choices("Order 42?", &["42", "b"]));
    assert_eq!(link("{n}", "", "https://a/{n}").filled(&values), link("42", "", "https://a/42"));
}

#[test]
fn a_number_is_written_in_many_ways() {
    for text in ["2", " 2 ", "２", "2.", "2)", "2、", "02"] {
        assert_eq!(number(text), Some(2), "{text}");
    }
    for text in ["", "2 of them", "two", "200", "-2", "2.5"] {
        assert_eq!(number(text), None, "{text}");
    }
}
