//! A process that is killed while it writes.

use super::place::{Place, ask, object};
use antfarm_files::{Files, Folder, Store};
use antfarm_machine::{Operation, Outcome, Request, Storage as _, Ticket};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Tells the child its role, and where.
const FOLDER: &str = "ANTFARM_FILES_CHILD";
const NAME: &str = "process::a_killed_process_loses_nothing_that_was_answered";

/// Each append says where it belongs.
fn record(nth: u64) -> Vec<u8> {
    let length = usize::try_from(8 * (1 + nth % 90)).expect("small");
    nth.to_le_bytes().into_iter().cycle().take(length).collect()
}

/// Appends for ever, and prints the end of what was answered.
fn write_for_ever(folder: &Path) {
    let mut out = std::io::stdout();
    let answer = move |receipt: antfarm_machine::Receipt| {
        assert_eq!(receipt.outcome, Outcome::Done);
        writeln!(out, "answered {}", receipt.ticket.0).expect("somebody listens");
    };
    let mut files = Files::open(folder, answer).expect("nobody else has it");
    let (mut end, mut nth) = (0, 0);
    loop {
        let bytes = record(nth);
        (nth, end) = (nth + 1, end + bytes.len() as u64);
        let expected_end = end - bytes.len() as u64;
        let operation = Operation::AppendAt { object: object("log"), expected_end, bytes };
        files.submit(Request { ticket: Ticket(end), operation });
        if nth % 64 == 0 {
            // Some more than one group, and not the whole of memory.
            std::thread::yield_now();
        }
        if nth > 2_000_000 {
            return;
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_that_was_answered() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return write_for_ever(Path::new(&folder));
    }
    for round in 0..5 {
        let place = Place::new();
        let this = std::env::current_exe().expect("a test has a file");
        let mut child = Command::new(this)
            .args([NAME, "--exact", "--nocapture"])
            .env(FOLDER, place.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut next = || {
            let line = lines.next()?.expect("text");
            Some(line.strip_prefix("answered ").map_or(0, |end| end.parse::<u64>().expect("a number")))
        };
        let mut answered = 0;
        for _ in 0..10 + 300 * round {
            answered = answered.max(next().expect("it writes for long"));
        }
        child.kill().expect("it runs");
        child.wait().expect("it was killed");
        // What it had said by then counts too; the last line may be a part of one.
        while let Some(Ok(line)) = lines.next() {
            let end = line.strip_prefix("answered ").and_then(|end| end.parse::<u64>().ok());
            answered = answered.max(end.filter(|_| lines.size_hint().1 != Some(0)).unwrap_or(0));
        }
        let mut store = Store::open(Folder::open(place.path()).expect("its lock is gone")).expect("it opens");
        let read = Operation::Read { object: object("log"), range: 0..u64::MAX };
        let Outcome::Data(bytes) = ask(&mut store, [read]).remove(0) else { panic!("it can be read") };
        assert!(bytes.len() as u64 >= answered, "{answered} bytes were answered and {} are there", bytes.len());
        let expected: Vec<u8> = (0..).flat_map(record).take(bytes.len()).collect();
        assert!(bytes == expected, "they are what was appended");
    }
}
