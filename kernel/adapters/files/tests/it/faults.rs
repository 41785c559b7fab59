//! Disks that fail while there is power: full, failing to write, to sync, to read, or not to be written at all.

use super::place::{append, ask, read, remove, truncate};
use antfarm_files::shim::{Call, Shim};
use antfarm_files::{MAX_HANDLES, OpenError, Store};
use antfarm_machine::{Operation, Outcome};
use std::io::ErrorKind;

fn opened(shim: &Shim) -> Store<Shim> {
    Store::open(shim.clone()).expect("it can be opened")
}

fn data(bytes: impl Into<Vec<u8>>) -> Outcome {
    Outcome::Data(bytes.into())
}

/// An error by which a disk says that it has no room.
const FULL: [ErrorKind; 3] = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];

#[test]
fn a_full_disk_changes_nothing_and_serves_again_when_there_is_room() {
    for seed in 0..20 {
        let shim = Shim::seeded(seed);
        let mut store = opened(&shim);
        assert_eq!(ask(&mut store, [append("log", 0, b"abc")]), [Outcome::Done]);
        // The journal's first MiB and the room that is reserved for `log`, and a little.
        shim.limit((1 << 20) + (1 << 18) + 100);
        let large = vec![1; 1 << 20];
        let requests = [append("log", 3, &large), append("new", 0, &large), read("log"), Operation::List, append("log", 3, b"d")];
        let outcomes = ask(&mut store, requests);
        assert_eq!(outcomes[..3], [Outcome::Full, Outcome::Full, data("abc")]);
        assert_eq!(outcomes[3].names().collect::<Vec<_>>(), ["log"], "and nothing was made");
        assert_eq!(outcomes[4], Outcome::Done, "less fits");
        assert_eq!(ask(&mut store, [truncate("log", 1), remove("log"), read("log")]), [Outcome::Done, Outcome::Done, data("")]);
        shim.limit(u64::MAX);
        assert_eq!(ask(&mut store, [append("new", 0, &large), append("log", 0, b"e")]), [Outcome::Done, Outcome::Done]);
        assert_eq!(store.counters().read().full, 2);
        let mut store = opened(&shim.restart());
        assert_eq!(ask(&mut store, [read("new"), read("log")]), [data(large), data("e")]);
    }
}

#[test]
fn a_journal_that_cannot_grow_is_full_and_changes_nothing() {
    for with in FULL {
        let shim = Shim::seeded(1);
        let mut store = opened(&shim);
        assert_eq!(ask(&mut store, [append("log", 0, b"abc")]), [Outcome::Done]);
        let large = vec![1; 2 << 20];
        // The first write after reserving is of the journal's next zeros; a second try follows from the journal's beginning.
        shim.fail(Call::Write, 0, with);
        shim.fail(Call::Write, 1, with);
        let requests = [append("log", 3, &large), append("new", 0, b"n"), append("log", 9, b"stale"), read("log")];
        let outcomes = ask(&mut store, requests);
        assert_eq!(outcomes, [Outcome::Full, Outcome::Full, Outcome::Full, data("abc")], "{with}");
        assert_eq!(ask(&mut store, [read("log"), append("log", 3, b"d")]), [data("abc"), Outcome::Done], "{with}");
        store.close();
        let outcomes = ask(&mut opened(&shim.restart()), [read("log"), Operation::List]);
        assert_eq!((&outcomes[0], outcomes[1].names().count()), (&data("abcd"), 1), "and nothing was made");
    }
}

#[test]
fn an_object_that_cannot_be_reserved_fails_alone() {
    let shim = Shim::seeded(1);
    let mut store = opened(&shim);
    assert_eq!(ask(&mut store, [append("log", 0, b"abc"), append("other", 0, b"o")]), [Outcome::Done, Outcome::Done]);
    shim.fail(Call::Reserve, 0, ErrorKind::Other);
    let requests = [append("log", 3, &[0; 1 << 20]), read("log"), append("log", 3, b"d"), truncate("log", 0), remove("log")];
    assert!(ask(&mut store, requests).iter().all(|outcome| *outcome == Outcome::Failed));
    assert_eq!(ask(&mut store, [append("other", 1, b"p"), read("other")]), [Outcome::Done, data("op")]);
    store.close();
    let mut store = opened(&shim.restart());
    assert_eq!(ask(&mut store, [read("log"), read("other")]), [data("abc"), data("op")], "a reopened one is well");
}

