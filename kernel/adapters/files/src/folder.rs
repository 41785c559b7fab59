//! A real folder, held by an advisory lock.
//!
//! Every path is looked up within the folder that was opened, so it may be renamed meanwhile. Links are not followed.

use crate::disk::{Disk, again};
use crate::open_error::OpenError;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat, unlinkat};
use std::fs::{File, TryLockError};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// The file that the lock is on. It stays: removing it would let two openers lock two files.
const LOCK: &str = ".lock";

/// The owner writes, the group reads: an auditor may be in it.
const MODE: Mode = Mode::RUSR.union(Mode::WUSR).union(Mode::RGRP);

/// A folder that this process has locked until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    folder: File,
    /// Held, never read.
    _lock: File,
}

impl Folder {
    /// Opens a folder, which exists, and locks it.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref().to_owned();
        let folder = match File::open(&path) {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(OpenError::Missing { folder: path }),
            Err(error) => return Err(OpenError::of(&path, "opening the folder", error)),
        };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let lock = again(|| Ok(openat(&folder, LOCK, flags, MODE)?));
        let lock = File::from(lock.map_err(|error| OpenError::of(&path, "opening the file `.lock`", error))?);
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, folder, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked { folder: path }),
            Err(TryLockError::Error(error)) => Err(OpenError::of(&path, "locking the file `.lock`", error)),
        }
    }

    fn opened(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(again(|| Ok(openat(&self.folder, name, flags, MODE)?))?))
    }
}

impl Disk for Folder {
    type File = File;

    fn place(&self) -> &Path {
        &self.path
    }

    fn list(&mut self) -> io::Result<Vec<(String, u64)>> {
        let mut found = Vec::new();
        for entry in Dir::read_from(&self.folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            // Who is not of the house may remove a file of theirs meanwhile.
            let stat = match statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(rustix::io::Errno::NOENT) => continue,
                Err(error) => return Err(error.into()),
            };
            if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
                found.push((name.to_owned(), u64::try_from(stat.st_size).unwrap_or(0)));
            }
        }
        Ok(found)
    }

    fn open(&mut self, name: &str) -> io::Result<Option<File>> {
        match self.opened(name, OFlags::empty()) {
            Ok(file) if file.metadata()?.is_file() => Ok(Some(file)),
            Ok(_) => Err(io::ErrorKind::InvalidInput.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn create(&mut self, name: &str) -> io::Result<File> {
        self.opened(name, OFlags::CREATE | OFlags::EXCL)
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        again(|| Ok(unlinkat(&self.folder, name, AtFlags::empty())?))
    }

    fn sync_names(&mut self) -> io::Result<()> {
        self.folder.sync_all()
    }

    fn length(&mut self, file: &File) -> io::Result<u64> {
        Ok(file.metadata()?.len())
    }

    fn read_at(&mut self, file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
        file.read_at(into, at)
    }

    fn write_at(&mut self, file: &File, at: u64, bytes: &[u8]) -> io::Result<usize> {
        file.write_at(bytes, at)
    }

    #[cfg(target_os = "linux")]
    fn reserve(&mut self, file: &File, range: Range<u64>) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        Ok(fallocate(file, FallocateFlags::KEEP_SIZE, range.start, range.end - range.start)?)
    }

    #[cfg(not(target_os = "linux"))]
    fn reserve(&mut self, _: &File, _: Range<u64>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn truncate(&mut self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn sync(&mut self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}
