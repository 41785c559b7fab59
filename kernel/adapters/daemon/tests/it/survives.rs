//! Three daemons under load, killed and cut off from each other again and again: nothing acknowledged is lost, nothing happens
//! twice, and nothing is stuck.
//!
//! `ANTFARM_KILLS` and `ANTFARM_CUTS` say how often. With `ANTFARM_TOOL`, the tool `antfarm`, the ledgers are also verified against
//! each other by it. With `ANTFARM_NETNS` each daemon has a network namespace of its own; `netns.sh` sets that up. The daemons record, and what they recorded is replayed.

use crate::bank::Bank;
use crate::hive::{AT_MOST, Daemon, Folder, NAMES, PROGRAM, configure, keys, writ};
use crate::recorded::{recordings, replays, turn_on};
use crate::wires::Wires;
use antfarm_authority::{Bytes, EffectKey, Name, Nonce, Refusal, Text, WritId};
use antfarm_daemon::Client;
use antfarm_daemon::control::{Command, Said};
use antfarm_identity::{Digest, Domain};
use antfarm_ledger::{Verifier, segment_number};
use antfarm_machine::{Object, Span, Wall};
use antfarm_node::{Answer, Ask, Fact, Notice, Reason, Wish};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const CLIENTS: u64 = 2;

fn times(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |it| it.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// Numbers that look random, and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 += 1;
        let digest = Digest::of(Domain::new("antfarm 2026 test daemon dice"), &self.0.to_le_bytes());
        let (word, _) = digest.as_bytes().split_first_chunk().expect("a digest is longer");
        u64::from_le_bytes(*word) % most
    }

    fn millis(&mut self, from: u64, below: u64) -> Duration {
        Duration::from_millis(from + self.below(below - from))
    }
}

fn now() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    Wall::from_nanos(u64::try_from(since.as_nanos()).expect("it is before 2500"))
}

/// What one client was told, by call: whether it was done.
type Told = BTreeMap<EffectKey, bool>;

/// Pays again and again through one daemon, each time until it is told what came of it.
fn pay(socket: PathBuf, writ: WritId, number: u64, stop: Arc<AtomicBool>) -> JoinHandle<Told> {
    thread::spawn(move || {
        let (mut told, mut client) = (Told::new(), None);
        for nth in 0_u64.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let mut nonce = [0; 16];
            nonce[..8].copy_from_slice(&number.to_le_bytes());
            nonce[8..].copy_from_slice(&nth.to_le_bytes());
            let wish = Wish {
                writ,
                nonce: Nonce(nonce),
                until: now() + Span::from_secs(3_600),
                tool: Name::new("bank.pay").expect("legal"),
                target: Text::new("well").expect("short"),
                args: Bytes::new(&nth.to_le_bytes()).expect("short"),
                rationale: Text::default(),
            };
            let (key, done) = until_told(&socket, &mut client, &wish);
            assert!(told.insert(key, done).is_none(), "each wish is a call of its own");
            thread::sleep(Duration::from_millis(5));
        }
        told
    })
}

fn until_told(socket: &Path, client: &mut Option<Client>, wish: &Wish) -> (EffectKey, bool) {
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < 4 * AT_MOST, "a wish is stuck at {}", socket.display());
        if client.is_none() {
            *client = Client::connect(socket, Duration::from_secs(10)).ok();
        }
        let said = client.as_mut().map(|it| it.say(Command::Ask(Ask::Wish(Box::new(wish.clone())))));
        match said {
            Some(Ok(Said::Notice(Notice::Answered { key, answer, .. }))) => match answer {
                Answer::Done { .. } => return (key, true),
                Answer::Failed => return (key, false),
                // Told again: it is the same wish. A writ that is on its way comes, and one that was known is not forgotten.
                Answer::Refused(Reason::UnknownWrit | Reason::Refused(Refusal::NoStanding(_))) => {}
                Answer::Busy | Answer::InDoubt => {}
                Answer::Refused(reason) => panic!("refused: {reason}"),
            },
            Some(Ok(Said::Pending | Said::Busy)) => {}
            Some(Ok(said)) => panic!("{said:?}"),
            Some(Err(_)) | None => *client = None,
        }
        thread::sleep(Duration::from_millis(30));
    }
}

