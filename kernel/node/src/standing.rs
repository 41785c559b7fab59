//! Standing and revocation between nodes: who asks whom whether a writ stands, and how the news of a dead one travels.
//!
//! Rule kept: revocations are a set that only grows, and nodes that can hear each other come to know the same one. That a
//! revoked writ stops within a bound does not rest on it, but on standing: see [`antfarm_authority::Standings`].

use crate::ask::{Declined, Notice};
use crate::fact::Fact;
use crate::granting::chain_of;
use crate::message::Body;
use crate::node::{Full, Node, Output, Timer};
use crate::state::MAX_WRITS;
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_authority::{Granted, Inquiry, NotStanding, Revocation, Revocations, Standing, Writ, WritId};
use antfarm_identity::{Digest, Domain, to_bytes};
use antfarm_machine::{Effects, Now, PeerId, reached};

const DEAD: Domain = Domain::new("antfarm 2026 node revocations");

/// How many things of one kind are told again in one pulse, at most: the rest comes in the next ones.
const TOLD_AGAIN: usize = 16;

impl Node {
    /// Asks all who gave a writ whether it stands. What this node gave itself it answers itself.
    pub(crate) fn inquire(&mut self, now: Now, writ: &Granted, out: &mut Effects<'_, Self>) {
        for giver in writ.givers() {
            let Ok(inquiry) = self.standings.inquire(writ.id(), giver, now.mono) else { return };
            if giver == self.config.me() {
                if let Ok(standing) = Standing::answer(inquiry, writ, &self.state.revocations, &self.config.signer) {
                    self.standings.take(&standing, writ).ok();
                }
            } else if let Some(peer) = self.config.address(&giver) {
                self.send(peer, Body::Inquire { inquiry, chain: chain_of(writ) }, out);
            }
        }
    }

    /// Somebody asks whether a writ stands that this node gave, or one above it.
    pub(crate) fn inquired(&mut self, from: PeerId, inquiry: Inquiry, chain: &[Writ], out: &mut Effects<'_, Self>) {
        let Some(writ) = self.state.verify_chain(chain) else { return reached!("writ.forged") };
        match Standing::answer(inquiry, &writ, &self.state.revocations, &self.config.signer) {
            Ok(standing) => self.send(from, Body::Standing(standing), out),
            Err(NotStanding::Revoked { writ }) => {
                reached!("standing.refused");
                if let Some(body) = self.obituary(writ).filter(|_| self.waiting() == 0) {
                    self.send(from, body, out);
                }
            }
            Err(NotStanding::OtherWrit | NotStanding::NotGiver | NotStanding::Over | NotStanding::Full) => {
                reached!("standing.asked_wrongly")
            }
        }
    }

    pub(crate) fn stands(&mut self, standing: &Standing) {
        let Some(writ) = self.state.writ(standing.inquiry.writ) else { return };
        if self.standings.take(standing, writ).is_err() {
            reached!("standing.not_taken");
        }
    }

    pub(crate) fn revoke(&mut self, writ: WritId, out: &mut Effects<'_, Self>) {
        let why = match self.state.writ(writ).cloned() {
            _ if !self.is_serving() => Declined::Busy,
            None => Declined::Unknown,
            Some(granted) if !granted.gives(&self.config.me()) => Declined::NotGiver,
            Some(granted) if self.knows_dead(writ) => return self.show(Notice::Revoked { writ: granted.id() }, out),
            Some(granted) => {
                let revocation = Revocation::sign(&granted, &self.config.signer);
                match self.bury(None, &granted, revocation) {
                    Ok(()) => return,
                    Err(Full) => Declined::Busy,
                }
            }
        };
        Self::decline(writ.digest(), why, out);
    }

    /// Somebody says that a writ is dead.
    pub(crate) fn news(&mut self, from: PeerId, chain: &[Writ], revocation: &Revocation) {
        if self.knows_dead(revocation.writ) || self.state.writs.len() + chain.len() > MAX_WRITS {
            return;
        }
        let Some(writ) = self.state.verify_chain(chain) else { return reached!("writ.forged") };
        // Tried on an empty set first: what is recorded is what was verified.
        if Revocations::new().take(revocation, &writ).is_err() {
            return reached!("revocation.forged");
        }
        if self.learn_all_but_mine(chain).is_ok() {
            let _ = self.bury(Some(from), &writ, *revocation);
        }
    }

    /// Writs that live here are known by being presented with their budget, never by the way.
    fn learn_all_but_mine(&mut self, chain: &[Writ]) -> Result<(), Full> {
        let me = self.config.me();
        let mine = chain.iter().any(|writ| writ.body.home == me && self.state.writ(writ.id()).is_none());
        if mine { Err(Full) } else { self.learn(chain) }
    }

    fn knows_dead(&self, writ: WritId) -> bool {
        self.state.revocations.is_dead(writ)
    }

