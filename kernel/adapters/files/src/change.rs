//! What a journal block holds: the changes of one group, in order.
//!
//! ```text
//! change   0      1             2        2 + n     10 + n    14 + n
//!          | kind | n: length   | name   | offset  | length  | bytes of an append ...
//!                 | of the name |        | u64     | u32     |
//! ```
//!
//! Integers are little-endian. `kind` is 1 for an append, 2 for a truncation (`offset` is the new length), 3 for a removal.

use antfarm_machine::Object;
use std::ops::Range;

/// One change of one object, as it was decided: it conflicts with nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// Bytes at the end. The range is theirs within the block.
    Append { object: Object, offset: u64, bytes: Range<usize> },
    /// A cut.
    Truncate { object: Object, length: u64 },
    /// A removal.
    Remove { object: Object },
}

/// Writes a change at the end of a block; where its bytes are there.
pub(crate) fn write(block: &mut Vec<u8>, kind: Kind, object: &Object, offset: u64, bytes: &[u8]) -> Range<usize> {
    let name = object.name().as_bytes();
    block.extend([kind as u8, u8::try_from(name.len()).expect("a name has at most 64 bytes")]);
    block.extend(name);
    block.extend(offset.to_le_bytes());
    block.extend(u32::try_from(bytes.len()).expect("an append has at most 16 MiB").to_le_bytes());
    let start = block.len();
    block.extend(bytes);
    start..block.len()
}

/// The first byte of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Append = 1,
    Truncate = 2,
    Remove = 3,
}

/// Reads the change at `*at` and moves behind it; `None` when there is none.
pub(crate) fn read(block: &[u8], at: &mut usize) -> Option<Change> {
    let mut take = |length: usize| {
        let range = *at..at.checked_add(length)?;
        block.get(range.clone())?;
        *at = range.end;
        Some(range)
    };
    let (kind, length) = (block[take(1)?][0], block[take(1)?][0]);
    let name = &block[take(usize::from(length))?];
    let object = Object::new(std::str::from_utf8(name).ok()?).ok()?;
    let offset = u64::from_le_bytes(block[take(8)?].try_into().ok()?);
    let length = u32::from_le_bytes(block[take(4)?].try_into().ok()?);
    let bytes = take(usize::try_from(length).ok()?)?;
    match kind {
        1 => Some(Change::Append { object, offset, bytes }),
        2 if length == 0 => Some(Change::Truncate { object, length: offset }),
        3 if length == 0 => Some(Change::Remove { object }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_no_part_of_it_is() {
        let object = || Object::new("log-1").expect("a name");
        let mut block = Vec::new();
        let bytes = write(&mut block, Kind::Append, &object(), 7, b"abc");
        let first = block.len();
        write(&mut block, Kind::Truncate, &object(), 9, b"");
        write(&mut block, Kind::Remove, &object(), 0, b"");
        let mut at = 0;
        assert_eq!(read(&block, &mut at), Some(Change::Append { object: object(), offset: 7, bytes: bytes.clone() }));
        assert_eq!((&block[bytes], at), (&b"abc"[..], first));
        assert_eq!(read(&block, &mut at), Some(Change::Truncate { object: object(), length: 9 }));
        assert_eq!(read(&block, &mut at), Some(Change::Remove { object: object() }));
        assert_eq!((read(&block, &mut at), at), (None, block.len()));
        for end in 0..first {
            assert_eq!(read(&block[..end], &mut 0), None, "{end} bytes");
        }
        block[0] = 4;
        assert_eq!(read(&block, &mut 0), None, "an unknown kind");
    }
}
