//! What can be shown of voice without a phone: how calls are numbered.

use super::beyond_recordings;

#[test]
fn a_number_that_names_a_recording_does_not_come_again() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(beyond_recordings(&folder.path().join("none")).expect("no folder is no error"), 0);
    for name in ["7.wav", "12.wav", "notes.txt", "99.wav.part", "x.wav"] {
        std::fs::write(folder.path().join(name), "").expect("a file");
    }
    assert_eq!(beyond_recordings(folder.path()).expect("readable"), 13);
}
