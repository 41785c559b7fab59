//! Carries a recording from the host's task to a file, on a thread of its own.
//!
//! The machine never waits for it. A disk that cannot keep up, or is full, ends the recording, not the run: what was written until then
//! reads, and says that it is not all. The same where it grew to the length that was allowed. The recording is not durable before the run's outputs are visible; it is evidence, not a ledger.

use crate::Witness;
use crate::metrics::Metrics;
use antfarm_machine::{Driver, Environment, Input, Machine};
use antfarm_recording::{Header, Recordable, Scribe};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

/// The most bytes that wait for the file; a recording whose next round does not fit ends there.
pub const MAX_UNWRITTEN: usize = 64 << 20;

/// Records what a machine is fed. Dropping it writes what is left, and waits for that.
pub struct Recorder<M: Machine> {
    scribe: Scribe<M>,
    /// What was recorded since the last hand-over.
    fresh: Vec<u8>,
    to_file: Option<Sender<Vec<u8>>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<io::Result<()>>>,
    /// What is done to inputs before they are recorded, and fed.
    cleaned: fn(&M, Input<M>) -> Input<M>,
    witness: Option<Witness>,
    /// How many bytes may still be written.
    room: u64,
}

#[derive(Default)]
struct Shared {
    unwritten: AtomicUsize,
    failed: AtomicBool,
}

impl<M: Machine> Recorder<M> {
    /// Records into a new file at `path`, which only the owner may read.
    ///
    /// # Errors
    ///
    /// Those of the file system, also when the file exists: a recording is never written over. That no thread can be had.
    pub fn create(path: &Path, header: &Header) -> io::Result<Self>
    where
        M: Recordable,
    {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        Self::into(header, file, File::sync_all)
    }

    /// Records into anything that takes bytes; `close` is called after the last of them.
    ///
    /// # Errors
    ///
    /// That no thread can be had.
    pub fn into<W: Write + Send + 'static>(
        header: &Header,
        file: W,
        close: impl FnOnce(&W) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self>
    where
        M: Recordable,
    {
        let shared = Arc::new(Shared::default());
        let (to_file, chunks) = channel();
        let theirs = shared.clone();
        let write = move || {
            let written = write(file, close, &chunks, &theirs);
            theirs.failed.store(written.is_err(), Ordering::Relaxed);
            written
        };
        let thread = Builder::new().name("recorder".to_owned()).spawn(write)?;
        let mut fresh = Vec::new();
        let scribe = Scribe::new(header, &mut fresh);
        let (to_file, thread) = (Some(to_file), Some(thread));
        Ok(Self { scribe, fresh, to_file, shared, thread, cleaned: |_, input| input, witness: None, room: u64::MAX })
    }

    /// Has `clean` take out of every input what must not be recorded. The machine is fed what is recorded, so it had better do the
    /// same with both.
    #[must_use]
    pub fn cleaned(mut self, clean: fn(&M, Input<M>) -> Input<M>) -> Self {
        self.cleaned = clean;
        self
    }

    /// Records what this witness notes of the machine's signer.
    #[must_use]
    pub fn witnessed(mut self, witness: &Witness) -> Self {
        let ends = witness.clone();
        self.scribe.witness(move || ends.end());
        self.witness = Some(witness.clone());
        self
    }

    /// Ends the recording, not the run, with the round after which the file has more than `bytes`.
    #[must_use]
    pub fn at_most(mut self, bytes: u64) -> Self {
        self.room = bytes;
        self
    }

    /// Waits until all is written and synced.
    ///
    /// # Errors
    ///
    /// The first error of the file; the recording ends before it.
    pub fn finish(mut self) -> io::Result<()> {
        self.close()
    }

    pub(crate) fn turn<E: Environment<M>>(
        &mut self,
        driver: &mut Driver<M>,
        machine: &mut M,
        env: &mut E,
        input: Input<M>,
        metrics: &Metrics,
    ) {
        if !self.scribe.is_open() {
            metrics.unrecorded.fetch_add(1, Ordering::Relaxed);
        }
        let input = (self.cleaned)(machine, input);
        if let Some(witness) = self.witness.as_ref().filter(|_| self.scribe.is_open()) {
            witness.begin();
        }
        self.scribe.turn(driver, machine, env, input, &mut self.fresh);
    }

    /// Gives what was recorded to the thread, unless too much waits there already.
    pub(crate) fn hand_over(&mut self) {
        let waits = self.shared.unwritten.load(Ordering::Relaxed);
        let failed = self.shared.failed.load(Ordering::Relaxed);
        let is_full = self.fresh.len() as u64 > self.room;
        if self.scribe.is_open() && (failed || is_full || waits + self.fresh.len() > MAX_UNWRITTEN) {
            tracing::warn!(failed, is_full, waits, "the recording is full or cannot keep up, and ends; the run goes on");
            self.scribe.overrun(&mut self.fresh);
        }
        self.room = self.room.saturating_sub(self.fresh.len() as u64);
        self.send();
    }

    pub(crate) fn stopped(&mut self) {
        self.scribe.stopped(&mut self.fresh);
        self.send();
    }

    pub(crate) fn panicked(&mut self) {
        self.scribe.panicked(&mut self.fresh);
        self.send();
    }

    fn send(&mut self) {
        if let Some(to_file) = self.to_file.as_ref().filter(|_| !self.fresh.is_empty()) {
            let chunk = std::mem::take(&mut self.fresh);
            self.shared.unwritten.fetch_add(chunk.len(), Ordering::Relaxed);
            // Nobody takes it after an error, which `finish` tells.
            to_file.send(chunk).unwrap_or_default();
        }
    }

    fn close(&mut self) -> io::Result<()> {
        self.send();
        self.to_file = None;
        let Some(thread) = self.thread.take() else { return Ok(()) };
        thread.join().expect("writing bytes does not panic")
    }
}

impl<M: Machine> Drop for Recorder<M> {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the recording is not whole");
        }
    }
}

impl<M: Machine> fmt::Debug for Recorder<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("scribe", &self.scribe).finish_non_exhaustive()
    }
}

/// Writes chunks as they come, all that wait at once.
fn write<W: Write>(
    mut file: W,
    close: impl FnOnce(&W) -> io::Result<()>,
    chunks: &Receiver<Vec<u8>>,
    shared: &Shared,
) -> io::Result<()> {
    while let Ok(mut together) = chunks.recv() {
        while together.len() < 1 << 20
            && let Ok(chunk) = chunks.try_recv()
        {
            together.extend_from_slice(&chunk);
        }
        file.write_all(&together)?;
        shared.unwritten.fetch_sub(together.len(), Ordering::Relaxed);
    }
    file.flush()?;
    close(&file)
}
