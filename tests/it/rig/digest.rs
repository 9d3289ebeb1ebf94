//! What a telephone says to a challenge (RFC 7616, MD5).

use hubline::sim::message::Received;
use md5::{Digest, Md5};

/// A log-in, and the nonce that the house gave last.
pub struct Credentials {
    pub user: String,
    password: String,
    nonce: Option<String>,
    count: u32,
}

impl Credentials {
    pub fn new(user: &str, password: &str) -> Credentials {
        Credentials { user: user.to_owned(), password: password.to_owned(), nonce: None, count: 0 }
    }

    /// The header with its line end; nothing while there is no nonce.
    pub fn header(&mut self, method: &str, uri: &str) -> String {
        let Some(nonce) = self.nonce.clone() else { return String::new() };
        self.count += 1;
        let count = format!("{:08x}", self.count);
        let md5 = |text: String| hex::encode(Md5::digest(text));
        let (a1, a2) = (md5(format!("{}:phones:{}", self.user, self.password)), md5(format!("{method}:{uri}")));
        let response = md5(format!("{a1}:{nonce}:{count}:cafe:auth:{a2}"));
        format!(
            "Authorization: Digest username=\"{}\", realm=\"phones\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
             algorithm=MD5, qop=auth, nc={count}, cnonce=\"cafe\"\r\n",
            self.user
        )
    }

    /// Takes the nonce of a challenge, if this is one.
    pub fn take(&mut self, answer: &Received) {
        if let Some(challenge) = answer.all("www-authenticate").find(|challenge| challenge.contains("MD5")) {
            let nonce = challenge.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next());
            (self.nonce, self.count) = (nonce.map(str::to_owned), 0);
        }
    }
}
