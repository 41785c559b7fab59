//! How long to wait before dialling again: twice as long each time, up to a limit, and between half and all of that.
//!
//! Which part of it is a digest of who dials whom and how often it has tried. So nodes that lost one peer together do not
//! come back together, and yet nothing here is left to chance.

use antfarm_identity::{Digest, Domain, to_bytes};
use antfarm_machine::{PeerId, Span};

const JITTER: Domain = Domain::new("antfarm 2026 network redial");

/// The wait after the failure number `attempt`, counted from 0.
pub(crate) fn wait(first: Span, longest: Span, me: PeerId, peer: PeerId, attempt: u32) -> Span {
    let whole = first.times(1 << attempt.min(62)).min(longest);
    let half = whole.over(2);
    let digest = Digest::of(JITTER, &to_bytes(&(me, peer, attempt)));
    let (number, _) = digest.as_bytes().split_first_chunk().expect("a digest is longer than a number");
    let wait = half + Span::from_nanos(u64::from_le_bytes(*number) % ((whole - half).as_nanos() + 1));
    assert!(half <= wait && wait <= whole, "jitter only shortens, and at most by half");
    wait
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Span = Span::from_millis(50);
    const LONGEST: Span = Span::from_secs(10);

    fn of(me: u32, peer: u32, attempt: u32) -> Span {
        wait(FIRST, LONGEST, PeerId::new(me), PeerId::new(peer), attempt)
    }

    #[test]
    fn waits_double_up_to_a_limit() {
        for attempt in 0..200 {
            let whole = FIRST.times(1 << attempt.min(20)).min(LONGEST);
            assert!((whole.over(2)..=whole).contains(&of(1, 2, attempt)), "{attempt}");
        }
        assert_eq!(wait(Span::ZERO, LONGEST, PeerId::new(1), PeerId::new(2), u32::MAX), Span::ZERO);
    }

    #[test]
    fn each_pair_and_attempt_has_a_wait_of_its_own() {
        let waits: std::collections::BTreeSet<Span> =
            (0..10).flat_map(|me| (0..10).flat_map(move |peer| (10..20).map(move |attempt| of(me, peer, attempt)))).collect();
        assert_eq!(waits.len(), 1_000);
        assert_eq!(of(1, 2, 3), of(1, 2, 3));
    }
}
