//! Durable governed commits over the control socket: `load CLIENTS SECONDS [FOLDER [record]]`; with `record` the daemon records.
//!
//! One node, and a keyed tool in this process that answers at once, so that what is measured is socket, node, ledger and disk. Each client
//! has one ask under way; a single client takes turns with two bare syncs of a file that is there already, one after the other, which is what a
//! commit cannot do without. A commit is two records that depend on each other: that the call was started is durable before the tool
//! hears of it, and its outcome before the client does.

use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Class, Contract, Delegation, Grant, Name, Nonce, Offer, Resolution, Scope, Scopes, Text,
    Window,
};
use antfarm_daemon::control::{Command, Said};
use antfarm_daemon::{Client, Config, Daemon, TOOLS, Workshop, key_file};
use antfarm_host::SystemTime as Clocks;
use antfarm_machine::{Span, Wall};
use antfarm_node::{Answer, Ask, Body, Form, Need, Notice, Outcome, Tool, Toolbox, Wish};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

fn now() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    Wall::from_nanos(u64::try_from(since.as_nanos()).expect("it is before 2500"))
}

fn workshop() -> Workshop {
    let cost = Amount { calls: Calls(1), ..Amount::ZERO };
    let resolution = Resolution::Keyed { retention: Span::from_secs(86_400) };
    let contract = Contract { tool: name("shelf.put"), class: Class::Write, resolution, cost };
    let tool = Tool { contract, peer: TOOLS, form: Form::Bytes, priced: false, entity: Some(name("shelf")), need: Need::Nothing };
    let carry = move |body, answer: Box<dyn FnOnce(Body) + Send>| {
        if let Body::Call(call) = body {
            answer(Body::Outcome { key: call.key, outcome: Outcome::Done { result: Bytes::default(), spent: cost } });
        }
    };
    Workshop::own(Toolbox::new([tool]), Box::new(carry))
}

fn ask(client: &mut Client, ask: Ask) -> Notice {
    let said = client.say(Command::Ask(ask)).expect("the daemon answers");
    let Said::Notice(notice) = said else { panic!("{said:?}") };
    notice
}

/// How long things took, in microseconds.
#[derive(Default)]
struct Times {
    commits: Vec<u128>,
    bare: Vec<u128>,
}

/// Puts things on shelves until then, in turns with bare syncs of a file, if there is one.
fn put(socket: &Path, writ: antfarm_authority::WritId, client: u64, until: Instant, file: Option<&File>) -> Times {
    let mut socket = Client::connect(socket, Duration::from_secs(30)).expect("it listens");
    let mut took = Times::default();
    for nth in 0_u64.. {
        let began = Instant::now();
        if began >= until {
            break;
        }
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&client.to_le_bytes());
        nonce[8..].copy_from_slice(&nth.to_le_bytes());
        let wish = Wish {
            writ,
            nonce: Nonce(nonce),
            until: now() + Span::from_secs(3_600),
            tool: name("shelf.put"),
            target: Text::new(&format!("shelf {}", nth % 100)).expect("short"),
            args: Bytes::new(b"value").expect("short"),
            rationale: Text::default(),
        };
        let told = ask(&mut socket, Ask::Wish(Box::new(wish)));
        let Notice::Answered { answer, .. } = told else { panic!("{told:?}") };
        match answer {
            Answer::Done { .. } => took.commits.push(began.elapsed().as_micros()),
            // The first one asks for the word that the writ stands.
            Answer::Refused(_) => thread::sleep(Duration::from_millis(100)),
            Answer::Failed | Answer::InDoubt | Answer::Busy => panic!("{answer:?}"),
        }
        took.bare.extend(file.map(|file| bare(file, nth)));
    }
    took
}

/// How many blocks of 4 KiB a bare file has.
const BLOCKS: u64 = 1_024;

/// A file in which all blocks were written already.
fn bare_file(folder: &Path) -> File {
    let file = File::create(folder.join("bare")).expect("a file");
    (0..BLOCKS).for_each(|block| file.write_all_at(&[1; 4096], block * 4096).expect("the disk has room"));
    file.sync_all().expect("the disk syncs");
    file
}

/// Writes a block over another and syncs it, twice; how long that took, in microseconds.
fn bare(file: &File, nth: u64) -> u128 {
    let began = Instant::now();
    for block in [nth * 2, nth * 2 + 1] {
        file.write_all_at(&block.to_le_bytes(), block % BLOCKS * 4096).expect("it has room");
        file.sync_data().expect("the disk syncs");
    }
    began.elapsed().as_micros()
}