/// What a ledger says was done and was not, each once.
fn read(folder: &Path, log: Digest) -> (BTreeSet<EffectKey>, BTreeSet<EffectKey>, u64) {
    let number = |path: &PathBuf| segment_number(&Object::new(path.file_name()?.to_str()?).ok()?);
    let entries = std::fs::read_dir(folder).expect("the ledger's folder").map(|it| it.expect("an entry").path());
    let mut segments: Vec<_> =
        entries.filter_map(|path| Some((number(&path)?, std::fs::read(&path).expect("a segment")))).collect();
    segments.sort();
    let bytes: Vec<&[u8]> = segments.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let (mut done, mut failed, mut started) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let verified = Verifier::new(log).run(&bytes, &mut |record| match Fact::read(record).expect("it is a fact") {
        Some(Fact::Started { proposal, .. }) => assert!(started.insert(proposal.key), "started twice: {:?}", proposal.key),
        Some(Fact::Done { key, .. }) => assert!(done.insert(key) && started.contains(&key), "done twice: {key:?}"),
        Some(Fact::Failed { key, .. } | Fact::Withheld { key, .. }) => assert!(failed.insert(key), "ended twice: {key:?}"),
        Some(_) | None => {}
    });
    let head = verified.unwrap_or_else(|refused| panic!("{}: {refused:?}", folder.display())).head;
    (done, failed, head.records)
}

