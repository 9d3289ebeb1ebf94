//! Files for platforms that take none, only addresses of files: each is lent at the channel's own hook, under a name that nobody else can make and
//! that says nothing (AES-256-GCM over where it lies and until when). After a restart the names are still good.

use super::platform::{HookAnswer, HookRefused, HookRequest, LocalFile, Trouble};
use crate::desk::id::At;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use http::{Method, StatusCode};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// For so long a file is lent, ms: people look at pictures again.
const LENT_MS: i64 = 90 * 24 * 3_600_000;
/// Largest file that is lent, bytes.
pub(super) const LARGEST: u64 = 25 << 20;
/// Longest name, bytes.
const LONGEST: usize = 4_096;
/// What is shown as it is; everything else is bytes.
const SHOWN: [&str; 5] = ["image/jpeg", "image/png", "video/mp4", "audio/mp4", "audio/mpeg"];

pub(super) struct Lender {
    key: Option<LessSafeKey>,
    /// Where this channel is called; `None` while we have no address.
    hook: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Lent {
    path: String,
    mime: String,
    until: At,
}

impl Lender {
    /// The key is made of a secret that the channel has.
    pub(super) fn new(secret: &SecretString, hook: Option<String>) -> Lender {
        let key = Sha256::new_with_prefix(b"files lent ").chain_update(secret.expose_secret()).finalize();
        Lender { key: UnboundKey::new(&AES_256_GCM, key.as_slice()).ok().map(LessSafeKey::new), hook }
    }

    /// An address of this file.
    pub(super) fn address(&self, file: &LocalFile, now: At) -> Result<String, Trouble> {
        self.lent(file, "", now)
    }

    /// The same for platforms that go by how an address ends: its path ends with this name.
    pub(super) fn address_ending(&self, file: &LocalFile, name: &str, now: At) -> Result<String, Trouble> {
        self.lent(file, &format!("/{name}"), now)
    }

    fn lent(&self, file: &LocalFile, ending: &str, now: At) -> Result<String, Trouble> {
        // On a trial's own machine the address is known a moment after the start.
        let hook = self.hook.as_ref().ok_or_else(|| Trouble::Retry("no public address for files: server.public_url".into()))?;
        if file.bytes > LARGEST {
            return Err(Trouble::Refused(format!("larger than {} MB", LARGEST >> 20)));
        }
        let lent = Lent { path: file.path.to_string_lossy().into_owned(), mime: file.mime.clone(), until: now.after(LENT_MS) };
        let name = serde_json::to_vec(&lent).ok().and_then(|lent| self.seal(lent));
        let name = name.ok_or_else(|| Trouble::Refused("the file cannot be lent".into()))?;
        Ok(format!("{hook}{ending}?file={name}"))
    }

    /// The file that a request asks for; `None`: it asks for none.
    pub(super) fn serve(&self, request: &HookRequest<'_>) -> Option<Result<HookAnswer, HookRefused>> {
        let name = request.query.split('&').find_map(|pair| pair.strip_prefix("file="))?;
        if request.method != Method::GET && request.method != Method::HEAD {
            return None;
        }
        let refused = |status, why| Some(Err(HookRefused { status, why }));
        let Some(lent) = self.open(name) else { return refused(StatusCode::NOT_FOUND, "a file under a name that we did not make") };
        if lent.until < request.now {
            return refused(StatusCode::GONE, "a file that is not lent any more");
        }
        match std::fs::read(&lent.path) {
            Ok(bytes) => {
                let content_type = SHOWN.into_iter().find(|shown| *shown == lent.mime).unwrap_or("application/octet-stream");
                Some(Ok(HookAnswer { status: StatusCode::OK, content_type, body: bytes.into() }))
            }
            Err(_) => refused(StatusCode::NOT_FOUND, "a lent file is not there any more"),
        }
    }

    fn seal(&self, mut text: Vec<u8>) -> Option<String> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        self.key.as_ref()?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text).ok()?;
        Some(BASE64.encode([nonce.as_slice(), &text].concat()))
    }

    fn open(&self, name: &str) -> Option<Lent> {
        let mut sealed = Some(name).filter(|name| name.len() <= LONGEST).and_then(|name| BASE64.decode(name).ok())?;
        let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.key.as_ref()?.open_in_place(nonce, Aad::empty(), text).ok()?;
        serde_json::from_slice(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn asked(lender: &Lender, url: &str, now: At) -> Option<Result<(&'static str, usize), StatusCode>> {
        let (method, headers, body) = (Method::GET, HeaderMap::new(), Bytes::new());
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let request = HookRequest { method: &method, url, query, headers: &headers, body: &body, from: [127, 0, 0, 1].into(), now };
        let served = lender.serve(&request)?;
        Some(served.map(|answer| (answer.content_type, answer.body.len())).map_err(|refused| refused.status))
    }

    #[test]
    fn files_are_lent_under_names_that_only_we_make() {
        let secret = |text: &str| SecretString::from(text.to_owned());
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, b"<svg>").expect("written");
        let file = |mime: &str| LocalFile { name: "a".into(), mime: mime.into(), bytes: 5, path: path.clone() };
        let lender = Lender::new(&secret("one"), Some("https://x.example/hooks/line".into()));
        let url = lender.address(&file("image/png"), At(0)).expect("an address");
        assert!(url.starts_with("https://x.example/hooks/line?file=") && !url.contains("tmp"));
        let again = Lender::new(&secret("one"), None);
        assert_eq!(asked(&again, &url, At(LENT_MS)), Some(Ok(("image/png", 5))), "after a restart");
        assert_eq!(asked(&again, &url, At(LENT_MS + 1)), Some(Err(StatusCode::GONE)));
        let ending = lender.address_ending(&file("image/png"), "picture.png", At(0)).expect("an address");
        assert!(ending.starts_with("https://x.example/hooks/line/picture.png?file="));
        assert_eq!(asked(&lender, &ending, At(0)), Some(Ok(("image/png", 5))));
        let drawn = lender.address(&file("image/svg+xml"), At(0)).expect("an address");
        assert_eq!(asked(&lender, &drawn, At(0)), Some(Ok(("application/octet-stream", 5))), "nothing that runs is shown");
        let gone = Some(Err(StatusCode::NOT_FOUND));
        assert_eq!(asked(&Lender::new(&secret("two"), None), &url, At(0)), gone);
        for forged in
            [&url[..url.len() - 1], &url.replace("file=", "file=A"), "https://x.example/?file=", "https://x.example/?file=L2V0Yy9wYXNzd2Q"]
        {
            assert_eq!(asked(&lender, forged, At(0)), gone, "{forged}");
        }
        assert_eq!(asked(&lender, "https://x.example/hooks/line", At(0)), None);
        assert!(again.address(&file("image/png"), At(0)).is_err(), "nowhere to lend from");
        let large = LocalFile { bytes: LARGEST + 1, ..file("image/png") };
        assert!(lender.address(&large, At(0)).is_err());
    }
}
