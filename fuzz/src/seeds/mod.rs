//! Where a fuzzer begins: small inputs for each target that reach what matters, so that mutations start from there.

mod colony;
mod files;
mod frames;
mod handshake;
mod recording;
mod spec;

use crate::codec::{Lists, Names, Nest, Numbers};
use antfarm_identity::{Codec, Digest, Domain, Sealed, Signature, Signer, to_bytes};
use antfarm_ledger::{Ask, Header, Inclusion, Link, LogHead, OPENED, PutRefusal, SignedHead};
use antfarm_machine::{Entry, Now, Object, Operation, Outcome, PeerId, Receipt, Request, Ticket};
use antfarm_raft::{Answer, Append, Body, Command, Entry as RaftEntry, Message, Notice, Payload, Refusal, Timer, Verdict};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

const DOMAIN: Domain = Domain::new("antfarm 2026 fuzz seeds");

/// The seeds of the target of this name: a name for each, and its bytes, fewer than 4096. Of an unknown target none.
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    match target {
        "codec" => [codec(), colony::codec()].concat(),
        "config" => files::config(),
        "control" => colony::control(),
        "frames" => frames::frames(),
        "handshake" => handshake::handshake(),
        "ledger" => ledger(),
        "manifest" => files::manifest(),
        "predicate" => spec::predicate(),
        "recording" => recording::recording(),
        "scenario" => scenario(),
        "spec" => spec::spec(),
        "world" => world(),
        _unknown => Vec::new(),
    }
}

/// An encoding behind the byte that selects its type: its place in [`crate::codec::TYPES`].
pub(crate) fn encoded<T: Codec>(name: &str, which: u8, value: &T) -> (String, Vec<u8>) {
    (name.to_owned(), [vec![which], to_bytes(value)].concat())
}

fn codec() -> Vec<(String, Vec<u8>)> {
    let digest = Digest::of(DOMAIN, b"digest");
    let signer = Signer::insecure(1);
    let log = Object::new("log-00000001").expect("a legal name");
    let entries = vec![
        RaftEntry { term: 1, payload: Payload::Noop },
        RaftEntry {
            term: 2,
            payload: Payload::Write {
                client: PeerId::new(3),
                sequence: 7,
                command: Command::Cas { key: 1, expect: 2, value: 3 },
            },
        },
    ];
    let append = Append { term: 2, prev: 4, prev_term: 1, commit: 3, round: 9, entries };
    let head = LogHead { records: 12, digest, root: digest };
    let link = Link::first(digest);
    let header = Header { log: digest, position: 5, previous: digest, link, kind: OPENED, version: 1, payload: digest };
    let deep = (0..30).fold(Nest::Leaf(1), |inner, _| Nest::In(Box::new(inner)));
    let wide = Nest::Many(vec![Nest::Leaf(1), Nest::Named(BTreeMap::from([("a".to_owned(), Nest::Leaf(2))]))]);
    let numbers: Numbers = ((1, 2, 3, 4), (-1, -2, -3, -4), (u128::MAX, i128::MIN), (true, Some(None)));
    let lists: Lists = (
        vec!["one".to_owned(), "\u{e9}\u{1f41c}".to_owned()],
        BTreeSet::from([(1, false), (1, true)]),
        VecDeque::from([[1, 2, 3], [4, 5, 6]]),
        (vec![(); 3], BTreeMap::from([(-1, Arc::new(1)), (1, Arc::new(2))])),
    );
    let signature: Signature = signer.sign(DOMAIN, digest, b"message");
    let names: Names = (digest, Some(signer.public()), vec![signature]);
    let request = |operation| Request { ticket: Ticket(9), operation };
    vec![
        encoded("raft-vote", 0, &Message::seal(Body::RequestVote { term: 3, last: 9, last_term: 2 })),
        encoded("raft-append", 0, &Message::seal(Body::Append(append))),
        encoded("raft-reply", 0, &Message::seal(Body::Reply { sequence: 4, verdict: Verdict::Answered(Answer::Swapped(true)) })),
        encoded("raft-notice", 1, &Notice::Refused { command: Command::Get { key: 1 }, refusal: Refusal::QueueFull }),
        encoded("raft-halted", 1, &Notice::Halted { object: log.clone(), offset: 77 }),
        encoded(
            "request-append",
            3,
            &request(Operation::AppendAt { object: log.clone(), expected_end: 32, bytes: vec![1, 2, 3] }),
        ),
        encoded("request-read", 3, &request(Operation::Read { object: log.clone(), range: 3..99 })),
        encoded(
            "receipt-listed",
            4,
            &Receipt { ticket: Ticket(1), outcome: Outcome::Listed(vec![Entry { object: log, length: 3 }]) },
        ),
        encoded("header", 5, &header),
        encoded("signed-head", 6, &SignedHead::sign(&signer, digest, digest, head)),
        encoded("rejected", 8, &antfarm_ledger::Notice::Rejected { id: 3, reason: PutRefusal::Busy }),
        encoded("inclusion", 9, &Inclusion { index: 1, size: 3, path: vec![digest, digest] }),
        encoded("sealed-put", 10, &Sealed::new(Ask::Put { id: 1, bytes: b"hello".to_vec() })),
        encoded("nest-deep", 11, &vec![deep]),
        encoded("nest-wide", 11, &vec![wide]),
        encoded("numbers", 12, &numbers),
        encoded("lists", 13, &lists),
        encoded("names", 14, &names),
        encoded("timer", 15, &(Now::ZERO, Timer::Heartbeat)),
    ]
}

