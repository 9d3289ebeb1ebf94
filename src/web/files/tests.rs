//! Hostile names and disguised files.

use super::kind::SHOWN;
use super::show::disposition;
use super::upload::file_name;
use crate::store::files::kind::by_content;

#[test]
fn bytes_decide_and_svg_or_html_is_never_a_picture() {
    assert_eq!(by_content(b"\x89PNG\r\n\x1a\nrest"), "image/png");
    assert_eq!(by_content(&[0xff, 0xd8, 0xff, 0xe0, 0]), "image/jpeg");
    assert_eq!(by_content(b"RIFF\0\0\0\0WEBPVP8 "), "image/webp");
    for text in [&b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>"[..], b"<html><body>", b"GIF8"] {
        assert_eq!(by_content(text), "text/plain; charset=utf-8");
    }
    assert_eq!(by_content(&[0, 1, 2]), "application/octet-stream");
    assert!(!SHOWN.contains(&"image/svg+xml") && !SHOWN.iter().any(|mime| mime.starts_with("text/")));
}

#[test]
fn a_name_never_leaves_its_header_or_its_folder() {
    let header = disposition(false, "a\"\r\nSet-Cookie: x=1; 发票.pdf");
    assert!(header.starts_with("attachment; filename=\"a___Set-Cookie_ x_1_ __.pdf\""), "{header}");
    assert!(!header.contains('\r') && !header.contains('\n') && header.contains("%E5%8F%91"));
    assert_eq!(file_name("../../etc/passwd"), "passwd");
    assert_eq!(file_name("C:\\temp\\x.png"), "x.png");
    assert_eq!(file_name("\u{7}\n"), "file");
    assert_eq!(file_name("rechnung\u{202e}gnp.exe"), "rechnunggnp.exe");
    assert_eq!(file_name("a\u{2066}\u{200f}\u{feff}b\u{2069}.txt"), "ab.txt");
    assert_eq!(file_name("\u{202e}\u{200b}"), "file");
}
