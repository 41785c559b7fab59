//! Files: what a durable append costs, one at a time and many at once, beside a bare file.

use crate::cpu::process_time;
use antfarm_files::{Counts, Files};
use antfarm_machine::{Object, Operation, Outcome, Request, Storage as _, Ticket};
use std::fs::{File, remove_file};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// Bytes of an append: about a record of a ledger.
const BYTES: usize = 512;

/// What a row of appends took.
pub struct Appends {
    /// From handing a round in to its last answer, shortest first.
    pub rounds: Vec<Duration>,
    /// Of the whole process, in steps of 10 ms.
    pub cpu: Duration,
    /// What the files counted.
    pub counts: Counts,
}

/// Appends 512 bytes `at_once * rounds` times to one object in `folder`; each round waits until the one before is durable.
///
/// # Errors
///
/// When the folder cannot be used.
pub fn appends(folder: &Path, at_once: u64, rounds: u64) -> Result<Appends, Box<dyn std::error::Error>> {
    let (sender, receipts) = channel();
    let mut files = Files::open(folder, move |receipt| drop(sender.send(receipt)))?;
    let (object, counters) = (Object::new("log")?, files.counters());
    let (opened, begun) = (counters.read(), process_time().unwrap_or_default());
    let mut took = Vec::new();
    for round in 0..rounds {
        let at = Instant::now();
        for nth in round * at_once..(round + 1) * at_once {
            let expected_end = nth * BYTES as u64;
            let operation = Operation::AppendAt { object: object.clone(), expected_end, bytes: vec![7; BYTES] };
            files.submit(Request { ticket: Ticket(nth), operation });
        }
        for _ in 0..at_once {
            assert_eq!(receipts.recv()?.outcome, Outcome::Done, "the disk is well");
        }
        took.push(at.elapsed());
    }
    let cpu = process_time().unwrap_or_default().saturating_sub(begun);
    let mut counts = counters.read();
    counts.syncs -= opened.syncs;
    files.submit(Request { ticket: Ticket(0), operation: Operation::Remove { object } });
    drop(files);
    took.sort_unstable();
    Ok(Appends { rounds: took, cpu, counts })
}

/// The same on a bare file: one append, one `fdatasync`.
///
/// # Errors
///
/// When the folder cannot be used.
pub fn bare(folder: &Path, rounds: u64) -> io::Result<Appends> {
    let path = folder.join("bare");
    let mut file = File::create(&path)?;
    let begun = process_time().unwrap_or_default();
    let mut took = Vec::new();
    for _ in 0..rounds {
        let at = Instant::now();
        file.write_all(&[7; BYTES])?;
        file.sync_data()?;
        took.push(at.elapsed());
    }
    let cpu = process_time().unwrap_or_default().saturating_sub(begun);
    remove_file(path)?;
    took.sort_unstable();
    let counts = Counts { appends: rounds, groups: rounds, syncs: rounds, ..Counts::default() };
    Ok(Appends { rounds: took, cpu, counts })
}
