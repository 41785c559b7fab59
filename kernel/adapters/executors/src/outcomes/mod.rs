//! What was begun and how it went, by key, kept on disk.
//!
//! INVARIANT(begun-before-begin): that a call is begun is durable before it begins, and how it went before anybody is told. So
//! whatever crashes, a key that is not here was not begun, and one that is here is not begun again unless it may be.

mod log;

pub use log::Unkept;

use antfarm_authority::EffectKey;
use antfarm_identity::{Codec, to_bytes};
use antfarm_machine::Wall;
use antfarm_node::Outcome;
use log::Log;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// How many entries wait for the disk at most.
const QUEUE: usize = 4_096;

/// How many entries go to the disk at once: with the longest results they can still be read again.
const BATCH: usize = 128;

/// A file smaller than this is not rewritten, in bytes.
const SMALL: u64 = 1 << 20;

/// What an entry takes besides its outcome, in bytes: a guess from above.
const ENTRY: usize = 256;

/// One thing that is kept.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub(crate) enum Entry {
    /// The clock had read this: what is forgotten stays late.
    Latest(Wall),
    /// A call was begun.
    Begun {
        key: EffectKey,
        /// It is forgotten after this.
        until: Wall,
        /// The latest that the clock had read.
        at: Wall,
    },
    /// How it went.
    Settled { key: EffectKey, until: Wall, at: Wall, outcome: Outcome },
}

/// What is known of a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Known {
    pub(crate) until: Wall,
    /// None: it was begun, and how it went is not known.
    pub(crate) outcome: Option<Outcome>,
}

/// The store stopped: the disk failed, and nothing is known of what it holds until it is opened again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stopped;

/// What is kept.
#[derive(Debug, Default)]
struct Memory {
    latest: Wall,
    known: BTreeMap<EffectKey, Known>,
    over: BTreeSet<(Wall, EffectKey)>,
    bytes: usize,
}

impl Memory {
    fn put(&mut self, key: EffectKey, known: Known) {
        self.forget(key);
        self.bytes += size(&known);
        self.over.insert((known.until, key));
        self.known.insert(key, known);
        assert_eq!(self.over.len(), self.known.len(), "each key is forgotten once");
    }

    fn forget(&mut self, key: EffectKey) {
        if let Some(before) = self.known.remove(&key) {
            self.bytes -= size(&before);
            self.over.remove(&(before.until, key));
        }
    }

    fn fold(&mut self, entry: Entry) {
        match entry {
            Entry::Latest(at) => self.latest = self.latest.max(at),
            Entry::Begun { key, until, at } => {
                self.latest = self.latest.max(at);
                if self.known.get(&key).is_none_or(|known| known.outcome.is_none()) {
                    self.put(key, Known { until, outcome: None });
                }
            }
            Entry::Settled { key, until, at, outcome } => {
                self.latest = self.latest.max(at);
                self.put(key, Known { until, outcome: Some(outcome) });
            }
        }
    }

    fn entries(&self) -> Vec<Entry> {
        let at = self.latest;
        let entry = |(key, known): (&EffectKey, &Known)| match known.outcome.clone() {
            None => Entry::Begun { key: *key, until: known.until, at },
            Some(outcome) => Entry::Settled { key: *key, until: known.until, at, outcome },
        };
        [Entry::Latest(at)].into_iter().chain(self.known.iter().map(entry)).collect()
    }
}

fn size(known: &Known) -> usize {
    ENTRY + known.outcome.as_ref().map_or(0, |outcome| to_bytes(outcome).len())
}

/// Outcomes by key, in memory and on disk.
pub(crate) struct Outcomes {
    memory: Arc<Mutex<Memory>>,
    writer: mpsc::Sender<(Entry, oneshot::Sender<()>)>,
    most: usize,
}

impl Outcomes {
    /// Opens what is kept in a folder; at most `most` bytes of it.
    pub(crate) fn open(folder: &Path, most: usize) -> Result<Self, Unkept> {
        let mut memory = Memory::default();
        let log = Log::open(folder, |entry| memory.fold(entry))?;
        let memory = Arc::new(Mutex::new(memory));
        let (writer, waiting) = mpsc::channel(QUEUE);
        let shared = memory.clone();
        let spawned = std::thread::Builder::new().name("outcomes".to_owned()).spawn(move || write(log, waiting, &shared));
        spawned.map_err(|error| Unkept::Disk(folder.to_owned(), error))?;
        Ok(Self { memory, writer, most })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in a reading of the clock, and gives the latest there ever was.
    pub(crate) fn latest(&self, read: Wall) -> Wall {
        let mut memory = self.memory();
        memory.latest = memory.latest.max(read);
        let latest = memory.latest;
        while let Some((_, key)) = memory.over.first().filter(|(until, _)| *until < latest).copied() {
            memory.forget(key);
        }
        latest
    }

    /// What is known of a key.
    pub(crate) fn known(&self, key: EffectKey) -> Option<Known> {
        self.memory().known.get(&key).cloned()
    }

    /// Whether nothing more can be begun until something is forgotten.
    pub(crate) fn is_full(&self) -> bool {
        self.memory().bytes >= self.most
    }

    /// Notes that a call is begun; when this returns, that is durable.
    pub(crate) async fn begin(&self, key: EffectKey, until: Wall) -> Result<(), Stopped> {
        let at = {
            let memory = self.memory();
            let outcome = memory.known.get(&key).and_then(|known| known.outcome.as_ref());
            assert!(outcome.is_none(), "what is settled is not begun again");
            memory.latest
        };
        self.keep(Entry::Begun { key, until, at }).await
    }

    /// Notes how a call went; when this returns, that is durable.
    pub(crate) async fn settle(&self, key: EffectKey, until: Wall, outcome: Outcome) -> Result<(), Stopped> {
        let at = self.memory().latest;
        self.keep(Entry::Settled { key, until, at, outcome }).await
    }

    async fn keep(&self, entry: Entry) -> Result<(), Stopped> {
        let (durable, receipt) = oneshot::channel();
        self.writer.send((entry, durable)).await.map_err(|_| Stopped)?;
        receipt.await.map_err(|_| Stopped)
    }
}

/// The writer's thread. When the disk fails it ends, and with it every receipt that is waited for.
fn write(mut log: Log, mut waiting: mpsc::Receiver<(Entry, oneshot::Sender<()>)>, memory: &Mutex<Memory>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = waiting.try_recv()
        {
            batch.push(next);
        }
        let (entries, receipts): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        if log.append(&entries).is_err() {
            return;
        }
        let kept = {
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            entries.into_iter().for_each(|entry| memory.fold(entry));
            let is_worth_it = log.length() > SMALL && log.length() / 2 > memory.bytes as u64;
            is_worth_it.then(|| memory.entries())
        };
        for receipt in receipts {
            // Who asked may be gone; it is durable all the same.
            receipt.send(()).unwrap_or_default();
        }
        // All that was ever acknowledged and is not over is in memory.
        if kept.is_some_and(|kept| log.replace(&kept).is_err()) {
            return;
        }
    }
}
