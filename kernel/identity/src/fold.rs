//! A fast checksum against accidental damage, and its rolling form, which is the digest of a trace.
//!
//! Not cryptographic: whoever wants a collision can compute one. Use [`crate::Digest`] against adversaries.
//!
//! One step takes in one 64-bit word `w`: with `y = state ^ spread(w)`, the next state is `(y ^ (y >> 32)) * M mod 2^64`, `M`
//! odd, where `spread` is SplitMix64's finalizer (Steele, Lea, Flood 2014, with the constants of Stafford's variant 13). So
//! the chain from word to word is one multiplication long, as in wyhash's folded multiply, which was considered. This form
//! was preferred because every step is a bijection of the state and of the word: two inputs of one length that differ in a
//! single aligned 8-byte word *always* have different checksums, which a fold that throws half of its product away cannot
//! promise. (Without `spread`, bits 31 and 63 of one word could be undone by bit 63 of the next.) Integer arithmetic only,
//! so it is equal on every target.

use crate::Codec;

/// The multiplier: the 64-bit golden ratio, made odd.
const M: u64 = 0x9E37_79B9_7F4A_7C15;

/// Where a fold, and each of the four lanes of a long input, begins: fractional digits of pi.
const START: u64 = 0x243F_6A88_85A3_08D3;
const LANES: [u64; 4] = [0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89, 0x4528_21E6_38D0_1377];

/// From this length on, the words of an input are taken in by four lanes that the processor can work on at once.
const LONG: usize = 128;

/// A rolling 64-bit checksum.
///
/// `absorb(a); absorb(b)` is not `absorb(ab)`: each call also takes in the length, so what was absorbed can be parsed back,
/// and moving a byte from one call to the next is seen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Fold(u64);

impl Fold {
    /// A fold that has taken in nothing.
    #[inline]
    pub const fn new() -> Self {
        Self(START)
    }

    /// Takes in one word.
    #[inline]
    pub const fn absorb_u64(&mut self, word: u64) {
        self.0 = step(self.0, word);
    }

    /// Takes in bytes: their number as a word, then their little-endian words, the last one filled up with zeros.
    ///
    /// In an input of 128 bytes or more, word `i` of all whole 32-byte blocks goes into lane `i mod 4`, and the four lanes
    /// follow in order where those blocks would have been.
    #[inline]
    pub fn absorb(&mut self, bytes: &[u8]) {
        let mut state = step(self.0, bytes.len() as u64);
        let mut rest = bytes;
        if bytes.len() >= LONG {
            let (blocks, tail) = bytes.as_chunks::<32>();
            for lane in lanes(blocks) {
                state = step(state, lane);
            }
            rest = tail;
        }
        let (words, tail) = rest.as_chunks::<8>();
        for word in words {
            state = step(state, u64::from_le_bytes(*word));
        }
        if !tail.is_empty() {
            let mut last = [0; 8];
            last[..tail.len()].copy_from_slice(tail);
            state = step(state, u64::from_le_bytes(last));
        }
        self.0 = state;
    }

    /// The checksum of what was taken in: the state, mixed once more so that every bit of it depends on every bit of the
    /// last word. A bijection of the state.
    #[inline]
    pub const fn value(&self) -> u64 {
        let once = step(step(self.0, 0), 0);
        once ^ (once >> 32)
    }
}

impl Default for Fold {
    fn default() -> Self {
        Self::new()
    }
}

/// The checksum of `bytes`: a new [`Fold`] that absorbed them.
#[inline]
pub fn checksum(bytes: &[u8]) -> u64 {
    let mut fold = Fold::new();
    fold.absorb(bytes);
    fold.value()
}

#[inline]
const fn step(state: u64, word: u64) -> u64 {
    let mixed = state ^ spread(word);
    (mixed ^ (mixed >> 32)).wrapping_mul(M)
}

/// Lets every bit of the word reach every bit of the state. Does not wait for the state.
#[inline]
const fn spread(word: u64) -> u64 {
    let once = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let twice = (once ^ (once >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    twice ^ (twice >> 31)
}

fn lanes(blocks: &[[u8; 32]]) -> [u64; 4] {
    let [mut a, mut b, mut c, mut d] = LANES;
    for block in blocks {
        // Written out, because a loop over the lanes was measured to be a fifth slower.
        let word = |at: usize| u64::from_le_bytes(block.as_chunks().0[at]);
        (a, b, c, d) = (step(a, word(0)), step(b, word(1)), step(c, word(2)), step(d, word(3)));
    }
    [a, b, c, d]
}
