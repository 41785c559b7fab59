//! Finding many secrets in one go without having any of them.
//!
//! Each is known by three things: a fingerprint of its first [`MIN_SECRET`] bytes, one of all of it, and a salted digest. The
//! fingerprints are of the kind that slides along a text (Karp and Rabin, IBM J. Res. Dev. 31(2), 1987), to a base that comes
//! from the salt, and so short that they say little; only where both agree is a digest taken.
//!
//! The time is linear in the length of the text, times the number of secrets that begin with the same bytes.

use super::MIN_SECRET;
use alloc::vec;
use alloc::vec::Vec;
use antfarm_authority::Name;
use antfarm_identity::{Digest, Domain, Salt};
use core::ops::Range;

const SECRET: Domain = Domain::new("antfarm 2026 node secret");
const BASE: Domain = Domain::new("antfarm 2026 node secret fingerprint base");

/// What is kept of one secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Known {
    pub(super) name: Name,
    length: usize,
    start: u16,
    whole: u32,
    digest: Digest,
}

/// Slides along bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Scanner {
    salt: Salt,
    base: u64,
    /// In ascending order of `start`.
    known: Vec<Known>,
    /// Which of 1024 classes of `start` occur, so that most places are passed at once.
    classes: [u64; 16],
}

/// An occurrence, or several of one secret that overlap: where, and the secret's place among the known.
pub(super) type Found = (Range<usize>, usize);

impl Scanner {
    pub(super) fn new(salt: Salt) -> Self {
        let digest = Digest::salted(BASE, salt, &[]);
        let (words, _) = digest.as_bytes().as_chunks::<8>();
        Self { salt, base: u64::from_le_bytes(words[0]) | 1, known: Vec::new(), classes: [0; 16] }
    }

    pub(super) fn known(&self) -> &[Known] {
        &self.known
    }

    /// Looks for `secret` from now on.
    pub(super) fn add(&mut self, name: Name, secret: &[u8]) {
        assert!(secret.len() >= MIN_SECRET, "too short a secret is refused before");
        let sums = self.sums(secret);
        let start = short(self.window(&sums, 0, MIN_SECRET, self.power(MIN_SECRET)));
        let whole = long(self.window(&sums, 0, secret.len(), self.power(secret.len())));
        let known = Known { name, length: secret.len(), start, whole, digest: Digest::salted(SECRET, self.salt, secret) };
        if self.known.contains(&known) {
            return;
        }
        let (word, bit) = class(start);
        self.classes[word] |= bit;
        let place = self.known.partition_point(|other| other.start <= start);
        self.known.insert(place, known);
    }

    /// Every occurrence in `bytes`.
    pub(super) fn find(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        if bytes.len() < MIN_SECRET || self.known.is_empty() {
            return found;
        }
        let sums = self.sums(bytes);
        let power = self.power(MIN_SECRET);
        // Of each secret, the place in `found` of its last occurrence.
        let mut last: Vec<Option<usize>> = vec![None; self.known.len()];
        for at in 0..=bytes.len() - MIN_SECRET {
            let start = short(self.window(&sums, at, MIN_SECRET, power));
            let (word, bit) = class(start);
            if self.classes[word] & bit == 0 {
                continue;
            }
            let first = self.known.partition_point(|known| known.start < start);
            for (number, known) in self.known.iter().enumerate().skip(first).take_while(|(_, known)| known.start == start) {
                let end = at + known.length;
                let whole = || self.window(&sums, at, known.length, self.power(known.length));
                if end > bytes.len() || long(whole()) != known.whole {
                    continue;
                }
                // What overlaps an occurrence and looks like one is taken for one: else a text that repeats a secret which
                // repeats itself would cost a digest for every byte.
                let before = last[number].map(|place| &mut found[place].0).filter(|before| at < before.end);
                if let Some(before) = before {
                    before.end = end;
                } else if Digest::salted(SECRET, self.salt, &bytes[at..end]) == known.digest {
                    last[number] = Some(found.len());
                    found.push((at..end, number));
                }
            }
        }
        found
    }

    /// For each place, the fingerprint of all bytes before it.
    fn sums(&self, bytes: &[u8]) -> Vec<u64> {
        let mut sums = Vec::with_capacity(bytes.len() + 1);
        let mut sum = 0_u64;
        sums.push(sum);
        for byte in bytes {
            sum = sum.wrapping_mul(self.base).wrapping_add(u64::from(*byte) + 1);
            sums.push(sum);
        }
        sums
    }

    /// The fingerprint of `length` bytes from `at` on; `power` is the base to the power of `length`.
    fn window(&self, sums: &[u64], at: usize, length: usize, power: u64) -> u64 {
        sums[at + length].wrapping_sub(sums[at].wrapping_mul(power))
    }

    fn power(&self, length: usize) -> u64 {
        self.base.wrapping_pow(u32::try_from(length).expect("a secret is short"))
    }
}

/// The upper bits of a product depend on all bits of a sum.
fn mixed(sum: u64) -> [u8; 8] {
    (sum ^ sum >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()
}

fn short(sum: u64) -> u16 {
    let [a, b, ..] = mixed(sum);
    u16::from_be_bytes([a, b])
}

fn long(sum: u64) -> u32 {
    let [a, b, c, d, ..] = mixed(sum);
    u32::from_be_bytes([a, b, c, d])
}

fn class(start: u16) -> (usize, u64) {
    (usize::from(start >> 12), 1 << (start >> 6 & 63))
}
