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
//! # A whole adapter
//!
//! A storage in memory, behind a channel: `submit` hands the request over and returns, a thread of its own carries it out, and the receipt
//! comes back on another channel. What survives a crash is what the thread keeps; requests that it did not come to are gone.
//!
//! ```
//! use antfarm_conformance::StorageRig;
//! use antfarm_machine::{Entry, MAX_APPEND, Object, Operation, Outcome, Receipt, Request, Storage};
//! use std::collections::BTreeMap;
//! use std::sync::mpsc::{Receiver, Sender, channel};
//! use std::sync::{Arc, Mutex};
//! use std::thread;
//!
//! /// What is kept: objects by name.
//! type Shelf = Arc<Mutex<BTreeMap<Object, Vec<u8>>>>;
//!
//! /// The port. Dropping it ends its thread.
//! struct Memory {
//!     requests: Sender<Request>,
//! }
//!
//! impl Memory {
//!     /// Opens what is on the shelf; receipts go to `on_receipt`.
//!     fn open(shelf: Shelf, on_receipt: Sender<Receipt>) -> Self {
//!         let (requests, waiting) = channel::<Request>();
//!         thread::spawn(move || {
//!             for Request { ticket, operation } in waiting {
//!                 let outcome = perform(&mut shelf.lock().unwrap(), operation);
//!                 // Whoever asked may be gone: what was done stays done.
//!                 let _ = on_receipt.send(Receipt { ticket, outcome });
//!             }
//!         });
//!         Self { requests }
//!     }
//! }
//!
//! impl Storage for Memory {
//!     fn submit(&mut self, request: Request) {
//!         self.requests.send(request).expect("the thread lives as long as this");
//!     }
//! }
//!
//! fn perform(objects: &mut BTreeMap<Object, Vec<u8>>, operation: Operation) -> Outcome {
//!     match operation {
//!         Operation::List => {
//!             let entry = |(object, bytes): (&Object, &Vec<u8>)| Entry { object: object.clone(), length: bytes.len() as u64 };
//!             Outcome::Listed(objects.iter().map(entry).collect())
//!         }
//!         Operation::Read { object, range } => {
//!             let bytes = objects.get(&object).map_or(&[][..], |bytes| bytes);
//!             let cut = |at: u64| usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
//!             Outcome::Data(bytes.get(cut(range.start)..cut(range.end)).unwrap_or_default().to_vec())
//!         }
//!         Operation::AppendAt { bytes, .. } if bytes.len() > MAX_APPEND => Outcome::Failed,
//!         Operation::AppendAt { object, expected_end, bytes } => {
//!             let end = objects.get(&object).map_or(0, Vec::len) as u64;
//!             if end != expected_end {
//!                 return Outcome::Conflict { end };
//!             }
//!             objects.entry(object).or_default().extend(bytes);
//!             Outcome::Done
//!         }
//!         Operation::Truncate { object, length } => {
//!             if let (Some(bytes), Ok(length)) = (objects.get_mut(&object), usize::try_from(length)) {
//!                 bytes.truncate(length);
//!             }
//!             Outcome::Done
//!         }
//!         Operation::Remove { object } => {
//!             objects.remove(&object);
//!             Outcome::Done
//!         }
//!     }
//! }
//!
//! /// What the contract holds on to.
//! struct Rig {
//!     shelf: Shelf,
//!     memory: Memory,
//!     receipts: Receiver<Receipt>,
//!     /// Requests without a receipt.
//!     open: usize,
//! }
//!
//! impl Rig {
//!     fn on(shelf: Shelf) -> Self {
//!         let (on_receipt, receipts) = channel();
//!         Self { memory: Memory::open(shelf.clone(), on_receipt), shelf, receipts, open: 0 }
//!     }
//! }
//!
//! impl StorageRig for Rig {
//!     fn submit(&mut self, request: Request) {
//!         self.open += 1;
//!         self.memory.submit(request);
//!     }
//!     fn next(&mut self) -> Option<Receipt> {
//!         self.open = self.open.checked_sub(1)?;
//!         Some(self.receipts.recv().expect("each request is answered"))
//!     }
//!     fn crash(&mut self) {
//!         // The old thread may still be at work, which a process that ended is not: it gets a shelf of its own.
//!         let kept = self.shelf.lock().unwrap().clone();
//!         *self = Self::on(Arc::new(Mutex::new(kept)));
//!     }
//! }
//!
//! antfarm_conformance::storage(|| Rig::on(Shelf::default()));
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
