//! Signed heads: one signature for everything up to a point.
//!
//! Made once for each group commit rather than for each record: the digest and the root commit to all that came before. Two
//! signed heads of one log that do not extend each other are evidence against the signer; see [`SignedHead::contradicts`].

use crate::verifier::LogHead;
use alloc::vec::Vec;
use antfarm_identity::{BadSignature, Codec, Digest, Domain, PublicKey, Signature, Signer};

const HEAD_DOMAIN: Domain = Domain::new("antfarm 2026 ledger head");

/// That somebody vouches for a log up to a point.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct SignedHead {
    /// The log's id.
    pub log: Digest,
    /// The point.
    pub head: LogHead,
    /// Of the encoding of both, in the colony.
    pub signature: Signature,
}

impl SignedHead {
    /// Vouches for `head`, which must be durable: a signature is visible.
    pub fn sign(signer: &Signer, colony: Digest, log: Digest, head: LogHead) -> Self {
        let signature = signer.sign(HEAD_DOMAIN, colony, &statement(log, &head));
        Self { log, head, signature }
    }

    /// Whether the holder of `key` vouched for this in `colony`.
    ///
    /// # Errors
    ///
    /// As [`PublicKey::verify`].
    pub fn verify(&self, key: &PublicKey, colony: Digest) -> Result<(), BadSignature> {
        key.verify(HEAD_DOMAIN, colony, &statement(self.log, &self.head), &self.signature)
    }

    /// Whether no single log has both heads: they are of one point and differ. Heads of different points need a
    /// [`crate::Consistency`] proof.
    pub fn contradicts(&self, other: &Self) -> bool {
        self.log == other.log && self.head.records == other.head.records && self.head != other.head
    }
}

fn statement(log: Digest, head: &LogHead) -> Vec<u8> {
    antfarm_identity::to_bytes(&(log, *head))
}
