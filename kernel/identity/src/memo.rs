//! Which signatures were found good already.
//!
//! In a simulated colony all nodes and all oracles look at the same signatures. With the feature `memo` a thread remembers the last
//! that it found good, by their digest: key, statement and signature. What was found bad is verified each time. Without the feature
//! nothing is remembered. No answer depends on it: two triples of one digest would be a collision of BLAKE3.

#[cfg(not(feature = "memo"))]
use crate::{BadSignature, PublicKey, Signature};

#[cfg(not(feature = "memo"))]
#[inline]
pub(crate) fn verified(
    _: &PublicKey,
    _: &[u8],
    _: &Signature,
    verify: impl FnOnce() -> Result<(), BadSignature>,
) -> Result<(), BadSignature> {
    verify()
}

#[cfg(feature = "memo")]
pub(crate) use kept::verified;

#[cfg(feature = "memo")]
mod kept {
    use crate::{BadSignature, Digest, Domain, PublicKey, Signature};
    use std::cell::RefCell;
    use std::vec::Vec;

    const DOMAIN: Domain = Domain::new("antfarm 2026 signature found good");

    /// How many are remembered: 512 KiB a thread. Each digest has one place, and the later takes it from the earlier.
    const PLACES: usize = 1 << 14;

    std::thread_local! {
        static GOOD: RefCell<Vec<Digest>> = const { RefCell::new(Vec::new()) };
    }

    /// What `verify` finds, or found the last time.
    pub(crate) fn verified(
        key: &PublicKey,
        statement: &[u8],
        signature: &Signature,
        verify: impl FnOnce() -> Result<(), BadSignature>,
    ) -> Result<(), BadSignature> {
        // Two parts of one length each come first, so no two triples have the same bytes.
        let mut bytes = Vec::with_capacity(96 + statement.len());
        bytes.extend_from_slice(key.as_bytes());
        bytes.extend_from_slice(signature.as_bytes());
        bytes.extend_from_slice(statement);
        let digest = Digest::of(DOMAIN, &bytes);
        let [low, high, ..] = digest.as_bytes();
        let place = usize::from(u16::from_le_bytes([*low, *high])) % PLACES;
        if GOOD.with_borrow(|good| good.get(place) == Some(&digest)) {
            return Ok(());
        }
        verify()?;
        GOOD.with_borrow_mut(|good| {
            good.resize(PLACES, Digest::ZERO);
            good[place] = digest;
        });
        Ok(())
    }

    #[cfg(test)]
    mod tests {
        use super::{GOOD, verified};
        use crate::{BadSignature, Digest, Signer};

        fn bad() -> Result<(), BadSignature> {
            Err(BadSignature::Mismatch)
        }

        #[test]
        fn what_was_good_is_not_verified_again_and_what_was_bad_is() {
            let (signer, other) = (Signer::insecure(1), Signer::insecure(2));
            let (key, signature) = (signer.public(), signer.sign_bytes(b"said"));
            assert_eq!(verified(&key, b"said", &signature, bad), bad(), "a bad one");
            assert_eq!(verified(&key, b"said", &signature, || Ok(())), Ok(()), "looked at again, and good");
            assert_eq!(verified(&key, b"said", &signature, bad), Ok(()), "known");
            assert_eq!(verified(&other.public(), b"said", &signature, bad), bad(), "by another key");
            assert_eq!(verified(&key, b"sai", &signature, bad), bad(), "of another statement");
            assert_eq!(verified(&key, b"said", &other.sign_bytes(b"said"), bad), bad(), "another signature");
        }

        #[test]
        fn there_is_one_place_for_each() {
            let signer = Signer::insecure(1);
            let (key, signature) = (signer.public(), signer.sign_bytes(b"said"));
            for number in 0..100_000_u32 {
                assert_eq!(verified(&key, &number.to_le_bytes(), &signature, || Ok(())), Ok(()));
            }
            let held = GOOD.with_borrow(|good| (good.len(), good.iter().filter(|digest| **digest != Digest::ZERO).count()));
            assert!(held.0 == super::PLACES && held.1 > super::PLACES / 2, "{held:?}");
        }
    }
}
