//! Clauses about what is where: reading, appending, cutting, removing, listing.

use super::StorageRig;
use super::desk::{Desk, append_at, object, pattern};
use crate::clause::ensure;
use crate::{Breach, Clause};
use antfarm_machine::{MAX_APPEND, MAX_OBJECT_NAME, Outcome};

pub(super) fn clauses<R: StorageRig>() -> Vec<Clause<R>> {
    vec![
        Clause {
            name: "storage/a-missing-object-reads-as-empty",
            rule: "a missing object reads as empty, and reading does not create it",
            remedy: "answer `Data` with no bytes when the object is not found, and open for reading only",
            check: missing,
        },
        Clause {
            name: "storage/bytes-are-kept",
            rule: "a read returns the bytes that were appended, whatever they are and however many",
            remedy: "loop over short writes and reads; do not treat bytes as text",
            check: kept,
        },
        Clause {
            name: "storage/a-range-is-cut-to-what-exists",
            rule: "a read returns the part of its range that exists",
            remedy: "clamp start and end to the object's length; an empty or backward range is no bytes",
            check: ranges,
        },
        Clause {
            name: "storage/a-stale-append-conflicts",
            rule: "an append whose `expected_end` is not the object's end changes nothing and is answered with the end",
            remedy: "compare and append in one step: a lock, a unique key, an expected sequence",
            check: conflicts,
        },
        Clause {
            name: "storage/a-truncation-cuts-and-never-extends",
            rule: "a truncation cuts to its length; a shorter or missing object is left as it is",
            remedy: "compare with the length first: setting a file's length also extends it",
            check: truncation,
        },
        Clause {
            name: "storage/bytes-that-were-cut-never-come-back",
            rule: "after a truncation or removal, appends and reads see nothing of what was there",
            remedy: "cut the bytes themselves, not only a remembered length; drop caches of them",
            check: ghosts,
        },
        Clause {
            name: "storage/a-removed-object-is-missing",
            rule: "a removed object is not listed and can be created again; removing a missing one does nothing",
            remedy: "answer `Done` when there is nothing to remove; forget the object's end with it",
            check: removal,
        },
        Clause {
            name: "storage/a-listing-is-complete-and-in-order",
            rule: "a listing names each object once, in order of the bytes of its name, with its length",
            remedy: "sort by name after collecting; take the length from where appends put it",
            check: listing,
        },
        Clause {
            name: "storage/names-are-distinct",
            rule: "every legal name is an object of its own, up to 64 bytes, however alike two names look",
            remedy: "do not fold, escape or shorten names on the way to files or keys",
            check: names,
        },
        Clause {
            name: "storage/a-too-long-append-fails",
            rule: "an append of more than `MAX_APPEND` bytes is answered with `Failed`",
            remedy: "check the length before anything else; other implementations will not take it either",
            check: too_long,
        },
    ]
}

fn missing<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    desk.expect_list(&[])?;
    desk.expect_content(&object("nothing"), b"")?;
    desk.expect_list(&[])
}

fn kept<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let (small, large) = (object("small"), object("large"));
    let all: Vec<u8> = (0..=255).collect();
    desk.append(&small, 0, &all)?;
    desk.append(&small, 256, b"\r\n\0\0")?;
    desk.expect_content(&small, &[&all[..], b"\r\n\0\0"].concat())?;

    // Longer than a pipe, a page, a socket buffer; in two uneven parts.
    let bytes = pattern((1 << 20) + 13);
    let (first, second) = bytes.split_at(70_001);
    desk.append(&large, 0, first)?;
    desk.append(&large, 70_001, second)?;
    desk.expect_content(&large, &bytes)
}

