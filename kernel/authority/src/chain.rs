//! From a writ up to a trust root: the only way to something that may be acted on.
//!
//! Rule kept: a [`Granted`] exists only if every writ from it to the root was signed by the subject of the one above, names
//! that one as its parent and narrows it, and the root was signed by a key that the colony trusts. Verification is pure, and a
//! child is verified against a parent that already is: whoever keeps parents by their ids verifies each writ once.

use crate::grant::{Grant, MAX_DELEGATIONS, Widened, delegates};
use crate::writ::{Body, Nonce, Writ, WritId};
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use antfarm_identity::{Codec, Digest, PublicKey, Signer};
use core::fmt;
use core::hash::{Hash, Hasher};
use core::iter::successors;

/// The most writs in a chain, root and last one included.
pub const MAX_CHAIN: usize = 1 + MAX_DELEGATIONS as usize;

/// The most keys that a colony trusts.
pub const MAX_ROOTS: usize = 16;

/// The colony's id and the keys whose writs need no parent. Part of each node's configuration.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TrustRoots {
    colony: Digest,
    keys: BTreeSet<PublicKey>,
}

impl TrustRoots {
    /// These keys, in this colony; `None` when there are more than [`MAX_ROOTS`], or one is no point of the curve, so that nobody can
    /// sign for it.
    pub fn new(colony: Digest, keys: impl IntoIterator<Item = PublicKey>) -> Option<Self> {
        let mut kept = BTreeSet::new();
        for key in keys {
            key.check().ok()?;
            kept.insert(key);
            if kept.len() > MAX_ROOTS {
                return None;
            }
        }
        Some(Self { colony, keys: kept })
    }

    /// The colony's id.
    pub const fn colony(&self) -> Digest {
        self.colony
    }

    /// The keys that need no parent.
    pub fn keys(&self) -> impl Iterator<Item = PublicKey> {
        self.keys.iter().copied()
    }

    /// Whether this key needs no parent.
    pub fn trusts(&self, key: &PublicKey) -> bool {
        self.keys.contains(key)
    }

    /// Whether a writ that says this needs no parent.
    pub(crate) fn accept(&self, body: &Body) -> Result<(), NotGranted> {
        if body.grant.colony != self.colony {
            return Err(NotGranted::Colony { writ: body.id() });
        }
        if let Some(parent) = body.parent {
            return Err(NotGranted::Incomplete { parent });
        }
        if !self.trusts(&body.issuer) {
            return Err(NotGranted::NoTrustRoot { issuer: body.issuer });
        }
        Ok(())
    }
}

/// A writ that was verified up to a trust root. Cloning is cheap; equal writs that came by equal chains are equal.
#[derive(Clone, PartialEq, Eq)]
pub struct Granted(Arc<Link>);

#[derive(PartialEq, Eq)]
struct Link {
    id: WritId,
    writ: Writ,
    parent: Option<Granted>,
}

/// What a holder hands on: a writ's body without what follows from the parent.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Offer {
    /// Who may act on it.
    pub subject: PublicKey,
    /// Makes it different from an equal one.
    pub nonce: Nonce,
    /// The node that alone spends it.
    pub home: PublicKey,
    /// What it allows.
    pub grant: Grant,
}

impl Granted {
    /// Verifies a writ that a trust root gave. One signature.
    ///
    /// # Errors
    ///
    /// See [`NotGranted`].
    pub fn root(writ: Writ, roots: &TrustRoots) -> Result<Self, NotGranted> {
        roots.accept(&writ.body)?;
        Self::unrooted(writ)
    }

    /// The same, but for the trust: whose word it is remains to be asked, by [`TrustRoots::accept`].
    pub(crate) fn unrooted(writ: Writ) -> Result<Self, NotGranted> {
        let id = writ.id();
        if let Some(parent) = writ.body.parent {
            return Err(NotGranted::Incomplete { parent });
        }
        writ.verify().map_err(|_| NotGranted::Signature { writ: id })?;
        Ok(Self(Arc::new(Link { id, writ, parent: None })))
    }

    /// Verifies a writ that the subject of this one handed on. One signature.
    ///
    /// # Errors
    ///
    /// See [`NotGranted`].
    pub fn child(&self, writ: Writ) -> Result<Self, NotGranted> {
        let id = writ.id();
        if writ.body.parent != Some(self.id()) {
            return Err(NotGranted::Parent { writ: id, expected: self.id() });
        }
        if writ.body.issuer != self.body().subject {
            return Err(NotGranted::Issuer { writ: id, expected: self.body().subject });
        }
        delegates(&self.body().grant, &writ.body.grant).map_err(|widened| NotGranted::Widened { writ: id, widened })?;
        writ.verify().map_err(|_| NotGranted::Signature { writ: id })?;
        let child = Self(Arc::new(Link { id, writ, parent: Some(self.clone()) }));
        // INVARIANT(bounded-chain): the depth that a writ may be handed on is at most MAX_DELEGATIONS and falls with each link.
        assert!(child.lineage().count() <= MAX_CHAIN);
        Ok(child)
    }

