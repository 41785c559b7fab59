//! Proofs about the Merkle tree, made by one pass over its leaves and checked without any of them.
//!
//! Follows RFC 9162: inclusion is section 2.1.3, consistency 2.1.4; the numbers and the order of a path's digests are the
//! RFC's. A proof says nothing about who vouches for a root: see [`crate::SignedHead`].

use crate::hash;
use crate::merkle::Frontier;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest};

/// That a record is the `index`-th leaf of a tree of `size` leaves.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Inclusion {
    /// The record's position in the log.
    pub index: u64,
    /// How many records the tree commits to.
    pub size: u64,
    /// Sibling subtrees from the leaf up.
    pub path: Vec<Digest>,
}

/// That a tree of `old` leaves is the beginning of a tree of `new` leaves.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Consistency {
    /// Leaves of the earlier tree.
    pub old: u64,
    /// Leaves of the later tree.
    pub new: u64,
    /// Subtrees from which both roots follow.
    pub path: Vec<Digest>,
}

impl Inclusion {
    /// A pass over the log that makes this proof; `None` unless `index < size`.
    pub fn prove(index: u64, size: u64) -> Option<Prover<Self>> {
        if index >= size {
            return None;
        }
        let (mut from, mut to, mut path) = (0, size, Vec::new());
        while to - from > 1 {
            let middle = from + split(to - from);
            if index < middle {
                path.push((middle, to));
                to = middle;
            } else {
                path.push((from, middle));
                from = middle;
            }
        }
        Some(Prover::new(path, size, Self { index, size, path: Vec::new() }))
    }

    /// Whether the record with this digest is in the tree with this root, at `index`.
    pub fn holds(&self, record: &Digest, root: &Digest) -> bool {
        if self.index >= self.size {
            return false;
        }
        let mut climb = Climb { at: self.index, last: self.size - 1 };
        let mut node = *record;
        for sibling in &self.path {
            let Some(side) = climb.step() else { return false };
            node = match side {
                Side::Left => hash::node(sibling, &node),
                Side::Right => hash::node(&node, sibling),
            };
        }
        climb.last == 0 && node == *root
    }
}

impl Consistency {
    /// A pass over the log that makes this proof; `None` unless `old <= new`.
    pub fn prove(old: u64, new: u64) -> Option<Prover<Self>> {
        if old > new {
            return None;
        }
        let (mut from, mut to, mut path) = (0, new, Vec::new());
        while old > 0 && old < to {
            let middle = from + split(to - from);
            if old <= middle {
                path.push((middle, to));
                to = middle;
            } else {
                path.push((from, middle));
                from = middle;
            }
        }
        // What is left is the last subtree of the earlier tree; when it is all of that tree, its root is known anyway.
        if old > 0 && from > 0 {
            path.push((from, to));
        }
        Some(Prover::new(path, new, Self { old, new, path: Vec::new() }))
    }

    /// Whether the tree with root `earlier` is the beginning of the one with root `later`.
    pub fn holds(&self, earlier: &Digest, later: &Digest) -> bool {
        if self.old == 0 || self.old >= self.new {
            let same = self.old == self.new && earlier == later;
            return self.path.is_empty() && (same || (self.old == 0 && self.new > 0 && *earlier == hash::empty()));
        }
        let mut climb = Climb { at: self.old - 1, last: self.new - 1 };
        while climb.at & 1 == 1 {
            climb.up();
        }
        let mut path = self.path.iter();
        let first = if self.old.is_power_of_two() { Some(earlier) } else { path.next() };
        let Some(first) = first else { return false };
        let (mut before, mut after) = (*first, *first);
        for sibling in path {
            match climb.step() {
                None => return false,
                Some(Side::Left) => {
                    before = hash::node(sibling, &before);
                    after = hash::node(sibling, &after);
                }
                Some(Side::Right) => after = hash::node(&after, sibling),
            }
        }
        climb.last == 0 && before == *earlier && after == *later
    }
}

/// On which side of a node its sibling stands.
enum Side {
    Left,
    Right,
}

/// The way from a leaf to the root: `at` and the last node of the same level (the RFC's `fn` and `sn`).
struct Climb {
    at: u64,
    last: u64,
}

impl Climb {
    fn up(&mut self) {
        self.at >>= 1;
        self.last >>= 1;
    }

    /// Climbs past one sibling; `None` when the root is reached already.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let left = self.at & 1 == 1 || self.at == self.last;
        if left {
            // A node without a right sibling moves up unchanged until it has a left one.
            while self.at & 1 == 0 && self.at != 0 {
                self.up();
            }
        }
        self.up();
        Some(if left { Side::Left } else { Side::Right })
    }
}

/// The largest power of two below `n`, for `n` of at least 2.
fn split(n: u64) -> u64 {
    assert!(n >= 2, "a single leaf is not split");
    1 << (n - 1).ilog2()
}

/// Makes a proof from one pass over the leaves, in memory for O(log n) digests.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Prover<P> {
    proof: P,
    size: u64,
    leaves: u64,
    /// Subtrees that the path needs, from the left: range of leaves, and place in the path.
    wanted: Vec<(u64, u64, usize)>,
    done: usize,
    growing: Frontier,
    path: Vec<Digest>,
}

impl<P> Prover<P> {
    /// `subtrees` from the root down; a path goes from the bottom up.
    fn new(subtrees: Vec<(u64, u64)>, size: u64, proof: P) -> Self {
        let path = alloc::vec![hash::empty(); subtrees.len()];
        let mut wanted: Vec<_> = subtrees.into_iter().rev().enumerate().map(|(slot, (from, to))| (from, to, slot)).collect();
        wanted.sort_unstable();
        Self { proof, size, leaves: 0, wanted, done: 0, growing: Frontier::new(), path }
    }

    /// Takes the digest of the next record, from the log's first on. Records past the tree's size are not looked at.
    pub fn leaf(&mut self, digest: Digest) {
        if let Some(&(from, to, slot)) = self.wanted.get(self.done)
            && self.leaves >= from
        {
            self.growing.push(digest);
            if self.leaves + 1 == to {
                self.path[slot] = self.growing.root();
                self.growing = Frontier::new();
                self.done += 1;
            }
        }
        self.leaves += 1;
    }

    fn complete(self) -> Option<(P, Vec<Digest>)> {
        if self.leaves < self.size {
            return None;
        }
        assert_eq!(self.done, self.wanted.len(), "every subtree of a path ends within the tree");
        Some((self.proof, self.path))
    }
}

impl Prover<Inclusion> {
    /// The proof; `None` when the log ended before the tree did.
    pub fn finish(self) -> Option<Inclusion> {
        self.complete().map(|(proof, path)| Inclusion { path, ..proof })
    }
}

impl Prover<Consistency> {
    /// The proof; `None` when the log ended before the tree did.
    pub fn finish(self) -> Option<Consistency> {
        self.complete().map(|(proof, path)| Consistency { path, ..proof })
    }
}
