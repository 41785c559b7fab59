//! How bytes lie in an object: frames that prove where they belong, and what a crash may leave behind them.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of the body, little-endian |
//! | 4 | guard: low half of a fold over place and length |
//! | 8 | check: fold over place and body |
//! | n | body |
//! | 1 | end mark, `0xa5` |
//!
//! The place (which object, which offset) is part of both folds, so a frame that was written elsewhere is damage, not data.
//!
//! A torn append leaves a prefix of its bytes and perhaps zeros behind it; that is all that [`antfarm_machine::Storage`]
//! allows, and [`Scan::Torn`] is exactly this. The end mark is never zero, so a frame that is complete but wrong was not
//! torn: it was whole once, a receipt may have been given for it, and cutting it off could lose what others rely on. The
//! guard tells the same about the length. Such a frame is [`Scan::Damaged`].

use alloc::vec::Vec;
use antfarm_identity::Fold;

const HEAD: usize = 16;
const END: u8 = 0xa5;

/// The kinds of objects that a server keeps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Class {
    /// Terms and votes.
    Vote = 1,
    /// Entries.
    Log = 2,
    /// A snapshot.
    Snapshot = 3,
}

/// Which object: its class and its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Shelf {
    pub(crate) class: Class,
    pub(crate) number: u64,
}

/// What lies at an offset of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scan<'a> {
    /// A whole frame.
    Frame {
        /// What it holds.
        body: &'a [u8],
        /// Where it ends.
        next: usize,
    },
    /// The object's end.
    End,
    /// The rest of an append that a crash interrupted; nothing lies behind it.
    Torn,
    /// Anything else.
    Damaged,
}

/// Appends a frame whose first byte will lie at `offset` of the object.
pub(crate) fn write(out: &mut Vec<u8>, shelf: Shelf, offset: u64, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    body(out);
    let length = u32::try_from(out.len() - start - HEAD).expect("a body is shorter than what one append may carry");
    let check = shelf.check(offset, &out[start + HEAD..]);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + 8].copy_from_slice(&shelf.guard(offset, length));
    out[start + 8..start + HEAD].copy_from_slice(&check.to_le_bytes());
    out.push(END);
}

/// Looks at what lies at `at` in `bytes`, the whole content of an object.
pub(crate) fn scan(bytes: &[u8], shelf: Shelf, at: usize) -> Scan<'_> {
    let rest = &bytes[at..];
    let offset = at as u64;
    if rest.is_empty() {
        return Scan::End;
    }
    let Some((head, tail)) = rest.split_at_checked(HEAD) else {
        return Scan::Torn;
    };
    let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
    if head[4..8] != shelf.guard(offset, length) {
        return if rest[8..].iter().all(|&byte| byte == 0) { Scan::Torn } else { Scan::Damaged };
    }
    let Some((body, behind)) = tail.split_at_checked(length as usize) else {
        return Scan::Torn;
    };
    let Some((&mark, behind)) = behind.split_first() else {
        return Scan::Torn;
    };
    let whole = mark == END && head[8..] == shelf.check(offset, body).to_le_bytes();
    if whole {
        Scan::Frame { body, next: at + HEAD + body.len() + 1 }
    } else if mark == 0 && behind.iter().all(|&byte| byte == 0) {
        Scan::Torn
    } else {
        Scan::Damaged
    }
}

impl Shelf {
    fn guard(self, offset: u64, length: u32) -> [u8; 4] {
        let mut fold = self.fold(offset);
        fold.absorb_u64(u64::from(length));
        let [a, b, c, d, ..] = fold.value().to_le_bytes();
        [a, b, c, d]
    }

    fn check(self, offset: u64, body: &[u8]) -> u64 {
        let mut fold = self.fold(offset);
        fold.absorb(body);
        fold.value()
    }

    fn fold(self, offset: u64) -> Fold {
        let mut fold = Fold::new();
        fold.absorb_u64(self.class as u64);
        fold.absorb_u64(self.number);
        fold.absorb_u64(offset);
        fold
    }
}