fn syncs(client: &mut Client) -> u64 {
    let Said::Text(text) = client.say(Command::Metrics).expect("the daemon answers") else { panic!("metrics are text") };
    let line = text.lines().find_map(|line| line.strip_prefix("antfarm_files_syncs_total "));
    line.and_then(|number| number.parse().ok()).expect("syncs are counted")
}

fn main() {
    let mut args = std::env::args().skip(1);
    let clients: u64 = args.next().and_then(|it| it.parse().ok()).unwrap_or(64);
    let seconds: u64 = args.next().and_then(|it| it.parse().ok()).unwrap_or(5);
    let folder = args.next().map_or_else(std::env::temp_dir, Into::into).join(format!("antfarmd-load-{}", std::process::id()));
    let record = if args.next().as_deref() == Some("record") { "record = \"runs\"\n" } else { "" };
    std::fs::create_dir_all(&folder).expect("a folder");
    let key = key_file::generate(&folder.join("queen.key")).expect("a key");
    let text = format!(
        "name = \"queen\"\ncolony = \"hive\"\ntenant = \"acme\"\nkey = \"queen.key\"\nfolder = \"queen\"\ncontrol = \"queen.sock\"\n\
         listen = \"127.0.0.1:0\"\nroots = [\"{key}\"]\n{record}"
    );
    let config = Config::parse(&folder.join("queen.toml").display().to_string(), &text).expect("a configuration");
    let socket = config.control.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let daemon = runtime.block_on(Daemon::start_with(config.clone(), workshop(), Clocks)).expect("it starts");

    let mut client = Client::connect(&socket, Duration::from_secs(30)).expect("it listens");
    let grant = Grant {
        colony: config.colony_id(),
        tenant: config.tenant,
        tools: Scopes::new(Scope::new("*")).expect("one"),
        budget: Amount { calls: Calls(u64::MAX >> 1), ..Amount::ZERO },
        ceiling: Ceiling::ALL,
        window: Window::new(Wall::ZERO, now() + Span::from_secs(86_400)).expect("it ends later"),
        delegation: Delegation::NONE,
        freshness: Span::from_secs(3_600),
    };
    let offer = Offer { subject: key, nonce: Nonce([1; 16]), home: key, grant };
    // The log takes a moment until it is open.
    let writ = loop {
        let told = ask(&mut client, Ask::Grant { parent: None, offer: Box::new(offer.clone()), task: None });
        if let Notice::Granted { writ, .. } = told {
            break writ;
        }
        thread::sleep(Duration::from_millis(20));
    };
    put(&socket, writ, u64::MAX, Instant::now() + Duration::from_millis(300), None);
    let file = (clients == 1).then(|| Arc::new(bare_file(&folder)));

    let (before, began) = (syncs(&mut client), Instant::now());
    let until = began + Duration::from_secs(seconds);
    let threads: Vec<_> = (0..clients)
        .map(|number| {
            let (socket, file) = (socket.clone(), file.clone());
            thread::spawn(move || put(&socket, writ, number, until, file.as_deref()))
        })
        .collect();
    let took: Vec<Times> = threads.into_iter().map(|it| it.join().expect("no client fails")).collect();
    let sorted = |which: fn(&Times) -> &Vec<u128>| {
        let mut all: Vec<u128> = took.iter().flat_map(|it| which(it).iter().copied()).collect();
        all.sort_unstable();
        all
    };
    let (elapsed, synced) = (began.elapsed(), syncs(&mut client) - before);
    let (times, bare) = (sorted(|it| &it.commits), sorted(|it| &it.bare));
    let commits = times.len() as u128;
    let at = |permille: usize| times.get(times.len() * permille / 1_000).copied().unwrap_or(0);
    let report = format!(
        "{clients} clients, {} commits, {} a second, {} thousandths of a sync each, median {} us, 99 % {} us",
        commits,
        commits * 1_000 / elapsed.as_millis().max(1),
        u128::from(synced) * 1_000 / commits.max(1),
        at(500),
        at(990),
    );
    writeln!(std::io::stdout(), "{report}").expect("somebody reads it");
    if let Some(two) = bare.get(bare.len() / 2) {
        let more = at(500).saturating_sub(*two);
        writeln!(std::io::stdout(), "two bare syncs: median {two} us; a commit adds {more} us").expect("somebody reads it");
    }
    runtime.block_on(daemon.stop()).expect("it ends in order");
    for recording in std::fs::read_dir(folder.join("runs")).into_iter().flatten().flatten() {
        let bytes = recording.metadata().expect("it is ours").len();
        writeln!(std::io::stdout(), "recorded {bytes} bytes, {} a commit", u128::from(bytes) / commits.max(1))
            .expect("somebody reads it");
    }
    std::fs::remove_dir_all(&folder).expect("it is ours");
}
