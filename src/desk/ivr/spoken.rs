//! Numbers and phrases put together from recordings: the same names in each language, each language's own words and order behind them.

use super::words::Piece;
use crate::desk::id::TicketId;
use crate::desk::input::TicketState;

/// The highest number that can be spoken.
const MOST: u32 = 59;

fn prompt(name: impl Into<String>) -> Piece {
    Piece::Prompt(name.into())
}

/// Digits one by one; anything else is passed over.
pub fn digits(text: &str) -> Vec<Piece> {
    text.chars().filter(char::is_ascii_digit).map(|digit| prompt(format!("number-{digit}"))).collect()
}

/// A number from 0 to 59 as a word.
fn number(language: &str, n: u32) -> Vec<Piece> {
    let part = |n: u32| prompt(format!("number-{n}"));
    let (tens, ones) = (n / 10, n % 10);
    match (language.starts_with("zh"), n) {
        // 十三, 二十, 二十三
        (true, 11..) => {
            let front = (tens > 1).then(|| part(tens));
            front.into_iter().chain([part(10)]).chain((ones > 0).then(|| part(ones))).collect()
        }
        (false, 21..) if ones > 0 => vec![part(tens * 10), part(ones)],
        _ => vec![part(n)],
    }
}

/// "You are number three in the queue."
pub fn position(language: &str, place: u32) -> Vec<Piece> {
    if place == 0 || place > MOST {
        return Vec::new();
    }
    let mut pieces = vec![prompt("queue-number")];
    pieces.extend(number(language, place));
    pieces.push(prompt("queue-place"));
    pieces
}

/// "Ticket number one two."
pub fn ticket_number(ticket: TicketId) -> Vec<Piece> {
    [prompt("ticket-number")].into_iter().chain(digits(&ticket.to_string())).collect()
}

/// "Ticket number one two: it is being worked on."
pub fn ticket(ticket: TicketId, state: TicketState) -> Vec<Piece> {
    ticket_number(ticket).into_iter().chain([prompt(format!("ticket-{}", state.word()))]).collect()
}

/// "The estimated waiting time is about four minutes."
pub fn wait(language: &str, seconds: u32) -> Vec<Piece> {
    // Nobody is promised the second: up to the full minute, because being served sooner pleases.
    let minutes = seconds.div_ceil(60);
    match minutes {
        0 | 1 => vec![prompt("queue-wait-short")],
        2 => vec![prompt("queue-wait"), prompt("minutes-2")],
        3..=MOST => {
            let mut pieces = vec![prompt("queue-wait")];
            pieces.extend(number(language, minutes));
            pieces.push(prompt("minutes"));
            pieces
        }
        _ => vec![prompt("queue-wait-long")],
    }
}