#[test]
fn an_object_that_cannot_be_written_fails_alone_and_is_whole_when_reopened() {
    let shim = Shim::seeded(3);
    let mut store = opened(&shim);
    assert_eq!(ask(&mut store, [append("log", 0, b"abc"), append("other", 0, b"o")]), [Outcome::Done, Outcome::Done]);
    // The journal's block is written first, then the object.
    shim.fail(Call::Write, 1, ErrorKind::Other);
    assert_eq!(ask(&mut store, [append("log", 3, b"def"), read("log")]), [Outcome::Failed, Outcome::Failed]);
    assert_eq!(ask(&mut store, [append("other", 1, b"p"), append("log", 3, b"x")]), [Outcome::Done, Outcome::Failed]);
    // What is in the journal and not in the file stays in the journal.
    store.close();
    let mut store = opened(&shim.restart());
    assert_eq!(ask(&mut store, [read("log"), read("other")]), [data("abcdef"), data("op")]);
}

#[test]
fn after_a_sync_of_the_journal_failed_nothing_is_answered_but_failed_and_nothing_answered_is_lost() {
    for seed in 0..50 {
        let shim = Shim::seeded(seed);
        let mut store = opened(&shim);
        assert_eq!(ask(&mut store, [append("log", 0, b"abc")]), [Outcome::Done]);
        shim.fail(Call::Sync, 0, ErrorKind::Other);
        assert_eq!(ask(&mut store, [append("log", 3, b"def"), read("log")]), [Outcome::Failed, Outcome::Failed]);
        // The disk is well again, as it would be; asking it again proves nothing.
        let outcomes = ask(&mut store, [append("log", 3, b"def"), read("log"), append("other", 0, b"o"), Operation::List]);
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Failed));
        store.close();
        let found = ask(&mut opened(&shim.restart()), [read("log")]).remove(0);
        assert!(found == data("abc") || found == data("abcdef"), "{found:?}");
    }
}

#[test]
fn a_file_whose_sync_failed_is_rewritten_from_the_journal_when_reopened() {
    for seed in 0..50 {
        let shim = Shim::seeded(seed);
        // Room for one block: the next one has the files synced.
        let mut store = Store::sized(shim.clone(), 4096).expect("it can be opened");
        assert_eq!(ask(&mut store, [append("log", 0, b"abc")]), [Outcome::Done]);
        shim.fail(Call::Sync, 0, ErrorKind::Other);
        assert_eq!(ask(&mut store, [append("log", 3, b"def")]), [Outcome::Failed]);
        drop(store);
        // Not a power cut yet: the system's memory has the file, and takes it for clean.
        let store = opened(&shim.kill());
        drop(store);
        assert_eq!(ask(&mut opened(&shim.restart()), [read("log")]), [data("abc")], "seed {seed}");
    }
}

#[test]
fn a_journal_whose_new_head_was_not_synced_is_begun_again_when_reopened() {
    for seed in 0..50 {
        let shim = Shim::seeded(seed);
        let mut store = Store::sized(shim.clone(), 4096).expect("it can be opened");
        assert_eq!(ask(&mut store, [append("log", 0, &[1; 9_000])]), [Outcome::Done]);
        // The file is synced, its name is known already, the head is not.
        shim.fail(Call::Sync, 1, ErrorKind::Other);
        assert_eq!(ask(&mut store, [append("log", 9_000, b"x")]), [Outcome::Failed]);
        drop(store);
        let mut store = opened(&shim.kill());
        assert_eq!(ask(&mut store, [truncate("log", 2), append("log", 2, b"def")]), [Outcome::Done, Outcome::Done]);
        assert_eq!(ask(&mut opened(&shim.restart()), [read("log")]), [data(b"\x01\x01def")], "seed {seed}");
    }
}

#[test]
fn a_journal_that_is_begun_anew_is_never_read_as_a_part_of_the_former() {
    for seed in 0..400 {
        let shim = Shim::seeded(seed);
        // Three blocks fill it, of which the first alone would be wrong.
        let mut store = Store::sized(shim.clone(), 3 * 4096).expect("it can be opened");
        for change in [append("log", 0, &[1; 10]), truncate("log", 0), append("log", 0, &[2; 5])] {
            assert_eq!(ask(&mut store, [change]), [Outcome::Done]);
        }
        // The next one begins it anew, and lies where all three were.
        shim.cut_after(seed % 16);
        ask(&mut store, [append("log", 5, &[3; 9_000])]);
        let found = ask(&mut opened(&shim.restart()), [read("log")]).remove(0);
        let whole = [&[2; 5][..], &[3; 9_000]].concat();
        assert!(found == data([2; 5]) || found == data(whole), "seed {seed}: {found:?}");
    }
}

