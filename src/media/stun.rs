//! As much of STUN (RFC 8489) as telling browsers apart takes: which of our user fragments a binding request names.
//! Nothing is authenticated here; the peer does that.

const BINDING_REQUEST: u16 = 0x0001;
const MAGIC: u32 = 0x2112_a442;
const USERNAME: u16 = 0x0006;
const ICE_CONTROLLED: u16 = 0x8029;

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Stun<'a> {
    /// A binding request for this user fragment of ours.
    Request(&'a str),
    /// A response or indication: of interest only from an address we know.
    Other,
    /// To be dropped. Among these, requests with ICE-CONTROLLED: we are always the controlled side, and the role
    /// conflict they start would be acted on before their integrity is checked.
    Refused,
}

/// `None`: not STUN (RFC 7983 §7 tells it by the first byte).
pub(super) fn read(data: &[u8]) -> Option<Stun<'_>> {
    if *data.first()? > 3 {
        return None;
    }
    Some(read_message(data).unwrap_or(Stun::Refused))
}

fn read_message(data: &[u8]) -> Option<Stun<'_>> {
    let (head, mut rest) = data.split_first_chunk::<20>()?;
    let length = u16::from_be_bytes([head[2], head[3]]) as usize;
    if u32::from_be_bytes([head[4], head[5], head[6], head[7]]) != MAGIC || length != rest.len() {
        return None;
    }
    if u16::from_be_bytes([head[0], head[1]]) != BINDING_REQUEST {
        return Some(Stun::Other);
    }
    let mut ours = None;
    while let Some((head, body)) = rest.split_first_chunk::<4>() {
        let length = u16::from_be_bytes([head[2], head[3]]) as usize;
        let value = body.get(..length)?;
        match u16::from_be_bytes([head[0], head[1]]) {
            ICE_CONTROLLED => return None,
            USERNAME if ours.is_none() => ours = Some(std::str::from_utf8(value).ok()?.split_once(':')?.0),
            _ => {}
        }
        rest = body.get(length.next_multiple_of(4)..)?;
    }
    ours.map(Stun::Request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in attributes {
            body.extend(kind.to_be_bytes());
            body.extend((value.len() as u16).to_be_bytes());
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut out = kind.to_be_bytes().to_vec();
        out.extend((body.len() as u16).to_be_bytes());
        out.extend(MAGIC.to_be_bytes());
        out.extend([7; 12]);
        out.extend(body);
        out
    }

    #[test]
    fn a_request_is_known_by_its_user_fragment() {
        let request = message(1, &[(0x24, &[0; 4]), (USERNAME, b"ours1:theirs"), (0x802a, &[0; 8])]);
        assert_eq!(read(&request), Some(Stun::Request("ours1")));
        assert_eq!(read(&message(0x0101, &[])), Some(Stun::Other));
        assert_eq!(read(&[0x80; 40]), None);
    }

    #[test]
    fn a_role_conflict_and_anything_malformed_is_refused() {
        let conflict = message(1, &[(USERNAME, b"ours1:theirs"), (ICE_CONTROLLED, &[0; 8])]);
        assert_eq!(read(&conflict), Some(Stun::Refused));
        assert_eq!(read(&message(1, &[(USERNAME, b"nobody")])), Some(Stun::Refused));
        assert_eq!(read(&message(1, &[])), Some(Stun::Refused));
        assert_eq!(read(&message(1, &[(USERNAME, b"a:b")])[..26]), Some(Stun::Refused));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(data in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut data = data;
            if data.len() > 8 {
                let length = (data.len() as u16).saturating_sub(20).to_be_bytes();
                data[..8].copy_from_slice(&[0, 1, length[0], length[1], 0x21, 0x12, 0xa4, 0x42]);
            }
            read(&data);
        }
    }
}
