//! The file of outcomes: a row of frames, each written in one piece and bound to its place.
//!
//! ```text
//! frame    0        4          12          20
//!          | length | head     | body      | body ...
//!          | of body| check    | check     | length bytes: a list of entries, canonically encoded
//! ```
//!
//! Both checks absorb the offset of the frame, so that a frame read at another place is refused. A crash leaves a prefix of the
//! last frame, perhaps with zeros behind it: that is cut. Damage with a whole head behind it is refused: something was lost that
//! had been durable.

use super::Entry;
use antfarm_identity::{Fold, from_bytes, to_bytes};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The bytes of a frame before its body.
const HEAD: usize = 20;

/// How many entries are in one frame of a file that is written anew.
const PIECE: usize = 128;

/// The file's name in its folder, the name of what replaces it, and that of the lock.
const NAME: &str = "outcomes";
const NEXT: &str = "outcomes.next";
const LOCK: &str = "outcomes.lock";

/// Why outcomes cannot be kept.
#[derive(Debug)]
pub enum Unkept {
    /// The disk failed; what it was asked, and its words.
    Disk(PathBuf, io::Error),
    /// Another process keeps its outcomes there.
    Locked(PathBuf),
    /// A record in the middle is damaged: keys may be missing, and what was done might be done again. Restore the file, or begin
    /// with an empty folder when every call's deadline and retention is over.
    Damaged {
        /// The file.
        path: PathBuf,
        /// The offset of the damage.
        at: u64,
    },
}

impl std::fmt::Display for Unkept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk(path, error) => write!(f, "`{}`: {error}", path.display()),
            Self::Locked(path) => write!(f, "`{}` is in use by another process", path.display()),
            Self::Damaged { path, at } => write!(
                f,
                "`{}` is damaged at byte {at}: restore it, or begin with an empty folder when all calls are past their retention",
                path.display()
            ),
        }
    }
}

impl std::error::Error for Unkept {}

/// The file, open for appending, and the lock that goes with it.
pub(super) struct Log {
    folder: PathBuf,
    file: File,
    length: u64,
    _lock: File,
}

impl Log {
    /// Opens the file and hands all entries to `each`, in order.
    pub(super) fn open(folder: &Path, mut each: impl FnMut(Entry)) -> Result<Self, Unkept> {
        let path = folder.join(NAME);
        let disk = |error| Unkept::Disk(path.clone(), error);
        let lock = File::create(folder.join(LOCK)).map_err(disk)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Unkept::Locked(path)),
            Err(TryLockError::Error(error)) => return Err(disk(error)),
        }
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(disk)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(disk)?;
        let mut at = 0;
        while let Some(body) = body(&bytes, at) {
            // No crash writes such a frame: it is of another version.
            let Ok(entries) = from_bytes::<Vec<Entry>>(body) else { return Err(Unkept::Damaged { path, at: at as u64 }) };
            entries.into_iter().for_each(&mut each);
            at += HEAD + body.len();
        }
        // The frame at `at` is torn if it is the last: no head of a frame stands behind it.
        let next = (at + 1..bytes.len()).find(|next| head(&bytes, *next).is_some());
        if next.is_some_and(|next| head(&bytes, at).is_none_or(|length| at + HEAD + length <= next)) {
            return Err(Unkept::Damaged { path, at: at as u64 });
        }
        file.set_len(at as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(disk)?;
        file.sync_all().and_then(|()| File::open(folder)?.sync_all()).map_err(disk)?;
        Ok(Self { folder: folder.to_owned(), file, length: at as u64, _lock: lock })
    }

    /// Bytes of the file.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Appends entries; when this returns, they are durable. After an error nothing is known of the file's end.
    pub(super) fn append(&mut self, entries: &[Entry]) -> io::Result<()> {
        let frame = frame(self.length, entries);
        self.file.write_all(&frame)?;
        self.file.sync_data()?;
        self.length += frame.len() as u64;
        Ok(())
    }

    /// Puts a file with only these entries in its place.
    pub(super) fn replace(&mut self, entries: &[Entry]) -> io::Result<()> {
        let next = self.folder.join(NEXT);
        let mut file = File::create(&next)?;
        let mut length = 0;
        for entries in entries.chunks(PIECE) {
            let frame = frame(length, entries);
            file.write_all(&frame)?;
            length += frame.len() as u64;
        }
        file.sync_all()?;
        std::fs::rename(&next, self.folder.join(NAME))?;
        File::open(&self.folder)?.sync_all()?;
        (self.file, self.length) = (file, length);
        Ok(())
    }
}