    /// Verifies a whole chain, the root first.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, from the root down; see [`NotGranted`].
    pub fn chain(writs: impl IntoIterator<Item = Writ>, roots: &TrustRoots) -> Result<Self, NotGranted> {
        let mut writs = writs.into_iter();
        let root = Self::root(writs.next().ok_or(NotGranted::Empty)?, roots)?;
        writs.try_fold(root, |parent, writ| parent.child(writ))
    }

    /// Signs a child of this writ, to be verified by others. `signer` is this writ's subject.
    ///
    /// # Errors
    ///
    /// When the offer exceeds what may be handed on: it would be refused everywhere.
    ///
    /// # Panics
    ///
    /// When `signer` is not the subject.
    pub fn delegate(&self, offer: Offer, signer: &Signer) -> Result<Writ, Widened> {
        assert!(signer.public() == self.body().subject, "a writ is handed on by its subject");
        delegates(&self.body().grant, &offer.grant)?;
        let Offer { subject, nonce, home, grant } = offer;
        Ok(Writ::issue(Body { issuer: signer.public(), subject, nonce, parent: Some(self.id()), home, grant }, signer))
    }

    /// What the writ is called; computed when it was verified.
    pub fn id(&self) -> WritId {
        self.0.id
    }

    /// What it says.
    pub fn body(&self) -> &Body {
        &self.0.writ.body
    }

    /// The writ as it was signed.
    pub fn writ(&self) -> &Writ {
        &self.0.writ
    }

    /// The writ that it is a part of.
    pub fn parent(&self) -> Option<&Self> {
        self.0.parent.as_ref()
    }

    /// This writ, its parent, and so on up to the root; at most [`MAX_CHAIN`].
    pub fn lineage(&self) -> impl Iterator<Item = &Self> {
        successors(Some(self), |it| it.parent())
    }

    /// Who gave this writ or one that it descends from, each once: all who can revoke it.
    pub fn givers(&self) -> BTreeSet<PublicKey> {
        self.lineage().map(|it| it.body().issuer).collect()
    }

    /// Whether this key is one of [`Granted::givers`].
    pub fn gives(&self, key: &PublicKey) -> bool {
        self.lineage().any(|it| it.body().issuer == *key)
    }
}

/// By its id, which stands for the bodies of the whole chain.
impl Hash for Granted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.id())
    }
}

/// Why nobody may act on a writ.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum NotGranted {
    /// There is no writ.
    Empty,
    /// It was given in another colony.
    Colony {
        /// The writ.
        writ: WritId,
    },
    /// The first writ of the chain is itself a part of another, which is not there.
    Incomplete {
        /// The one that is missing.
        parent: WritId,
    },
    /// The first writ of the chain was given by a key that the colony does not trust.
    NoTrustRoot {
        /// The key.
        issuer: PublicKey,
    },
    /// It is not a part of the writ before it.
    Parent {
        /// The writ.
        writ: WritId,
        /// The one before it.
        expected: WritId,
    },
    /// It was not given by the subject of the writ before it.
    Issuer {
        /// The writ.
        writ: WritId,
        /// That subject.
        expected: PublicKey,
    },
    /// It exceeds the writ before it.
    Widened {
        /// The writ.
        writ: WritId,
        /// In what.
        widened: Widened,
    },
    /// Its issuer did not sign it.
    Signature {
        /// The writ.
        writ: WritId,
    },
}

impl fmt::Display for NotGranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no writ"),
            Self::Colony { writ } => write!(f, "writ `{writ}` belongs to another colony"),
            Self::Incomplete { parent } => write!(f, "the chain lacks writ `{parent}`"),
            Self::NoTrustRoot { issuer } => write!(f, "key `{issuer}` is not a trust root of the colony"),
            Self::Parent { writ, expected } => write!(f, "writ `{writ}` is not a part of writ `{expected}`"),
            Self::Issuer { writ, expected } => write!(f, "writ `{writ}` was not given by `{expected}`, who holds its parent"),
            Self::Widened { writ, widened } => write!(f, "writ `{writ}`: {widened}"),
            Self::Signature { writ } => write!(f, "writ `{writ}` was not signed by its issuer"),
        }
    }
}

impl core::error::Error for NotGranted {}
