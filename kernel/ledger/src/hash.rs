//! Everything that the ledger hashes, and under which domain. Nothing else in this crate calls a hash function.

use crate::header::HEADER;
use antfarm_identity::{Digest, Domain, Salt, Signer};

const HEADER_DOMAIN: Domain = Domain::new("antfarm 2026 ledger header");
const PAYLOAD_DOMAIN: Domain = Domain::new("antfarm 2026 ledger salted payload");
const NODE_DOMAIN: Domain = Domain::new("antfarm 2026 ledger merkle node");
const EMPTY_DOMAIN: Domain = Domain::new("antfarm 2026 ledger empty tree");
const POINT_DOMAIN: Domain = Domain::new("antfarm 2026 ledger checkpoint point");
const PIECE_DOMAIN: Domain = Domain::new("antfarm 2026 ledger checkpoint piece");
const SALT_DOMAIN: Domain = Domain::new("antfarm 2026 ledger payload salt");

/// The digest of a record: of its header's bytes as they are stored. Also the leaf of the Merkle tree.
pub(crate) fn header(stored: &[u8; HEADER]) -> Digest {
    Digest::of(HEADER_DOMAIN, stored)
}

/// The digest of a payload behind its salt, as they are stored, one after the other.
pub(crate) fn payload(salted: &[u8]) -> Digest {
    Digest::of(PAYLOAD_DOMAIN, salted)
}

/// An inner node of the Merkle tree. Leaves have a domain of their own, so a node can never pass for a leaf.
pub(crate) fn node(left: &Digest, right: &Digest) -> Digest {
    let mut both = [0; 64];
    both[..32].copy_from_slice(left.as_bytes());
    both[32..].copy_from_slice(right.as_bytes());
    Digest::of(NODE_DOMAIN, &both)
}

/// The root of the tree without leaves.
pub(crate) fn empty() -> Digest {
    Digest::of(EMPTY_DOMAIN, &[])
}

/// The seal of a checkpoint without pieces.
pub(crate) fn point(encoded: &[u8]) -> Digest {
    Digest::of(POINT_DOMAIN, encoded)
}

/// The seal of a checkpoint with one piece more.
pub(crate) fn piece(before: &Digest, piece: &[u8]) -> Digest {
    Digest::of_parts(PIECE_DOMAIN, [before.as_bytes(), piece])
}

/// The salt of the payload at `position`: nobody without the signer's secret can guess it once it is redacted.
pub(crate) fn salt(signer: &Signer, position: u64) -> Salt {
    signer.salt(SALT_DOMAIN, position)
}
