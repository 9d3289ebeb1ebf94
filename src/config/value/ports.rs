//! A range of ports: `"20000-29998"`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// First and last port, both used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
}

impl PortRange {
    pub fn contains(&self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }

    pub fn range(&self) -> RangeInclusive<u16> {
        self.first..=self.last
    }

    /// Pairs of an even RTP port and the odd RTCP port above it (RFC 3550 §11) that lie wholly within.
    pub fn pairs(&self) -> usize {
        let even = u32::from(self.first).next_multiple_of(2);
        ((u32::from(self.last) + 1).saturating_sub(even) / 2) as usize
    }
}

impl FromStr for PortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<PortRange, String> {
        let wrong = || format!("`{text}` is not a range of ports; write for example \"20000-29998\"");
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let first: u16 = first.trim().parse().map_err(|_| wrong())?;
        let last: u16 = last.trim().parse().map_err(|_| wrong())?;
        if first == 0 || last <= first {
            return Err(wrong());
        }
        Ok(PortRange { first, last })
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

super::from_string!(PortRange, "a range of ports such as \"20000-29998\"");