#[test]
fn daemons_that_are_killed_and_cut_off_lose_nothing_do_nothing_twice_and_are_not_stuck() {
    let (kills, cuts) = (times("ANTFARM_KILLS", 6), times("ANTFARM_CUTS", 2));
    let (folder, wires, mut dice) = (Folder::new("survives"), Wires::new(), Dice(0));
    let bank = Bank::open(wires.bank());
    let keys = keys(&folder.0, &NAMES);
    let manifest = format!(
        "[[tool]]\nname = \"bank.pay\"\ncontract = \"keyed\"\nretention = \"6h\"\nargs = \"number\"\nrepeats = true\nparallel = 16\n\
         [tool.http]\nmethod = \"POST\"\nurl = \"http://{}/pay\"\nidempotency = \"idempotency-key\"\nbody = \"${{args}}\"\n\
         allow-loopback = true\ncleartext = true\n",
        bank.address
    );
    std::fs::write(folder.0.join("tools.toml"), manifest).expect("a manifest");
    for (at, name) in NAMES.iter().enumerate() {
        let others = (0..3).filter(|to| *to != at).map(|to| (NAMES[to], keys[to], wires.dial(at, to)));
        configure(&folder.0, name, wires.listen(at), &keys[0], &others.collect::<Vec<_>>());
    }
    let mut daemons: Vec<Daemon> = NAMES.iter().map(|name| Daemon::of(&folder.0, name)).collect();
    let runs: Vec<PathBuf> = daemons.iter().map(|it| turn_on(&it.config)).collect();
    let start = |daemons: &mut Vec<Daemon>, at: usize| daemons[at].start_by(wires.command(at, PROGRAM));
    (0..3).for_each(|at| start(&mut daemons, at));
    let logs: Vec<Digest> = daemons.iter().map(|it| it.wait("open", |status| status.serving).log).collect();
    let grant = |to: &str| {
        let args = ["--to", to, "--tool", "bank.*", "--calls", "100000000", "--lasts", "6h", "--freshness", "20s"];
        let (printed, code) = daemons[0].tool("grant", &args);
        assert_eq!(code, 0, "{printed}");
        writ(&printed)
    };
    let writs = NAMES.map(grant);

    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = Vec::new();
    for (at, daemon) in daemons.iter().enumerate() {
        for nth in 0..CLIENTS {
            clients.push(pay(daemon.socket.clone(), writs[at], at as u64 * CLIENTS + nth, stop.clone()));
        }
    }
    let mut cut: Option<((usize, usize), Instant)> = None;
    let (mut killed, mut apart) = (0, 0);
    while killed < kills || apart < cuts {
        thread::sleep(dice.millis(20, 400));
        if let Some(((one, other), _)) = cut.filter(|(_, until)| Instant::now() > *until) {
            wires.cut(one, other, false);
            cut = None;
        }
        if cut.is_none() && apart < cuts && (killed >= kills || dice.below(kills) < cuts) {
            let one = usize::try_from(dice.below(3)).expect("small");
            let other = (one + 1) % 3;
            wires.cut(one, other, true);
            cut = Some(((one, other), Instant::now() + dice.millis(500, 2_500)));
            apart += 1;
        }
        if killed < kills {
            let at = usize::try_from(dice.below(3)).expect("small");
            daemons[at].kill();
            thread::sleep(dice.millis(0, 200));
            start(&mut daemons, at);
            killed += 1;
        }
    }
    if let Some(((one, other), _)) = cut {
        wires.cut(one, other, false);
    }
    daemons.iter().for_each(|it| drop(it.wait("open again", |status| status.serving)));
    stop.store(true, Ordering::Relaxed);
    let told: Vec<Told> = clients.into_iter().map(|client| client.join().expect("no client is stuck")).collect();
    daemons.iter().for_each(|it| drop(it.wait("done with everything", |status| status.open == 0)));
    for daemon in &mut daemons {
        assert_eq!(daemon.stop(), Some(0), "it ends in order; see {}", daemon.log.display());
    }

    let (mut done, mut records) = (BTreeSet::new(), 0);
    for (at, daemon) in daemons.iter().enumerate() {
        let (theirs, failed, many) = read(&daemon.ledger, logs[at]);
        records += many;
        let clients = usize::try_from(CLIENTS).expect("few");
        for (key, is_done) in told[at * clients..(at + 1) * clients].iter().flatten() {
            assert_eq!((theirs.contains(key), failed.contains(key)), (*is_done, !is_done), "what was told is on the ledger");
        }
        done.extend(theirs);
    }
    let paid: BTreeSet<String> = bank.keys().into_iter().collect();
    let done: BTreeSet<String> = done.iter().map(|key| key.digest().to_string()).collect();
    assert_eq!(paid, done, "what was paid is on a ledger, and what is on a ledger was paid");
    if let Some(tool) = std::env::var_os("ANTFARM_TOOL") {
        let mut verify = std::process::Command::new(tool);
        let verified = verify.arg("verify").args(daemons.iter().map(|it| &it.ledger)).output().expect("the tool runs");
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    }
    let (mut replayed, mut inputs) = (0, 0);
    for (daemon, runs) in daemons.iter().zip(&runs) {
        let found = recordings(runs);
        for (nth, recording) in found.iter().enumerate() {
            // One that was killed before its first round was on disk left nothing that could be read.
            if antfarm_recording::Recording::open(&fs::read(recording).expect("it is there")).is_ok() {
                let (ended, steps) = replays(recording, &daemon.ledger);
                assert_eq!(ended, nth + 1 == found.len(), "{}: only the last start was told to end", recording.display());
                (replayed, inputs) = (replayed + 1, inputs + steps);
            }
        }
    }
    let asks: usize = told.iter().map(BTreeMap::len).sum();
    let (done, again) = (done.len(), bank.repeated());
    let report = format!(
        "{killed} kills, {apart} cuts, {}: {asks} asks acknowledged, {done} done once, {again} asked again, {records} records; {replayed} recordings of {inputs} inputs have the same effects and lead to the ledgers",
        wires.told()
    );
    writeln!(std::io::stderr(), "{report}").expect("somebody reads it");
}
