//! Programs and addresses that speak, slow ones, failing ones, and what is kept.

use super::*;
use std::os::unix::fs::PermissionsExt;

/// A program in a folder of its own.
fn program(folder: &Path, script: &str) -> String {
    let path = folder.join("speak");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("made a program");
    path.display().to_string()
}

/// µ-law of one second behind a WAV header.
fn wav(folder: &Path) {
    let mut out = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data".to_vec();
    out.extend(8_000u32.to_le_bytes());
    out.extend([0x55; 8_000]);
    std::fs::write(folder.join("second.wav"), out).expect("written");
}

fn speech(folder: &Path, text: &str) -> Speech {
    let section: SpeechSection = toml::from_str(text).expect("a section");
    Speech::new(Some(&section), folder.join("kept"))
}

#[tokio::test]
async fn a_text_is_spoken_once_and_kept_over_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    wav(folder.path());
    let at = folder.path().display();
    let program = program(folder.path(), &format!("echo \"$1 $(cat)\" >> {at}/said\ncat {at}/second.wav"));
    let config = format!("command = [\"{program}\", \"{{voice}}\"]\nvoices = {{ en = \"amy\" }}");
    let first = speech(folder.path(), &config);
    assert!(first.ready("en", "Hello $(rm -r /); \"you\"").is_none());
    for _ in 0..2 {
        let clip = first.clip("en", "Hello $(rm -r /); \"you\"").await.expect("spoken");
        assert_eq!(clip.duration(), Duration::from_secs(1));
    }
    assert!(first.ready("en", "Hello $(rm -r /); \"you\"").is_some());
    let again = speech(folder.path(), &config);
    again.clip("en", "Hello $(rm -r /); \"you\"").await.expect("kept");
    again.clip("zh-CN", "您好").await.expect("spoken");
    let said = std::fs::read_to_string(folder.path().join("said")).expect("said");
    assert_eq!(said, "amy Hello $(rm -r /); \"you\"\nzh-CN 您好\n", "each once, by the program's input");
}

#[tokio::test]
async fn a_program_that_hangs_fails_or_babbles_is_an_error_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    for (script, expected) in [("sleep 60", "longer than"), ("exit 3", "failed"), ("echo nonsense", "no speech")] {
        let program = program(folder.path(), script);
        let speech = speech(folder.path(), &format!("command = [\"{program}\"]\ntimeout = \"300ms\""));
        let error = speech.clip("en", "Hello").await.expect_err(script).to_string();
        assert!(error.contains(expected), "{error}");
    }
    let none = speech(folder.path(), "command = [\"/nowhere/speak\"]");
    assert!(matches!(none.clip("en", "Hello").await, Err(SpeechError::Program(_))));
    assert!(matches!(Speech::new(None, folder.path().into()).clip("en", "Hello").await, Err(SpeechError::Nobody)));
    assert!(matches!(none.clip("en", &"long ".repeat(1_000)).await, Err(SpeechError::TooLong)));
}

#[tokio::test]
async fn an_address_is_asked_in_json() {
    let folder = tempfile::tempdir().expect("a folder");
    wav(folder.path());
    let sound = std::fs::read(folder.path().join("second.wav")).expect("a sound");
    let speaks = axum::Router::new().route(
        "/speak",
        axum::routing::post(move |axum::Json(asked): axum::Json<serde_json::Value>| async move {
            assert_eq!(asked, serde_json::json!({ "text": "您好", "language": "zh-CN", "voice": "xiaoxiao" }));
            sound
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move { axum::serve(listener, speaks).await });
    let kept = tempfile::tempdir().expect("a folder");
    let speech = speech(kept.path(), &format!("url = \"http://127.0.0.1:{port}/speak\"\nvoices = {{ zh-CN = \"xiaoxiao\" }}"));
    assert_eq!(speech.clip("zh-CN", "您好").await.expect("spoken").duration(), Duration::from_secs(1));
    let nowhere = self::speech(kept.path(), &format!("url = \"http://127.0.0.1:{port}/silent\""));
    assert!(matches!(nowhere.clip("en", "Hello").await, Err(SpeechError::Status(http::StatusCode::NOT_FOUND))));
}
