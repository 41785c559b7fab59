//! The contract of each port, as checks that any implementation runs with one line.
//!
//! `antfarm-machine` says in words what a `Clock`, a `Network` and a `Storage` promise. Here each promise is a [`Clause`]: a
//! name, the rule, what usually breaks it, and a check. The simulated ports and the real ones pass the same clauses, so what
//! holds in the simulator holds on a disk.
//!
//! An implementation is put on a *rig*, which gives the kit the few handles that a port itself does not have: wait for a
//! receipt, pull the plug, let time pass. Then, in a test,
//!
//! ```
//! # use antfarm_conformance::StorageRig;
//! # fn files_keep_the_storage_contract(on_a_fresh_folder: fn() -> Box<dyn StorageRig>) {
//! antfarm_conformance::storage(on_a_fresh_folder);
//! # }
//! ```
//!
//! runs every clause, each on a fresh rig, and panics with all breaches. [`storage_clauses`] and its siblings return the
//! clauses one by one, for a harness that shows each as a test of its own.
//!
//! # A whole rig
//!
//! A disk in memory; nothing is lost in a crash but what was not answered:
//!
//! ```
//! use antfarm_conformance::StorageRig;
//! use antfarm_machine::{Entry, MAX_APPEND, Object, Operation, Outcome, Receipt, Request};
//! use std::collections::{BTreeMap, VecDeque};
//!
//! #[derive(Default)]
//! struct Memory {
//!     objects: BTreeMap<Object, Vec<u8>>,
//!     waiting: VecDeque<Request>,
//! }
//!
//! impl Memory {
//!     fn perform(&mut self, operation: Operation) -> Outcome {
//!         match operation {
//!             Operation::List => {
//!                 let entry = |(object, bytes): (&Object, &Vec<u8>)| Entry { object: object.clone(), length: bytes.len() as u64 };
//!                 Outcome::Listed(self.objects.iter().map(entry).collect())
//!             }
//!             Operation::Read { object, range } => {
//!                 let bytes = self.objects.get(&object).map_or(&[][..], |bytes| bytes);
//!                 let cut = |at: u64| usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
//!                 Outcome::Data(bytes.get(cut(range.start)..cut(range.end)).unwrap_or_default().to_vec())
//!             }
//!             Operation::AppendAt { bytes, .. } if bytes.len() > MAX_APPEND => Outcome::Failed,
//!             Operation::AppendAt { object, expected_end, bytes } => {
//!                 let end = self.objects.get(&object).map_or(0, Vec::len) as u64;
//!                 if end != expected_end {
//!                     return Outcome::Conflict { end };
//!                 }
//!                 self.objects.entry(object).or_default().extend(bytes);
//!                 Outcome::Done
//!             }
//!             Operation::Truncate { object, length } => {
//!                 if let (Some(bytes), Ok(length)) = (self.objects.get_mut(&object), usize::try_from(length)) {
//!                     bytes.truncate(length);
//!                 }
//!                 Outcome::Done
//!             }
//!             Operation::Remove { object } => {
//!                 self.objects.remove(&object);
//!                 Outcome::Done
//!             }
//!         }
//!     }
//! }
//!
//! impl StorageRig for Memory {
//!     fn submit(&mut self, request: Request) {
//!         self.waiting.push_back(request);
//!     }
//!     fn next(&mut self) -> Option<Receipt> {
//!         let Request { ticket, operation } = self.waiting.pop_front()?;
//!         Some(Receipt { ticket, outcome: self.perform(operation) })
//!     }
//!     fn crash(&mut self) {
//!         self.waiting.clear();
//!     }
//! }
//!
//! antfarm_conformance::storage(Memory::default);
//! ```
//!
//! # What it does not do
//!
//! It cannot see whether a port returned at once, nor whether bytes would survive a power cut that the rig cannot cause. It
//! asks for a healthy implementation: faults are the simulator's business.

#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

mod clause;
mod clock;
mod network;
mod storage;

pub use clause::{Breach, Clause};
pub use clock::{ClockRig, clock, clock_clauses};
pub use network::{Delivery, NetworkRig, network, network_clauses};
pub use storage::{StorageRig, storage, storage_clauses};