fn ranges<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let log = object("log");
    let bytes = pattern(10);
    desk.append(&log, 0, &bytes)?;
    #[expect(clippy::reversed_empty_ranges, reason = "a machine may ask so")]
    let ranges = [0..10, 0..1, 9..10, 3..7, 5..5, 7..3, 8..12, 10..11, 11..20, u64::MAX - 1..u64::MAX, u64::MAX..0, 0..u64::MAX];
    for range in ranges {
        let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).unwrap_or(usize::MAX).min(10));
        let expected = bytes.get(start..end).unwrap_or_default();
        let found = desk.read(&log, range.clone())?;
        ensure(found == expected, || format!("of 10 bytes, a read of {range:?} gave {found:?} instead of {expected:?}"))?;
    }
    Ok(())
}

fn conflicts<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let (log, none) = (object("log"), object("none"));
    desk.append(&log, 0, b"abcdef")?;
    for stale in [0, 5, 7, u64::MAX] {
        desk.expect(append_at(&log, stale, b"X"), &Outcome::Conflict { end: 6 })?;
    }
    desk.expect(append_at(&none, 1, b"X"), &Outcome::Conflict { end: 0 })?;
    desk.expect_content(&log, b"abcdef")?;
    desk.expect_list(&[("log", 6)])?;
    desk.append(&log, 6, b"g")?;
    desk.expect_content(&log, b"abcdefg")
}

fn truncation<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let (log, none) = (object("log"), object("none"));
    desk.append(&log, 0, b"abcdef")?;
    for (length, left) in [(u64::MAX, "abcdef"), (7, "abcdef"), (6, "abcdef"), (4, "abcd"), (5, "abcd")] {
        desk.truncate(&log, length)?;
        desk.expect_content(&log, left.as_bytes())?;
    }
    desk.truncate(&none, 3)?;
    desk.expect_list(&[("log", 4)])?;
    desk.truncate(&log, 0)?;
    desk.expect_content(&log, b"")
}

fn ghosts<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let log = object("log");
    desk.append(&log, 0, b"abcdef")?;
    desk.truncate(&log, 2)?;
    desk.append(&log, 2, b"X")?;
    desk.expect_content(&log, b"abX")?;
    desk.append(&log, 3, b"Y")?;
    desk.expect_content(&log, b"abXY")?;
    desk.remove(&log)?;
    desk.expect_content(&log, b"")?;
    desk.append(&log, 0, b"Z")?;
    desk.expect_content(&log, b"Z")
}

fn removal<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let (log, other) = (object("log"), object("other"));
    desk.append(&log, 0, b"abc")?;
    desk.append(&other, 0, b"o")?;
    desk.remove(&log)?;
    desk.expect_list(&[("other", 1)])?;
    desk.expect(append_at(&log, 3, b"X"), &Outcome::Conflict { end: 0 })?;
    desk.remove(&log)?;
    desk.append(&log, 0, b"abcd")?;
    desk.expect_list(&[("log", 4), ("other", 1)])
}

fn listing<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    desk.expect_list(&[])?;
    // In byte order `-` comes before `.`, digits before `_` and that before letters; created in another order.
    for name in ["log.10", "b", "a_b", "log.2", "a", "a-b", "a.b", "1"] {
        desk.append(&object(name), 0, name.as_bytes())?;
    }
    desk.append(&object("a"), 1, b"++")?;
    desk.expect_list(&[("1", 1), ("a", 3), ("a-b", 3), ("a.b", 3), ("a_b", 3), ("b", 1), ("log.10", 6), ("log.2", 5)])
}

fn names<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let long = "n".repeat(MAX_OBJECT_NAME - 1);
    let (long_a, long_b) = (format!("{long}a"), format!("{long}b"));
    let names = ["a", "aa", "a.b", "a-b", "a_b", "a..b", "a.b.", "-", "_", "con", "a.tmp", "a.lock", &long, &long_a, &long_b];
    for name in names {
        desk.append(&object(name), 0, format!("I am {name}").as_bytes())?;
    }
    for name in names {
        desk.expect_content(&object(name), format!("I am {name}").as_bytes())?;
    }
    let listed = desk.list()?.len();
    ensure(listed == names.len(), || format!("of {} objects, {listed} are listed", names.len()))
}

fn too_long<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    desk.expect(append_at(&object("log"), 0, &vec![1; MAX_APPEND + 1]), &Outcome::Failed)
}
