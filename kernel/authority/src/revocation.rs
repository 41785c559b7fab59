//! Revocation: a writ is dead, and with it all that descend from it.
//!
//! Rule kept: the set only grows, but for writs that are over ([`Revocations::forget`]). It is the fast way for the news to
//! travel; that a revoked writ stops acting within a bound rests on [`crate::Standings`], also where no news arrives. A giver
//! whose own set is full says of no writ that it stands: it could not remember that one does not.

use crate::chain::Granted;
use crate::forget::{ends, is_over};
use crate::writ::WritId;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use antfarm_identity::{BadSignature, Codec, Digest, Domain, Malformed, PublicKey, Reader, Reason, Signature, Signer, to_bytes};
use antfarm_machine::Wall;
use core::fmt;
use core::ops::Bound;

const REVOKED: Domain = Domain::new("antfarm 2026 authority revocation");

/// The most writs that a node remembers as revoked. None is taken that does not chain to a trust root, so that strangers
/// cannot fill it.
pub const MAX_REVOKED: usize = 1 << 16;

/// That a writ is dead: signed by who gave it, or who gave any writ that it descends from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Revocation {
    /// The writ.
    pub writ: WritId,
    /// Who says so.
    pub by: PublicKey,
    /// Of the encoding of both, in the colony.
    pub signature: Signature,
}

impl Revocation {
    /// Signs.
    ///
    /// # Panics
    ///
    /// When `signer` gave neither the writ nor one that it descends from.
    pub fn sign(writ: &Granted, signer: &Signer) -> Self {
        let by = signer.public();
        assert!(writ.gives(&by), "a writ is revoked by who gave it or one above it");
        let signature = signer.sign(REVOKED, colony(writ), &to_bytes(&(writ.id(), by)));
        Self { writ: writ.id(), by, signature }
    }

    fn verify(&self, colony: Digest) -> Result<(), BadSignature> {
        self.by.verify(REVOKED, colony, &to_bytes(&(self.writ, self.by)), &self.signature)
    }
}

/// The revocations that a node knows, until the writs are over.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Revocations {
    /// The latest wall time that was noted.
    mark: Wall,
    dead: BTreeMap<WritId, Dead>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
struct Dead {
    revocation: Revocation,
    /// When the writ's window ends.
    ends: Wall,
}

impl Revocations {
    /// None.
    pub const fn new() -> Self {
        Self { mark: Wall::ZERO, dead: BTreeMap::new() }
    }

    /// Takes one in; `writ` is the one that it is about. `false` when the writ was known to be dead.
    ///
    /// # Errors
    ///
    /// See [`RevocationRefusal`].
    pub fn take(&mut self, revocation: &Revocation, writ: &Granted) -> Result<bool, RevocationRefusal> {
        if revocation.writ != writ.id() {
            return Err(RevocationRefusal::OtherWrit);
        }
        if !writ.gives(&revocation.by) {
            return Err(RevocationRefusal::NotRevoker);
        }
        revocation.verify(colony(writ)).map_err(|_| RevocationRefusal::Signature)?;
        if self.dead.contains_key(&writ.id()) {
            return Ok(false);
        }
        if self.is_over(writ) {
            return Err(RevocationRefusal::Over);
        }
        if self.is_full() {
            return Err(RevocationRefusal::TooMany);
        }
        self.dead.insert(writ.id(), Dead { revocation: *revocation, ends: ends(writ) });
        Ok(true)
    }

    /// The latest wall time that was noted.
    pub const fn mark(&self) -> Wall {
        self.mark
    }

    /// Notes that the wall clock read `wall`, and drops the revocations of writs that are over: see [`Revocations::is_over`].
    /// Answers how many. To be recorded, like [`crate::Accounts::forget`].
    pub fn forget(&mut self, wall: Wall) -> usize {
        self.mark = self.mark.max(wall);
        let known = self.dead.len();
        self.dead.retain(|_, it| !is_over(it.ends, self.mark));
        known - self.dead.len()
    }

    /// Whether [`Revocations::forget`] would drop one.
    pub fn may_forget(&self, wall: Wall) -> bool {
        let mark = self.mark.max(wall);
        self.dead.values().any(|it| is_over(it.ends, mark))
    }

    /// Whether the writ's window ended more than [`crate::RETENTION`] before what was noted. Its revocation, or that of one above
    /// it, may have been forgotten, so whoever asks [`Revocations::first_dead`] asks this too. It never becomes false again.
    pub fn is_over(&self, writ: &Granted) -> bool {
        // The window of a writ lies within those of all above it.
        is_over(ends(writ), self.mark)
    }

    /// Whether this very writ is known to be dead.
    pub fn is_dead(&self, writ: WritId) -> bool {
        self.dead.contains_key(&writ)
    }