/// Commands as the target reads them: see [`crate::ledger`].
fn ledger() -> Vec<(String, Vec<u8>)> {
    const APPEND: u8 = 0;
    const FLUSH: u8 = 3;
    const ANSWER: u8 = 4;
    const SETTLE: u8 = 7;
    const CHECKPOINT: u8 = 8;
    const FAIL: u8 = 9;
    const ODD: u8 = 10;
    const OPEN: u8 = 11;
    const CRASH: u8 = 12;
    const TAMPER: u8 = 14;
    let mut seeds: Vec<(&str, Vec<u8>)> = vec![
        ("first-opening", vec![1]),
        ("appends", vec![1, SETTLE, APPEND, 10, APPEND, 200, FLUSH, SETTLE, APPEND, 9, FLUSH, SETTLE]),
        ("torn-append", vec![1, SETTLE, APPEND, 100, FLUSH, CRASH, 33, 0, SETTLE, APPEND, 1, FLUSH, SETTLE]),
        ("torn-with-zeros", vec![3, SETTLE, APPEND, 100, FLUSH, CRASH, 45, 0, SETTLE]),
        ("failed-append", vec![2, SETTLE, APPEND, 100, FLUSH, FAIL, 0, 40, 0, SETTLE, APPEND, 1, FLUSH, SETTLE]),
        ("full", vec![2, SETTLE, APPEND, 100, FLUSH, FAIL, 0, 3, 0, SETTLE]),
        ("checkpoint", vec![2, SETTLE, APPEND, 5, CHECKPOINT, ANSWER, 1, ANSWER, 0, SETTLE, CRASH, SETTLE]),
        ("checkpoint-torn", vec![2, SETTLE, CHECKPOINT, CRASH, 30, 0, SETTLE]),
        ("opened-while-open", vec![2, SETTLE, APPEND, 5, FLUSH, OPEN, ANSWER, 1, SETTLE]),
        ("short-reads", vec![3, ANSWER, 0, ODD, 2, 7, ODD, 2, 200, SETTLE]),
        ("odd-answers", vec![3, ODD, 1, ODD, 3, ANSWER, 0, ODD, 1, ANSWER, 0, ODD, 3, ODD, 0, SETTLE]),
        ("flipped", vec![3, TAMPER, 5, 2, 90, 0, 0, 4, 1, SETTLE]),
        ("flipped-and-sealed", vec![3, TAMPER, 5, 2, 90, 0, 0, 4, 0, SETTLE]),
        ("segment-removed", vec![2, TAMPER, 1, 3, SETTLE]),
        ("segment-copied", vec![3, TAMPER, 2, 3, 2, TAMPER, 3, 3, SETTLE]),
        ("chain-forged", vec![3, TAMPER, 9, 2, 200, 1, 80, 0, 1, 1, TAMPER, 4, 0, SETTLE]),
        ("checkpoint-renamed", vec![2, TAMPER, 2, 5, 0, SETTLE]),
        ("raw-object", vec![1, TAMPER, 0, 0, 8, 0, b'A', b'F', b'L', 1, 0, 0, 0, 0, TAMPER, 3, 0, SETTLE]),
    ];
    let busy = [APPEND, 250, APPEND, 250, FLUSH, ANSWER, 0, CHECKPOINT, ANSWER, 1];
    seeds.push(("busy", [&[2, SETTLE][..], &busy.repeat(12)].concat()));
    seeds.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

fn scenario() -> Vec<(String, Vec<u8>)> {
    let echo = "purpose = \"x\"\nmachine = \"echo\"\nnodes = [\"a\", \"b\", \"c\"]\n";
    let raft = "purpose = \"x\"\nmachine = \"raft\"\nnodes = 4\n";
    let files = [
        ("least", echo.to_owned()),
        ("swarm", format!("{echo}duration = \"2m\"\nswarm = \"default\"\nseeds = 64\n")),
        ("swarm-all", format!("{raft}config = {{ servers = 3, heartbeat = \"20ms\" }}\nswarm = \"everything\"\n")),
        ("asks", format!("{echo}ask = [{{ rate = \"10/s\", ping = \"any\" }}, {{ at = \"1s\", node = \"a\", ping = \"b\" }}]\n")),
        (
            "faults-of-links",
            format!(
                "{echo}[[fault]]\nat = \"5s..10s\"\ncut = [\"a\", [\"b\", \"c\"]]\nheal = \"+9s\"\n\
                 [[fault]]\nlose = \"1%..5%\"\nkind = \"Ping\"\n[[fault]]\ncopy = \"10ppm\"\nlink = [\"a\", \"any\"]\nway = \"one\"\n\
                 [[fault]]\nreorder = \"0.5%\"\nlate = \"1s\"\n[[fault]]\ndrop = \"Pong\"\nnth = 40\nfrom = \"b\"\nto = \"a\"\n"
            ),
        ),
        (
            "faults-of-nodes",
            format!(
                "{echo}fault = [{{ at = \"40s\", crash = \"any\", heal = \"+1s..+20s\" }}, {{ pause = [\"a\", \"b\"] }},\n\
                 {{ offset = \"-5s..5s\", node = \"a\" }}, {{ drift = \"-100ppm\", node = \"b\" }}, {{ disk = \"torn\", node = \"c\", chance = \"2%\" }},\n\
                 {{ disk = \"slow\", node = \"c\", latency = {{ bimodal = \"5ms\", slow = \"2s\", odds = \"5%\" }} }}]\n"
            ),
        ),
        (
            "raft-asks",
            format!("{raft}config.servers = 3\nask = [{{ rate = \"30/m\", mix = 4, reads = 50 }}]\ncheck = [\"election\"]\n"),
        ),
        ("model", format!("{raft}[model]\ncrashes = 1\nlosses = 2\ntick = \"1ms\"\ninstant_disks = true\n")),
        (
            "failure",
            format!(
                "{echo}expect = \"violation of answers\"\n[failure]\nseed = \"18446744073709551615\"\nproperty = \"answers\"\nevent = 3\nat = \"1s\"\ndigest = \"00000000000000ff\"\n"
            ),
        ),
        ("misspelt", "purpos = \"x\"\nmachine = \"ecko\"\nnodes = 0\nduration = \"1 fortnight\"\n".to_owned()),
        ("backwards", format!("{echo}fault = [{{ at = \"5s..1s\", lose = \"101%\" }}]\nask = [{{ rate = \"0/s\" }}]\n")),
        ("no-toml", "purpose = \"\u{1b}[31m\n= [[[[\n\u{1f41c} = 'x".to_owned()),
        ("deep", format!("x = {}", "[".repeat(100))),
        (
            "huge-numbers",
            format!("{echo}seeds = 99999999999999999999999999999999999999999999\nduration = \"99999999999999999d\"\n"),
        ),
        ("line-ends", echo.replace('\n', "\r\n") + "\u{feff}zzz = 1\r\n"),
    ];
    files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}

/// Which world, asks, budget, picks: see [`crate::world`].
fn world() -> Vec<(String, Vec<u8>)> {
    let far = [255_u8].repeat(8);
    let raft = |asks: &[u8], budget: [u8; 2], picks: &[u8]| {
        let count = u8::try_from(asks.len()).unwrap_or(u8::MAX);
        [&[0, count], asks, &budget, picks].concat()
    };
    let keepers = |stage: u8, asks: &[u8], budget: [u8; 2], picks: &[u8]| [&[1, stage], asks, &budget, picks].concat();
    let mixed: Vec<u8> = (0..400_u32).map(|at| u8::try_from(at * 97 % 251).unwrap_or(0)).collect();
    let eight: Vec<u8> = (0..8).map(|nth| nth * 16 + 1).collect();
    let rings = [3_u8, 255, 250].repeat(60);
    vec![
        ("raft-elects".to_owned(), raft(&[], [0, 0], &[&[0][..], &far].concat())),
        ("raft-works".to_owned(), raft(&[9, 10, 8, 11], [0, 0], &[&[4][..], &far, &far].concat())),
        ("raft-alarms".to_owned(), raft(&[9, 10, 18, 17, 9, 10], [0, 0], &rings)),
        ("raft-mixed".to_owned(), raft(&[9, 10, 18, 17, 9, 10], [0, 0], &mixed)),
        ("raft-trouble".to_owned(), raft(&[9, 10, 18, 17, 9, 10], [0xff, 0xff], &mixed)),
        ("raft-crashes".to_owned(), raft(&[9, 10, 18], [7, 0], &[&[4][..], &far, &mixed, &far].concat())),
        ("keepers-open".to_owned(), keepers(1, &[], [0, 0], &far)),
        ("keepers-put".to_owned(), keepers(16, &eight, [0, 0], &[far.clone(), far.clone()].concat())),
        ("keepers-whole".to_owned(), keepers(17, &eight, [0, 0], &mixed)),
        ("keepers-crash".to_owned(), keepers(17, &eight, [7, 0], &mixed)),
        ("keepers-fail".to_owned(), keepers(16, &eight, [0, 0xff], &mixed)),
        ("keepers-trouble".to_owned(), keepers(16, &eight, [0xff, 0xff], &[&mixed[..], &far, &mixed].concat())),
    ]
}
