//! What a real folder does besides the contract: locks, names that are no objects, many objects, long ones, none of one's own.

use super::place::{Place, append, ask, object, read, remove, truncate};
use antfarm_files::{Files, Folder, GROUP_BYTES, MAX_HANDLES, OpenError, Store};
use antfarm_machine::{Entry, MAX_APPEND, Operation, Outcome, Request, Storage as _, Ticket};
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::mpsc::channel;

fn store(place: &Place) -> Store<Folder> {
    Store::open(Folder::open(place.path()).expect("a fresh folder")).expect("a healthy disk")
}

#[test]
fn a_second_opener_is_refused_until_the_first_has_ended() {
    let place = Place::new();
    let files = Files::open(place.path(), drop).expect("a fresh folder");
    let refused = Files::open(place.path(), drop).expect_err("it is in use");
    assert!(matches!(&refused, OpenError::Locked { folder } if folder == place.path()));
    let text = format!("`{}` is in use by another process: stop that one, or use another folder", place.path().display());
    assert_eq!(refused.to_string(), text);
    drop(files);
    Files::open(place.path(), drop).expect("the lock was given back");
}

#[test]
fn a_missing_folder_is_not_made() {
    let place = Place::new();
    let missing = place.path().join("none");
    let refused = Files::open(&missing, drop).expect_err("it is missing");
    assert!(matches!(&refused, OpenError::Missing { folder } if *folder == missing), "{refused}");
    assert!(!missing.exists());
}

#[test]
fn a_folder_that_takes_no_files_is_refused_with_the_reason() {
    // Nobody makes files there, whoever runs this; in a container it is read-only besides.
    let refused = Files::open("/sys/kernel", drop).expect_err("it takes no files");
    let told = refused.to_string();
    assert!(matches!(refused, OpenError::Denied { .. } | OpenError::ReadOnly { .. }), "{refused:?}");
    assert!(told.contains("`/sys/kernel`"), "{told}");
}

#[test]
fn dropping_performs_what_is_waiting() {
    let place = Place::new();
    let (sender, receipts) = channel();
    let mut files = Files::open(place.path(), move |receipt| drop(sender.send(receipt))).expect("a fresh folder");
    let counters = files.counters();
    for nth in 0..500 {
        files.submit(Request { ticket: Ticket(nth), operation: append("log", nth * 3, b"abc") });
    }
    drop(files);
    let tickets: Vec<u64> = receipts.iter().map(|receipt| receipt.ticket.0).collect();
    assert!(tickets.into_iter().eq(0..500), "all of them, in order");
    assert_eq!(fs::read(place.path().join("log")).expect("it is there"), b"abc".repeat(500));
    let counts = counters.read();
    assert_eq!((counts.requests, counts.appends, counts.bytes, counts.settled), (500, 500, 1500, 1));
    assert!(counts.syncs < 500 && counts.groups < 500, "they share syncs: {counts:?}");
}

#[test]
fn what_is_no_object_is_left_alone_and_not_listed() {
    let place = Place::new();
    let path = |name: &str| place.path().join(name);
    for name in [".hidden", "Notes.TXT", "two words"] {
        fs::write(path(name), name).expect("room for it");
    }
    fs::create_dir(path("folder")).expect("room for it");
    fs::write(path("target"), "outside").expect("room for it");
    symlink(path("target"), path("link")).expect("a link");
    let mut store = store(&place);
    let entry = |name, length| Entry { object: object(name), length };
    let outcomes = ask(&mut store, [append("log", 0, b"x"), Operation::List]);
    assert_eq!(outcomes[1], Outcome::Listed(vec![entry("log", 1), entry("target", 7)]));

    // What looks like an object and is none fails, and nothing else does.
    for name in ["link", "folder"] {
        assert_eq!(ask(&mut store, [append(name, 7, b"!"), remove(name)]), [Outcome::Failed, Outcome::Failed], "{name}");
    }
    assert_eq!(ask(&mut store, [append("log", 1, b"y")]), [Outcome::Done]);
    store.close();
    assert_eq!(fs::read(path("target")).expect("it is there"), b"outside");
    assert_eq!(fs::read(path(".hidden")).expect("it is there"), b".hidden");
    assert!(path("folder").is_dir() && path("link").is_symlink() && path("two words").is_file());
}

/// How many files this process has open.
fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").expect("Linux tells").count()
}

#[test]
fn many_objects_take_few_open_files() {
    let place = Place::new();
    let mut store = store(&place);
    let count = 3 * MAX_HANDLES;
    let name = |nth: usize| format!("object-{nth}");
    let before = open_files();
    for round in 0..2 {
        let outcomes = ask(&mut store, (0..count).map(|nth| append(&name(nth), round, &[nth.to_le_bytes()[0]])));
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
        // Other tests of this binary have files open too, where they share the process.
        assert!(open_files() <= before + MAX_HANDLES + 32, "{} files are open", open_files());
    }
    let outcomes = ask(&mut store, (0..count).map(|nth| read(&name(nth))));
    for (nth, outcome) in outcomes.into_iter().enumerate() {
        assert_eq!(outcome, Outcome::Data(vec![nth.to_le_bytes()[0]; 2]), "{nth}");
    }
}

#[test]
fn a_long_object_is_as_long_as_it_says_and_no_longer_on_the_disk() {
    let place = Place::new();
    let mut store = store(&place);
    let (part, parts) = (vec![7; MAX_APPEND], 5);
    // More than one group and more than one journal hold.
    let outcomes = ask(&mut store, (0..parts).map(|nth| append("log", nth * part.len() as u64, &part)));
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done) && part.len() > GROUP_BYTES);
    let end = parts * part.len() as u64;
    assert_eq!(fs::metadata(place.path().join("log")).expect("it is there").len(), end);
    let tail = Operation::Read { object: object("log"), range: end - 3..end + 9 };
    assert_eq!(ask(&mut store, [append("log", end, b"!"), tail])[1], Outcome::Data(vec![7, 7, 7, b'!']));
    assert_eq!(ask(&mut store, [truncate("log", 2), read("log")])[1], Outcome::Data(vec![7, 7]));
    let counts = store.counters().read();
    assert!(counts.settled >= 4, "the journal was begun anew: {counts:?}");
    store.close();
    let journal = fs::metadata(place.path().join(".journal")).expect("it is there").len();
    assert!(journal < 3 * MAX_APPEND as u64, "the journal is bounded: {journal} bytes");
}

#[test]
fn a_journal_of_another_format_is_not_touched() {
    let place = Place::new();
    store(&place).close();
    let path = place.path().join(".journal");
    let mut bytes = fs::read(&path).expect("it is there");
    let head = &mut bytes[4096..4096 + 28]; // of the first generation
    head[3] = 2;
    let check = antfarm_identity::checksum(&head[..20]);
    head[20..].copy_from_slice(&check.to_le_bytes());
    fs::write(&path, &bytes).expect("room for it");
    let refused = Store::open(Folder::open(place.path()).expect("no lock is held")).err().expect("a later version wrote it");
    assert!(matches!(refused, OpenError::Foreign { format: 2, .. }), "{refused}");
    assert_eq!(fs::read(&path).expect("it is there"), bytes);
}
