//! How far a message has come, as the message centre tells it: by tagged values (SMPP 3.4 §5.3.2.12, §5.3.2.35) or, as most do, in the text
//! of a `deliver_sm` (appendix B, which is a habit rather than a rule).

use super::pdu::{ShortMessage, tag};
use crate::desk::input::Delivery;
use serde::Deserialize;

/// Longest reason that is kept, characters.
const REASON: usize = 120;

/// How the id in a receipt differs from the one in the answer to our message: many message centres write the same number in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// Not at all.
    #[default]
    Same,
    /// In zeros at the beginning or in capitals.
    Padded,
    /// The answer is hexadecimal, the receipt decimal.
    HexThenDecimal,
    /// The answer is decimal, the receipt hexadecimal.
    DecimalThenHex,
}

impl Ids {
    /// The id of an answer, so that it equals that of its receipt. An id that is not the number it should be stays as it is.
    pub fn of_answer(self, id: &str) -> String {
        match self {
            Ids::Same => id.to_owned(),
            Ids::Padded | Ids::DecimalThenHex => bare(id),
            Ids::HexThenDecimal => u128::from_str_radix(id, 16).map_or_else(|_| id.to_owned(), |number| number.to_string()),
        }
    }

    pub fn of_receipt(self, id: &str) -> String {
        match self {
            Ids::Same => id.to_owned(),
            Ids::Padded | Ids::HexThenDecimal => bare(id),
            Ids::DecimalThenHex => u128::from_str_radix(id, 16).map_or_else(|_| id.to_owned(), |number| number.to_string()),
        }
    }
}

fn bare(id: &str) -> String {
    let bare = id.trim_start_matches('0').to_ascii_lowercase();
    if bare.is_empty() { "0".into() } else { bare }
}

/// One receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Comparable with [`Ids::of_answer`].
    pub id: String,
    pub state: Delivery,
}

/// What `esm_class` says a message from the message centre is (§5.2.12, bits 5 to 2).
pub fn is_receipt(message: &ShortMessage) -> bool {
    matches!(message.esm_class & 0x3c, 0x04 | 0x20)
}

/// `None`: nobody can say what it is about.
pub fn read(message: &ShortMessage, text: &str, ids: Ids) -> Option<Receipt> {
    let tagged = message.tlv(tag::RECEIPTED_MESSAGE_ID).map(|id| {
        let id: String = id.iter().take_while(|b| **b != 0).map(|b| char::from(*b)).collect();
        // It is defined as the id of the answer, so it is read as that one is.
        ids.of_answer(&id)
    });
    let id = tagged.filter(|id| !id.is_empty()).or_else(|| field(text, "id:").map(|id| ids.of_receipt(id)))?;
    let told = field(text, "stat:").map(str::to_ascii_uppercase);
    let failed = |name: &str| {
        let error = field(text, "err:").filter(|error| error.bytes().any(|b| b != b'0'));
        let reason = error.map_or_else(|| name.to_owned(), |error| format!("{name}, error {error}"));
        Delivery::Failed { reason: reason.chars().filter(|c| !c.is_control()).take(REASON).collect() }
    };
    let state = match message.tlv(tag::MESSAGE_STATE).and_then(|state| state.first()) {
        Some(1 | 6) => Delivery::Sent,
        Some(2) => Delivery::Delivered,
        Some(3) => failed("EXPIRED"),
        Some(4) => failed("DELETED"),
        Some(5) => failed("UNDELIV"),
        Some(8) => failed("REJECTD"),
        Some(7) => Delivery::Unknown,
        _ => match told.as_deref()? {
            "DELIVRD" => Delivery::Delivered,
            "ACCEPTD" | "ENROUTE" => Delivery::Sent,
            "UNKNOWN" => Delivery::Unknown,
            other => failed(other),
        },
    };
    Some(Receipt { id, state })
}

/// The word after this name, whatever its case.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let small = text.to_ascii_lowercase();
    let at = small.match_indices(name).map(|(at, _)| at).find(|at| *at == 0 || small.as_bytes().get(at - 1) == Some(&b' '))?;
    text.get(at + name.len()..)?.split_ascii_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::super::pdu::Tlv;
    use super::*;

    const TEXT: &str = "id:7F3A sub:001 dlvrd:001 submit date:2311150000 done date:2311150001 stat:DELIVRD err:000 text:id:9 stat:UNDELIV";

    fn receipt(text: &str, tlvs: &[(u16, &[u8])], ids: Ids) -> Option<Receipt> {
        let tlvs = tlvs.iter().map(|(tag, value)| Tlv { tag: *tag, value: value.to_vec() }).collect();
        read(&ShortMessage { esm_class: 4, tlvs, ..ShortMessage::default() }, text, ids)
    }

    #[test]
    fn receipts_are_read_by_their_tags_else_by_their_words() {
        let delivered = |id: &str| Some(Receipt { id: id.into(), state: Delivery::Delivered });
        assert_eq!(receipt(TEXT, &[], Ids::Same), delivered("7F3A"));
        assert_eq!(receipt("", &[(0x1e, b"7F3A\0"), (0x427, &[2])], Ids::Same), delivered("7F3A"));
        assert_eq!(receipt(TEXT, &[(0x1e, b"ABC\0")], Ids::Same), delivered("ABC"));
        let failed = receipt("id:1 stat:UNDELIV err:001", &[], Ids::Same).map(|receipt| receipt.state);
        assert_eq!(failed, Some(Delivery::Failed { reason: "UNDELIV, error 001".into() }));
        assert_eq!(receipt("ID:1 STAT:enroute", &[], Ids::Same).map(|receipt| receipt.state), Some(Delivery::Sent));
        assert_eq!(receipt("id:1 stat:UNKNOWN", &[], Ids::Same).map(|receipt| receipt.state), Some(Delivery::Unknown));
        for nothing in ["", "id:", "stat:DELIVRD", "id:1", "hello", "liquid:1 stat:DELIVRD"] {
            assert_eq!(receipt(nothing, &[], Ids::Same), None, "{nothing}");
        }
    }

    #[test]
    fn one_number_written_in_two_ways_is_one_id() {
        for (ids, answer, told) in [
            (Ids::Same, "7F3A", "7F3A"),
            (Ids::Padded, "007f3a", "7F3A"),
            (Ids::HexThenDecimal, "7F3A", "0000032570"),
            (Ids::DecimalThenHex, "32570", "00007F3A"),
        ] {
            assert_eq!(ids.of_answer(answer), ids.of_receipt(told), "{ids:?}");
        }
        assert_ne!(Ids::HexThenDecimal.of_answer("10"), Ids::HexThenDecimal.of_receipt("10"));
        assert_eq!(Ids::HexThenDecimal.of_answer("no number"), "no number");
    }
}
