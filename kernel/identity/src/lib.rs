//! What a thing is called, who said it, and how it is written down: digests, keys, signatures and the canonical codec.
//!
//! Everything that is stored, sent, hashed or signed has exactly one encoding, and [`from_bytes`] accepts no other: see
//! [`Codec`]. Names are digests of that encoding; authority is a signature over such a digest.
//!
//! Nothing here does IO, reads a clock or draws a random number; the crate needs only `alloc`,
//! except that the feature `memo` needs threads.

#![no_std]
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]
extern crate alloc;
#[cfg(feature = "memo")]
extern crate std;
// The derive writes paths that begin with this crate's name, also when it is used in this crate.
extern crate self as antfarm_identity;

mod boundary;
mod codec;
mod context;
mod digest;
mod fold;
mod key;
mod list;
mod made;
mod memo;
mod number;
mod reader;
mod sealed;
mod signer;
mod transcript;
mod tuple;
mod wrapper;

pub use antfarm_identity_derive::Codec;
pub use codec::{Codec, MAX_ENCODED, from_bytes, to_bytes};
pub use digest::{BadDigest, Digest, Domain, Salt};
pub use fold::{Fold, checksum};
pub use key::{BadKey, BadSignature, PublicKey, Signature};
pub use made::{Made, Recalled};
pub use reader::{MAX_DEPTH, MAX_EMPTY, Malformed, Reader, Reason};
pub use sealed::Sealed;
pub use signer::Signer;
pub use transcript::Transcript;

/// What derived code needs, whatever its crate imports.
#[doc(hidden)]
pub mod derived {
    pub use alloc::vec::Vec;
}
