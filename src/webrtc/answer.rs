//! The answer for the page: the library's, with the addresses that the page can really reach.

use std::fmt::Write;
use std::net::SocketAddr;

use super::{WebConfig, WebrtcError};

/// The addresses to offer as candidates, best first.
pub fn addresses(config: &WebConfig) -> Result<Vec<SocketAddr>, WebrtcError> {
    let advertise = config.advertise.load();
    if !advertise.is_empty() {
        return Ok(advertise.to_vec());
    }
    if config.port_addr.ip().is_unspecified() {
        return Err(WebrtcError::NoAddress(config.port_addr));
    }
    Ok(vec![config.port_addr])
}

/// Replaces the library's nominal candidates by real ones. They stand in the first section, which carries the bundle (RFC 9143 §7.3.1).
pub fn text(library: &str, addresses: &[SocketAddr]) -> String {
    let mut text = String::with_capacity(library.len() + 80 * addresses.len());
    let mut sections = 0;
    for line in library.lines().filter(|line| !line.is_empty()) {
        if line.starts_with("m=") {
            sections += 1;
            if sections == 2 {
                candidates(&mut text, addresses);
            }
        }
        if !line.starts_with("a=candidate:") && line != "a=end-of-candidates" {
            text.push_str(line);
            text.push_str("\r\n");
        }
    }
    if sections < 2 {
        candidates(&mut text, addresses);
    }
    text
}

fn candidates(text: &mut String, addresses: &[SocketAddr]) {
    for (place, address) in addresses.iter().enumerate() {
        // RFC 8445 §5.1.2.1: type preference 126 for a host, local preference by place, component 1. Writing to a
        // String cannot fail.
        let priority = (126_u32 << 24) | ((65_535 - place as u32) << 8) | 255;
        let (ip, port) = (address.ip(), address.port());
        let _ = write!(text, "a=candidate:{} 1 udp {priority} {ip} {port} typ host\r\n", place + 1);
    }
    // All there is: a page need not wait for more (RFC 8840 §8.2).
    text.push_str("a=end-of-candidates\r\n");
}

/// Our ICE user name, by which checks find this connection on the shared port.
pub fn ufrag(sdp: &str) -> Option<&str> {
    sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).map(str::trim)
}
