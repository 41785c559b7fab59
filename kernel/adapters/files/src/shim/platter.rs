//! What the shim's disk holds: as processes see it, and as it is kept when the power goes.

use super::Call;
use super::dice::Dice;
use std::collections::BTreeMap;
use std::io;

/// What the device writes at once or not at all, mostly.
const SECTOR: usize = 512;

/// One call in so many is interrupted, or does a part only.
const ODD: u64 = 24;

#[derive(Debug)]
pub(super) struct Platter {
    pub(super) boot: u64,
    pub(super) is_cut: bool,
    pub(super) calls: u64,
    pub(super) cut_at: Option<u64>,
    pub(super) limit: u64,
    pub(super) reserves: bool,
    /// Calls that will fail: of which sort, after how many of them, with what.
    pub(super) failures: Vec<(Call, u64, io::ErrorKind)>,
    names: BTreeMap<String, u64>,
    kept_names: BTreeMap<String, u64>,
    /// What happened to names since the last sync of these, in order.
    name_changes: Vec<(String, Option<u64>)>,
    inodes: BTreeMap<u64, File>,
    next: u64,
    dice: Dice,
}

#[derive(Default, Debug)]
struct File {
    now: Vec<u8>,
    kept: Vec<u8>,
    /// What happened since the last sync, in order.
    changes: Vec<Change>,
    reserved: u64,
}

#[derive(Debug)]
enum Change {
    Bytes { at: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Platter {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            boot: 0,
            is_cut: false,
            calls: 0,
            cut_at: None,
            limit: u64::MAX,
            reserves: true,
            failures: Vec::new(),
            names: BTreeMap::new(),
            kept_names: BTreeMap::new(),
            name_changes: Vec::new(),
            inodes: BTreeMap::new(),
            next: 0,
            dice: Dice::seeded(seed),
        }
    }

    /// One call: does the work, unless the power or the call fails.
    pub(super) fn enter<T>(
        &mut self,
        call: Call,
        inode: Option<u64>,
        work: impl FnOnce(&mut Self) -> io::Result<T>,
    ) -> io::Result<T> {
        let gone = || io::Error::other("the power is gone");
        if self.is_cut {
            return Err(gone());
        }
        if self.cut_at.is_some_and(|at| self.calls >= at) {
            // A sync under way has done as much as chance will say; another call reached the system's memory, or did not.
            if !matches!(call, Call::Sync | Call::SyncNames) && self.dice.once_in(2) {
                work(self).map(drop).unwrap_or_default();
            }
            self.is_cut = true;
            return Err(gone());
        }
        self.calls += 1;
        for failure in self.failures.iter_mut().filter(|failure| failure.0 == call) {
            if failure.1 == 0 {
                let with = failure.2;
                self.failures.retain(|failure| *failure != (call, 0, with));
                if let Some(file) = inode.and_then(|inode| self.inodes.get_mut(&inode)) {
                    file.changes.clear();
                }
                return Err(with.into());
            }
            failure.1 -= 1;
        }
        let may_be_interrupted = matches!(call, Call::Open | Call::Create | Call::Read | Call::Write | Call::Reserve);
        if may_be_interrupted && self.dice.once_in(ODD) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        work(self)
    }

    pub(super) fn list(&self) -> Vec<(String, u64)> {
        self.names.iter().map(|(name, inode)| (name.clone(), self.bytes(*inode).len() as u64)).collect()
    }

    pub(super) fn find(&self, name: &str) -> Option<u64> {
        self.names.get(name).copied()
    }

    pub(super) fn create(&mut self, name: &str) -> io::Result<u64> {
        if self.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = self.next;
        self.next += 1;
        self.inodes.insert(inode, File::default());
        self.rename(name, Some(inode));
        Ok(inode)
    }

