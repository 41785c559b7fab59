//! The objects' files: a bounded number of them open, with what is known of each.
//!
//! A file that is closed is synced first if it was written to: an error that nobody waited for may otherwise be forgotten with
//! the file's cache.

use crate::counters::Counters;
use crate::disk::{Disk, again, is_full, read_full, write_all};
use crate::journal::synced;
use antfarm_machine::Object;
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

/// The most objects' files that are open at a time.
pub const MAX_HANDLES: usize = 64;

/// Room is reserved in steps of this, so that not every append asks for it.
const RESERVE: u64 = 256 << 10;

struct Handle<F> {
    file: F,
    length: u64,
    /// There is room up to here; the rest is given back when the file is closed.
    reserved: u64,
    dirty: bool,
    /// When it was last used.
    used: u64,
}

/// Whether there is room for an append.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Room {
    Reserved,
    /// Reserved, and the object was made for it.
    Made,
    Full,
}

pub(crate) struct Handles<F> {
    open: BTreeMap<Object, Handle<F>>,
    uses: u64,
    /// Files were made or removed, and the folder was not synced since.
    names_changed: bool,
    /// A file that could not be synced: what was written to it may be gone.
    lost: bool,
    counters: Counters,
}

impl<F> Handles<F> {
    pub(crate) fn new(counters: Counters) -> Self {
        // A process that was killed may have changed names and not synced them.
        Self { open: BTreeMap::new(), uses: 0, names_changed: true, lost: false, counters }
    }