    /// Records that a writ is dead and tells everybody but who said so.
    fn bury(&mut self, from: Option<PeerId>, writ: &Granted, revocation: Revocation) -> Result<(), Full> {
        let position = self.record(Fact::Revoked(revocation))?;
        self.after(position, Output::Tell(Notice::Revoked { writ: writ.id() }));
        let others: Vec<PeerId> = self.config.nodes.keys().copied().filter(|peer| Some(*peer) != from).collect();
        for peer in others.into_iter().take(TOLD_AGAIN) {
            self.after(position, Output::Send(peer, Box::new(Body::Revoked { chain: chain_of(writ), revocation })));
        }
        Ok(())
    }

    fn obituary(&self, writ: WritId) -> Option<Body> {
        let revocation = self.state.revocations.of(writ)?;
        Some(Body::Revoked { chain: chain_of(self.state.writ(writ)?), revocation: *revocation })
    }

    fn dead(&self) -> (u32, Digest) {
        let ids: Vec<WritId> = self.state.revocations.iter().map(|(writ, _)| writ).collect();
        (u32::try_from(ids.len()).unwrap_or(u32::MAX), Digest::of(DEAD, &to_bytes(&ids)))
    }

    /// Another node knows other revocations, or not: tells it some of those that are known here, others each time.
    pub(crate) fn compare(&mut self, from: PeerId, count: u32, digest: Digest, out: &mut Effects<'_, Self>) {
        let (mine, known) = self.dead();
        if (mine, known) == (count, digest) || self.waiting() > 0 {
            return;
        }
        reached!("revocations.differ");
        let start = usize::try_from(self.pulses).unwrap_or(0).wrapping_mul(TOLD_AGAIN);
        let ids: Vec<WritId> = self.state.revocations.iter().map(|(writ, _)| writ).collect();
        for at in 0..ids.len().min(TOLD_AGAIN) {
            if let Some(body) = self.obituary(ids[start.wrapping_add(at) % ids.len()]) {
                self.send(from, body, out);
            }
        }
        // Whoever knows fewer is told; whoever knows more tells, when it hears how many are known here.
        if mine < count {
            self.send(from, Body::Dead { count: mine, digest: known }, out);
        }
    }

    /// Looks after what takes time.
    pub(crate) fn pulse(&mut self, now: Now, out: &mut Effects<'_, Self>) {
        if !self.is_serving() {
            return;
        }
        out.arm(Timer::Pulse, self.config.pulse);
        self.refusals = 0;
        self.pulses += 1;
        self.expire(now);
        self.renew(now, out);
        self.tell_again(out);
        self.note_heads();
        // One other node each time: it hears of the head, and of revocations that it missed.
        let count = self.config.nodes.len();
        let next = usize::try_from(self.pulses).unwrap_or(0).checked_rem(count);
        if let Some(peer) = next.and_then(|next| self.config.nodes.keys().nth(next)).copied() {
            let (count, digest) = self.dead();
            self.send(peer, Body::Dead { count, digest }, out);
        }
    }

    /// Notes writs whose windows are over; those under which nothing is under way are closed.
    fn expire(&mut self, now: Now) {
        let over =
            |writ: &&Granted| now.wall > writ.body().grant.window.expires_at() && !self.state.accounts.is_closed(writ.id());
        let over: Vec<WritId> = self.state.accounts.writs().filter(over).map(Granted::id).take(TOLD_AGAIN).collect();
        for writ in over {
            if !self.state.accounts.is_expired(writ) {
                reached!("writ.expired");
                let Ok(_) = self.record(Fact::Expired { writ }) else { return };
            }
            if self.state.accounts.may_close(writ).is_ok() {
                let Ok(position) = self.record(Fact::Closed { writ }) else { return };
                self.closed(position, writ);
            }
        }
    }

    /// Asks again about writs whose standing is half over.
    fn renew(&mut self, now: Now, out: &mut Effects<'_, Self>) {
        let due = |writ: &&Granted| {
            let ahead = now.mono + writ.body().grant.freshness.over(2);
            let alive = !self.state.accounts.is_closed(writ.id()) && !self.state.accounts.is_expired(writ.id());
            alive && self.standings.check(writ, ahead).is_err() && self.state.revocations.first_dead(writ).is_none()
        };
        let due: Vec<Granted> = self.state.accounts.writs().filter(due).cloned().collect();
        for writ in due {
            self.inquire(now, &writ, out);
        }
    }

    /// Tells again what was not confirmed.
    fn tell_again(&mut self, out: &mut Effects<'_, Self>) {
        if self.waiting() > 0 {
            return;
        }
        let unconfirmed = self.state.abroad.iter().filter(|writ| !self.confirmed.contains(*writ));
        let abroad = unconfirmed.filter_map(|writ| self.presentation(self.state.writ(*writ)?));
        let closed = self.state.last_words.iter().filter_map(|writ| self.last_word(*writ));
        let told: Vec<(PeerId, Body)> = abroad.take(TOLD_AGAIN).chain(closed.take(TOLD_AGAIN)).collect();
        for (peer, body) in told {
            self.send(peer, body, out);
        }
    }
}
