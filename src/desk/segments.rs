//! How many parts a text message takes: the GSM 7-bit alphabet where every character is in it, else UCS-2 (3GPP TS 23.038 §6.2). What
//! does not fit one part is sent in several, each with a header that takes room (3GPP TS 23.040 §9.2.3.24.1).

/// GSM 7-bit default alphabet without the escape.
const BASIC: &str =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension table: two septets each.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How a text is written on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Gsm7,
    Ucs2,
}

/// The encoding a text needs, and the parts it takes; an empty one takes one.
pub fn measure(text: &str) -> (Encoding, usize) {
    match septets(text) {
        Some(widths) => (Encoding::Gsm7, parts(&widths, 160, 153)),
        None => {
            let widths: Vec<usize> = text.chars().map(char::len_utf16).collect();
            (Encoding::Ucs2, parts(&widths, 70, 67))
        }
    }
}

fn septets(text: &str) -> Option<Vec<usize>> {
    text.chars().map(|c| if BASIC.contains(c) { Some(1) } else { EXTENDED.contains(c).then_some(2) }).collect()
}

/// A character is never cut: what does not fit the rest of a part begins the next.
fn parts(widths: &[usize], alone: usize, each: usize) -> usize {
    if widths.iter().sum::<usize>() <= alone {
        return 1;
    }
    let (mut count, mut room) = (1, each);
    for width in widths {
        if *width > room {
            count += 1;
            room = each;
        }
        room -= width;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::Encoding::{Gsm7, Ucs2};
    use super::measure;

    #[test]
    fn parts_are_counted_as_networks_do() {
        let a = |n: usize| "a".repeat(n);
        let table = [
            (String::new(), (Gsm7, 1)),
            (a(160), (Gsm7, 1)),
            (a(161), (Gsm7, 2)),
            (a(306), (Gsm7, 2)),
            (a(307), (Gsm7, 3)),
            // The euro sign takes two septets and is never cut at the end of a part.
            ("€".repeat(80), (Gsm7, 1)),
            ("€".repeat(81), (Gsm7, 2)),
            (format!("{}€{}", a(152), a(152)), (Gsm7, 3)),
            ("您".repeat(70), (Ucs2, 1)),
            ("您".repeat(71), (Ucs2, 2)),
            // A surrogate pair takes two units and stays whole: 66 + pair does not fit 67.
            (format!("{}😀{}", "您".repeat(66), "您".repeat(66)), (Ucs2, 3)),
            ("`".into(), (Ucs2, 1)),
        ];
        for (text, expected) in table {
            assert_eq!(measure(&text), expected, "{} characters", text.chars().count());
        }
    }
}
