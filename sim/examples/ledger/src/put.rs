//! Puts that certify themselves: who reads one back can tell that a workload made it, and that not a bit of it is missing.
//!
//! The id of the `nth` put counts up, as clients of a keeper do, and carries a check in its lower half; the bytes are random ones
//! of the seed (id, length). So the same `nth` is always the same put, which is what makes asking again a retry; a bit more or
//! less is no put at all. A keeper knows nothing of this.

use crate::size::Sizes;
use antfarm_identity::checksum;
use antfarm_ledger::Ask;
use antfarm_sim::{Chance, Dice};

/// Bits of an id below its ordinal.
const CHECK: u32 = 32;

/// The `nth` put, from 1 to 2^32 - 1, of a length in `sizes`.
pub fn put(nth: u64, sizes: Sizes) -> Ask {
    let id = id(nth);
    let length = dice(id, "length").between(sizes.low(), sizes.high());
    Ask::Put { id, bytes: content(id, length) }
}

/// Whether these are the id and the bytes of a put that [`put`] made.
pub fn certified(id: u64, bytes: &[u8]) -> bool {
    id == self::id(id >> CHECK) && bytes == content(id, bytes.len() as u64)
}

fn id(nth: u64) -> u64 {
    nth << CHECK | (checksum(&nth.to_le_bytes()) & u64::from(u32::MAX))
}

fn dice(id: u64, purpose: &str) -> Dice {
    Chance::seeded(id).dice(purpose, &[], "")
}

fn content(id: u64, length: u64) -> Vec<u8> {
    let mut dice = Chance::seeded(id).dice("content", &[length], "");
    let words = std::iter::repeat_with(|| dice.long().to_le_bytes()).flatten();
    words.take(usize::try_from(length).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_put_is_certified_and_nothing_near_it_is() {
        let sizes = Sizes::parse("1b..2kb").expect("a size");
        for nth in [1, 2, 77, 1 << 20] {
            let Ask::Put { id, bytes } = put(nth, sizes);
            assert!(certified(id, &bytes) && sizes.low() <= bytes.len() as u64 && bytes.len() as u64 <= sizes.high());
            assert_eq!(put(nth, sizes), Ask::Put { id, bytes: bytes.clone() }, "asking again asks the same");
            assert!(!certified(id ^ 1, &bytes) && !certified(id + (1 << CHECK), &bytes));
            assert!(!certified(id, &bytes[1..]) && !certified(id, &[&bytes[..], &[0]].concat()));
            for at in 0..bytes.len() {
                let mut bad = bytes.clone();
                bad[at] ^= 0x10;
                assert!(!certified(id, &bad), "byte {at}");
            }
        }
    }
}
