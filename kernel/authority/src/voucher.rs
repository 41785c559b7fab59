//! What two homes tell each other about one budget: the first word, from the parent's, the last, from the child's, and that the
//! last was heard.
//!
//! Both are signed by the key of the home that says it, so they hold whoever carries them, however late and often.

use crate::amount::Amount;
use crate::chain::Granted;
use crate::writ::WritId;
use antfarm_identity::{BadSignature, Codec, Digest, Domain, PublicKey, Signature, Signer, to_bytes};

const DRAWN: Domain = Domain::new("antfarm 2026 authority drawn");
const RECLAIMED: Domain = Domain::new("antfarm 2026 authority reclaimed");
const CLOSED: Domain = Domain::new("antfarm 2026 authority closed");

/// That a child's whole budget has left its parent's account: signed by the parent's home. A home elsewhere opens the
/// child's account on this word only; else whoever holds a writ could hand the same budget to many homes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Drawn {
    /// The child.
    pub child: WritId,
    /// Of its encoding, in the colony.
    pub signature: Signature,
}

impl Drawn {
    /// Signs. Only the home that drew may, once that is durable: see [`crate::Accounts::drawn`].
    pub(crate) fn sign(child: &Granted, signer: &Signer) -> Self {
        let signature = signer.sign(DRAWN, colony(child), &to_bytes(&child.id()));
        Self { child: child.id(), signature }
    }

    /// Whether this is about `child` and the home of its parent said it.
    ///
    /// # Errors
    ///
    /// As [`PublicKey::verify`]; a mismatch, too, when it is about another writ or one without a parent.
    pub fn verify(&self, child: &Granted) -> Result<(), BadSignature> {
        let home: PublicKey = child.parent().ok_or(BadSignature::Mismatch)?.body().home;
        about(self.child, child)?;
        home.verify(DRAWN, colony(child), &to_bytes(&self.child), &self.signature)
    }
}

/// That a writ will never be spent again, and how much of it was: signed by its home. What was not spent goes back to the
/// parent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Closed {
    /// The writ.
    pub writ: WritId,
    /// What it and its children spent in all.
    pub spent: Amount,
    /// Of the encoding of both, in the colony.
    pub signature: Signature,
}

impl Closed {
    /// Signs. Only the home that closed the account may, once that is durable: see [`crate::Accounts::closed`].
    pub(crate) fn sign(writ: &Granted, spent: Amount, signer: &Signer) -> Self {
        let signature = signer.sign(CLOSED, colony(writ), &to_bytes(&(writ.id(), spent)));
        Self { writ: writ.id(), spent, signature }
    }

    /// Whether this is about `writ` and its home said it.
    ///
    /// # Errors
    ///
    /// As [`PublicKey::verify`]; a mismatch, too, when it is about another writ.
    pub fn verify(&self, writ: &Granted) -> Result<(), BadSignature> {
        about(self.writ, writ)?;
        writ.body().home.verify(CLOSED, colony(writ), &to_bytes(&(self.writ, self.spent)), &self.signature)
    }
}

/// That the home of a child's parent has what the child left, or wants it no more: signed by that home. The child's home may
/// then forget the account, once the writ is over. Who says so falsely loses what the child would have returned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Reclaimed {
    /// The child.
    pub child: WritId,
    /// Of its encoding, in the colony.
    pub signature: Signature,
}

impl Reclaimed {
    /// Signs. Only the home that took it back may, once that is durable: see [`crate::Accounts::reclaimed`].
    pub(crate) fn sign(child: &Granted, signer: &Signer) -> Self {
        let signature = signer.sign(RECLAIMED, colony(child), &to_bytes(&child.id()));
        Self { child: child.id(), signature }
    }

    /// Whether this is about `child` and the home of its parent said it.
    ///
    /// # Errors
    ///
    /// As [`PublicKey::verify`]; a mismatch, too, when it is about another writ or one without a parent.
    pub fn verify(&self, child: &Granted) -> Result<(), BadSignature> {
        let home: PublicKey = child.parent().ok_or(BadSignature::Mismatch)?.body().home;
        about(self.child, child)?;
        home.verify(RECLAIMED, colony(child), &to_bytes(&self.child), &self.signature)
    }
}

fn colony(writ: &Granted) -> Digest {
    writ.body().grant.colony
}

fn about(named: WritId, writ: &Granted) -> Result<(), BadSignature> {
    if named == writ.id() { Ok(()) } else { Err(BadSignature::Mismatch) }
}
