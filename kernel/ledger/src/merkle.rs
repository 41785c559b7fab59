//! The Merkle tree over the headers' digests, as far as appending needs it: its right edge.
//!
//! The shape is that of RFC 9162, section 2.1.1: a tree of `n` leaves has a full left subtree of the largest power of two
//! below `n`. Leaves are header digests and nodes have a hash domain of their own, which is what the RFC's 0x00 and 0x01
//! prefixes are for. Proofs are in `proof.rs`.

use crate::hash;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest};

/// The roots of the full subtrees that a growing tree consists of, largest first: all that appending a leaf needs.
///
/// At most 64 digests. Appending costs one hash on average, the root one per subtree.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Frontier {
    leaves: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self { leaves: 0, peaks: Vec::new() }
    }

    /// How many leaves there are.
    pub const fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Appends a leaf: a record's digest.
    pub fn push(&mut self, leaf: Digest) {
        let mut node = leaf;
        for _ in 0..self.leaves.trailing_ones() {
            let left = self.peaks.pop().expect("one peak for each one-bit of the number of leaves");
            node = hash::node(&left, &node);
        }
        self.peaks.push(node);
        self.leaves += 1;
        debug_assert!(self.is_sound(), "one peak for each one-bit of the number of leaves");
    }

    /// The root of the tree (RFC 9162, section 2.1.1: MTH).
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(smallest) = peaks.next() else { return hash::empty() };
        peaks.fold(*smallest, |right, left| hash::node(left, &right))
    }

    /// Whether there is one peak for each one-bit of the number of leaves; a decoded value may lie.
    pub(crate) fn is_sound(&self) -> bool {
        self.peaks.len() == self.leaves.count_ones() as usize
    }
}

impl Default for Frontier {
    fn default() -> Self {
        Self::new()
    }
}
