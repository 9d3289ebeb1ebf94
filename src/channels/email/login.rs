//! Who we are to a server: a user with a password, or with a token (XOAUTH2).

use super::config::EmailSection;
use super::oauth::Oauth;
use crate::channels::platform::Trouble;
use crate::config::value::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How one signs in at one server.
#[derive(Clone)]
pub(super) struct Login {
    user: String,
    way: Way,
    folder: PathBuf,
}

#[derive(Clone)]
enum Way {
    Password(Secret),
    Token(Arc<Oauth>),
    #[cfg(test)]
    Fixed(String),
    /// A server on this machine that asks nobody.
    Nobody,
}

/// What is shown to the server now.
pub(super) enum Proof {
    Password(SecretString),
    Token(String),
    Nobody,
}

impl Login {
    pub fn new(section: &EmailSection, own: &super::config::ServerSection, oauth: Option<&Arc<Oauth>>, folder: &Path) -> Login {
        let user = own.user.as_ref().or(section.user.as_ref()).unwrap_or(&section.address).get_ref().clone();
        let password = own.password.as_ref().or(section.password.as_ref());
        let way = match (password, oauth) {
            (_, Some(oauth)) if own.password.is_none() => Way::Token(Arc::clone(oauth)),
            (Some(password), _) => Way::Password(password.get_ref().clone()),
            (None, _) => Way::Nobody,
        };
        Login { user, way, folder: folder.to_owned() }
    }

    /// A token that nobody renews.
    #[cfg(test)]
    pub fn with_token(user: &str, token: &str) -> Login {
        Login { user: user.to_owned(), way: Way::Fixed(token.to_owned()), folder: PathBuf::new() }
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    pub async fn proof(&self) -> Result<Proof, Trouble> {
        match &self.way {
            Way::Password(secret) => secret.reveal(&self.folder).map(Proof::Password).map_err(|error| Trouble::Down(error.to_string())),
            Way::Token(oauth) => oauth.token().await.map(Proof::Token),
            #[cfg(test)]
            Way::Fixed(token) => Ok(Proof::Token(token.clone())),
            Way::Nobody => Ok(Proof::Nobody),
        }
    }

    /// The server did not believe it: a token that was refused is not shown again.
    pub async fn refused(&self, proof: &Proof) {
        if let (Way::Token(oauth), Proof::Token(token)) = (&self.way, proof) {
            oauth.refused(token).await;
        }
    }
}

/// The first word of XOAUTH2, as both Google and Microsoft have it.
pub(super) fn xoauth2(user: &str, token: &str) -> String {
    STANDARD.encode(format!("user={user}\x01auth=Bearer {token}\x01\x01"))
}

/// The word of PLAIN (RFC 4616).
pub(super) fn plain(user: &str, password: &SecretString) -> String {
    STANDARD.encode(format!("\0{user}\0{}", password.expose_secret()))
}

/// What a server says of a token that it refuses: base64 of JSON with a status.
pub(super) fn challenge(text: &str) -> String {
    let decoded = STANDARD.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let clean: String = decoded.unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_xoauth2_is_googles() {
        let word = xoauth2("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
        assert_eq!(
            word,
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        );
        assert_eq!(challenge("eyJzdGF0dXMiOiI0MDAifQ=="), "{\"status\":\"400\"}");
        assert_eq!(
            plain("tim", &SecretString::from("tanstaaftanstaaf".to_owned())),
            "AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
            "RFC 4616's words, its user as itself"
        );
    }
}
