//! The little SIP a telephone needs (RFC 3261).

use std::fmt::Write;
use std::net::SocketAddr;

/// One received message, split into what a caller looks at.
#[derive(Debug, Clone)]
pub struct Received {
    /// `SIP/2.0 200 OK` or `BYE sip:… SIP/2.0`.
    pub first: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    /// Reads a datagram; `None` for keep-alives and noise.
    pub fn read(datagram: &[u8]) -> Option<Received> {
        let text = String::from_utf8_lossy(datagram);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let first = lines.next().filter(|line| line.contains("SIP/2.0"))?.to_owned();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Received { first, headers, body: body.to_owned() })
    }

    /// The status of a response.
    pub fn status(&self) -> Option<u16> {
        self.first.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The method of a request.
    pub fn method(&self) -> Option<&str> {
        self.first.split(' ').next().filter(|word| *word != "SIP/2.0")
    }

    /// Who is called: the user part of the request's address.
    pub fn user(&self) -> Option<&str> {
        self.first.split(' ').nth(1)?.strip_prefix("sip:")?.split(['@', ';']).next()
    }

    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Where requests of the same dialog go.
    pub fn contact(&self) -> Option<&str> {
        self.header("contact")?.split('<').nth(1)?.split('>').next()
    }

    /// Puts our tag on `To`, as every answer that makes a dialog has it.
    pub fn tag(&mut self, tag: &str) {
        if let Some((_, to)) = self.headers.iter_mut().find(|(name, _)| name == "to")
            && !to.contains(";tag=")
        {
            let _ = write!(to, ";tag={tag}");
        }
    }

    /// Where audio goes, from the description in the body.
    pub fn audio(&self) -> Option<SocketAddr> {
        let line = |prefix: &str| self.body.lines().find_map(|line| line.strip_prefix(prefix).map(str::to_owned));
        let address = line("c=IN IP4 ")?;
        let port = line("m=audio ")?.split(' ').next()?.to_owned();
        format!("{}:{port}", address.trim()).parse().ok()
    }

    /// The same answer to this request that any telephone gives.
    pub fn answer(&self, status: &str, contact: &str, body: Option<&str>) -> String {
        let mut text = format!("SIP/2.0 {status}\r\n");
        for name in ["via", "from", "to", "call-id", "cseq"] {
            for value in self.all(name) {
                let _ = write!(text, "{name}: {value}\r\n");
            }
        }
        let _ = write!(text, "contact: <{contact}>\r\n");
        finish(text, body)
    }
}

/// Closes a message: body with its length, or none.
pub fn finish(mut head: String, body: Option<&str>) -> String {
    match body {
        Some(body) => {
            let _ = write!(head, "content-type: application/sdp\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
        None => head.push_str("content-length: 0\r\n\r\n"),
    }
    head
}

/// The same description without keys.
pub fn without_events(description: &str) -> String {
    let audio = description.lines().filter(|line| !line.starts_with("a=") || !line.contains(":101 "));
    audio.map(|line| format!("{}\r\n", line.strip_suffix(" 101").unwrap_or(line))).collect()
}

/// A description of µ-law audio with keys at this address.
pub fn description(audio: SocketAddr, version: u32) -> String {
    format!(
        "v=0\r\no=caller 1 {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n",
        ip = audio.ip(),
        port = audio.port(),
    )
}
