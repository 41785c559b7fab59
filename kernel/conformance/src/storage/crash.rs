//! Clauses about what a crash may take: everything that was not answered, and nothing that was.

use super::StorageRig;
use super::desk::{Desk, append_at, object, pattern};
use crate::clause::ensure;
use crate::{Breach, Clause};
use antfarm_machine::Operation;

pub(super) fn clauses<R: StorageRig>() -> Vec<Clause<R>> {
    vec![
        Clause {
            name: "storage/an-answered-append-survives",
            rule: "an append that was answered with `Done` survives a crash, the first one of a new object too",
            remedy: "sync the file before the receipt, and after creating it the folder that names it",
            check: appends,
        },
        Clause {
            name: "storage/an-answered-truncation-survives",
            rule: "bytes whose truncation was answered with `Done` do not come back in a crash",
            remedy: "sync the file after setting its length, before the receipt",
            check: truncations,
        },
        Clause {
            name: "storage/an-answered-removal-survives",
            rule: "an object whose removal was answered with `Done` does not come back in a crash",
            remedy: "sync the folder after unlinking, before the receipt",
            check: removals,
        },
        Clause {
            name: "storage/an-unanswered-append-leaves-a-prefix",
            rule: "without a receipt an append may have left any prefix of its bytes, then zeros up to its length; nothing \
                   else is touched",
            remedy: "write only behind the end; never rewrite a block that holds answered bytes without a copy of it",
            check: torn,
        },
        Clause {
            name: "storage/a-crash-ends-all-receipts",
            rule: "a request that a crash overtook is never answered, and tickets may be used again",
            remedy: "let answers die with the process: no queue of receipts outlives it",
            check: receipts,
        },
    ]
}

fn appends<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let (log, other) = (object("log"), object("other"));
    let bytes = pattern(10_000);
    let mut end = 0;
    for length in [1, 0, 4_096, 7, 5_896] {
        let part = &bytes[end..end + length];
        desk.append(&log, end as u64, part)?;
        end += length;
        desk.crash();
        desk.expect_content(&log, &bytes[..end])?;
    }
    desk.append(&other, 0, b"o")?;
    desk.crash();
    desk.expect_list(&[("log", end as u64), ("other", 1)])
}

fn truncations<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let log = object("log");
    desk.append(&log, 0, b"abcdef")?;
    desk.truncate(&log, 3)?;
    desk.crash();
    desk.expect_content(&log, b"abc")?;
    desk.append(&log, 3, b"X")?;
    desk.crash();
    desk.expect_content(&log, b"abcX")
}

fn removals<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let (log, other) = (object("log"), object("other"));
    desk.append(&log, 0, b"abcdef")?;
    desk.append(&other, 0, b"o")?;
    desk.remove(&log)?;
    desk.crash();
    desk.expect_list(&[("other", 1)])?;
    desk.append(&log, 0, b"X")?;
    desk.crash();
    desk.expect_content(&log, b"X")
}

fn torn<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let log = object("log");
    // Rounds of three appends of which only some are answered; odd lengths, so that ends fall within blocks.
    let mut durable = Vec::new();
    for round in 0..12usize {
        let parts: Vec<Vec<u8>> = [700, 5_001, 33].map(|length| pattern(length + round)).to_vec();
        let mut end = durable.len() as u64;
        for part in &parts {
            desk.submit(append_at(&log, end, part));
            end += part.len() as u64;
        }
        for part in parts.iter().take(round % 3) {
            desk.receive()?;
            durable.extend_from_slice(part);
        }
        desk.crash();
        let found = desk.read(&log, 0..u64::MAX)?;
        ensure(found.starts_with(&durable), || {
            format!("the {} answered bytes of `log` did not all survive a crash during later appends", durable.len())
        })?;
        let mut tail = &found[durable.len()..];
        for part in &parts[round % 3..] {
            let (left, rest) = tail.split_at(tail.len().min(part.len()));
            let kept = left.iter().zip(part).take_while(|(a, b)| a == b).count();
            ensure(left[kept..].iter().all(|byte| *byte == 0), || {
                format!("of an unanswered append of {} bytes, a crash left {kept} and then something else", part.len())
            })?;
            tail = rest;
        }
        ensure(tail.is_empty(), || format!("a crash left {} bytes that nobody appended", tail.len()))?;
        // What the restart shows is what is there: it can be cut, and appended to.
        desk.truncate(&log, durable.len() as u64)?;
    }
    Ok(())
}

fn receipts<R: StorageRig>(rig: &mut R) -> Result<(), Breach> {
    let mut desk = Desk::new(rig);
    let log = object("log");
    desk.submit(append_at(&log, 0, b"abc"));
    desk.submit(Operation::Read { object: log.clone(), range: 0..9 });
    desk.submit(Operation::List);
    desk.crash();
    desk.expect_silence()?;
    desk.remove(&log)?;
    desk.append(&log, 0, b"new")?;
    desk.expect_content(&log, b"new")?;
    desk.expect_silence()
}
