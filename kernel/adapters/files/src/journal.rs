//! The journal: groups of changes that are durable, in blocks that are whole or are not there.
//!
//! ```text
//! file     0        4096     8192
//!          | head A | head B | block | block | ...           each begins at a multiple of 4096
//!
//! head     0        4            12      20
//!          | "AFJ"  | generation | nonce | check of 0..20    A for even generations, B for odd ones
//!          | 1      | u64        | u64   | u64
//!
//! block    0        4        8         16
//!          | "AFB"  | length | check   | body: changes ...   see `change.rs`
//!          | 1      | u32    | u64     |
//! ```
//!
//! The valid head with the greater generation counts. A block's check folds nonce, generation, its place and its body, so a block of
//! an earlier generation, or one that is quoted in the bytes of an append, is none. Blocks are read up to the first that is none:
//! that one was torn, or never written, and so never answered.
//!
//! A new generation begins when all that the former says is durable in the files: its head is synced before its first block
//! overwrites anything. So there is always one generation that is whole, and it is enough.
//!
//! The file is filled with zeros ahead of use and not shortened, so that a block changes neither its length nor its extents.

use crate::counters::Counters;
use crate::disk::{Disk, again, read_full, write_all};
use antfarm_identity::{Fold, checksum};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;

const NAME: &str = ".journal";
const HEAD_MAGIC: &[u8; 3] = b"AFJ";
const BLOCK_MAGIC: &[u8; 3] = b"AFB";
const FORMAT: u8 = 1;

/// Heads and blocks begin at multiples of this: no write touches a page that holds what was answered before.
const PAGE: u64 = 4096;
const HEAD: usize = 28;
const START: u64 = 2 * PAGE;

/// How much the file grows at a time.
const GROW: u64 = 1 << 20;

/// Bytes of a block before its body.
pub(crate) const BLOCK_HEAD: usize = 16;

/// Past so many bytes of blocks the objects' files are synced and the journal is begun anew. One longer block is still taken.
pub const JOURNAL_BYTES: u64 = 16 << 20;

/// Longer blocks are not written, so they are not read.
const MAX_BLOCK: usize = 64 << 20;

pub(crate) struct Journal<F> {
    file: F,
    generation: u64,
    nonce: u64,
    /// Where the next block goes.
    at: u64,
    /// The file's length.
    length: u64,
    /// Bytes of blocks, after which another generation should begin.
    capacity: u64,
}

/// What was found in place of a journal.
#[derive(Debug)]
pub(crate) enum Bad {
    Foreign(u8),
    Io(&'static str, io::Error),
}

impl<F> Journal<F> {
    /// Opens the journal of a folder, or makes one. Blocks are then read with [`Self::replay`] until there are none, then
    /// [`Self::begin`] is due, whatever was found: a head that an earlier process wrote may be in the system's memory only.
    pub(crate) fn open<D: Disk<File = F>>(disk: &mut D, capacity: u64) -> Result<Self, Bad> {
        let file = again(|| disk.open(NAME)).map_err(|error| Bad::Io("opening the journal", error))?;
        let file = match file {
            Some(file) => file,
            None => again(|| disk.create(NAME)).map_err(|error| Bad::Io("making the journal", error))?,
        };
        let length = disk.length(&file).map_err(|error| Bad::Io("reading the journal", error))?;
        let mut newest: Option<(u64, u64)> = None;
        for place in [0, PAGE] {
            let mut head = [0; HEAD];
            read_full(disk, &file, place, &mut head).map_err(|error| Bad::Io("reading the journal", error))?;
            if word(&head[20..]) != checksum(&head[..20]) || !head.starts_with(HEAD_MAGIC) {
                continue;
            }
            if head[3] != FORMAT {
                return Err(Bad::Foreign(head[3]));
            }
            newest = newest.max(Some((word(&head[4..]), word(&head[12..]))));
        }
        let (generation, nonce) = newest.unwrap_or_default();
        let mut journal = Self { file, generation, nonce, at: START, length, capacity };
        // There may be none, or the power went while the first was made: nothing was answered yet.
        journal.grow(disk, START).map_err(|error| Bad::Io("making the journal", error))?;
        Ok(journal)
    }

