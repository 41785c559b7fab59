//! The log that a replayed node writes, in memory: what it stored and was told is stored.
//!
//! Where the node began with an empty disk, that is all of its log, and reads as one. Else the beginning of the segment that it went on
//! with is not here.

use crate::bad_input::BadInput;
use antfarm_identity::Digest;
use antfarm_ledger::{LogHead, Verifier, segment_number};
use antfarm_machine::{Effect, Input, Object, Operation, Outcome, Receipt, Request, Ticket};
use antfarm_node::Node;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::Path;

#[derive(Debug, Default)]
pub(crate) struct Image {
    pending: BTreeMap<Ticket, Operation>,
    segments: BTreeMap<Object, Written>,
}

/// The end of a segment, from some offset on.
#[derive(Debug)]
struct Written {
    from: u64,
    bytes: Vec<u8>,
}

impl Written {
    fn end(&self) -> u64 {
        self.from + self.bytes.len() as u64
    }
}

/// Where a folder holds something else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Differs {
    pub(crate) object: Object,
    pub(crate) offset: u64,
}

impl Image {
    /// One step of the node.
    pub(crate) fn step(&mut self, input: &Input<Node>, effects: &[Effect<Node>]) {
        if let Input::Stored(receipt) = input {
            self.answered(receipt);
        }
        for effect in effects {
            if let Effect::Store(Request { ticket, operation }) = effect {
                self.pending.insert(*ticket, operation.clone());
            }
        }
    }

    fn answered(&mut self, receipt: &Receipt) {
        let Some(operation) = self.pending.remove(&receipt.ticket) else { return };
        if receipt.outcome != Outcome::Done {
            return;
        }
        match operation {
            Operation::AppendAt { object, expected_end, bytes } if segment_number(&object).is_some() => {
                let written = self.segments.entry(object).or_insert(Written { from: expected_end, bytes: Vec::new() });
                if written.end() != expected_end {
                    *written = Written { from: expected_end, bytes: Vec::new() };
                }
                written.bytes.extend_from_slice(&bytes);
            }
            Operation::Truncate { object, length } => {
                if let Some(written) = self.segments.get_mut(&object) {
                    let keep = usize::try_from(length.saturating_sub(written.from)).unwrap_or(usize::MAX);
                    written.bytes.truncate(keep);
                    written.from = written.from.min(length);
                }
            }
            Operation::Remove { object } => drop(self.segments.remove(&object)),
            Operation::AppendAt { .. } | Operation::List | Operation::Read { .. } => {}
        }
    }

    /// Where the log ends by its bytes, if all of it is here; none too where they are no log.
    pub(crate) fn head(&self, log: Digest) -> Option<LogHead> {
        let numbers = self.segments.keys().filter_map(segment_number);
        let is_whole = numbers.eq((1..).take(self.segments.len())) && self.segments.values().all(|it| it.from == 0);
        let bytes: Vec<&[u8]> = self.segments.values().map(|it| it.bytes.as_slice()).collect();
        (is_whole && !bytes.is_empty()).then(|| Verifier::new(log).run(&bytes, &mut |_| {}).ok().map(|it| it.head)).flatten()
    }

    /// How many bytes are here.
    pub(crate) fn bytes(&self) -> u64 {
        self.segments.values().map(|it| it.bytes.len() as u64).sum()
    }

    /// The first place at which the folder does not hold what is here.
    pub(crate) fn differs(&self, folder: &Path) -> Result<Option<Differs>, BadInput> {
        for (object, written) in &self.segments {
            let path = folder.join(object.name());
            let differs = |offset| Ok(Some(Differs { object: object.clone(), offset }));
            let failed = |error| BadInput::Unreadable(path.clone(), error);
            let mut file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => return differs(written.from),
                Err(error) => return Err(failed(error)),
            };
            file.seek(SeekFrom::Start(written.from)).map_err(failed)?;
            let mut there = Vec::with_capacity(written.bytes.len());
            file.take(written.bytes.len() as u64).read_to_end(&mut there).map_err(failed)?;
            if there != written.bytes {
                let same = there.iter().zip(&written.bytes).take_while(|(one, other)| one == other).count();
                return differs(written.from + same as u64);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str) -> Object {
        Object::new(name).expect("legal")
    }

    fn store(image: &mut Image, ticket: u64, operation: Operation, outcome: Outcome) {
        let ticket = Ticket(ticket);
        image.step(&Input::Woke { incarnation: 0 }, &[Effect::Store(Request { ticket, operation })]);
        image.step(&Input::Stored(Receipt { ticket, outcome }), &[]);
    }

    #[test]
    fn what_was_answered_is_kept_and_nothing_else() {
        let mut image = Image::default();
        let append = |name: &str, expected_end, bytes: &[u8]| Operation::AppendAt {
            object: object(name),
            expected_end,
            bytes: bytes.to_vec(),
        };
        let length = |image: &Image, name: &str| image.segments.get(&object(name)).map(|it| (it.from, it.bytes.clone()));
        store(&mut image, 1, append("log-00000001", 0, b"abc"), Outcome::Done);
        store(&mut image, 2, append("log-00000001", 3, b"lost"), Outcome::Full);
        store(&mut image, 3, append("log-00000001", 3, b"def"), Outcome::Done);
        store(&mut image, 4, append("log-00000002", 7, b"xyz"), Outcome::Done);
        store(&mut image, 5, append("other", 0, b"xyz"), Outcome::Done);
        assert_eq!(length(&image, "log-00000001"), Some((0, b"abcdef".to_vec())));
        assert_eq!(length(&image, "log-00000002"), Some((7, b"xyz".to_vec())), "what was there before is not known");
        assert_eq!((image.bytes(), image.segments.len()), (9, 2));
        store(&mut image, 6, Operation::Truncate { object: object("log-00000001"), length: 4 }, Outcome::Done);
        store(&mut image, 7, Operation::Truncate { object: object("log-00000002"), length: 5 }, Outcome::Done);
        assert_eq!(length(&image, "log-00000001"), Some((0, b"abcd".to_vec())));
        assert_eq!(length(&image, "log-00000002"), Some((5, Vec::new())));
        store(&mut image, 8, Operation::Remove { object: object("log-00000001") }, Outcome::Done);
        assert_eq!(length(&image, "log-00000001"), None);
    }

    #[test]
    fn a_folder_that_holds_something_else_is_found_out_with_the_place() {
        let folder = std::env::temp_dir().join(format!("antfarm-image-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for the test");
        let mut image = Image::default();
        let bytes = b"abc".to_vec();
        store(&mut image, 1, Operation::AppendAt { object: object("log-00000001"), expected_end: 2, bytes }, Outcome::Done);
        let check = |there: &[u8], expected: Option<u64>| {
            std::fs::write(folder.join("log-00000001"), there).expect("it is ours");
            let differs = image.differs(&folder).expect("it can be read");
            assert_eq!(differs.map(|it| it.offset), expected, "{there:?}");
        };
        check(b"??abc", None);
        check(b"??abc and more", None);
        check(b"??abX", Some(4));
        check(b"??ab", Some(4));
        check(b"", Some(2));
        std::fs::remove_dir_all(&folder).expect("it is ours");
        assert_eq!(image.differs(&folder).expect("it is not there").map(|it| it.offset), Some(2));
    }
}
