//! Target `codec`: bytes into values and back.
//!
//! The first byte says which type the rest is to be decoded as. Held for every type:
//!
//! - Decoding ends in a value or in a typed error whose offset lies in the input; it does not panic, whatever the depth and the
//!   lengths that the input claims.
//! - *Uniqueness*: what decodes, encodes to the very bytes that were read, also when others follow.
//! - An encoding says where it ends: one byte less is refused, and one byte more is refused there.
//!
//! How much memory a decoder takes is not seen here; libFuzzer's own limit sees it.

use crate::Met;
use antfarm_authority::{Closed, Drawn, Reclaimed};
use antfarm_identity::{Codec, Digest, Malformed, PublicKey, Reader, Reason, Sealed, Signature, from_bytes, to_bytes};
use antfarm_machine::{Now, Receipt, Request};
use antfarm_node::{Context, Thought};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Debug;
use std::sync::Arc;

/// A type that contains itself, so that only the bound on depth ends its decoding.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub(crate) enum Nest {
    /// The innermost.
    Leaf(u8),
    /// One deeper.
    In(Box<Self>),
    /// Several deeper.
    Many(Vec<Self>),
    /// Several deeper under names.
    Named(BTreeMap<String, Self>),
}

/// Numbers of each width, and what wraps them.
pub(crate) type Numbers = ((u8, u16, u32, u64), (i8, i16, i32, i64), (u128, i128), (bool, Option<Option<bool>>));

/// Lists of each kind.
pub(crate) type Lists = (Vec<String>, BTreeSet<(u8, bool)>, VecDeque<[u16; 3]>, (Vec<()>, BTreeMap<i16, Arc<u8>>));

/// Digests, a key, a signature: values that not every row of bytes is.
pub(crate) type Names = (Digest, Option<PublicKey>, Vec<Signature>);

/// What homes say to each other about budgets.
pub(crate) type Vouchers = (Drawn, Closed, Reclaimed);

/// What minds are told, and what they say.
pub(crate) type Minds = (Context, Thought);

/// The types, in the order of the selecting byte. New ones go to the end: inputs of the corpus keep their meaning.
pub(crate) const TYPES: &[fn(&[u8]) -> Met] = &[
    round::<antfarm_raft::Message>,
    round::<antfarm_raft::Notice>,
    round::<antfarm_raft::Image>,
    round::<Request>,
    round::<Receipt>,
    round::<antfarm_ledger::Header>,
    round::<antfarm_ledger::SignedHead>,
    round::<antfarm_ledger::Kept>,
    round::<antfarm_ledger::Notice>,
    round::<antfarm_ledger::Inclusion>,
    round::<Sealed<antfarm_ledger::Ask>>,
    round::<Vec<Nest>>,
    round::<Numbers>,
    round::<Lists>,
    round::<Names>,
    round::<(Now, antfarm_raft::Timer)>,
    round::<antfarm_node::Message>,
    round::<antfarm_node::Fact>,
    round::<antfarm_node::Ask>,
    round::<antfarm_node::Notice>,
    round::<antfarm_authority::Writ>,
    round::<Vouchers>,
    round::<antfarm_authority::Intent>,
    round::<antfarm_authority::Proposal>,
    round::<antfarm_authority::Offer>,
    round::<Minds>,
    round::<antfarm_node::Delta>,
    round::<(antfarm_authority::Scopes, antfarm_authority::Window, antfarm_authority::Delegation)>,
    round::<antfarm_authority::SavedAccounts>,
    round::<Vec<antfarm_identity::Made>>,
];

/// Decodes the bytes after the first as the type that the first one names.
///
/// Panics when a guarantee of the codec is broken.
pub fn codec(input: &[u8]) -> Met {
    let Some((which, bytes)) = input.split_first() else { return Met::Refused };
    TYPES[usize::from(*which) % TYPES.len()](bytes)
}

pub(crate) fn round<T: Codec + PartialEq + Debug>(bytes: &[u8]) -> Met {
    front::<T>(bytes);
    let value = match from_bytes::<T>(bytes) {
        Ok(value) => value,
        Err(malformed) => {
            placed(&malformed, bytes.len());
            return Met::Refused;
        }
    };
    assert_eq!(to_bytes(&value), bytes, "{value:?} has two encodings");
    assert!(usize::from(value.kind()) < T::KINDS.len(), "{value:?} is of no kind");
    assert!(T::SHORTEST <= bytes.len(), "{value:?} is shorter than the shortest");
    if let Some(shorter) = bytes.len().checked_sub(1) {
        assert!(from_bytes::<T>(&bytes[..shorter]).is_err(), "an encoding of {value:?} is the beginning of another");
    }
    let longer = [bytes, &[0]].concat();
    let trailing = Malformed { offset: bytes.len(), reason: Reason::Trailing { extra: 1 } };
    assert_eq!(from_bytes::<T>(&longer), Err(trailing), "a byte follows {value:?}");
    Met::Taken
}

/// A value from the front, whatever follows it.
fn front<T: Codec + Debug>(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    match T::decode(&mut reader) {
        Ok(value) => assert_eq!(to_bytes(&value), bytes[..reader.offset()], "{value:?} has two encodings"),
        Err(malformed) => placed(&malformed, bytes.len()),
    }
}

fn placed(malformed: &Malformed, length: usize) {
    assert!(malformed.offset <= length, "{malformed} of {length}");
    assert!(malformed.to_string().starts_with("at byte "), "{malformed:?}");
}
