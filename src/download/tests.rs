//! Ranges as players send them, and as nobody should; and what comes back for them.

use super::range::{Asked, asked};
use super::send;
use axum::body::to_bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

#[test]
fn a_player_gets_the_part_it_asks_for() {
    assert_eq!(asked(None, 100), Asked::Whole);
    assert_eq!(asked(Some("bytes=0-"), 100), Asked::Part(0..100));
    assert_eq!(asked(Some("bytes=10-19"), 100), Asked::Part(10..20));
    assert_eq!(asked(Some("bytes=90-500"), 100), Asked::Part(90..100));
    assert_eq!(asked(Some("bytes=-30"), 100), Asked::Part(70..100));
    assert_eq!(asked(Some("bytes=-300"), 100), Asked::Part(0..100));
}

#[test]
fn what_is_not_there_is_416_and_nonsense_is_the_whole() {
    assert_eq!(asked(Some("bytes=100-"), 100), Asked::Nothing);
    assert_eq!(asked(Some("bytes=-0"), 100), Asked::Nothing);
    assert_eq!(asked(Some("bytes=-5"), 0), Asked::Nothing);
    for text in ["", "bytes=", "bytes=a-b", "bytes=9-3", "lines=1-2", "bytes=1-2,5-6", "bytes=+1-2", "bytes=18446744073709551615-0x"] {
        assert!(matches!(asked(Some(text), 100), Asked::Whole | Asked::Nothing), "{text}");
    }
}

#[tokio::test]
async fn a_file_comes_whole_in_parts_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big");
    // More than several chunks, each byte telling where it stands.
    let content: Vec<u8> = (0..300_001u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(&path, &content).unwrap();
    for (range, status, part, said) in [
        (None, StatusCode::OK, 0..300_001, ""),
        (Some("bytes=100000-250000"), StatusCode::PARTIAL_CONTENT, 100_000..250_001, "bytes 100000-250000/300001"),
        (Some("bytes=-1"), StatusCode::PARTIAL_CONTENT, 300_000..300_001, "bytes 300000-300000/300001"),
    ] {
        let mut headers = HeaderMap::new();
        if let Some(range) = range {
            headers.insert(header::RANGE, HeaderValue::from_static(range));
        }
        let response = send(&path, &headers).await.unwrap();
        assert_eq!(response.status(), status, "{range:?}");
        assert_eq!(response.headers().get(header::CONTENT_RANGE).map_or("", |v| v.to_str().unwrap()), said);
        assert_eq!(response.headers()[header::CONTENT_LENGTH], part.len().to_string());
        assert_eq!(to_bytes(response.into_body(), usize::MAX).await.unwrap(), content[part]);
    }
    let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static("bytes=300001-"))]);
    let response = send(&path, &headers).await.unwrap();
    assert_eq!(response.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(response.headers()[header::CONTENT_RANGE], "bytes */300001");
    assert!(send(&folder.path().join("none"), &HeaderMap::new()).await.is_err());
}
