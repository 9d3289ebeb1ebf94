//! What customers write is read strictly, and whatever it is, it is text.

use crate::desk::dial::number::Numbering;
use crate::desk::form::read::{Wrong, value};
use crate::desk::form::spec::{FieldKind, FieldSpec, Titles};

fn field(kind: FieldKind) -> FieldSpec {
    FieldSpec {
        name: "f".into(),
        kind,
        title: Titles::default(),
        hint: Titles::default(),
        required: true,
        masked: false,
        options: vec![("a".into(), Titles::default()), ("b".into(), Titles::default())],
        longest: 5,
        lowest: Some(-2),
        highest: Some(20),
        camera: "user",
    }
}

fn read(kind: FieldKind, text: &str) -> Result<String, Wrong> {
    value(&field(kind), text, &Numbering::default())
}

#[test]
fn each_kind_takes_what_it_is_for() {
    use FieldKind::*;
    let good = [
        (Text, "  <b>x ", "<b>x"),
        (Text, "李明", "李明"),
        (Text, "a\u{0}\u{7}b", "ab"),
        (Number, "3", "3"),
        (Number, "-1,5", "-1.5"),
        (Choice, "b", "b"),
        (Date, "2026-02-28", "2026-02-28"),
        (Email, "anna.berg+x@shop.example", "anna.berg+x@shop.example"),
        (Phone, "+49 151 0013 8193", "+4915100138193"),
        (Consent, "yes", "yes"),
    ];
    for (kind, text, kept) in good {
        assert_eq!(read(kind, text), Ok(kept.to_owned()), "{kind:?} {text:?}");
    }
    let bad = [
        (Text, "sechs!", Wrong::TooLong),
        (Text, " \u{0} ", Wrong::Missing),
        (Number, "1e3", Wrong::NotANumber),
        (Number, "١", Wrong::NotANumber),
        (Number, "1.2.3", Wrong::NotANumber),
        (Number, "-", Wrong::NotANumber),
        (Number, "NaN", Wrong::NotANumber),
        (Number, "9999999999999999", Wrong::NotANumber),
        (Number, "21", Wrong::OutOfRange),
        (Number, "-3", Wrong::OutOfRange),
        (Choice, "c", Wrong::NotThere),
        (Choice, "<script>", Wrong::NotThere),
        (Date, "2026-02-30", Wrong::NotADate),
        (Date, "28.2.2026", Wrong::NotADate),
        (Date, "0026-02-28", Wrong::NotADate),
        (Email, "anna", Wrong::NotAnAddress),
        (Email, "a@b@c.example", Wrong::NotAnAddress),
        (Email, "a b@c.example", Wrong::NotAnAddress),
        (Email, "a@c.example\r\nBcc: x@y.example", Wrong::NotAnAddress),
        (Email, "<a>@c.example", Wrong::NotAnAddress),
        (Phone, "12", Wrong::NotAPhone),
        (Phone, "sip:root@evil.example", Wrong::NotAPhone),
        (Phone, "*21*0900#", Wrong::NotAPhone),
        (Consent, "on", Wrong::NotAgreed),
        (Consent, "", Wrong::NotAgreed),
        (Photo, "not a file", Wrong::Missing),
    ];
    for (kind, text, wrong) in bad {
        assert_eq!(read(kind, text), Err(wrong), "{kind:?} {text:?}");
    }
    let optional = FieldSpec { required: false, ..field(Email) };
    assert_eq!(value(&optional, " ", &Numbering::default()), Ok(String::new()));
}
