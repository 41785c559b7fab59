//! The replicated state machine: a register for each key, and the session table that makes retries harmless.
//!
//! INVARIANT(exactly-once): an operation takes effect once for each (client, sequence), however often it enters the log (thesis
//! section 6.3). Clients have one operation outstanding, so the last sequence and its answer are enough; an older sequence is
//! a late copy, and is dropped. The table never evicts, because an evicted client's retry would be executed again: when it
//! is full, further clients are refused, by the same decision on every server.
//!
//! All of it is what a snapshot holds. `digest` folds every entry ever applied, so two servers that applied the same
//! positions have the same digest, and an entry that is applied twice or skipped shows even where the store hides it.

use crate::{Answer, Command, Entry, Payload};
use alloc::collections::BTreeMap;
use antfarm_identity::{Codec, Fold};
use antfarm_machine::PeerId;

/// What all servers agree on. Opaque but for its digest and single keys: only the log changes it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub struct State {
    digest: u64,
    store: BTreeMap<u16, u64>,
    sessions: BTreeMap<PeerId, Session>,
}

/// The last operation of a client.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
struct Session {
    sequence: u64,
    answer: Answer,
}

/// What the session table knows about an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Known {
    /// Nothing: it was not applied.
    New,
    /// It was applied, with this answer.
    Applied(Answer),
    /// A later operation of the same client was applied.
    Superseded,
}

impl State {
    /// The fold of all entries applied so far, in their order.
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    /// What `key` holds.
    pub fn value(&self, key: u16) -> u64 {
        self.store.get(&key).copied().unwrap_or(0)
    }

    /// Applies the entry at `index`, the next one. The answer is for the client that asked; `None` when nobody waits for one.
    pub(crate) fn apply(&mut self, index: u64, entry: &Entry, sessions: usize) -> Option<Answer> {
        self.absorb(index, entry);
        match entry.payload {
            Payload::Noop => None,
            Payload::Write { client, sequence, command } => match self.recall(client, sequence) {
                Known::Superseded => None,
                Known::Applied(answer) => Some(answer),
                Known::New if self.sessions.len() >= sessions && !self.sessions.contains_key(&client) => Some(Answer::NoSession),
                Known::New => {
                    let answer = self.execute(command);
                    self.sessions.insert(client, Session { sequence, answer });
                    Some(answer)
                }
            },
        }
    }

    /// What is known about the operation that `client` numbered `sequence`.
    pub(crate) fn recall(&self, client: PeerId, sequence: u64) -> Known {
        match self.sessions.get(&client) {
            Some(last) if last.sequence == sequence => Known::Applied(last.answer),
            Some(last) if last.sequence > sequence => Known::Superseded,
            Some(_) | None => Known::New,
        }
    }

    fn execute(&mut self, command: Command) -> Answer {
        match command {
            Command::Get { key } => Answer::Value(self.value(key)),
            Command::Put { key, value } => {
                self.store.insert(key, value);
                Answer::Done
            }
            Command::Add { key, by } => {
                let value = self.value(key).wrapping_add(by);
                self.store.insert(key, value);
                Answer::Value(value)
            }
            Command::Cas { key, expect, value } => {
                let holds = self.value(key) == expect;
                if holds {
                    self.store.insert(key, value);
                }
                Answer::Swapped(holds)
            }
        }
    }

    fn absorb(&mut self, index: u64, entry: &Entry) {
        let mut fold = Fold::new();
        fold.absorb_u64(self.digest);
        fold.absorb_u64(index);
        entry.fold(&mut fold);
        self.digest = fold.value();
    }
}
