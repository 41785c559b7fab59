//! The count of starts.

use antfarm_host::next_incarnation;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if let Err(error) = fs::remove_dir_all(&folder) {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn each_start_has_a_number_of_its_own() {
    let path = folder("starts").join("starts");
    assert_eq!([(); 3].map(|()| next_incarnation(&path, 0).unwrap()), [0, 1, 2]);
    // What a kill left half-written is not what counts.
    fs::write(path.with_extension("new"), "7").unwrap();
    assert_eq!(next_incarnation(&path, 0).unwrap(), 3);
    assert_eq!(fs::read_to_string(&path).unwrap(), "3\n");
    assert_eq!([0, 10, 7].map(|floor| next_incarnation(&path, floor).unwrap()), [4, 10, 11]);
}

#[test]
fn a_count_that_cannot_be_read_is_not_begun_again() {
    let path = folder("damaged").join("starts");
    for damaged in ["", "12", "x\n", "-1\n", "18446744073709551615\n"] {
        fs::write(&path, damaged).unwrap();
        let error = next_incarnation(&path, 0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{damaged:?}");
        assert!(error.to_string().contains("starts` does not hold the number"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged, "it is left as it is");
    }
    assert_eq!(next_incarnation(&path.join("no/such"), 0).unwrap_err().kind(), ErrorKind::NotADirectory);
}
