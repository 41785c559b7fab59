//! The few syscalls that everything else here is made of, as a trait: a real folder implements it, and so does a disk in memory
//! that loses its power.

use std::io;
use std::ops::Range;
use std::path::Path;

/// A folder of files that one process has for itself.
///
/// Calls return what the operating system says, short counts and interruptions included; whoever calls loops.
pub trait Disk: Send + 'static {
    /// An open file.
    type File: Send;

    /// What error messages call it.
    fn place(&self) -> &Path;

    /// The plain files, in any order, and their lengths.
    fn list(&mut self) -> io::Result<Vec<(String, u64)>>;

    /// Opens a plain file for reading and writing; `None` when it does not exist.
    fn open(&mut self, name: &str) -> io::Result<Option<Self::File>>;

    /// Makes an empty file, which does not exist.
    fn create(&mut self, name: &str) -> io::Result<Self::File>;

    /// Removes a file, which exists.
    fn remove(&mut self, name: &str) -> io::Result<()>;

    /// Makes durable which names there are.
    fn sync_names(&mut self) -> io::Result<()>;

    /// The file's length in bytes.
    fn length(&mut self, file: &Self::File) -> io::Result<u64>;

    /// Reads bytes from an offset on; how many, 0 at the end.
    fn read_at(&mut self, file: &Self::File, at: u64, into: &mut [u8]) -> io::Result<usize>;

    /// Writes bytes at an offset; how many.
    fn write_at(&mut self, file: &Self::File, at: u64, bytes: &[u8]) -> io::Result<usize>;

    /// Makes sure that there is room for these bytes, without changing the length. `Unsupported` where that cannot be done.
    fn reserve(&mut self, file: &Self::File, range: Range<u64>) -> io::Result<()>;

    /// Sets the length to one that is not greater, and gives back room that was reserved beyond it.
    fn truncate(&mut self, file: &Self::File, length: u64) -> io::Result<()>;

    /// Makes the file's bytes and length durable.
    fn sync(&mut self, file: &Self::File) -> io::Result<()>;
}

/// Whether an error says that there is no room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    [StorageFull, QuotaExceeded, FileTooLarge].contains(&error.kind())
}

/// Tries again as long as a signal interrupts.
pub(crate) fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Writes all of `bytes` at an offset.
pub(crate) fn write_all<D: Disk>(disk: &mut D, file: &D::File, mut at: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = again(|| disk.write_at(file, at, bytes))?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        at += written as u64;
        bytes = &bytes[written..];
    }
    Ok(())
}

/// Reads from an offset on until `into` is full or the file ends; how many bytes.
pub(crate) fn read_full<D: Disk>(disk: &mut D, file: &D::File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        let read = again(|| disk.read_at(file, at + filled as u64, &mut into[filled..]))?;
        if read == 0 {
            break;
        }
        filled += read;
    }
    Ok(filled)
}
