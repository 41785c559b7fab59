//! What cognition wants: a wish, with no rights at all.
//!
//! Rule kept: what makes two wishes the same has nothing to do with the authority under which they are granted. So a wish
//! that is repeated under another writ, in another trajectory or under another policy still has the same [`EffectKey`], and
//! its effect happens at most once. And one wish has one content: told again with another, it would have another key and happen
//! a second time, so a node remembers under each [`Wish`] the first intent that it was told with, and refuses others.
//!
//! Nobody remembers for ever, so every intent says until when it may be begun. A node remembers it for longer than that, and
//! begins nothing that is past: what it forgot it refuses. See [`crate::is_forgotten`].

use crate::bounded::{Bytes, Text};
use crate::name::{Name, Tenant};
use crate::writ::Nonce;
use antfarm_identity::{Codec, Digest, Domain, PublicKey, to_bytes};
use antfarm_machine::{MAX_SKEW, Span, Wall};

const INTENT: Domain = Domain::new("antfarm 2026 authority intent");
const WISH: Domain = Domain::new("antfarm 2026 authority wish");
const KEY: Domain = Domain::new("antfarm 2026 authority effect key");

/// The longest arguments, in bytes.
pub const MAX_ARGS: usize = 64 << 10;

/// The longest target, in bytes.
pub const MAX_TARGET: usize = 256;

/// The longest rationale, in bytes.
pub const MAX_RATIONALE: usize = 4 << 10;

/// How far ahead of a node's time an intent's [`Intent::until`] may lie: a day, and [`MAX_SKEW`] for a client whose clock is
/// ahead. That bounds for how long a node has to remember it.
pub const MAX_REACH: Span = Span::from_nanos(24 * 60 * 60 * 1_000_000_000 + MAX_SKEW.as_nanos());

/// One call of one tool that somebody wants.
///
/// ```
/// use antfarm_authority::{Bytes, Intent, Name, Nonce, Tenant, Text};
/// use antfarm_identity::Signer;
/// use antfarm_machine::{Span, Wall};
///
/// let scout = Signer::insecure(1).public();
/// let intent = Intent {
///     tenant: Tenant(Name::new("acme").expect("legal")),
///     author: scout,
///     origin: scout,
///     nonce: Nonce([7; 16]),
///     until: Wall::ZERO + Span::from_secs(3_600),
///     tool: Name::new("bank.pay").expect("legal"),
///     target: Text::new("well.example").expect("short"),
///     args: Bytes::new(b"20 usdc").expect("short"),
///     rationale: Text::new("the well asks for it").expect("short"),
/// };
/// // Told again it is the same effect; another wish has another nonce.
/// assert_eq!(intent.key(), intent.clone().key());
/// assert_ne!(intent.key(), Intent { nonce: Nonce([8; 16]), ..intent }.key());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Intent {
    /// On whose behalf.
    pub tenant: Tenant,
    /// Who wants it.
    pub author: PublicKey,
    /// The key of the node that it was first told to.
    pub origin: PublicKey,
    /// The author's name for this wish: another one for each, the same when it is told again.
    pub nonce: Nonce,
    /// It may be begun until then, by its node's time, and not after. Whoever tells it again says the same.
    pub until: Wall,
    /// Which tool.
    pub tool: Name,
    /// What it is done to, as the tool understands it.
    pub target: Text<MAX_TARGET>,
    /// With what, as the tool understands it.
    pub args: Bytes<MAX_ARGS>,
    /// Why, for people. Part of what the author said, so it is part of the digest.
    pub rationale: Text<MAX_RATIONALE>,
}

/// What is done at most once: the tool is called with it, and remembers it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct EffectKey(Digest);

impl EffectKey {
    /// The digest; also what the effect's reservation is called.
    pub const fn digest(self) -> Digest {
        self.0
    }
}

/// What an author calls a wish, at the node that it was first told to, whatever it is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Wish(Digest);

impl Wish {
    /// The digest.
    pub const fn digest(self) -> Digest {
        self.0
    }
}

impl Intent {
    /// The wish that this is: of tenant, author, origin and nonce. A node that keeps the [`Intent::digest`] of the first intent
    /// with each wish hands it to [`crate::compile`], as [`crate::Case::told`].
    pub fn wish(&self) -> Wish {
        Wish(Digest::of(WISH, &to_bytes(&(self.tenant.clone(), self.author, self.origin, self.nonce))))
    }

    /// The digest of all that it says.
    pub fn digest(&self) -> Digest {
        Digest::of(INTENT, &to_bytes(self))
    }

    /// The key of its effect: of tenant, author, origin, nonce and [`Intent::digest`], and of nothing else.
    pub fn key(&self) -> EffectKey {
        self.key_of(self.digest())
    }

    /// The same, for who has the digest already.
    pub(crate) fn key_of(&self, digest: Digest) -> EffectKey {
        EffectKey(Digest::of(KEY, &to_bytes(&(self.tenant.clone(), self.author, self.origin, self.nonce, digest))))
    }
}
