//! A disk in memory whose power goes at any call: what was not synced is then lost, kept or torn as a seed says.
//!
//! Real disks do this, and killing a process does not show it. A [`Shim`] is a [`Disk`], so whatever runs on one can be tried;
//! it is part of the library, not of its tests, for hosts that want the same of a whole node.
//!
//! ```
//! use antfarm_files::{Store, shim::Shim};
//!
//! let shim = Shim::seeded(7);
//! let mut store = Store::open(shim.clone()).expect("the power is there");
//! shim.cut_after(12); // and so many calls later it goes
//! // .. ask the store until `shim.is_cut()`, and note what it answered; then
//! let store = Store::open(shim.restart()).expect("whatever was lost");
//! ```
//!
//! # What may be lost
//!
//! - Of each file, what was written since its last sync: nothing of it, all, the first calls, or any sectors of 512 bytes,
//!   each as it was after any of the calls, perhaps in the middle of one. The length may be that after any of the calls. What
//!   the length covers and was not written is zeros, or what lay on the disk before.
//! - Of each name, what was made or removed since the folder's last sync, back to any point. Names are independent of each
//!   other and of files: one may appear empty, and a synced file may have no name.
//! - A sync that *failed* keeps nothing, and what was written before it is never written by a later one: the operating system
//!   takes it for clean.
//!
//! Besides, calls are interrupted or do only a part now and then, as they may.

mod dice;
mod platter;

pub use dice::Dice;

use crate::disk::Disk;
use platter::Platter;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The calls of a [`Disk`] that can be made to fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    /// [`Disk::list`].
    List,
    /// [`Disk::open`].
    Open,
    /// [`Disk::create`].
    Create,
    /// [`Disk::remove`].
    Remove,
    /// [`Disk::sync_names`].
    SyncNames,
    /// [`Disk::length`].
    Length,
    /// [`Disk::read_at`].
    Read,
    /// [`Disk::write_at`].
    Write,
    /// [`Disk::reserve`].
    Reserve,
    /// [`Disk::truncate`].
    Truncate,
    /// [`Disk::sync`].
    Sync,
}

/// A handle to the disk, as one run of a process has it. Clones are the same process; after a cut all of them fail.
#[derive(Clone, Debug)]
pub struct Shim {
    platter: Arc<Mutex<Platter>>,
    boot: u64,
}

/// An open file of a [`Shim`].
#[derive(Debug)]
pub struct Inode(u64);

impl Shim {
    /// An empty disk with power.
    pub fn seeded(seed: u64) -> Self {
        Self { platter: Arc::new(Mutex::new(Platter::new(seed))), boot: 0 }
    }

    /// Cuts the power in the middle of the call that follows after so many.
    pub fn cut_after(&self, calls: u64) {
        let mut platter = self.lock();
        platter.cut_at = Some(platter.calls + calls);
    }

    /// Whether the power went.
    pub fn is_cut(&self) -> bool {
        self.lock().is_cut
    }

    /// How many calls there were, of all runs.
    pub fn calls(&self) -> u64 {
        self.lock().calls
    }

    /// How many bytes the disk takes: lengths of files, and what is reserved beyond.
    pub fn limit(&self, bytes: u64) {
        self.lock().limit = bytes;
    }

    /// Makes the call of this sort that follows after so many of its sort fail, once.
    pub fn fail(&self, call: Call, after: u64, with: io::ErrorKind) {
        self.lock().failures.push((call, after, with));
    }

    /// Makes reserving unsupported, as some file systems have it.
    pub fn without_reserve(&self) {
        self.lock().reserves = false;
    }

    /// Gives the power back, after cutting it if it was there: the disk as a new process finds it.
    #[must_use]
    pub fn restart(&self) -> Self {
        let mut platter = self.lock();
        platter.lose();
        Self { platter: Arc::clone(&self.platter), boot: platter.boot }
    }

    /// Ends the process, with the power on: nothing is lost that was written.
    #[must_use]
    pub fn kill(&self) -> Self {
        let mut platter = self.lock();
        platter.boot += 1;
        Self { platter: Arc::clone(&self.platter), boot: platter.boot }
    }

    fn lock(&self) -> MutexGuard<'_, Platter> {
        self.platter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T>(&self, call: Call, inode: Option<&Inode>, work: impl FnOnce(&mut Platter) -> io::Result<T>) -> io::Result<T> {
        let mut platter = self.lock();
        if platter.boot != self.boot {
            return Err(io::Error::other("this process has ended"));
        }
        platter.enter(call, inode.map(|inode| inode.0), work)
    }
}

impl Disk for Shim {
    type File = Inode;

    fn place(&self) -> &Path {
        Path::new("shim")
    }

    fn list(&mut self) -> io::Result<Vec<(String, u64)>> {
        self.run(Call::List, None, |platter| Ok(platter.list()))
    }

    fn open(&mut self, name: &str) -> io::Result<Option<Inode>> {
        self.run(Call::Open, None, |platter| Ok(platter.find(name).map(Inode)))
    }

    fn create(&mut self, name: &str) -> io::Result<Inode> {
        self.run(Call::Create, None, |platter| platter.create(name).map(Inode))
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.run(Call::Remove, None, |platter| platter.remove(name))
    }

    fn sync_names(&mut self) -> io::Result<()> {
        self.run(Call::SyncNames, None, |platter| {
            platter.sync_names();
            Ok(())
        })
    }

    fn length(&mut self, file: &Inode) -> io::Result<u64> {
        self.run(Call::Length, None, |platter| Ok(platter.bytes(file.0).len() as u64))
    }

    fn read_at(&mut self, file: &Inode, at: u64, into: &mut [u8]) -> io::Result<usize> {
        self.run(Call::Read, None, |platter| {
            let most = platter.part(into.len());
            let bytes = platter.bytes(file.0);
            let from = usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
            let count = most.min(bytes.len() - from);
            into[..count].copy_from_slice(&bytes[from..from + count]);
            Ok(count)
        })
    }

    fn write_at(&mut self, file: &Inode, at: u64, bytes: &[u8]) -> io::Result<usize> {
        self.run(Call::Write, None, |platter| platter.write(file.0, at, bytes))
    }

    fn reserve(&mut self, file: &Inode, range: Range<u64>) -> io::Result<()> {
        self.run(Call::Reserve, None, |platter| platter.reserve(file.0, range.end))
    }

    fn truncate(&mut self, file: &Inode, length: u64) -> io::Result<()> {
        self.run(Call::Truncate, None, |platter| platter.truncate(file.0, length))
    }

    fn sync(&mut self, file: &Inode) -> io::Result<()> {
        self.run(Call::Sync, Some(file), |platter| {
            platter.sync(file.0);
            Ok(())
        })
    }
}
