//! The key of a domain: BLAKE3's hash of its text, in `derive_key`'s first mode, computed while this is compiled.
//!
//! Rule kept: *not a second BLAKE3*. This knows one chunk, which any text of a domain fits into, and one mode; what is digested
//! under the key is left to the crate `blake3`, and a test holds the keys of texts of every length against that crate's. All it
//! is for is that no digest pays for its domain's text again: a domain is a constant, and so is its key.
//!
//! Source: the BLAKE3 paper (O'Connor, Aumasson, Neves, Wilcox-O'Hearn, 2020), sections 2.1 to 2.4.

const IV: [u32; 8] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Which word of the message stands where in the next round.
const PERMUTATION: [usize; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/// Which words of the state are mixed together: columns, then diagonals.
const QUARTERS: [[usize; 4]; 8] =
    [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

const ROUNDS: usize = 7;
const BLOCK: usize = 64;
const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 1 << 1;
const ROOT: u32 = 1 << 3;
const DERIVE_KEY_CONTEXT: u32 = 1 << 5;

/// The key that belongs to a context string of at most one chunk, 1024 bytes.
pub(crate) const fn key(text: &[u8]) -> [u8; 32] {
    assert!(text.len() <= 1024, "a context is one chunk");
    let mut chain = IV;
    let mut start = 0;
    let mut flags = DERIVE_KEY_CONTEXT | CHUNK_START;
    while text.len() - start > BLOCK {
        chain = compressed(chain, text, start, BLOCK, flags);
        start += BLOCK;
        flags = DERIVE_KEY_CONTEXT;
    }
    chain = compressed(chain, text, start, text.len() - start, flags | CHUNK_END | ROOT);
    let mut key = [0; 32];
    let mut at = 0;
    while at < key.len() {
        key[at] = chain[at / 4].to_le_bytes()[at % 4];
        at += 1;
    }
    key
}

/// The chaining value after the block of `length` bytes of `text` from `start` on: the compression function, cut to 8 words.
const fn compressed(chain: [u32; 8], text: &[u8], start: usize, length: usize, flags: u32) -> [u32; 8] {
    let mut message = words(text, start, length);
    let mut state = [0; 16];
    let mut at = 0;
    while at < 8 {
        state[at] = chain[at];
        state[8 + at] = IV[at];
        at += 1;
    }
    // The counter of chunks, in words 12 and 13, is 0: there is one.
    (state[12], state[13], state[14], state[15]) = (0, 0, length_word(length), flags);
    let mut round = 0;
    while round < ROUNDS {
        let mut quarter = 0;
        while quarter < QUARTERS.len() {
            state = mixed(state, QUARTERS[quarter], message[2 * quarter], message[2 * quarter + 1]);
            quarter += 1;
        }
        message = permuted(message);
        round += 1;
    }
    let mut next = [0; 8];
    at = 0;
    while at < 8 {
        next[at] = state[at] ^ state[8 + at];
        at += 1;
    }
    next
}

/// The quarter round `G`.
const fn mixed(mut state: [u32; 16], [a, b, c, d]: [usize; 4], x: u32, y: u32) -> [u32; 16] {
    state[a] = state[a].wrapping_add(state[b]).wrapping_add(x);
    state[d] = (state[d] ^ state[a]).rotate_right(16);
    state[c] = state[c].wrapping_add(state[d]);
    state[b] = (state[b] ^ state[c]).rotate_right(12);
    state[a] = state[a].wrapping_add(state[b]).wrapping_add(y);
    state[d] = (state[d] ^ state[a]).rotate_right(8);
    state[c] = state[c].wrapping_add(state[d]);
    state[b] = (state[b] ^ state[c]).rotate_right(7);
    state
}

const fn permuted(message: [u32; 16]) -> [u32; 16] {
    let mut next = [0; 16];
    let mut at = 0;
    while at < 16 {
        next[at] = message[PERMUTATION[at]];
        at += 1;
    }
    next
}

/// A block as little-endian words, with zeros behind its end.
const fn words(text: &[u8], start: usize, length: usize) -> [u32; 16] {
    let mut bytes = [0; BLOCK];
    let mut at = 0;
    while at < length {
        bytes[at] = text[start + at];
        at += 1;
    }
    let mut words = [0; 16];
    at = 0;
    while at < 16 {
        words[at] = u32::from_le_bytes([bytes[4 * at], bytes[4 * at + 1], bytes[4 * at + 2], bytes[4 * at + 3]]);
        at += 1;
    }
    words
}

#[expect(clippy::cast_possible_truncation, reason = "`try_from` is not constant; a block has at most 64 bytes")]
const fn length_word(length: usize) -> u32 {
    assert!(length <= BLOCK, "a block has at most 64 bytes");
    length as u32
}
