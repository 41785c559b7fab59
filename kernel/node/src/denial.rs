//! What is asked and not done, as far as the ledger shows why: the node declines by it, and whoever reads its log judges by it.
//!
//! Rule kept: one place says what speaks against an ask. What a ledger does not show, a task's time or whether a budget was enough,
//! is for the node alone, and comes after.

use crate::ask::{Declined, Notice};
use crate::effect::Phase;
use crate::fact::{Asked, Fact};
use crate::judge::{Drift, Judged};
use crate::node::{Full, Node, Output};
use crate::run::is_reserved;
use crate::state::State;
use crate::wishes::MAX_REFUSALS;
use antfarm_authority::{CloseRefusal, EffectKey, Nonce, Offer, WritId, delegates};
use antfarm_machine::{Effects, Now, reached};

impl State {
    /// What speaks against giving this, by what was recorded.
    pub(crate) fn denies_grant(&self, parent: Option<WritId>, offer: &Offer) -> Result<(), Declined> {
        let me = self.accounts.home();
        let Some(parent) = parent else {
            return if self.roots.trusts(&me) { Ok(()) } else { Err(Declined::NotRoot) };
        };
        let parent = self.writ(parent).ok_or(Declined::Unknown)?;
        if parent.body().subject != me || parent.body().home != me {
            return Err(Declined::NotHolder);
        }
        if self.revocations.first_dead(parent).is_some() {
            return Err(Declined::Revoked);
        }
        delegates(&parent.body().grant, &offer.grant).map_err(|_| Declined::Widened)
    }

    /// What speaks against revoking this. A writ that is known to be dead may be revoked again: nothing comes of it.
    pub(crate) fn denies_revocation(&self, writ: WritId) -> Result<(), Declined> {
        let granted = self.writ(writ).ok_or(Declined::Unknown)?;
        if !granted.gives(&self.accounts.home()) {
            return Err(Declined::NotGiver);
        }
        // INVARIANT(forgotten-is-over): it would not be forgotten again.
        let is_over = !self.revocations.is_dead(writ) && self.revocations.is_over(granted);
        if is_over { Err(Declined::Over) } else { Ok(()) }
    }

    /// What speaks against closing this.
    pub(crate) fn denies_close(&self, writ: WritId) -> Result<(), Declined> {
        match self.accounts.may_close(writ) {
            Ok(()) if self.runs.is_open(writ) => Err(Declined::Underway),
            Ok(()) => Ok(()),
            Err(CloseRefusal::NoAccount) => Err(Declined::Unknown),
            Err(CloseRefusal::Closed) => Err(Declined::Over),
            Err(_) => Err(Declined::Underway),
        }
    }

    /// What speaks against somebody's word on how this call went.
    pub(crate) fn denies_resolution(&self, key: EffectKey) -> Result<(), Declined> {
        match self.effect(key).is_some_and(|effect| *effect.phase() == Phase::Doubted) {
            true => Ok(()),
            false => Err(Declined::Over),
        }
    }

    /// What speaks against taking on a task.
    pub(crate) fn denies_work(&self, writ: WritId, nonce: Nonce) -> Result<(), Declined> {
        let (it, me) = (self.writ(writ).ok_or(Declined::Unknown)?.body(), self.accounts.home());
        if it.subject != me || it.home != me {
            return Err(Declined::NotHolder);
        }
        if it.nonce == nonce || is_reserved(nonce) {
            return Err(Declined::Reserved);
        }
        // INVARIANT(forgotten-is-over): a task under a writ whose account is forgotten may have been taken on before.
        let is_over = self.accounts.account(writ).is_none() || self.accounts.is_closed(writ);
        if is_over { Err(Declined::Over) } else { Ok(()) }
    }

    fn denies(&self, asked: &Asked) -> Result<(), Declined> {
        match asked {
            Asked::Grant { offer, .. } if is_reserved(offer.nonce) => Err(Declined::Reserved),
            Asked::Grant { parent, offer } => self.denies_grant(*parent, offer),
            Asked::Revoke { writ } => self.denies_revocation(*writ),
            Asked::Close { writ } => self.denies_close(*writ),
            Asked::Resolve { key, .. } => self.denies_resolution(*key),
            Asked::Work { writ, nonce } => self.denies_work(*writ, *nonce),
        }
    }
}

/// Whether an honest node declined this so.
pub(crate) fn judged(state: &State, asked: &Asked, why: Declined) -> Result<Judged, Drift> {
    let derived = state.denies(asked).err();
    let may_be = match asked {
        Asked::Grant { .. } => {
            matches!(why, Declined::Widened | Declined::Budget | Declined::Over | Declined::NotHolder | Declined::Unknown)
        }
        Asked::Work { .. } => why == Declined::Over,
        Asked::Revoke { .. } | Asked::Close { .. } | Asked::Resolve { .. } => false,
    };
    match derived {
        Some(it) if it == why => Ok(Judged::Derived),
        None if may_be => Ok(Judged::Unshown),
        Some(_) | None => Err(Drift::Denied { derived }),
    }
}

impl Node {
    /// Records why an ask comes to nothing, and says so when that is durable. Who is declined too often is told to come back, and
    /// that is not recorded.
    pub(crate) fn decline(&mut self, now: Now, asked: Asked, why: Declined, out: &mut Effects<'_, Self>) {
        reached!("ask.declined");
        let recorded = match why {
            Declined::Busy => Err(Full),
            Declined::Unknown
            | Declined::NotRoot
            | Declined::NotHolder
            | Declined::Widened
            | Declined::Revoked
            | Declined::Budget
            | Declined::NotGiver
            | Declined::Underway
            | Declined::Over
            | Declined::Reserved => {
                self.may_refuse().and_then(|()| self.record(Fact::Denied { asked: asked.clone(), why, at: now.wall }))
            }
        };
        match recorded {
            Ok(position) => self.after(position, Output::Tell(Notice::Declined { asked, why })),
            Err(Full) => out.tell(Notice::Declined { asked, why: Declined::Busy }),
        }
    }

    /// Takes one of the refusals that may be recorded until the next pulse.
    pub(crate) fn may_refuse(&mut self) -> Result<(), Full> {
        if self.refusals >= MAX_REFUSALS {
            return Err(Full);
        }
        self.refusals += 1;
        Ok(())
    }
}
