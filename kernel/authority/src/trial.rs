//! What would be refused, told without changing anything: a home records what it does before it does it, and records only
//! what was tried.

use crate::account::Shortage;
use crate::budget::{Accounts, CloseRefusal, DrawRefusal, MAX_ACCOUNTS, MAX_CHILDREN, OpenRefusal, ReclaimRefusal};
use crate::chain::Granted;
use crate::entry::Child;
use crate::forget::{ends, is_over};
use crate::voucher::{Closed, Drawn};
use crate::writ::WritId;
use antfarm_machine::reached;

impl Accounts {
    /// Whether [`Accounts::open`] would open it: what is recorded before it is done is tried first.
    ///
    /// # Errors
    ///
    /// See [`OpenRefusal`].
    pub fn may_open(&self, writ: &Granted, drawn: Option<&Drawn>) -> Result<(), OpenRefusal> {
        if writ.body().home != self.home {
            return Err(OpenRefusal::NotHome);
        }
        if self.entries.contains_key(&writ.id()) {
            return Err(OpenRefusal::Known);
        }
        // INVARIANT(forgotten-is-over): so an account that was forgotten is not opened again.
        if is_over(ends(writ), self.mark) {
            return Err(OpenRefusal::Over);
        }
        if self.entries.len() >= MAX_ACCOUNTS {
            return Err(OpenRefusal::TooMany);
        }
        // INVARIANT(drawn-before-spent): the parent has given the budget away.
        match writ.parent() {
            None => {}
            Some(parent) if parent.body().home == self.home => {
                self.lent(writ).ok_or(OpenRefusal::NotDrawn)?;
            }
            Some(_) => {
                drawn.ok_or(OpenRefusal::NotDrawn)?.verify(writ).map_err(|_| OpenRefusal::Signature)?;
            }
        }
        Ok(())
    }

    /// Whether [`Accounts::draw`] would draw it.
    ///
    /// # Errors
    ///
    /// See [`DrawRefusal`].
    pub fn may_draw(&self, child: &Granted) -> Result<(), DrawRefusal> {
        let parent = child.parent().ok_or(DrawRefusal::Root)?.id();
        let over = is_over(ends(child), self.mark);
        let entry = self.entries.get(&parent).ok_or(DrawRefusal::NoAccount)?;
        if entry.closed {
            return Err(DrawRefusal::Closed);
        }
        if entry.expired {
            return Err(DrawRefusal::Expired);
        }
        // INVARIANT(forgotten-is-over): so a child that returned and was forgotten is not drawn again.
        if over {
            return Err(DrawRefusal::Over);
        }
        if entry.children.contains_key(&child.id()) {
            return Err(DrawRefusal::Drawn);
        }
        if entry.children.len() >= MAX_CHILDREN {
            return Err(DrawRefusal::TooMany);
        }
        let budget = child.body().grant.budget;
        entry.account.affords(budget).map_err(|short| {
            // It would have been enough, were it not for what is under way.
            if entry.account.free().checked_add(entry.account.reserved()).is_ok_and(|it| it.checked_sub(budget).is_ok()) {
                reached!("authority.draw_raced_reservation");
            }
            DrawRefusal::Short(short)
        })
    }

    /// Whether [`Accounts::close`] would close it.
    ///
    /// # Errors
    ///
    /// See [`CloseRefusal`].
    pub fn may_close(&self, writ: WritId) -> Result<(), CloseRefusal> {
        let entry = self.entries.get(&writ).ok_or(CloseRefusal::NoAccount)?;
        if entry.closed {
            return Err(CloseRefusal::Closed);
        }
        if let Some(name) = entry.reservations.keys().next() {
            return Err(CloseRefusal::Underway { name: *name });
        }
        if let Some((child, _)) = entry.children.iter().find(|(_, it)| matches!(it, Child::Drawn(_))) {
            reached!("authority.close_with_child_outside");
            return Err(CloseRefusal::Child { child: *child });
        }
        Ok(())
    }

    /// Whether [`Accounts::reclaim`] would take it back. Verifies the signature.
    ///
    /// # Errors
    ///
    /// See [`ReclaimRefusal`].
    pub fn may_reclaim(&self, parent: WritId, closed: &Closed) -> Result<(), ReclaimRefusal> {
        let entry = self.entries.get(&parent).ok_or(ReclaimRefusal::NoAccount)?;
        let child = match entry.children.get(&closed.writ) {
            None => return Err(ReclaimRefusal::NotDrawn),
            Some(Child::Returned { .. }) => {
                reached!("authority.reclaim_repeated");
                return Err(ReclaimRefusal::Returned);
            }
            Some(Child::Drawn(child)) => child,
        };
        closed.verify(child).map_err(|_| ReclaimRefusal::Signature)?;
        let budget = child.body().grant.budget;
        if let Err(dimension) = budget.checked_sub(closed.spent) {
            reached!("authority.reclaim_overspent");
            let (free, wanted) = (budget.of(dimension), closed.spent.of(dimension));
            return Err(ReclaimRefusal::Overspent(Shortage { dimension, free, wanted }));
        }
        Ok(())
    }
}