    /// The revocation of this very writ, if it is known to be dead.
    pub fn of(&self, writ: WritId) -> Option<&Revocation> {
        self.dead.get(&writ).map(|it| &it.revocation)
    }

    /// Whether there are [`MAX_REVOKED`], so that one that was to be taken may be missing.
    pub fn is_full(&self) -> bool {
        self.dead.len() >= MAX_REVOKED
    }

    /// The first writ from this one up to its root that is dead; `None` when all live, or are over.
    pub fn first_dead(&self, writ: &Granted) -> Option<WritId> {
        writ.lineage().map(Granted::id).find(|it| self.dead.contains_key(it))
    }

    /// The dead writs, in order, each with the first revocation of it that was taken: to be told to others. Two nodes know the
    /// same when the writs that are over for neither are equal.
    pub fn iter(&self) -> impl Iterator<Item = (WritId, &Revocation)> {
        self.dead.iter().map(|(writ, it)| (*writ, &it.revocation))
    }
}

/// Revocations in parts, for who saves them a few at a time. What is read is as trusted as it is whole.
impl Revocations {
    /// Appends the revocations that follow the one of `after`, or the first, until `out` has `full` bytes: one at least. The last
    /// writ; none when none follows.
    pub fn save_some(&self, after: Option<WritId>, full: usize, out: &mut Vec<u8>) -> Option<WritId> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut last = None;
        for (id, dead) in self.dead.range((from, Bound::Unbounded)) {
            dead.encode(out);
            last = Some(*id);
            if out.len() >= full {
                break;
            }
        }
        last
    }

    /// Takes up all revocations that [`Revocations::save_some`] wrote in one part.
    ///
    /// # Errors
    ///
    /// When they are none, not in order, or too many.
    pub fn restore_some(&mut self, input: &mut Reader<'_>) -> Result<(), Malformed> {
        while input.remaining() > 0 {
            let offset = input.offset();
            let dead = Dead::decode(input)?;
            let writ = dead.revocation.writ;
            if self.is_full() || self.dead.last_key_value().is_some_and(|(last, _)| *last >= writ) {
                return Err(Malformed { offset, reason: Reason::Order });
            }
            self.dead.insert(writ, dead);
        }
        Ok(())
    }

    /// Ends what [`Revocations::restore_some`] began: this wall time had been noted.
    pub fn restored(&mut self, mark: Wall) {
        self.mark = mark;
    }
}

/// For a checkpoint: the mark, then the revocations with the ends of their writs' windows, in the order of the writs' ids. What is
/// read is *trusted*: the writs, which would say who may revoke them and in which colony, are not here. So none may be told to
/// others unless it is held against its writ again, which [`Revocations::take`] does at whoever hears of it. Bytes that were
/// altered can kill writs, and can hide that one is dead; the first is seen at once, and the second is what the disk of a giver
/// must be trusted for.
impl Codec for Revocations {
    const KINDS: &'static [&'static str] = &["Revocations"];
    const SHORTEST: usize = 8 + 4;
    fn encode(&self, out: &mut Vec<u8>) {
        self.mark.encode(out);
        u32::try_from(self.dead.len()).expect("their number is bounded").encode(out);
        self.dead.values().for_each(|it| it.encode(out));
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let illegal = Malformed { offset: input.offset(), reason: Reason::Illegal { what: "Revocations" } };
        let mut read = Self { mark: Wall::decode(input)?, dead: BTreeMap::new() };
        let count = input.count::<Dead>()?;
        if count > MAX_REVOKED {
            return Err(illegal);
        }
        for _ in 0..count {
            let offset = input.offset();
            let dead = Dead::decode(input)?;
            let writ = dead.revocation.writ;
            if read.dead.last_key_value().is_some_and(|(last, _)| *last >= writ) {
                return Err(Malformed { offset, reason: Reason::Order });
            }
            read.dead.insert(writ, dead);
        }
        Ok(read)
    }
}

/// Why a revocation was not taken. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum RevocationRefusal {
    /// It is about another writ.
    OtherWrit,
    /// Whoever says so gave neither the writ nor one that it descends from.
    NotRevoker,
    /// Whoever is said to say so did not sign it.
    Signature,
    /// [`MAX_REVOKED`] are remembered already.
    TooMany,
    /// The writ's window ended more than [`crate::RETENTION`] ago: nobody acts on it whether it was revoked or not.
    Over,
}

impl fmt::Display for RevocationRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherWrit => "it is about another writ",
            Self::NotRevoker => "who says so gave neither the writ nor one above it",
            Self::Signature => "who is said to say so did not sign it",
            Self::TooMany => "as many revocations are remembered as there may be",
            Self::Over => "the writ's window ended too long ago",
        })
    }
}

fn colony(writ: &Granted) -> Digest {
    writ.body().grant.colony
}
