//! What clients want, and what they are told: a register for each key, with the operations that make mistakes visible.
//!
//! `Add` shows a double application, `Cas` a stale read, `Put` a lost write. A key that was never written holds 0.

use antfarm_identity::Codec;

/// One operation on the replicated store. What a workload asks of a [`crate::Client`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Command {
    /// Reads a key; answered with [`Answer::Value`]. Never enters the log.
    Get {
        /// The key.
        key: u16,
    },
    /// Writes a key; answered with [`Answer::Done`].
    Put {
        /// The key.
        key: u16,
        /// Its new value.
        value: u64,
    },
    /// Adds to a key, wrapping at 2^64; answered with the new value, as [`Answer::Value`].
    Add {
        /// The key.
        key: u16,
        /// How much.
        by: u64,
    },
    /// Writes a key when it holds what is expected; answered with [`Answer::Swapped`].
    Cas {
        /// The key.
        key: u16,
        /// What it must hold.
        expect: u64,
        /// Its new value.
        value: u64,
    },
}

/// What came of a [`Command`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Answer {
    /// It was written.
    Done,
    /// What the key holds.
    Value(u64),
    /// Whether the key held what was expected, and was written.
    Swapped(bool),
    /// The session table is full of other clients, see [`crate::Config::sessions`]: nothing was changed.
    NoSession,
}