#[test]
fn what_a_killed_process_cut_is_durable_when_the_next_one_has_opened() {
    for seed in 0..20 {
        let shim = Shim::seeded(seed);
        let mut store = opened(&shim);
        assert_eq!(ask(&mut store, [append("log", 0, b"abcdef")]), [Outcome::Done]);
        store.close();
        let mut store = opened(&shim);
        assert_eq!(ask(&mut store, [truncate("log", 2)]), [Outcome::Done]);
        drop(store);
        // The system's memory has it as it should be, and there is nothing left to cut.
        drop(opened(&shim.kill()));
        assert_eq!(ask(&mut opened(&shim.restart()), [read("log")]), [data("ab")], "seed {seed}");
    }
}

#[test]
fn a_file_that_had_to_be_closed_is_durable_when_the_journal_is_begun_anew() {
    let name = |nth: usize| format!("object-{nth}");
    for seed in 0..10 {
        let shim = Shim::seeded(seed);
        let mut store = opened(&shim);
        let outcomes = ask(&mut store, (0..2 * MAX_HANDLES).map(|nth| append(&name(nth), 0, b"abc")));
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
        store.close();
        let found = ask(&mut opened(&shim.restart()), (0..2 * MAX_HANDLES).map(|nth| read(&name(nth))));
        assert!(found.iter().all(|outcome| *outcome == data("abc")), "seed {seed}");
    }
}

#[test]
fn a_file_that_could_not_be_closed_durably_is_no_full_disk() {
    let name = |nth: usize| format!("object-{nth}");
    for with in FULL {
        let shim = Shim::seeded(1);
        let mut store = opened(&shim);
        for nth in 0..MAX_HANDLES {
            assert_eq!(ask(&mut store, [append(&name(nth), 0, b"abc")]), [Outcome::Done]);
        }
        // One of those has to be closed; what it was answered is in the journal still, which must not be begun anew.
        shim.fail(Call::Sync, 0, with);
        assert_eq!(ask(&mut store, [append("one-more", 0, b"abc")]), [Outcome::Failed], "{with}");
        store.close();
        let found = ask(&mut opened(&shim.restart()), (0..MAX_HANDLES).map(|nth| read(&name(nth))));
        assert!(found.iter().all(|outcome| *outcome == data("abc")), "{with}");
    }
}

#[test]
fn a_read_that_fails_is_no_reason_to_fail_the_object() {
    let shim = Shim::seeded(1);
    let mut store = opened(&shim);
    assert_eq!(ask(&mut store, [append("log", 0, b"abc")]), [Outcome::Done]);
    shim.fail(Call::Read, 0, ErrorKind::Other);
    assert_eq!(
        ask(&mut store, [read("log"), read("log"), append("log", 3, b"d")]),
        [Outcome::Failed, data("abc"), Outcome::Done]
    );
    shim.fail(Call::List, 0, ErrorKind::Other);
    assert_eq!(ask(&mut store, [Operation::List]), [Outcome::Failed]);
}

#[test]
fn a_disk_that_takes_no_journal_is_refused_with_the_reason() {
    let opened = |with| {
        let shim = Shim::seeded(1);
        shim.fail(Call::Create, 0, with);
        Store::open(shim).err().expect("it takes no journal")
    };
    assert!(matches!(opened(ErrorKind::ReadOnlyFilesystem), OpenError::ReadOnly { .. }));
    assert!(matches!(opened(ErrorKind::PermissionDenied), OpenError::Denied { .. }));
    for with in FULL {
        assert!(matches!(opened(with), OpenError::Full { .. }));
    }
    let error = opened(ErrorKind::TimedOut);
    assert_eq!(error.to_string(), "making the journal in `shim` failed: timed out");
    let shim = Shim::seeded(1);
    shim.limit(5_000);
    assert!(matches!(Store::open(shim).err(), Some(OpenError::Full { .. })));
}
