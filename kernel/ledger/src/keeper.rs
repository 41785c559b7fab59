//! A small machine that does nothing but keep a ledger: its first user, and the simplest thing to break.
//!
//! A client puts bytes under an id; the keeper records them, and says so to the client and to its witnesses when the record is
//! durable, never before. Ids are deduplicated within a window. After a refusal it serves nothing; after a stop it reopens.
//! Heads of other keepers are remembered, unsigned, for whoever watches: they are no evidence here.

use crate::kept::{Kept, Known, PUT, Put, WINDOW};
use crate::ledger::{Config, Ledger, Opened, Progress};
use crate::record::Draft;
use crate::refusal::{AppendRefusal, CheckpointRefusal, Refused, Stop};
use crate::verifier::LogHead;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest, to_bytes};
use antfarm_machine::{Effect, Effects, Input, Machine, Now, PeerId, Receipt, Span};

/// The most bytes that one put may carry.
pub const MAX_PUT: usize = 64 << 10;

/// How many puts may wait to become durable.
const MAX_WAITING: usize = 1024;

/// What a client may want.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Ask {
    /// Record these bytes, once.
    Put {
        /// Names the put; the client counts up and repeats the same id for the same bytes.
        id: u64,
        /// At most [`MAX_PUT`] of them.
        bytes: Vec<u8>,
    },
}

/// What keepers tell each other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Message {
    /// The sender's log is durable up to here.
    Head {
        /// How many records.
        records: u64,
        /// The digest of the last one.
        digest: Digest,
    },
}

/// The keeper's alarms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Timer {
    /// Open the log again after it stopped.
    Reopen,
    /// Write a checkpoint if there is anything new.
    Checkpoint,
}

/// What the keeper tells observers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Notice {
    /// The put is durable.
    Acknowledged {
        /// The put.
        id: u64,
        /// Its record.
        position: u64,
    },
    /// The put was not taken.
    Rejected {
        /// The put.
        id: u64,
        /// Why.
        reason: PutRefusal,
    },
    /// The log is open.
    Opened(Opened),
    /// A checkpoint is durable.
    Checkpointed {
        /// Records that it covers.
        records: u64,
    },
    /// The log is not served.
    Refused(Refused),
    /// Writing ended; puts that were not acknowledged may be gone.
    Stopped(Stop),
}

/// Why a put was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum PutRefusal {
    /// The log is not open. Try again later.
    NotOpen,
    /// The log was refused; it will not be open.
    Refused,
    /// Too much waits to become durable. Try again later.
    Busy,
    /// It carries more than [`MAX_PUT`] bytes.
    TooLong,
    /// It is older than all that are remembered: whether it was recorded is not known here.
    Old,
    /// The log takes no more records.
    Exhausted,
}

/// How a keeper is set up.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KeeperConfig {
    /// Its log.
    pub ledger: Config,
    /// Who hears of its durable heads, and whose heads it remembers.
    pub witnesses: Vec<PeerId>,
    /// How long it waits before it reopens a log that stopped.
    pub reopen_after: Span,
    /// How often it writes a checkpoint, if there is anything new.
    pub checkpoint_every: Span,
}

/// The machine.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Keeper {
    config: KeeperConfig,
    ledger: Ledger,
    kept: Kept,
    /// Puts that are recorded but not known to be durable: position and id, in order.
    waiting: VecDeque<(u64, u64)>,
    /// The latest heads that were heard of.
    heard: BTreeMap<PeerId, (u64, Digest)>,
}

impl Keeper {
    /// A keeper that was not started.
    pub fn new(config: KeeperConfig) -> Self {
        let ledger = Ledger::new(config.ledger.clone());
        let kept = Kept::new(config.ledger.log);
        Self { config, ledger, kept, waiting: VecDeque::new(), heard: BTreeMap::new() }
    }

    /// The log as far as it is durable; `None` unless it is open.
    pub fn durable(&self) -> Option<LogHead> {
        self.ledger.durable()
    }

    /// The ledger, to look at.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The folded state, which may be ahead of what is durable.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Ids and positions of the remembered puts that are durable; none unless the log is open.
    pub fn acknowledged(&self) -> impl Iterator<Item = (u64, u64)> {
        let durable = self.durable().map_or(0, |head| head.records);
        self.kept.window.iter().map(|(id, position)| (*id, *position)).filter(move |(_, position)| *position < durable)
    }

    /// The latest head that `peer` announced: records, and the digest of the last one.
    pub fn heard(&self, peer: PeerId) -> Option<(u64, Digest)> {
        self.heard.get(&peer).copied()
    }

    fn open(&mut self, out: &mut Effects<'_, Self>) {
        self.waiting.clear();
        self.ledger.open(&mut |request| out.emit(Effect::Store(request)));
    }

