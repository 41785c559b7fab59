//! [`Storage`] on the files of one folder: each object is a plain file of its name, and what was answered survives a power cut.
//!
//! [`Files`] takes requests at once and performs them in a thread of its own; receipts come back through a closure. All that is
//! waiting becomes one *group*: it is written to a journal with **one** sync, then to the objects' files without any, then
//! answered. The files are synced when the journal is full, and when [`Files`] is dropped. [`Store`] is the same without the
//! thread.
//!
//! ```
//! use antfarm_files::Files;
//! use antfarm_machine::{Object, Operation, Outcome, Request, Storage, Ticket};
//!
//! # let folder = std::env::temp_dir().join(format!("antfarm-files-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let (sender, receipts) = std::sync::mpsc::channel();
//! let mut files = Files::open(&folder, move |receipt| drop(sender.send(receipt)))?;
//! let log = Object::new("log")?;
//! let append = Operation::AppendAt { object: log, expected_end: 0, bytes: b"hello".to_vec() };
//! files.submit(Request { ticket: Ticket(1), operation: append });
//! assert_eq!(receipts.recv()?.outcome, Outcome::Done); // and it is durable
//! drop(files);
//! assert_eq!(std::fs::read(folder.join("log"))?, b"hello");
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Why a journal
//!
//! The contract allows an unanswered append to leave a prefix of its bytes and then zeros. A real disk may persist the sectors of
//! an append in any order: zeros, then bytes. A ledger that finds whole frames behind a hole refuses the log, as it must. In the
//! journal a group has one checksum, so it took place or it did not. Besides, a growing file changes its length with each append,
//! and a sync of that writes metadata too; the journal's space is written over and over and needs none. And a group
//! that touches ten objects and makes three takes one sync.
//!
//! # What is on the disk
//!
//! Objects, `.journal` and `.lock`. Other files, folders and links are left alone and not listed. While the process runs, and after
//! it was killed, the objects' files hold all that was answered. After a *power cut* they may not until the folder was opened
//! again, which replays the journal: open before you copy or audit. The journal's format is in `journal.rs`.
//!
//! # What fails, and how
//!
//! - No room: `Full`, and nothing changed. Room is reserved before the journal is written.
//! - A journal that cannot be written or synced, or a file that cannot be synced: everything is answered with `Failed` from then
//!   on; a sync that failed is never tried again on the same file. Open the folder anew.
//! - A file that cannot be written: its object is answered with `Failed`, the others go on until the journal is full.
//! - A second opener: [`OpenError::Locked`].
//!
//! # What it does not do
//!
//! - It does not bound the queue: requests wait in memory, and the machine that made them bounds what it has under way (a ledger
//!   by its `pending_bytes`). One group holds at most [`GROUP_BYTES`] and one append.
//! - It does not notice rot: whoever owns the bytes has checksums. It assumes that a sector that is being
//!   rewritten with the same bytes keeps them when the power goes.
//! - It does not hold off who ignores advisory locks.
//!
//! [`Storage`]: antfarm_machine::Storage

#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::unwrap_used)]

mod change;
mod counters;
mod disk;
mod files;
mod folder;
mod group;
mod handles;
mod journal;
mod open_error;
pub mod shim;
mod store;

pub use counters::{Counters, Counts};
pub use disk::Disk;
pub use files::Files;
pub use folder::Folder;
pub use group::{GROUP_BYTES, GROUP_OBJECTS};
pub use handles::MAX_HANDLES;
pub use journal::JOURNAL_BYTES;
pub use open_error::OpenError;
pub use store::Store;
