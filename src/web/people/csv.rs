//! Comma-separated values (RFC 4180) as spreadsheets write and read them: which sign separates is seen in the first line, and what would be
//! a formula in a spreadsheet is not one.

use std::borrow::Cow;

/// Longest cell, characters, and most cells of a row.
const LONGEST: usize = 2_000;
const CELLS: usize = 100;

/// Bytes as text: UTF-8 with or without its mark, else GB 18030, which Chinese spreadsheets write.
pub fn text_of(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
    }
}

/// All rows; empty ones are left out. A quote that is never closed ends with the text.
pub fn rows(text: &str) -> Vec<Vec<String>> {
    let between = separator(text);
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut signs = text.chars().peekable();
    let end = |row: &mut Vec<String>, cell: &mut String| {
        let cell = std::mem::take(cell);
        if row.len() < CELLS {
            row.push(plain(cell.trim()).chars().take(LONGEST).collect());
        }
    };
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            '\n' | '\r' if !quoted => {
                end(&mut row, &mut cell);
                rows.push(std::mem::take(&mut row));
            }
            sign if sign == between && !quoted => end(&mut row, &mut cell),
            sign => cell.push(sign),
        }
    }
    end(&mut row, &mut cell);
    rows.push(row);
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    rows
}

/// Whichever of the usual signs stands most often in the first line.
fn separator(text: &str) -> char {
    let first = text.lines().next().unwrap_or_default();
    [',', ';', '\t'].into_iter().rev().max_by_key(|sign| first.matches(*sign).count()).unwrap_or(',')
}

/// What was written so that no spreadsheet takes it for a formula.
fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => cell,
    }
}

/// Whether a spreadsheet could take it for a formula: some pass over what cannot be seen before one, a tab or a return may begin another cell,
/// and East Asian ones read wide signs like narrow ones.
fn is_formula(cell: &str) -> bool {
    let unseen = |sign: char| sign.is_whitespace() || matches!(sign, '\u{feff}' | '\u{200b}');
    let begins = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    cell.starts_with(['\t', '\r', '\n']) || cell.trim_start_matches(unseen).starts_with(begins)
}

/// One row, with its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<Cow<'_, str>> = cells.into_iter().map(written).collect();
    cells.join(",") + "\r\n"
}

/// A cell that begins like a formula begins with an apostrophe, which spreadsheets do not show.
fn written(cell: &str) -> Cow<'_, str> {
    let cell: Cow<'_, str> = if is_formula(cell) { format!("'{cell}").into() } else { cell.into() };
    if cell.contains([',', ';', '"', '\n', '\r', '\t']) || cell.starts_with(' ') || cell.ends_with(' ') {
        format!("\"{}\"", cell.replace('"', "\"\"")).into()
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_is_never_a_formula() {
        let cells = ["Anna", "+4915112345678", "=HYPERLINK(\"http://x\")", "-1", "@SUM(1)", "a, \"b\"\nc", "", "灯；具"];
        let line = line(cells);
        for cell in line.trim_end().split(',').map(|cell| cell.trim_start_matches('"')) {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
        assert_eq!(rows(&line), [cells.map(str::to_owned)]);
    }

    #[test]
    fn what_hides_a_formula_is_seen_through() {
        for cell in ["\tx", "\rx", "\n=1", " =1", "\u{feff}=1", "\u{200b}+1", "\u{ff1d}1", "\u{ff0b}1", "\u{ff0d}1", "\u{ff20}x"] {
            assert!(written(cell).trim_start_matches('"').starts_with('\''), "{cell:?}: {}", written(cell));
        }
        assert_eq!(written("a=1"), "a=1");
    }

    #[test]
    fn spreadsheets_of_all_kinds_are_read() {
        assert_eq!(rows("a;b\r\n1;\"2;3\"\r\n\r\n"), [["a", "b"], ["1", "2;3"]]);
        assert_eq!(rows("a\tb\n1\t2"), [["a", "b"], ["1", "2"]]);
        assert_eq!(rows("a,b\n\"1,2"), [vec!["a", "b"], vec!["1,2"]], "never closed");
        assert_eq!(text_of(&[0xef, 0xbb, 0xbf, b'a']), "a");
        assert_eq!(text_of(&[0xc0, 0xee, 0xc3, 0xf7]), "李明", "GBK");
        assert_eq!(rows(""), Vec::<Vec<String>>::new());
    }
}