fn frame(at: u64, entries: &[Entry]) -> Vec<u8> {
    framed(at, &to_bytes(&entries.to_vec()))
}

fn framed(at: u64, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("what is kept is bounded far below 4 GiB");
    let mut frame = Vec::with_capacity(HEAD + body.len());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&check(at, &length.to_le_bytes()).to_le_bytes());
    frame.extend_from_slice(&check(at, body).to_le_bytes());
    frame.extend_from_slice(body);
    frame
}

fn check(at: u64, bytes: &[u8]) -> u64 {
    let mut fold = Fold::new();
    fold.absorb_u64(at);
    fold.absorb(bytes);
    fold.value()
}

/// The length that the head at `at` tells; nothing where there is no whole head.
fn head(bytes: &[u8], at: usize) -> Option<usize> {
    let head = bytes.get(at..at + HEAD)?;
    let length = head.first_chunk::<4>()?;
    let whole = check(at as u64, length).to_le_bytes() == head[4..12];
    whole.then_some(u32::from_le_bytes(*length) as usize)
}

/// The body of the frame at `at`; nothing where there is no whole frame.
fn body(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let body = bytes.get(at + HEAD..at + HEAD + head(bytes, at)?)?;
    (check(at as u64, body).to_le_bytes() == bytes[at + 12..at + HEAD]).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use antfarm_machine::Wall;

    fn entries(of: u64) -> Vec<Entry> {
        vec![Entry::Latest(Wall::from_nanos(of)); 3]
    }

    fn opened(folder: &Path) -> Result<Vec<Entry>, Unkept> {
        let mut all = Vec::new();
        Log::open(folder, |entry| all.push(entry)).map(|_| all)
    }

    #[test]
    fn a_torn_end_is_cut_at_every_byte_and_damage_in_the_middle_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(NAME);
        let mut log = Log::open(folder.path(), |_| ()).expect("an empty folder");
        log.append(&entries(1)).expect("it is open");
        let first = usize::try_from(log.length()).expect("it is short");
        log.append(&entries(2)).expect("it is open");
        drop(log);
        let whole = std::fs::read(&path).expect("it is there");
        for cut in first..whole.len() {
            for zeros in [0, 7, 100] {
                std::fs::write(&path, [&whole[..cut], &vec![0; zeros]].concat()).expect("it can be written");
                let all = opened(folder.path()).expect("only the end is torn");
                // Zeros may be what the frame ends with.
                assert!(all == entries(1) || zeros > 0 && all == [entries(1), entries(2)].concat(), "{cut} {zeros}");
            }
        }
        for at in 0..first {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, damaged).expect("it can be written");
            assert!(matches!(opened(folder.path()), Err(Unkept::Damaged { at: 0, .. })), "byte {at}");
        }
        std::fs::write(&path, &whole).expect("it can be written");
        assert_eq!(opened(folder.path()).expect("it is whole"), [entries(1), entries(2)].concat());
    }

    #[test]
    fn what_nobody_can_read_is_refused_and_not_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = Log::open(folder.path(), |_| ()).expect("an empty folder");
        log.append(&entries(1)).expect("it is open");
        let first = log.length();
        drop(log);
        let path = folder.path().join(NAME);
        let whole = [std::fs::read(&path).expect("it is there"), framed(first, b"of another version")].concat();
        std::fs::write(&path, &whole).expect("it can be written");
        assert!(matches!(opened(folder.path()), Err(Unkept::Damaged { at, .. }) if at == first));
        assert_eq!(std::fs::read(&path).expect("it is there"), whole);
    }

    #[test]
    fn only_one_process_keeps_outcomes_in_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let _log = Log::open(folder.path(), |_| ()).expect("an empty folder");
        assert!(matches!(opened(folder.path()), Err(Unkept::Locked(_))));
    }
}
