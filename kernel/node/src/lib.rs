//! The colony's node: authority, ledger and effects composed into one machine, and the parts that others may use alone.
//!
//! - [`Node`] is the machine: clients [`Ask`] it, nodes and tools send it [`Message`]s, and everything that happened or was refused
//!   is a [`Fact`] on its ledger. It is set up by a [`Config`]; what it folded from its facts is its [`State`].
//! - [`judge`] says of a fact whether an honest node could have recorded it there: for who reads a log without trusting its writer.
//! - [`WorldState`]: the world as the node has folded it from its commits. A [`Delta`] changes it, all or nothing; a clone costs
//!   nothing; it goes into checkpoints piece by piece.
//! - [`Secrets`]: what must not be stored or sent, known by digests only, and taken out of whatever is.
//!
//! # A call, from wish to commit
//!
//! 1. A client asks for a [`Wish`]. The node makes it an intent, and compiles that. A refusal is recorded, and told when it is
//!    durable.
//! 2. Else [`Fact::Started`] is recorded: the cost is set aside. When that is durable, and the writ stands in that very step, the
//!    tool hears of the call; else it is withheld, for good.
//! 3. The tool's [`Outcome`] is recorded, [`Fact::Done`] or [`Fact::Failed`], and told when that is durable.
//! 4. Where no outcome comes, or the process restarted, the call is in doubt: a *keyed* tool is sent the same call again, a
//!    *closable* one is asked to close its key, and for a *blind* one a person decides. It is never started anew.
//!
//! # A task, from commission to report
//!
//! 1. A [`Task`] is taken on under a writ, [`Fact::Begun`]: because a client asks, or because the writ came with it. It is signed as a
//!    [`Commission`].
//! 2. The mind, a tool whose arguments are a [`Context`], is called as every tool is. What it answers is a [`Thought`]: it is on the
//!    ledger, and what it cost, before anything follows from it.
//! 3. Each [`Move`] of the thought is wished for, or handed on as a part of the writ with a task of its own. When all are settled,
//!    the mind is told what became of them, and thinks on.
//! 4. It ends with an answer, or because its thoughts, its time or its budget are used up: [`Fact::Ended`]. Where the writ was given
//!    for the task, it is closed, what is left goes back, and the giver hears the [`Report`]: [`Fact::Reported`].
//!
//! Marks: `run.waits`, `run.late`, `report.with_secret`, `run.part_declined`, `report.forged`, `report.unasked`, `commission.forged`,
//! `commission.with_secret`.
//!
//! # An action of an entity
//!
//! A node that is given a [`Suite`](antfarm_automata::entities::Suite) of specs has entities of these types. `Type.Action` is a tool whose
//! target is an entity; what it does is [`Fact::Acted`], one record with all that happened in the step, reactions included. Alarms of
//! timeouts and schedules, and what triggers of other nodes' entities set going here, are [`Fact::Moved`].
//!
//! Marks: `entity.acted`, `entity.refused`, `entity.rang`, `entity.sent`, `entity.delivered`, `entity.delivered_again`,
//! `entity.delivered_twice`; and rarely `entity.alarm_set_again`, `entity.reaction_dropped`, `entity.delivered_ahead`.
//!
//! # What it forgets
//!
//! Everything that must be deduplicated says until when it may be begun, is remembered for longer, and is refused after: a
//! [`Wish`] at most a day ahead, a writ by its window. Now and then a pulse records [`Fact::Forgot`], which drops calls, wishes,
//! accounts, revocations and writs that are over. What is under way or in doubt stays. A restart forgets at the same places.
//!
//! # What it saves
//!
//! Every [`Config::save_every`] records the state goes to the disk beside the log, in pieces, and [`Fact::Saved`] vouches for it. A restart
//! takes up the latest such checkpoint and folds what follows. [`SavedStates`] is for who holds that against the records.
//!
//! Marks: `node.saved`, `node.restored`, `node.checkpoint_passed_over`, `node.saved_state_judged`; and rarely `node.not_saved_yet`,
//! `node.too_large_to_save`.
//!
//! # What can be recorded of it
//!
//! [`Setup`] is all that a node is configured with but its key and its secrets, and [`Node::without_secrets`] takes secrets out of an
//! input: a run that was fed such inputs is run again, to the same effects, by who has neither.
//!
//! # What it does not do
//!
//! Nothing here does IO, reads a clock or draws a random number. There are no approvals, and no policy but that of the writs.

#![no_std]
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]
extern crate alloc;

mod ask;
mod config;
mod denial;
mod effect;
mod entity;
mod fact;
mod folding;
mod forgetting;
mod granting;
mod heads;
mod judge;
mod message;
mod node;
mod past;
mod redact;
mod restoring;
mod run;
mod running;
mod saver;
mod saving;
mod seen;
mod setup;
mod sorted;
mod standing;
mod state;
mod task;
mod wishes;
mod world;

pub use ask::{Answer, Ask, Declined, Notice, Wish};
pub use config::{Config, Form, Need, Tool, Toolbox, log_of};
pub use effect::{Effect, Phase};
pub use entity::{AlarmId, EntityArgs, EntityWrite, SignedDelivery, creates, home_name};
pub use fact::{Asked, Fact, Reason, Unreadable, VERSION};
pub use judge::{Drift, Judged, Part, judge, judge_under};
pub use message::{Body, Call, Claim, Fork, MAX_RESULT, Message, Outcome};
pub use node::{Node, Timer};
pub use redact::{BadSecret, MAX_PASSES, MAX_SECRET, MAX_SECRETS, MIN_SECRET, REPLACED, Secrets};
pub use run::{MAX_RUNS, Run, RunId, Runs, is_reserved};
pub use saving::SavedStates;
pub use setup::{Setup, SpecText};
pub use state::{MAX_EFFECTS, MAX_OPEN, MAX_WRITS, State};
pub use task::{
    Commission, Context, Ending, MAX_ANSWER, MAX_MOVES, MAX_NOTE, MAX_PAST, MAX_STEPS, MAX_TASK, Move, Past, Reply, Report, Task,
    Thought,
};
pub use wishes::MAX_REFUSALS;
pub use world::{
    BadChunk, BadDelta, BadId, Delta, DeltaRefusal, Entry, Expected, Key, MAX_CHUNK, MAX_DELTA, MAX_ENTRIES, MAX_ID, MAX_OPS,
    MAX_VALUE, Op, Unfit, Value, Within, WorldBuilder, WorldMark, WorldState,
};
