//! How many records of a log in memory are verified and folded in a second of processor time.
//!
//! `cargo run --release -p antfarm-ledger --example verify_records [RECORDS] [PAYLOAD_BYTES]`

#[path = "../tests/it/disk.rs"]
#[expect(dead_code, reason = "shared with the tests, which use all of it")]
mod disk;

use antfarm_ledger::{Draft, Link, Progress, Projection, Record, Verifier, segment_number};
use std::io::Write as _;
use std::sync::OnceLock;
use std::time::Instant;

/// Counts records and adds up their payloads.
#[derive(Default)]
struct Tally {
    records: u64,
    bytes: u64,
}

impl Projection for Tally {
    fn reset(&mut self) {
        *self = Self::default();
    }
    fn restore(&mut self, _: &[u8]) -> bool {
        false
    }
    fn fold(&mut self, record: &Record<'_>) {
        self.records += 1;
        self.bytes += record.payload.bytes().map_or(0, |bytes| bytes.iter().map(|byte| u64::from(*byte)).sum());
    }
}

/// Nanoseconds that this thread spent on a processor, as Linux counts them; elsewhere, nanoseconds that passed.
fn cpu() -> u128 {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let first = counted.and_then(|line| line.split_whitespace().next()?.parse().ok());
    first.unwrap_or_else(|| STARTED.get_or_init(Instant::now).elapsed().as_nanos())
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse().expect("a number"));
    let records: u64 = arguments.next().unwrap_or(100_000);
    let length = usize::try_from(arguments.next().unwrap_or(64)).expect("a length");
    let config = antfarm_ledger::Config { segment_bytes: 16 << 20, ..disk::config("speed") };
    let (mut disk, mut tally) = (disk::Disk::default(), Tally::default());
    let (mut ledger, progress) = disk::open(&config, &mut disk, &mut tally);
    assert!(matches!(progress, Progress::Opened(_)), "{progress:?}");
    let mut link = Link::first(disk::id("trajectory"));
    let started = cpu();
    for number in 0..records {
        let payload: Vec<u8> = number.to_le_bytes().into_iter().cycle().take(length).collect();
        let appended = ledger.append(Draft { link, kind: 1, version: 1, payload: &payload }, &mut tally).expect("there is room");
        link = link.next(appended.digest);
        if number % 64 == 63 {
            disk::flush(&mut ledger, &mut disk, &mut tally);
        }
    }
    disk::flush(&mut ledger, &mut disk, &mut tally);
    let appended = cpu() - started;
    let mut out = std::io::stdout();
    let per_second = |took: u128| u128::from(records) * 1_000_000_000 / took.max(1);
    writeln!(out, "append, 64 a group: {} records per CPU-second", per_second(appended))?;
    for _ in 0..5 {
        let mut again = Tally::default();
        let started = cpu();
        let segments: Vec<_> = disk.objects.iter().filter(|(object, _)| segment_number(object).is_some()).collect();
        let segments: Vec<_> = segments.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        let head = Verifier::new(config.log).run(&segments, &mut |record| again.fold(record)).expect("whole").head;
        let took = cpu() - started;
        assert_eq!((head.records, again.bytes), (records + 1, tally.bytes));
        writeln!(out, "verify and fold: {} records per CPU-second", per_second(took))?;
    }
    Ok(())
}