    /// The object's length; `None` when it does not exist.
    pub(crate) fn length<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object) -> io::Result<Option<u64>> {
        Ok(self.find(disk, object)?.map(|handle| handle.length))
    }

    /// Reads the part of a range that exists.
    pub(crate) fn read<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object, range: Range<u64>) -> io::Result<Vec<u8>> {
        let Some(handle) = self.find(disk, object)? else { return Ok(Vec::new()) };
        let end = range.end.min(handle.length);
        let length = usize::try_from(end.saturating_sub(range.start)).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let mut bytes = vec![0; length];
        let read = read_full(disk, &handle.file, range.start, &mut bytes)?;
        // A file that somebody else cut is shorter than it was.
        bytes.truncate(read);
        Ok(bytes)
    }

    /// Makes sure that the object has room up to `end`, making it if it does not exist. When there is none, nothing changed.
    pub(crate) fn reserve<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object, end: u64) -> io::Result<Room> {
        let made = self.find(disk, object)?.is_none();
        if made {
            match self.make(disk, object) {
                Ok(()) => {}
                Err(error) if is_full(&error) => return Ok(Room::Full),
                Err(error) => return Err(error),
            }
        }
        let handle = self.find(disk, object)?.expect("it exists now");
        let there = if made { Room::Made } else { Room::Reserved };
        if end <= handle.reserved {
            return Ok(there);
        }
        let from = handle.reserved.max(handle.length);
        let wanted = end.div_ceil(RESERVE).saturating_mul(RESERVE);
        let mut reserve = |to| again(|| disk.reserve(&handle.file, from..to)).map(|()| to);
        let reserved = match reserve(wanted) {
            // The last bytes of a disk are no multiple of anything.
            Err(error) if is_full(&error) => reserve(end),
            done => done,
        };
        match reserved {
            Ok(to) => handle.reserved = to,
            Err(error) if is_full(&error) => {
                if made {
                    self.remove(disk, object)?;
                }
                return Ok(Room::Full);
            }
            Err(error) if error.kind() == io::ErrorKind::Unsupported => handle.reserved = u64::MAX,
            Err(error) => return Err(error),
        }
        Ok(there)
    }

    /// Writes bytes at an offset that is not beyond the end, making the object if it does not exist.
    pub(crate) fn write<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object, at: u64, bytes: &[u8]) -> io::Result<()> {
        if self.find(disk, object)?.is_none() {
            self.make(disk, object)?;
        }
        let handle = self.find(disk, object)?.expect("it exists now");
        assert!(at <= handle.length, "no append leaves a hole");
        handle.dirty = true;
        write_all(disk, &handle.file, at, bytes)?;
        handle.length = handle.length.max(at + bytes.len() as u64);
        Ok(())
    }

    /// Cuts the object to `length`, if it is longer.
    pub(crate) fn truncate<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object, length: u64) -> io::Result<()> {
        if let Some(handle) = self.find(disk, object)?
            && handle.length > length
        {
            handle.dirty = true;
            again(|| disk.truncate(&handle.file, length))?;
            (handle.length, handle.reserved) = (length, length);
        }
        Ok(())
    }

    /// Has the object synced, whether it is changed or not: a process that was killed may have left it as it should be, in the
    /// system's memory only.
    pub(crate) fn doubt<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object) -> io::Result<()> {
        if let Some(handle) = self.find(disk, object)? {
            handle.dirty = true;
        }
        Ok(())
    }

    /// Removes the object, if it exists.
    pub(crate) fn remove<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object) -> io::Result<()> {
        if self.find(disk, object)?.is_some() {
            again(|| disk.remove(object.name()))?;
            self.names_changed = true;
            self.open.remove(object);
        }
        Ok(())
    }

    /// Whether a sync failed, of whatever file. Then nothing here may be tried again.
    pub(crate) const fn lost(&self) -> bool {
        self.lost
    }

    /// Makes durable all that was done.
    pub(crate) fn sync<D: Disk<File = F>>(&mut self, disk: &mut D) -> io::Result<()> {
        let done = self.sync_all(disk);
        self.lost |= done.is_err();
        done
    }

    fn sync_all<D: Disk<File = F>>(&mut self, disk: &mut D) -> io::Result<()> {
        for handle in self.open.values_mut().filter(|handle| handle.dirty) {
            synced(disk.sync(&handle.file), &self.counters)?;
            handle.dirty = false;
        }
        if self.names_changed {
            synced(disk.sync_names(), &self.counters)?;
            self.names_changed = false;
        }
        Ok(())
    }

    /// Closes all files, which were synced, and gives back the room that was reserved for more.
    pub(crate) fn close<D: Disk<File = F>>(&mut self, disk: &mut D) -> io::Result<()> {
        while let Some((_, handle)) = self.open.pop_first() {
            Self::trim(disk, &handle)?;
        }
        Ok(())
    }

    fn trim<D: Disk<File = F>>(disk: &mut D, handle: &Handle<F>) -> io::Result<()> {
        let more = handle.reserved > handle.length && handle.reserved < u64::MAX;
        if more { again(|| disk.truncate(&handle.file, handle.length)) } else { Ok(()) }
    }

    fn find<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object) -> io::Result<Option<&mut Handle<F>>> {
        if !self.open.contains_key(object) {
            let Some(file) = again(|| disk.open(object.name()))? else { return Ok(None) };
            let length = disk.length(&file)?;
            self.keep(disk, object, file, length)?;
        }
        self.uses += 1;
        let handle = self.open.get_mut(object).expect("it was just opened");
        handle.used = self.uses;
        Ok(Some(handle))
    }

    fn make<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object) -> io::Result<()> {
        let file = again(|| disk.create(object.name()))?;
        self.names_changed = true;
        self.keep(disk, object, file, 0)
    }

    /// Takes a file in; of too many, the one that was not used for longest is closed.
    fn keep<D: Disk<File = F>>(&mut self, disk: &mut D, object: &Object, file: F, length: u64) -> io::Result<()> {
        if self.open.len() == MAX_HANDLES {
            let oldest = self.open.iter().min_by_key(|(_, handle)| handle.used).map(|(object, _)| object.clone());
            if let Some(handle) = oldest.and_then(|oldest| self.open.remove(&oldest)) {
                let synced = if handle.dirty { synced(disk.sync(&handle.file), &self.counters) } else { Ok(()) };
                self.lost |= synced.is_err();
                // Whatever the reason: this is no full disk, which changes nothing.
                synced.map_err(io::Error::other)?;
                Self::trim(disk, &handle)?;
            }
        }
        self.open.insert(object.clone(), Handle { file, length, reserved: length, dirty: false, used: 0 });
        assert!(self.open.len() <= MAX_HANDLES, "open files are bounded");
        Ok(())
    }
}