    /// The body of the next block, if there is one.
    pub(crate) fn replay<D: Disk<File = F>>(&mut self, disk: &mut D) -> io::Result<Option<Vec<u8>>> {
        if self.generation == 0 {
            return Ok(None);
        }
        let mut head = [0; BLOCK_HEAD];
        let read = read_full(disk, &self.file, self.at, &mut head)?;
        let length = usize::try_from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])).unwrap_or(usize::MAX);
        if read < BLOCK_HEAD || !head.starts_with(BLOCK_MAGIC) || head[3] != FORMAT || length > MAX_BLOCK {
            return Ok(None);
        }
        let mut body = vec![0; length];
        let read = read_full(disk, &self.file, self.at + BLOCK_HEAD as u64, &mut body)?;
        if read < length || word(&head[8..]) != self.check(&body) {
            return Ok(None);
        }
        self.at += padded(BLOCK_HEAD + length);
        Ok(Some(body))
    }

    /// Whether a block, its head included, fits in before the journal should be begun anew.
    pub(crate) fn fits(&self, block: &[u8]) -> bool {
        self.is_empty() || self.at + padded(block.len()) <= START + self.capacity
    }

    /// Whether this generation has no block.
    pub(crate) const fn is_empty(&self) -> bool {
        self.at == START
    }

    /// Makes sure that the file is long enough for a block. Nothing that counts is changed when that fails.
    pub(crate) fn make_room<D: Disk<File = F>>(&mut self, disk: &mut D, block: &[u8]) -> io::Result<()> {
        self.grow(disk, self.at + padded(block.len()))
    }

    /// Writes a block, for which there is room, and syncs it. The first bytes of `block` are left for its head.
    pub(crate) fn commit<D: Disk<File = F>>(&mut self, disk: &mut D, block: &mut [u8], counters: &Counters) -> io::Result<()> {
        let end = self.at + padded(block.len());
        assert!(end <= self.length && block.len() <= MAX_BLOCK, "there is room for the block");
        let check = self.check(&block[BLOCK_HEAD..]);
        let length = u32::try_from(block.len() - BLOCK_HEAD).expect("a block is far below 4 GiB");
        block[..3].copy_from_slice(BLOCK_MAGIC);
        block[3] = FORMAT;
        block[4..8].copy_from_slice(&length.to_le_bytes());
        block[8..BLOCK_HEAD].copy_from_slice(&check.to_le_bytes());
        write_all(disk, &self.file, self.at, block)?;
        synced(disk.sync(&self.file), counters)?;
        self.at = end;
        Ok(())
    }

    /// Begins a new generation. All that this one says must be durable elsewhere.
    pub(crate) fn begin<D: Disk<File = F>>(&mut self, disk: &mut D, counters: &Counters) -> io::Result<()> {
        let generation = self.generation + 1;
        // Keys of a hasher are random and nobody outside sees one: bytes of an append cannot be made to look like a block.
        let nonce = RandomState::new().hash_one(generation) ^ RandomState::new().build_hasher().finish();
        let mut head = [0; HEAD];
        head[..3].copy_from_slice(HEAD_MAGIC);
        head[3] = FORMAT;
        head[4..12].copy_from_slice(&generation.to_le_bytes());
        head[12..20].copy_from_slice(&nonce.to_le_bytes());
        let check = checksum(&head[..20]);
        head[20..].copy_from_slice(&check.to_le_bytes());
        write_all(disk, &self.file, (generation % 2) * PAGE, &head)?;
        synced(disk.sync(&self.file), counters)?;
        (self.generation, self.nonce, self.at) = (generation, nonce, START);
        Ok(())
    }

    fn check(&self, body: &[u8]) -> u64 {
        let mut fold = Fold::new();
        for word in [self.nonce, self.generation, self.at] {
            fold.absorb_u64(word);
        }
        fold.absorb(body);
        fold.value()
    }

    fn grow<D: Disk<File = F>>(&mut self, disk: &mut D, end: u64) -> io::Result<()> {
        const ZEROS: &[u8] = &[0; 64 << 10];
        if end > self.length {
            let end = end.next_multiple_of(GROW);
            while self.length < end {
                let more = usize::try_from(end - self.length).map_or(ZEROS.len(), |more| more.min(ZEROS.len()));
                write_all(disk, &self.file, self.length, &ZEROS[..more])?;
                self.length += more as u64;
            }
        }
        Ok(())
    }
}

/// Counts a sync.
pub(crate) fn synced(done: io::Result<()>, counters: &Counters) -> io::Result<()> {
    counters.sync();
    done
}

fn padded(length: usize) -> u64 {
    (length as u64).next_multiple_of(PAGE)
}

/// The first eight bytes.
fn word(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |word| u64::from_le_bytes(*word))
}
