//! Framing: messages in pieces, several at once, keep-alives, and lengths that lie.

use super::*;

const ONE: &[u8] = b"BYE sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc";

#[test]
fn messages_come_out_whole_whatever_the_pieces() {
    let mut stream = ONE.to_vec();
    stream.extend_from_slice(b"\r\n\r\n");
    stream.extend_from_slice(b"ACK sip:a SIP/2.0\nl:0\n\n");
    for piece in 1..stream.len() {
        let mut buffer = BytesMut::new();
        let mut frames = Vec::new();
        for part in stream.chunks(piece) {
            buffer.extend_from_slice(part);
            loop {
                match frame(&mut buffer) {
                    Frame::Incomplete => break,
                    // A keep-alive cut in two looks like two empty lines.
                    Frame::Ping => {}
                    other => frames.push(other),
                }
            }
        }
        assert_eq!(
            frames,
            [Frame::Message(Bytes::from_static(ONE)), Frame::Message(Bytes::from_static(b"ACK sip:a SIP/2.0\nl:0\n\n"))],
            "{piece}"
        );
        assert!(buffer.is_empty());
    }
    assert_eq!(frame(&mut BytesMut::from(&b"\r\n\r\n"[..])), Frame::Ping);
}

#[test]
fn lengths_that_lie() {
    let of = |text: &str| frame(&mut BytesMut::from(text.as_bytes()));
    assert!(matches!(of("BYE sip:a SIP/2.0\r\nContent-Length: -3\r\n\r\n"), Frame::Unbounded(_)));
    assert!(matches!(of("BYE sip:a SIP/2.0\r\nContent-Length: 18446744073709551616\r\n\r\n"), Frame::Unbounded(_)));
    assert!(matches!(of("BYE sip:a SIP/2.0\r\nVia: x\r\n\r\n"), Frame::Unbounded(_)));
    assert!(matches!(of("BYE sip:a SIP/2.0\r\nContent-Length: 18446744073709551615\r\n\r\n"), Frame::Unbounded(_)));
    assert_eq!(of(&"x".repeat(MAX_HEAD + 1)), Frame::TooLong);
    assert_eq!(of("BYE sip:a SIP/2.0\r\nContent-Length: 4\r\n\r\nabc"), Frame::Incomplete);
}
