//! Disks that are full, that cannot be written to, and that stop in the middle: clear errors, and nothing that was answered is lost.
//!
//! The daemon runs in mount namespaces of its own, with a small disk in memory below its ledger; that takes `unshare` (util-linux) and
//! user namespaces, which the sandbox of tools needs as well.

use crate::hive::{AT_MOST, Daemon, writ};
use crate::refusals::queen;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

impl Asker {
    /// What was answered before the trouble is told again and not done again; what was not answered then is answered now.
    fn remembers(&self, daemon: &Daemon, first: &str, done: &[String], long: &str) {
        daemon.wait("open again", |status| status.serving && status.open == 0);
        assert!(self.ask(daemon, &done.len().to_string(), long).1, "there is room, and it is asked again");
        let records = || daemon.status().expect("it runs").records;
        let settled = records();
        assert_eq!(self.ask(daemon, "first", "kept"), (first.to_owned(), true), "it is remembered");
        for nonce in done {
            assert!(self.ask(daemon, nonce, long).1, "`{nonce}` is remembered");
        }
        assert_eq!(records(), settled, "nothing was done again");
    }
}

/// The ledger's folder as the daemon sees it.
fn ledger(daemon: &Daemon) -> PathBuf {
    let pid = daemon.pid().expect("it runs");
    PathBuf::from(format!("/proc/{pid}/root")).join(daemon.ledger.strip_prefix("/").expect("it is absolute"))
}

/// What a shell does before it becomes the daemon, inside namespaces with a disk of so many bytes.
fn with_disk(daemon: &Daemon, size: &str, then: &str) -> Command {
    fs::create_dir_all(&daemon.ledger).expect("it is ours");
    let mut command = Command::new("unshare");
    let script = format!("mount -t tmpfs -o size={size},mode=0700 none \"$1\" && {then} && exec \"$0\" run \"$2\"");
    command.args(["--map-root-user", "--mount", "sh", "-c", &script, env!("CARGO_BIN_EXE_antfarmd")]);
    command.arg(&daemon.ledger).arg(&daemon.config);
    command
}

/// A writ of a daemon, and until when all that is asked under it may begin: told again, an ask must be the same.
struct Asker {
    writ: String,
    until: String,
}

impl Asker {
    fn of(daemon: &Daemon) -> Self {
        daemon.wait("open", |status| status.serving);
        let (printed, code) = daemon.tool("grant", &["--to", "me", "--tool", "text.*", "--calls", "100000"]);
        assert_eq!(code, 0, "{printed}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
        Self { writ: writ(&printed).digest().to_string(), until: (now + 1_000).to_string() }
    }

    /// Has the tool called under this name: what is printed, and whether that is an answer; what commands come to here depends on
    /// whether the sandbox's helper is built.
    fn ask(&self, daemon: &Daemon, nonce: &str, text: &str) -> (String, bool) {
        let (writ, until) = (&self.writ[..], &self.until[..]);
        let args = ["--writ", writ, "--tool", "text.echo", "--text", text, "--nonce", nonce, "--until", until];
        let (printed, code) = daemon.tool("ask", &args);
        let is_answer = code == 0 || printed.starts_with("failed");
        assert!(is_answer || matches!(code, 2 | 4), "{code}: {printed}");
        (printed, is_answer)
    }
}

#[test]
fn a_full_disk_is_said_and_what_was_answered_stays_and_room_is_used_again() {
    let (_folder, mut daemon) = queen("full");
    let command = with_disk(&daemon, "48m", "true");
    daemon.start_as(command);
    let asker = Asker::of(&daemon);
    let (first, is_answer) = asker.ask(&daemon, "first", "kept");
    assert!(is_answer, "{first}");
    let filler = ledger(&daemon).join(".filler");
    let mut file = fs::File::create(&filler).expect("a file in the daemon's disk");
    while file.write_all(&[7; 4_096]).is_ok() {}
    drop(file);
    // What was allocated before is used up first.
    let (long, began) = ("x".repeat(60_000), Instant::now());
    let mut done = vec![];
    let printed = loop {
        let nonce = done.len().to_string();
        match asker.ask(&daemon, &nonce, &long) {
            (_, true) => done.push(nonce),
            (printed, false) => break printed,
        }
        assert!(began.elapsed() < AT_MOST, "never full");
    };
    assert!(printed.contains("--nonce"), "how to ask the same again is said: {printed}");
    fs::remove_file(&filler).expect("it is ours");
    asker.remembers(&daemon, &first, &done, &long);
    assert!(asker.ask(&daemon, "last", "more").1);
}

#[test]
fn a_disk_that_cannot_be_written_to_is_an_error_that_names_it() {
    let (_folder, daemon) = queen("read-only");
    let output = with_disk(&daemon, "48m", "mount -o remount,ro none \"$1\"").output().expect("`unshare` is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("mounted for reading only") && said.contains(&daemon.ledger.display().to_string()), "{said}");
}

#[test]
fn a_disk_that_fails_while_the_daemon_runs_ends_it_and_a_new_start_has_what_was_answered() {
    let (_folder, mut daemon) = queen("failing");
    // A file that may not grow is what a failing disk looks like: an error that is not `full`.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 40000; exec \"$0\" run \"$1\"", env!("CARGO_BIN_EXE_antfarmd")]);
    command.arg(&daemon.config);
    daemon.start_as(command);
    let asker = Asker::of(&daemon);
    let (first, is_answer) = asker.ask(&daemon, "first", "kept");
    assert!(is_answer, "{first}");
    let (long, began) = ("x".repeat(60_000), Instant::now());
    let mut done = vec![];
    while !daemon.has_ended() {
        let nonce = done.len().to_string();
        if asker.ask(&daemon, &nonce, &long).1 {
            done.push(nonce);
        }
        assert!(began.elapsed() < AT_MOST, "it never failed");
    }
    assert_eq!(daemon.stop(), Some(3));
    let log = fs::read_to_string(&daemon.log).expect("it logs");
    assert!(log.contains("the disk failed"), "{log}");
    daemon.start();
    asker.remembers(&daemon, &first, &done, &long);
}