    fn put(&mut self, id: u64, bytes: Vec<u8>, out: &mut Effects<'_, Self>) {
        match self.take(id, bytes) {
            Ok(Some(position)) => out.tell(Notice::Acknowledged { id, position }),
            Ok(None) => self.ledger.flush(&mut |request| out.emit(Effect::Store(request))),
            Err(reason) => out.tell(Notice::Rejected { id, reason }),
        }
    }

    /// Records a put; the position of one that is durable already.
    fn take(&mut self, id: u64, bytes: Vec<u8>) -> Result<Option<u64>, PutRefusal> {
        let Some(durable) = self.ledger.durable() else {
            return Err(if self.ledger.refused().is_some() { PutRefusal::Refused } else { PutRefusal::NotOpen });
        };
        match self.kept.known(id) {
            Known::At(position) => return Ok((position < durable.records).then_some(position)),
            Known::Forgotten => return Err(PutRefusal::Old),
            Known::New if bytes.len() > MAX_PUT => return Err(PutRefusal::TooLong),
            Known::New if self.waiting.len() == MAX_WAITING => return Err(PutRefusal::Busy),
            Known::New => {}
        }
        let payload = to_bytes(&Put { id, bytes });
        let draft = Draft { link: self.kept.next, kind: PUT, version: 1, payload: &payload };
        match self.ledger.append(draft, &mut self.kept) {
            Ok(appended) => {
                self.waiting.push_back((appended.position, id));
                Ok(None)
            }
            Err(AppendRefusal::Busy) => Err(PutRefusal::Busy),
            Err(AppendRefusal::Exhausted) => Err(PutRefusal::Exhausted),
            Err(AppendRefusal::NotOpen) => Err(PutRefusal::NotOpen),
            Err(AppendRefusal::TooLong { .. }) => Err(PutRefusal::TooLong),
            Err(AppendRefusal::Reserved) => unreachable!("a put has a kind and a trajectory of its own"),
        }
    }

    fn stored(&mut self, receipt: Receipt, out: &mut Effects<'_, Self>) {
        let progress = self.ledger.receive(receipt, &mut self.kept, &mut |request| out.emit(Effect::Store(request)));
        match progress {
            // It writes no pieces.
            Progress::None | Progress::Piece | Progress::Abandoned { .. } => {}
            Progress::Opened(opened) => {
                out.tell(Notice::Opened(opened));
                out.arm(Timer::Checkpoint, self.config.checkpoint_every);
                self.announce(out);
            }
            Progress::Durable(head) => {
                // INVARIANT(durable-before-visible): the receipt for everything below `head` arrived in this very step.
                while let Some(&(position, id)) = self.waiting.front()
                    && position < head.records
                {
                    self.waiting.pop_front();
                    out.tell(Notice::Acknowledged { id, position });
                }
                self.announce(out);
            }
            Progress::Checkpointed { records } => out.tell(Notice::Checkpointed { records }),
            Progress::Refused(refused) => {
                out.disarm(Timer::Checkpoint);
                out.tell(Notice::Refused(refused));
            }
            Progress::Stopped(stop) => {
                self.waiting.clear();
                out.disarm(Timer::Checkpoint);
                out.tell(Notice::Stopped(stop));
                out.arm(Timer::Reopen, self.config.reopen_after);
            }
        }
    }

    fn announce(&self, out: &mut Effects<'_, Self>) {
        let Some(head) = self.ledger.durable() else { return };
        for witness in &self.config.witnesses {
            out.send(*witness, Message::Head { records: head.records, digest: head.digest });
        }
    }

    fn checkpoint(&mut self, out: &mut Effects<'_, Self>) {
        match self.ledger.checkpoint(&to_bytes(&self.kept)) {
            Ok(_) => self.ledger.flush(&mut |request| out.emit(Effect::Store(request))),
            Err(CheckpointRefusal::Underway | CheckpointRefusal::Unchanged | CheckpointRefusal::NotOpen) => {}
            Err(CheckpointRefusal::TooLong { .. } | CheckpointRefusal::NotBegun) => {
                unreachable!("a window of {WINDOW} ids is far smaller, and in one piece")
            }
        }
        out.arm(Timer::Checkpoint, self.config.checkpoint_every);
    }
}

impl Machine for Keeper {
    type Ask = Ask;
    type Message = Message;
    type Timer = Timer;
    type Notice = Notice;

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Woke { .. } | Input::Rang(Timer::Reopen) => self.open(out),
            Input::Rang(Timer::Checkpoint) => self.checkpoint(out),
            Input::Asked(Ask::Put { id, bytes }) => self.put(id, bytes, out),
            Input::Stored(receipt) => self.stored(receipt, out),
            Input::Heard { from, message: Message::Head { records, digest } } => {
                if self.config.witnesses.contains(&from) {
                    let latest = self.heard.entry(from).or_insert((records, digest));
                    if records >= latest.0 {
                        *latest = (records, digest);
                    }
                }
            }
        }
    }
}
