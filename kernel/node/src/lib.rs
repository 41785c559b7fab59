//! What a colony's node is made of, above the parts that others may use alone.
//!
//! - [`WorldState`]: the world as the node has folded it from its commits. A [`Delta`] changes it, all or nothing; a clone costs
//!   nothing; it goes into checkpoints piece by piece.
//! - [`Secrets`]: what must not be stored or sent, known by digests only, and taken out of whatever is.
//!
//! Nothing here does IO, reads a clock or draws a random number.

#![no_std]
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]
extern crate alloc;

mod redact;
mod world;

pub use redact::{BadSecret, MAX_PASSES, MAX_SECRET, MAX_SECRETS, MIN_SECRET, REPLACED, Secrets};
pub use world::{
    BadChunk, BadDelta, BadId, Delta, DeltaRefusal, Entry, Expected, Key, MAX_CHUNK, MAX_DELTA, MAX_ENTRIES, MAX_ID, MAX_OPS,
    MAX_VALUE, Op, Unfit, Value, Within, WorldBuilder, WorldMark, WorldState,
};
