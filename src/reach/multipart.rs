//! `multipart/form-data` (RFC 7578): what platforms want files in.

use bytes::Bytes;

/// One field.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    pub name: &'a str,
    /// With it, the field is a file.
    pub file: Option<(&'a str, &'a str)>,
    pub content: Bytes,
}

impl<'a> Part<'a> {
    pub fn text(name: &'a str, value: &str) -> Part<'a> {
        Part { name, file: None, content: Bytes::copy_from_slice(value.as_bytes()) }
    }

    /// A file of this name and type.
    pub fn file(name: &'a str, file_name: &'a str, mime: &'a str, content: Bytes) -> Part<'a> {
        Part { name, file: Some((file_name, mime)), content }
    }
}

/// The value of `Content-Type`, and the body.
pub fn multipart(parts: &[Part<'_>]) -> (String, Bytes) {
    // Random, so that no content can contain it on purpose.
    let boundary = format!("hubline-{:032x}", rand::random::<u128>());
    let mut body = Vec::with_capacity(parts.iter().map(|part| part.content.len() + 256).sum());
    for part in parts {
        let name = quoted(part.name);
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes());
        if let Some((file, mime)) = part.file {
            let mime: String = mime.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
            body.extend_from_slice(format!("; filename=\"{}\"\r\nContent-Type: {mime}", quoted(file)).as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(&part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body.into())
}

/// As browsers write it: what would end the value is percent-encoded (RFC 7578 §4.2 and the HTML standard's form submission).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
