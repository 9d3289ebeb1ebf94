//! What a telephone number says by its beginning: whether it looks like a mobile telephone, and where it is night.

/// Beginnings of mobile numbers in E.164 where a country gives them a range of their own (national numbering plans, ITU-T E.129
/// notifications). North America has none, so all of its numbers count.
pub const MOBILE: &[&str] = &[
    "+1", "+2010", "+2011", "+2012", "+2015", "+31 6", "+32 4", "+336", "+337", "+346", "+347", "+393", "+407", "+41 7", "+436", "+447",
    "+45 2", "+46 7", "+474", "+479", "+485", "+486", "+487", "+488", "+49 15", "+49 16", "+49 17", "+351 9", "+353 8", "+358 4", "+358 5",
    "+420 6", "+420 7", "+601", "+614", "+628", "+639", "+642", "+658", "+659", "+668", "+669", "+7 9", "+81 70", "+81 80", "+81 90",
    "+82 10", "+84 3", "+84 5", "+84 7", "+84 8", "+84 9", "+86 13", "+86 14", "+86 15", "+86 16", "+86 17", "+86 18", "+86 19", "+852 4",
    "+852 5", "+852 6", "+852 7", "+852 9", "+853 6", "+886 9", "+905", "+91 6", "+91 7", "+91 8", "+91 9", "+971 5", "+972 5",
];

/// Countries of one time zone, by calling code.
pub const ZONES: &[(&str, &str)] = &[
    ("+31", "Europe/Amsterdam"),
    ("+32", "Europe/Brussels"),
    ("+33", "Europe/Paris"),
    ("+39", "Europe/Rome"),
    ("+41", "Europe/Zurich"),
    ("+43", "Europe/Vienna"),
    ("+44", "Europe/London"),
    ("+45", "Europe/Copenhagen"),
    ("+46", "Europe/Stockholm"),
    ("+47", "Europe/Oslo"),
    ("+48", "Europe/Warsaw"),
    ("+49", "Europe/Berlin"),
    ("+353", "Europe/Dublin"),
    ("+358", "Europe/Helsinki"),
    ("+420", "Europe/Prague"),
    ("+60", "Asia/Kuala_Lumpur"),
    ("+63", "Asia/Manila"),
    ("+65", "Asia/Singapore"),
    ("+66", "Asia/Bangkok"),
    ("+81", "Asia/Tokyo"),
    ("+82", "Asia/Seoul"),
    ("+84", "Asia/Ho_Chi_Minh"),
    ("+852", "Asia/Hong_Kong"),
    ("+853", "Asia/Macau"),
    ("+86", "Asia/Shanghai"),
    ("+886", "Asia/Taipei"),
    ("+91", "Asia/Kolkata"),
];

/// IANA name of the zone in which a number's country lies, where it has but one.
pub fn zone(number: &str) -> Option<&'static str> {
    ZONES.iter().filter(|(prefix, _)| number.starts_with(prefix)).max_by_key(|(prefix, _)| prefix.len()).map(|(_, zone)| *zone)
}

/// Fewest and most digits of an E.164 number worth dialling or writing to (ITU-T E.164 §6: at most 15).
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Whether a number is E.164 and begins as one of these; blanks in them do not count.
pub fn begins(number: &str, prefixes: impl IntoIterator<Item = impl AsRef<str>>) -> bool {
    let Some(digits) = number.strip_prefix('+') else { return false };
    if !DIGITS.contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    prefixes.into_iter().any(|prefix| {
        let mut rest = number.chars();
        prefix.as_ref().chars().filter(|c| !c.is_whitespace()).all(|c| rest.next() == Some(c))
    })
}

/// A number of which only the ends can be read: enough for its owner to know it again.
pub fn masked(number: &str) -> String {
    let count = number.chars().count();
    let (head, tail) = if count >= 9 { (4, 3) } else { (0, 2.min(count.saturating_sub(2))) };
    number.chars().enumerate().map(|(at, c)| if at < head || at + tail >= count { c } else { '•' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobile_numbers_are_told_from_others() {
        for number in ["+8613800138000", "+447700900142", "+4915100138193", "+33612345678", "+14155550100", "+85291234567"] {
            assert!(begins(number, MOBILE), "{number}");
        }
        let others = [
            "+862088886017",
            "+441632960000",
            "+493012345678",
            "13800138000",
            "anonymous",
            "+86138",
            "+86138001380001234",
            "+86１３８00138000",
            "",
        ];
        for number in others {
            assert!(!begins(number, MOBILE), "{number}");
        }
    }

    #[test]
    fn a_masked_number_shows_its_ends() {
        assert_eq!(masked("+8613800138193"), "+861•••••••193");
        assert_eq!(masked("10086"), "•••86");
        assert_eq!(masked("1"), "•");
        assert_eq!(masked(""), "");
    }
}
