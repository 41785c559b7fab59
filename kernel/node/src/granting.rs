//! Giving writs, handing them on, and taking back what is left.
//!
//! Rule kept: *escrow*. A child's whole budget has left its parent's account, durably, before anybody hears of the child; it comes
//! back by the child's last word only, once. What two homes tell each other is told again until it is confirmed.

use crate::ask::{Declined, Notice};
use crate::fact::{Asked, Fact};
use crate::message::Body;
use crate::node::{Full, Node, Output};
use crate::run::is_reserved;
use crate::state::MAX_WRITS;
use crate::task::{Commission, Task};
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_authority::{Body as Writing, Closed, Drawn, Granted, Offer, Reclaimed, Writ, WritId};
use antfarm_machine::{Effects, Now, PeerId, reached};

/// A writ and all above it, the root first.
pub(crate) fn chain_of(writ: &Granted) -> Vec<Writ> {
    let mut chain: Vec<Writ> = writ.lineage().map(|it| it.writ().clone()).collect();
    chain.reverse();
    chain
}

impl Node {
    /// A client wants a writ given.
    pub(crate) fn grant(
        &mut self,
        now: Now,
        parent: Option<WritId>,
        offer: Box<Offer>,
        task: Option<Task>,
        out: &mut Effects<'_, Self>,
    ) {
        let given = match is_reserved(offer.nonce) && self.is_serving() {
            true => Err(Declined::Reserved),
            false => self.hand_on(parent, (*offer).clone(), task, out),
        };
        if let Err(why) = given {
            self.decline(now, Asked::Grant { parent, offer }, why, out);
        }
    }

    /// Gives a writ, and a task with it; what is on the ledger of that already is told again.
    pub(crate) fn hand_on(
        &mut self,
        parent: Option<WritId>,
        offer: Offer,
        task: Option<Task>,
        out: &mut Effects<'_, Self>,
    ) -> Result<(), Declined> {
        if !self.is_serving() || self.state.writs.len() >= MAX_WRITS {
            return Err(Declined::Busy);
        }
        self.state.denies_grant(parent, &offer)?;
        let (granted, fact) = match parent {
            // Who gives a writ as a trust root hands nothing on.
            None if task.is_some() => return Err(Declined::NotHolder),
            None => self.root(offer)?,
            Some(parent) => self.part(parent, offer)?,
        };
        self.check_task(&granted, task.as_ref())?;
        let (writ, nonce, subject, home) = (granted.id(), granted.body().nonce, granted.body().subject, granted.body().home);
        let is_known = self.state.writ(writ).is_some();
        let mut position = None;
        if !is_known {
            position = Some(self.record(fact).map_err(|Full| Declined::Busy)?);
        }
        if let Some(task) = task.filter(|_| !self.state.handed.contains_key(&writ)) {
            let commission = self.commission(writ, nonce, task);
            let recorded = match home == self.config.me() {
                true => self.begin(commission),
                false => self.record(Fact::Commissioned(Box::new(commission))),
            };
            position = Some(recorded.map_err(|Full| Declined::Busy)?);
            self.confirmed.remove(&writ);
        }
        let notice = Output::Tell(Notice::Granted { writ, nonce, subject });
        let Some(position) = position else {
            self.show(notice, out);
            return Ok(());
        };
        self.after(position, notice);
        if let Some((to, body)) = self.presentation(&granted) {
            self.after(position, Output::Send(to, Box::new(body)));
        }
        Ok(())
    }

    fn root(&self, offer: Offer) -> Result<(Granted, Fact), Declined> {
        let me = self.config.me();
        let Offer { subject, nonce, home, grant } = offer;
        let writ = Writ::issue(Writing { issuer: me, subject, nonce, parent: None, home, grant }, &self.config.signer);
        let granted = self.state.verify(&writ).ok_or(Declined::Widened)?;
        // INVARIANT(forgotten-is-over): it was perhaps given, and forgotten.
        if self.state.revocations.is_over(&granted) {
            return Err(Declined::Over);
        }
        Ok((granted, Fact::Granted { writ, drawn: None }))
    }

    fn part(&self, parent: WritId, offer: Offer) -> Result<(Granted, Fact), Declined> {
        let parent = self.state.writ(parent).ok_or(Declined::Unknown)?;
        let writ = parent.delegate(offer, &self.config.signer).map_err(|_| Declined::Widened)?;
        let child = parent.child(writ.clone()).map_err(|_| Declined::Widened)?;
        if self.state.writ(child.id()).is_none() {
            self.state.accounts.may_draw(&child).map_err(|_| Declined::Budget)?;
        }
        Ok((child, Fact::Delegated { writ }))
    }

    /// What the home of a writ that this node gave is told, if it is another.
    pub(crate) fn presentation(&self, writ: &Granted) -> Option<(PeerId, Body)> {
        let home = self.config.address(&writ.body().home)?;
        let drawn = self.state.accounts.drawn(writ, &self.config.signer);
        let commission = self.state.handed.get(&writ.id()).map(|it| Box::new((*it.commission).clone()));
        Some((home, Body::Present { chain: chain_of(writ), drawn, commission }))
    }

