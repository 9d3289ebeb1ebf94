//! Which synchronization sources may reach the library, which keeps decryption state for each one that it sees
//! before it has proven authentic: unbounded, if it were not bounded here.

/// Beside the announced one: a browser changes its source at most when it collides, and reports under another while
/// it sends nothing.
const OTHERS: usize = 4;

#[derive(Debug)]
pub struct Streams {
    /// Named in the offer, so never crowded out: sound and picture.
    announced: [Option<u32>; 2],
    others: [u32; OTHERS],
    used: usize,
}

impl Streams {
    pub fn new(announced: [Option<u32>; 2]) -> Streams {
        Streams { announced, others: [0; OTHERS], used: 0 }
    }

    pub fn admit(&mut self, ssrc: u32) -> bool {
        if self.announced.contains(&Some(ssrc)) || self.others[..self.used].contains(&ssrc) {
            return true;
        }
        let Some(free) = self.others.get_mut(self.used) else {
            return false;
        };
        *free = ssrc;
        self.used += 1;
        true
    }
}
