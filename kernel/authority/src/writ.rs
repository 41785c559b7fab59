//! The writ: who lets whom do what, signed.
//!
//! Rule kept: a writ is called by the digest of its body, which is computed and never read from anywhere, so nobody can give
//! it another name. A [`Writ`] proves nothing yet: what may be acted on is a [`crate::Granted`].

use crate::grant::Grant;
use antfarm_identity::{BadSignature, Codec, Digest, Domain, PublicKey, Signature, Signer, to_bytes};
use core::fmt;

const WRIT: Domain = Domain::new("antfarm 2026 authority writ");

/// What a writ is called: the digest of its body.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Codec)]
pub struct WritId(Digest);

impl WritId {
    /// The digest.
    pub const fn digest(self) -> Digest {
        self.0
    }
}

impl fmt::Display for WritId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for WritId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "writ {}", self.0.short())
    }
}

/// Sixteen bytes that make two things different that are equal otherwise. Whoever makes the thing chooses them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Codec)]
pub struct Nonce(pub [u8; 16]);

/// What a writ says.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Body {
    /// Who gives it, and can revoke it.
    pub issuer: PublicKey,
    /// Who may act on it, and hand it on.
    pub subject: PublicKey,
    /// Makes it different from an equal one.
    pub nonce: Nonce,
    /// The writ that it is a part of; none for one that a trust root gives.
    pub parent: Option<WritId>,
    /// The key of the node that alone spends it. A child may live elsewhere than its parent, so this does not narrow.
    pub home: PublicKey,
    /// What it allows.
    pub grant: Grant,
}

impl Body {
    /// What the writ with this body is called. Hashes the body.
    pub fn id(&self) -> WritId {
        WritId(Digest::of(WRIT, &to_bytes(self)))
    }
}

/// A body and a signature, as they came. Nothing about it was checked.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Writ {
    /// What it says.
    pub body: Body,
    /// The issuer's, supposedly.
    pub signature: Signature,
}

impl Writ {
    /// Signs `body`.
    ///
    /// # Panics
    ///
    /// When `signer` is not the body's issuer.
    pub fn issue(body: Body, signer: &Signer) -> Self {
        assert!(body.issuer == signer.public(), "a writ is signed by its issuer");
        let signature = signer.sign(WRIT, body.grant.colony, &to_bytes(&body));
        Self { body, signature }
    }

    /// What it is called. Hashes the body.
    pub fn id(&self) -> WritId {
        self.body.id()
    }

    /// Whether the issuer signed this body, in the body's colony. That says nothing about the issuer's right to.
    ///
    /// # Errors
    ///
    /// As [`PublicKey::verify`].
    pub fn verify(&self) -> Result<(), BadSignature> {
        self.body.issuer.verify(WRIT, self.body.grant.colony, &to_bytes(&self.body), &self.signature)
    }
}
