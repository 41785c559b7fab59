//! What a signer made, as data: so that a run of a machine which signs can be run again by who has no secret.
//!
//! Rule kept: *no secret is in it*. A signature and a salt are made to be shown; each stands beside a digest of what it was made
//! for, and nothing can be made from one for anything else.

use crate::{Codec, Digest, Domain, Salt, Signature};
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

const SIGNED: Domain = Domain::new("antfarm 2026 identity what was signed");
const SALTED: Domain = Domain::new("antfarm 2026 identity what was salted");

/// One thing that a [`crate::Signer`] made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Made {
    /// A signature.
    Signature {
        /// The digest of what was signed.
        of: Digest,
        /// The signature.
        signature: Signature,
    },
    /// A salt.
    Salt {
        /// The digest of domain and number.
        of: Digest,
        /// The salt.
        salt: Salt,
    },
}

/// The digest of bytes that are signed.
pub(crate) fn signed(bytes: &[u8]) -> Digest {
    Digest::of(SIGNED, bytes)
}

/// The digest of what a salt is for.
pub(crate) fn salted(domain: Domain, number: u64) -> Digest {
    Digest::of_parts(SALTED, [&number.to_le_bytes(), domain.text().as_bytes()])
}

/// What a signer made once, to be looked up by what it was made for: see [`crate::Signer::recalling`].
#[derive(Default)]
pub struct Recalled {
    signatures: Vec<(Digest, Signature)>,
    salts: Vec<(Digest, Salt)>,
    misses: AtomicUsize,
}

impl Recalled {
    /// Whatever of this was made, however often.
    pub fn new(made: impl IntoIterator<Item = Made>) -> Self {
        let mut recalled = Self::default();
        for made in made {
            match made {
                Made::Signature { of, signature } => recalled.signatures.push((of, signature)),
                Made::Salt { of, salt } => recalled.salts.push((of, salt)),
            }
        }
        recalled.signatures.sort_unstable();
        recalled.signatures.dedup();
        recalled.salts.sort_unstable();
        recalled.salts.dedup();
        recalled
    }

    /// How often something was asked for that was not made.
    pub fn misses(&self) -> usize {
        self.misses.load(Ordering::Relaxed)
    }

    pub(crate) fn signature(&self, of: &Digest) -> Option<Signature> {
        self.found(&self.signatures, of)
    }

    pub(crate) fn salt(&self, of: &Digest) -> Option<Salt> {
        self.found(&self.salts, of)
    }

    fn found<T: Copy>(&self, among: &[(Digest, T)], of: &Digest) -> Option<T> {
        let found = among.binary_search_by_key(of, |(of, _)| *of).ok().and_then(|at| among.get(at));
        if found.is_none() {
            self.misses.fetch_add(1, Ordering::Relaxed);
        }
        found.map(|(_, made)| *made)
    }
}

/// How many.
impl fmt::Debug for Recalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recalled({} signatures, {} salts)", self.signatures.len(), self.salts.len())
    }
}