    /// Somebody presents a writ that lives here.
    pub(crate) fn presented(
        &mut self,
        now: Now,
        from: PeerId,
        chain: &[Writ],
        drawn: Option<Drawn>,
        commission: Option<Commission>,
        out: &mut Effects<'_, Self>,
    ) {
        let Some(last) = chain.last() else { return };
        let with_task = commission.is_some();
        if self.state.accounts().account(last.id()).is_some() {
            if self.take_on(commission) {
                self.tell(from, Body::Presented { writ: last.id(), with_task }, out);
            }
            return;
        }
        let Some(granted) = self.state.verify_chain(chain) else { return reached!("writ.forged") };
        if self.state.accounts.may_open(&granted, drawn.as_ref()).is_err() || !self.has_room(chain) {
            return reached!("writ.not_opened");
        }
        let Ok(()) = self.learn(&chain[..chain.len() - 1]) else { return };
        let (writ, nonce, subject) = (granted.id(), granted.body().nonce, granted.body().subject);
        if let Ok(position) = self.record(Fact::Granted { writ: last.clone(), drawn }) {
            self.after(position, Output::Tell(Notice::Granted { writ, nonce, subject }));
            if self.take_on(commission) {
                self.tell(from, Body::Presented { writ, with_task }, out);
            }
            self.inquire(now, &granted, out);
        }
    }

    /// Records the writs of a chain that was verified, as far as they are not known.
    pub(crate) fn learn(&mut self, chain: &[Writ]) -> Result<(), Full> {
        for writ in chain {
            if self.state.writ(writ.id()).is_none() {
                self.record(Fact::Known { writ: writ.clone() })?;
            }
        }
        Ok(())
    }

    /// Whether what is not known of this chain can still be learned.
    pub(crate) fn has_room(&self, chain: &[Writ]) -> bool {
        let unknown = chain.iter().filter(|writ| self.state.writ(writ.id()).is_none()).count();
        self.state.writs.len() + unknown <= MAX_WRITS
    }

    /// The writ's home has it: it need not be told again.
    pub(crate) fn confirm(&mut self, from: PeerId, writ: WritId, with_task: bool) {
        let home = self.state.writ(writ).map(|it| it.body().home);
        let is_all = with_task || !self.state.handed.contains_key(&writ);
        if is_all && home.is_some() && self.config.nodes.get(&from).copied() == home {
            self.confirmed.insert(writ);
        }
    }

    pub(crate) fn close(&mut self, now: Now, writ: WritId, out: &mut Effects<'_, Self>) {
        let why = match self.state.denies_close(writ) {
            _ if !self.is_serving() => Declined::Busy,
            Err(why) => why,
            Ok(()) => match self.record(Fact::Closed { writ }) {
                Ok(position) => return self.closed(position, writ),
                Err(Full) => Declined::Busy,
            },
        };
        self.decline(now, Asked::Close { writ }, why, out);
    }

    /// A writ was closed by the record at `position`: its parent's home hears of it, or takes back what is left, if that is here.
    pub(crate) fn closed(&mut self, position: u64, writ: WritId) {
        self.after(position, Output::Tell(Notice::Closed { writ }));
        if let Some((to, body)) = self.last_word(writ) {
            self.after(position, Output::Send(to, Box::new(body)));
        }
        self.take_back_here(writ);
    }

    /// What a closed child of a writ that lives here left comes back, if the child lived here too. Where that cannot be recorded
    /// now, a pulse does it later.
    pub(crate) fn take_back_here(&mut self, writ: WritId) {
        let closed = self.state.accounts.closed(writ, &self.config.signer);
        if let Some(closed) = closed.filter(|_| self.state.left.contains(&writ)) {
            self.take_back(closed, None);
        }
    }

    /// What the home of a closed writ's parent is told, if it is another.
    pub(crate) fn last_word(&self, writ: WritId) -> Option<(PeerId, Body)> {
        let parent = self.state.writ(writ)?.parent()?;
        let home = self.config.address(&parent.body().home)?;
        Some((home, Body::Closed(self.state.accounts.closed(writ, &self.config.signer)?)))
    }

    /// A child's home says that it is closed.
    pub(crate) fn reclaim(&mut self, from: PeerId, closed: Closed, out: &mut Effects<'_, Self>) {
        let writ = closed.writ;
        let Some(parent) = self.state.writ(writ).and_then(Granted::parent).map(Granted::id) else { return };
        match self.state.accounts.may_reclaim(parent, &closed) {
            Ok(()) => self.take_back(closed, Some(from)),
            Err(_) => match self.reclaimed(writ) {
                Some(body) => self.tell(from, body, out),
                None => reached!("writ.not_reclaimed"),
            },
        }
    }

    fn take_back(&mut self, closed: Closed, from: Option<PeerId>) {
        let writ = closed.writ;
        if let Ok(position) = self.record(Fact::Reclaimed(closed)) {
            self.after(position, Output::Tell(Notice::Reclaimed { writ }));
            if let Some((from, body)) = from.zip(self.reclaimed(writ)) {
                self.after(position, Output::Send(from, Box::new(body)));
            }
        }
    }

    /// The word that a child's home may forget it.
    fn reclaimed(&self, child: WritId) -> Option<Body> {
        let child = self.state.writ(child).filter(|it| it.parent().is_some_and(|it| it.body().home == self.config.me()))?;
        self.state.accounts.reclaimed(child, &self.config.signer).map(Body::Reclaimed)
    }

    /// The home of a closed writ's parent has heard.
    pub(crate) fn release(&mut self, word: Reclaimed) {
        let Some(writ) = self.state.writ(word.child).filter(|_| self.state.last_words.contains(&word.child)) else { return };
        if word.verify(writ).is_ok() {
            let _ = self.record(Fact::Released(word));
        }
    }
}
