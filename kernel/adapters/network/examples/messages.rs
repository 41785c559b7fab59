//! What connections cost: small messages one way, and turns back and forth, between two nodes of one process over loopback.
//!
//! `cargo run --release -p antfarm-network --example messages [MESSAGES]`

use antfarm_identity::Signer;
use antfarm_machine::{Network, PeerId};
use antfarm_network::{Config, Limits, Links, Outbox, Peer, Sockets};
use std::collections::BTreeMap;
use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};

type Message = Vec<u8>;

const SIZE: usize = 100;
/// Messages that are under way at a time: fewer than wait at most, so that none is dropped.
const AHEAD: u64 = 8_192;
const TURNS: usize = 20_000;
const RUNS: usize = 5;

/// The CPU time of this process in all its threads (`/proc/self/stat`, fields 14 and 15, ticks of 10 ms); elsewhere none.
fn process_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace().skip(11).take(2);
    Duration::from_millis(10 * fields.filter_map(|it| it.parse::<u64>().ok()).sum::<u64>())
}

async fn start<F, D>(me: u32, other: u32, at: &str, deliver: F) -> (Links, Outbox<Message>)
where
    F: Fn(PeerId, Message) -> D + Send + Sync + 'static,
    D: Future<Output = ()> + Send + 'static,
{
    let peer = Peer { key: Signer::insecure(other.into()).public(), address: at.to_owned() };
    let config = Config {
        me: PeerId::new(me),
        signer: Signer::insecure(me.into()),
        listen: "127.0.0.1:0".to_owned(),
        peers: BTreeMap::from([(PeerId::new(other), peer)]),
        limits: Limits::default(),
    };
    Links::start(Sockets, config, deliver).await.expect("a free port on loopback")
}

/// Messages one way, each taken at once; messages per CPU-second of both sides together.
async fn one_way(messages: u64) -> u64 {
    let (taken, progress) = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
    let (counted, tell) = (taken.clone(), progress.clone());
    let (two, _) = start(2, 1, "127.0.0.1:1", move |_, _| {
        if counted.fetch_add(1, Ordering::Relaxed).is_multiple_of(256) {
            tell.notify_one();
        }
        async {}
    })
    .await;
    let (one, mut outbox) = start(1, 2, &two.address().to_string(), |_, _| async {}).await;
    outbox.send(PeerId::new(2), vec![0; SIZE]);
    progress.notified().await;
    let before = process_time();
    for sent in 1..=messages {
        outbox.send(PeerId::new(2), vec![0; SIZE]);
        while sent - taken.load(Ordering::Relaxed).min(sent) >= AHEAD {
            progress.notified().await;
        }
    }
    while taken.load(Ordering::Relaxed) + 256 <= messages {
        progress.notified().await;
    }
    let spent = process_time() - before;
    let counts = one.peer(PeerId::new(2)).expect("a peer");
    assert_eq!(counts.dropped_overflow, 0, "all of it was sent");
    u64::try_from(u128::from(messages) * 1_000_000_000 / spent.as_nanos().max(1)).unwrap_or(u64::MAX)
}

/// A message there and one back, again and again: the median of how long both take, and turns per CPU-second.
async fn turns() -> (Duration, u64) {
    let (answering, mut answers) = mpsc::unbounded_channel();
    let (two, outbox) = {
        let (asked, mut asks) = mpsc::unbounded_channel::<Message>();
        let (two, outbox) = start(2, 1, "127.0.0.1:1", move |_, message| {
            asked.send(message).unwrap_or_default();
            async {}
        })
        .await;
        let mut back = outbox.clone();
        tokio::spawn(async move {
            while let Some(message) = asks.recv().await {
                back.send(PeerId::new(1), message);
            }
        });
        (two, outbox)
    };
    let (one, mut there) = start(1, 2, &two.address().to_string(), move |_, message| {
        answering.send(message).unwrap_or_default();
        async {}
    })
    .await;
    two.readdress(PeerId::new(1), one.address().to_string());
    let mut times = Vec::with_capacity(TURNS);
    let mut before = Duration::ZERO;
    for turn in 0..TURNS + 100 {
        if turn == 100 {
            // Connected, and warm.
            (before, times) = (process_time(), Vec::with_capacity(TURNS));
        }
        let begun = Instant::now();
        there.send(PeerId::new(2), vec![0; SIZE]);
        answers.recv().await.expect("an answer");
        times.push(begun.elapsed());
    }
    let spent = process_time() - before;
    times.sort_unstable();
    drop(outbox);
    (times[TURNS / 2], u64::try_from(TURNS as u128 * 1_000_000_000 / spent.as_nanos().max(1)).unwrap_or(u64::MAX))
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let messages = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(2_000_000);
    let mut out = std::io::stdout();
    let mut rates = Vec::new();
    let mut back_and_forth = Vec::new();
    for _ in 0..RUNS {
        rates.push(one_way(messages).await);
        back_and_forth.push(turns().await);
    }
    rates.sort_unstable();
    back_and_forth.sort_unstable();
    let (median, turns) = back_and_forth[RUNS / 2];
    let (low, rate, high) = (rates[0], rates[RUNS / 2], rates[RUNS - 1]);
    writeln!(out, "messages of {SIZE} bytes, one way: {rate} per CPU-second of both sides ({low} to {high})").unwrap_or_default();
    let (fast, slow) = (back_and_forth[0].0, back_and_forth[RUNS - 1].0);
    writeln!(out, "there and back: median {median:?} ({fast:?} to {slow:?}), {turns} per CPU-second").unwrap_or_default();
}
