//! Telephone numbers as platforms write them, made comparable.

use crate::desk::callback::number;
use crate::desk::id::ChannelId;
use crate::desk::person::Identity;

/// E.164 of a number: written with `+` or `00`, known to be `international`, or completed with the country's prefix (`+49`). `None` for short
/// codes and names.
pub fn e164(raw: &str, international: bool, country: Option<&str>) -> Option<String> {
    let digits: String = raw.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    let full = if digits.starts_with('+') {
        digits
    } else if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    } else if let Some(rest) = digits.strip_prefix("00") {
        format!("+{rest}")
    } else if international {
        format!("+{digits}")
    } else {
        let country = country?;
        // Chinese mobile numbers are written without a zero before them, or with one when called from another city.
        let mobile = digits.trim_start_matches('0');
        match digits.strip_prefix('0') {
            _ if country == "+86" && mobile.len() == 11 && mobile.starts_with('1') => format!("+86{mobile}"),
            Some(rest) => format!("{country}{rest}"),
            None if digits.starts_with(country.trim_start_matches('+')) && digits.len() > 10 => format!("+{digits}"),
            None => return None,
        }
    };
    number::begins(&full, ["+"]).then_some(full)
}

/// Who writes from this number. Short codes and names are known on this account only.
pub fn identity(channel: &ChannelId, raw: &str, international: bool, country: Option<&str>) -> Identity {
    match e164(raw, international, country) {
        Some(value) => Identity { kind: "phone".into(), namespace: String::new(), value },
        None => Identity { kind: "sms".into(), namespace: channel.as_str().to_owned(), value: raw.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_telephone_is_one_number_however_it_is_written() {
        let table = [
            ("+49 151 00138193", false, None, Some("+4915100138193")),
            ("004915100138193", false, None, Some("+4915100138193")),
            ("4915100138193", true, None, Some("+4915100138193")),
            ("015100138193", false, Some("+49"), Some("+4915100138193")),
            ("4915100138193", false, Some("+49"), Some("+4915100138193")),
            ("13800138000", false, Some("+86"), Some("+8613800138000")),
            ("013800138000", false, Some("+86"), Some("+8613800138000")),
            ("8613800138000", false, Some("+86"), Some("+8613800138000")),
            ("12345", false, Some("+49"), None),
            ("Bank", true, None, None),
            ("+49x", false, None, None),
            ("", true, None, None),
            ("4915100138193", false, None, None),
        ];
        for (raw, international, country, expected) in table {
            assert_eq!(e164(raw, international, country).as_deref(), expected, "{raw}");
        }
    }
}
