//! An append-only log that proves what it holds.

#![no_std]
extern crate alloc;

mod checkpoint;
mod frame;
mod hash;
mod header;
mod keeper;
mod kept;
mod ledger;
mod merkle;
mod projection;
mod proof;
mod record;
mod recovery;
mod redact;
mod refusal;
mod scratch;
mod segment;
mod signed;
mod verifier;
mod writer;

pub use checkpoint::{BadCheckpoint, MAX_STATE};
pub use header::{HEADER, Header, Link, OPENED};
pub use keeper::{Ask, Keeper, KeeperConfig, MAX_PUT, Message, Notice, PutRefusal, Timer};
pub use kept::{Kept, WINDOW};
pub use ledger::{Config, Ledger, MAX_SEGMENT, Opened, Progress};
pub use merkle::Frontier;
pub use projection::Projection;
pub use proof::{Consistency, Inclusion, Prover};
pub use record::{Draft, MAX_PAYLOAD, Payload, Record};
pub use recovery::{CHUNK, Depth, Discarded};
pub use redact::redact;
pub use refusal::{AppendRefusal, CheckpointRefusal, Reason, Refused, Stop};
pub use segment::{FORMAT, checkpoint_object, checkpoint_records, segment_number, segment_object};
pub use signed::SignedHead;
pub use verifier::{LogHead, MAX_FRAME, Tear, Verifier};
pub use writer::{Appended, KEPT_CHECKPOINTS};
