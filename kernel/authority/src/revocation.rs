//! Revocation: a writ is dead, and with it all that descend from it.
//!
//! Rule kept: the set only grows. It is the fast way for the news to travel; that a revoked writ stops acting within a bound
//! rests on [`crate::Standings`], also where no news arrives and where the set is full.

use crate::chain::Granted;
use crate::writ::WritId;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use antfarm_identity::{BadSignature, Codec, Digest, Domain, Malformed, PublicKey, Reader, Reason, Signature, Signer, to_bytes};

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

/// The revocations that a node knows.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Revocations(BTreeMap<WritId, Revocation>);

impl Revocations {
    /// None.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
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
        if self.0.contains_key(&writ.id()) {
            return Ok(false);
        }
        if self.0.len() >= MAX_REVOKED {
            return Err(RevocationRefusal::TooMany);
        }
        self.0.insert(writ.id(), *revocation);
        Ok(true)
    }

    /// The first writ from this one up to its root that is dead; `None` when all live.
    pub fn first_dead(&self, writ: &Granted) -> Option<WritId> {
        writ.lineage().map(Granted::id).find(|it| self.0.contains_key(it))
    }

    /// The dead writs, in order, each with the first revocation of it that was taken: to be told to others. Two nodes know the
    /// same when the writs are equal.
    pub fn iter(&self) -> impl Iterator<Item = (WritId, &Revocation)> {
        self.0.iter().map(|(writ, revocation)| (*writ, revocation))
    }
}

/// For a checkpoint: the revocations, in the order of their writs' ids. What is read is *trusted*: the writs, which would say
/// who may revoke them and in which colony, are not here. So none may be told to others unless it is held against its writ
/// again, which [`Revocations::take`] does at whoever hears of it. Bytes that were altered can kill writs, and can hide that one
/// is dead; the first is seen at once, and the second is what the disk of a giver must be trusted for.
impl Codec for Revocations {
    const KINDS: &'static [&'static str] = &["Revocations"];
    const SHORTEST: usize = 4;
    fn encode(&self, out: &mut Vec<u8>) {
        u32::try_from(self.0.len()).expect("their number is bounded").encode(out);
        self.0.values().for_each(|it| it.encode(out));
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let illegal = Malformed { offset: input.offset(), reason: Reason::Illegal { what: "Revocations" } };
        let count = input.count::<Revocation>()?;
        if count > MAX_REVOKED {
            return Err(illegal);
        }
        let mut read = BTreeMap::new();
        for _ in 0..count {
            let offset = input.offset();
            let revocation = Revocation::decode(input)?;
            if read.last_key_value().is_some_and(|(last, _)| *last >= revocation.writ) {
                return Err(Malformed { offset, reason: Reason::Order });
            }
            read.insert(revocation.writ, revocation);
        }
        Ok(Self(read))
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
}

fn colony(writ: &Granted) -> Digest {
    writ.body().grant.colony
}
