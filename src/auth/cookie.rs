//! The session cookie. Over https it is `__Host-hubline`, which a browser accepts only with `Secure`, `Path=/` and no `Domain`
//! (RFC 6265bis §4.1.3.2), so no neighbouring host can plant one. On plain http, which is served on localhost only, it has another
//! name, so that neither can be taken for the other.

use http::HeaderMap;
use http::header::COOKIE;

/// How cookies are named and flagged on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookies {
    /// Pages come over https, from this process or the proxy before it.
    Https,
    /// Plain http on localhost.
    Localhost,
}

impl Cookies {
    pub fn name(self) -> &'static str {
        match self {
            Cookies::Https => "__Host-hubline",
            Cookies::Localhost => "hubline-local",
        }
    }

    fn flags(self) -> &'static str {
        match self {
            Cookies::Https => "; Path=/; HttpOnly; SameSite=Lax; Secure",
            Cookies::Localhost => "; Path=/; HttpOnly; SameSite=Lax",
        }
    }

    /// `Set-Cookie` for a fresh session; it outlives the browser, the server decides when it ends.
    pub fn set(self, token: &str, seconds: i64) -> String {
        format!("{}={token}; Max-Age={seconds}{}", self.name(), self.flags())
    }

    /// `Set-Cookie` that takes the session away.
    pub fn clear(self) -> String {
        format!("{}=; Max-Age=0{}", self.name(), self.flags())
    }

    /// `Set-Cookie` for something that is no secret (the language of the login page), for a year.
    pub fn set_plain(self, name: &str, value: &str) -> String {
        format!("{name}={value}; Max-Age=31536000{}", self.flags())
    }
}

/// The first cookie with this name.
pub fn read_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(COOKIE).iter().filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(';')).find_map(|pair| {
        let (n, value) = pair.trim().split_once('=')?;
        (n == name).then_some(value)
    })
}
