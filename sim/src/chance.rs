//! Chance: random streams with names.
//!
//! Each stream is ChaCha8 under a key made from the seed, with the stream's name as nonce, so that streams are independent
//! and lazy. A stream is read in *slots* of fixed size, one per occurrence: the 3rd `Approve` from 2 to 5 always draws the
//! same, whatever else was added, lost or removed. Nothing here is shared between streams, and nothing is floating point.

use antfarm_identity::Fold;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The source of all chance in one run: a seed.
#[derive(Clone, Debug)]
pub struct Chance {
    seed: u64,
    key: [u8; 32],
}

impl Chance {
    /// Chance under `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self { seed, key: blake3::derive_key("antfarm 2026 chance", &seed.to_le_bytes()) }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream for `purpose`, told apart from others of the purpose by `name` (links, nodes) and `kind`.
    pub fn stream(&self, purpose: &str, name: &[u64], kind: &str) -> Stream {
        let mut nonce = Fold::new();
        nonce.absorb(purpose.as_bytes());
        nonce.absorb(kind.as_bytes());
        for &part in name {
            nonce.absorb_u64(part);
        }
        let mut rng = ChaCha8Rng::from_seed(self.key);
        rng.set_stream(nonce.value());
        Stream { rng }
    }

    /// Free dice from the stream of that name, for planning, where the number of draws per occurrence is not fixed.
    pub fn dice(&self, purpose: &str, name: &[u64], kind: &str) -> Dice {
        Dice(self.stream(purpose, name, kind).rng)
    }
}

/// One named stream, read slot by slot.
#[derive(Clone, Debug)]
pub struct Stream {
    rng: ChaCha8Rng,
}

impl Stream {
    /// The words of the next occurrence. Half a ChaCha block; a slot that needs more makes [`Slot::dice`] of it.
    #[inline]
    pub fn slot(&mut self) -> Slot {
        let mut bytes = [0; 32];
        self.rng.fill_bytes(&mut bytes);
        let mut words = [0; 8];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        Slot(words)
    }
}

/// What one occurrence draws: eight words, each with a fixed use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot([u32; 8]);

impl Slot {
    /// The word at `at` (0 to 7).
    #[inline]
    pub fn word(&self, at: usize) -> u32 {
        self.0[at]
    }

    /// The words at `at` and after it, as one number.
    #[inline]
    pub fn long(&self, at: usize) -> u64 {
        u64::from(self.0[at]) << 32 | u64::from(self.0[at + 1])
    }

    /// Any number of further draws that depend on the words at `at` and after it alone.
    pub fn dice(&self, at: usize) -> Dice {
        Dice(ChaCha8Rng::seed_from_u64(self.long(at)))
    }
}

/// A probability in parts per million.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Odds(u32);

impl Odds {
    /// Never.
    pub const NEVER: Self = Self(0);
    /// Always.
    pub const ALWAYS: Self = Self(1_000_000);

    /// `n` in a million; more than a million is `None`.
    pub const fn per_million(n: u32) -> Option<Self> {
        if n <= 1_000_000 { Some(Self(n)) } else { None }
    }

    /// `n` percent, at most 100.
    pub const fn percent(n: u32) -> Self {
        assert!(n <= 100, "a probability is at most 100 %");
        Self(n * 10_000)
    }

    /// Parts per million.
    pub const fn as_per_million(self) -> u32 {
        self.0
    }

    /// Whether an evenly drawn word falls within the odds.
    #[inline]
    pub fn hit(self, word: u32) -> bool {
        u64::from(word) * 1_000_000 < u64::from(self.0) << 32
    }

    /// The odds that at least one of two independent chances hits.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let miss = u64::from(1_000_000 - self.0) * u64::from(1_000_000 - other.0) / 1_000_000;
        Self(1_000_000 - u32::try_from(miss).unwrap_or(1_000_000))
    }
}

/// Maps an evenly drawn `word` to 0..`bound` (`bound` > 0) by multiplication; biased by at most `bound` / 2^64.
#[inline]
pub fn scale(word: u64, bound: u64) -> u64 {
    let high = (u128::from(word) * u128::from(bound)) >> 64;
    u64::try_from(high).unwrap_or(u64::MAX)
}

/// Free draws from one stream.
#[derive(Clone, Debug)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// An even number below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        scale(self.0.next_u64(), bound)
    }

    /// An even number below `bound`, with either sign.
    pub(crate) fn signed(&mut self, bound: u64) -> i64 {
        let size = i64::try_from(self.below(bound)).unwrap_or(0);
        if self.below(2) == 0 { size } else { -size }
    }

    /// An even number in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        assert!(low <= high, "a range runs upwards");
        low + self.below((high - low).saturating_add(1))
    }

    /// An even index below `length`, which is not 0.
    pub fn index(&mut self, length: usize) -> usize {
        assert!(length > 0, "nothing to choose from");
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// Whether something with these odds happens.
    pub fn hit(&mut self, odds: Odds) -> bool {
        odds.hit(self.0.next_u32())
    }

    /// An even choice.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// Puts `items` into an even random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }

    /// An even 64-bit number.
    pub fn long(&mut self) -> u64 {
        self.0.next_u64()
    }
}