    pub(super) fn remove(&mut self, name: &str) -> io::Result<()> {
        if !self.names.contains_key(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.rename(name, None);
        Ok(())
    }

    fn rename(&mut self, name: &str, inode: Option<u64>) {
        set(&mut self.names, name, inode);
        self.name_changes.push((name.to_owned(), inode));
    }

    pub(super) fn sync_names(&mut self) {
        self.name_changes.clear();
        self.kept_names = self.names.clone();
    }

    pub(super) fn bytes(&self, inode: u64) -> &[u8] {
        &self.inodes[&inode].now
    }

    /// How much of a read or write is done.
    pub(super) fn part(&mut self, length: usize) -> usize {
        if length > 1 && self.dice.once_in(ODD) { 1 + self.dice.index(length - 1) } else { length }
    }

    pub(super) fn write(&mut self, inode: u64, at: u64, bytes: &[u8]) -> io::Result<usize> {
        let room = self.room();
        let file = &self.inodes[&inode];
        let taken = file.reserved.max(file.now.len() as u64);
        let beyond = taken.saturating_add(room).saturating_sub(at);
        let most = usize::try_from(beyond).map_or(bytes.len(), |beyond| beyond.min(bytes.len()));
        if most == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let bytes = &bytes[..self.part(most)];
        let at = usize::try_from(at).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.file(inode).change(Change::Bytes { at, bytes: bytes.to_vec() });
        Ok(bytes.len())
    }

    pub(super) fn reserve(&mut self, inode: u64, end: u64) -> io::Result<()> {
        if !self.reserves {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let room = self.room();
        let file = self.file(inode);
        let taken = file.reserved.max(file.now.len() as u64);
        if end.saturating_sub(taken) > room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.reserved = file.reserved.max(end);
        Ok(())
    }

    pub(super) fn truncate(&mut self, inode: u64, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let file = self.file(inode);
        assert!(length <= file.now.len(), "a truncation does not extend");
        file.reserved = length as u64;
        file.change(Change::Length(length));
        Ok(())
    }

    pub(super) fn sync(&mut self, inode: u64) {
        let file = self.file(inode);
        for change in std::mem::take(&mut file.changes) {
            change.apply(&mut file.kept);
        }
    }

    /// The power goes, and comes back.
    pub(super) fn lose(&mut self) {
        let mut kept = self.kept_names.clone();
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, _) in &self.name_changes {
            *left.entry(name).or_default() += 1;
        }
        for count in left.values_mut() {
            *count = self.dice.index(*count + 1);
        }
        for (name, inode) in &self.name_changes {
            if let Some(count) = left.get_mut(name.as_str()).filter(|count| **count > 0) {
                *count -= 1;
                set(&mut kept, name, *inode);
            }
        }
        let mut inodes = std::mem::take(&mut self.inodes);
        inodes.retain(|inode, _| kept.values().any(|kept| kept == inode));
        for file in inodes.values_mut() {
            file.kept = file.survive(&mut self.dice);
            file.now.clone_from(&file.kept);
            file.changes.clear();
            file.reserved = 0;
        }
        self.inodes = inodes;
        self.names.clone_from(&kept);
        self.kept_names = kept;
        self.name_changes.clear();
        self.boot += 1;
        (self.is_cut, self.cut_at) = (false, None);
        self.failures.clear();
    }

    fn file(&mut self, inode: u64) -> &mut File {
        self.inodes.get_mut(&inode).expect("a handle is to a file")
    }

    /// How many bytes more the disk takes.
    fn room(&self) -> u64 {
        let used = self.names.values().map(|inode| &self.inodes[inode]).map(|file| file.reserved.max(file.now.len() as u64));
        self.limit.saturating_sub(used.sum())
    }
}

fn set(names: &mut BTreeMap<String, u64>, name: &str, inode: Option<u64>) {
    match inode {
        Some(inode) => names.insert(name.to_owned(), inode),
        None => names.remove(name),
    };
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Bytes { at, bytes } => {
                to.resize(to.len().max(at + bytes.len()), 0);
                to[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Length(length) => to.resize(*length, 0),
        }
    }
}

impl File {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.changes.push(change);
    }

    /// What a power cut leaves.
    fn survive(&self, dice: &mut Dice) -> Vec<u8> {
        let count = self.changes.len();
        let first = match dice.below(4) {
            0 => 0,
            1 => count,
            2 => dice.index(count + 1),
            _ => return self.scatter(dice),
        };
        let mut left = self.kept.clone();
        self.changes[..first].iter().for_each(|change| change.apply(&mut left));
        left
    }

    /// Each sector, and the length, as after any of the changes.
    fn scatter(&self, dice: &mut Dice) -> Vec<u8> {
        let count = self.changes.len();
        let any = |dice: &mut Dice| match dice.below(3) {
            0 => 0,
            1 => count,
            _ => dice.index(count + 1),
        };
        let upto = any(dice);
        let ends = |length: usize, change: &Change| match change {
            Change::Bytes { at, bytes } => length.max(at + bytes.len()),
            Change::Length(length) => *length,
        };
        let length = self.changes[..upto].iter().fold(self.kept.len(), ends);
        let mut left = self.kept.clone();
        left.resize(length, 0);
        let garbage = dice.once_in(4);
        for start in (0..length).step_by(SECTOR) {
            let end = (start + SECTOR).min(length);
            let (upto, tear) = (any(dice), dice.once_in(8).then(|| dice.index(SECTOR)));
            if garbage && upto == 0 && start >= self.kept.len() {
                left[start..end].fill_with(|| dice.next().to_le_bytes()[0]);
            }
            for (nth, change) in self.changes.iter().enumerate().take(upto) {
                // The last of them may have got no further than into the middle of the sector.
                let end = if nth + 1 == upto { end.min(start + tear.unwrap_or(SECTOR)) } else { end };
                change.apply_within(&mut left, start, end);
            }
        }
        left
    }
}

impl Change {
    /// What the change does to the bytes from `start` to `end`, which are there.
    fn apply_within(&self, to: &mut [u8], start: usize, end: usize) {
        match self {
            Self::Bytes { at, bytes } => {
                let (from, until) = (start.max(*at), end.min(at + bytes.len()));
                if from < until {
                    to[from..until].copy_from_slice(&bytes[from - at..until - at]);
                }
            }
            Self::Length(length) if *length < end => to[start.max(*length)..end].fill(0),
            Self::Length(_) => {}
        }
    }
}
