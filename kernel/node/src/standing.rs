//! Standing and revocation between nodes: who asks whom whether a writ stands, and how the news of a dead one travels.
//!
//! Rule kept: revocations are a set that only grows, and nodes that can hear each other come to know the same one. That a
//! revoked writ stops within a bound does not rest on it, but on standing: see [`antfarm_authority::Standings`].

use crate::ask::{Declined, Notice};
use crate::fact::{Asked, Fact};
use crate::granting::chain_of;
use crate::message::{Body, Fork};
use crate::node::{Full, Node, Output, Timer};
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_authority::{Granted, Inquiry, NotStanding, Revocation, Revocations, Standing, Writ, WritId};
use antfarm_identity::{Digest, Domain, to_bytes};
use antfarm_machine::{Effects, Now, PeerId, reached};

const SET: Domain = Domain::new("antfarm 2026 node set");

/// Pulses between two readings of the log on account of what others remember.
const LOOK_EVERY: u64 = 16;

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
                self.tell(peer, Body::Inquire { inquiry, chain: chain_of(writ) }, out);
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
                if let Some(body) = self.obituary(writ) {
                    self.tell(from, body, out);
                }
            }
            Err(NotStanding::OtherWrit | NotStanding::NotGiver | NotStanding::Over | NotStanding::Full) => {
                reached!("standing.asked_wrongly")
            }
        }
    }

    pub(crate) fn stands(&mut self, standing: &Standing) {
        let Some(writ) = self.state.writ(standing.inquiry.writ) else { return };
        match self.standings.take(standing, writ) {
            Ok(_) => self.stir(standing.inquiry.writ),
            Err(_) => reached!("standing.not_taken"),
        }
    }

    pub(crate) fn revoke(&mut self, now: Now, writ: WritId, out: &mut Effects<'_, Self>) {
        let why = match self.state.denies_revocation(writ).and_then(|()| self.state.writ(writ).cloned().ok_or(Declined::Unknown))
        {
            _ if !self.is_serving() => Declined::Busy,
            Err(why) => why,
            Ok(_) if self.knows_dead(writ) => return self.show(Output::Tell(Notice::Revoked { writ }), out),
            Ok(_) if self.state.revocations.is_full() => Declined::Busy,
            Ok(granted) => {
                let revocation = Revocation::sign(&granted, &self.config.signer);
                match self.bury(None, &granted, revocation) {
                    Ok(()) => return,
                    Err(Full) => Declined::Busy,
                }
            }
        };
        self.decline(now, Asked::Revoke { writ }, why, out);
    }

    /// Somebody says that a writ is dead.
    pub(crate) fn news(&mut self, from: PeerId, chain: &[Writ], revocation: &Revocation) {
        if self.knows_dead(revocation.writ) || !self.has_room(chain) {
            return;
        }
        let Some(writ) = self.state.verify_chain(chain) else { return reached!("writ.forged") };
        // Tried on an empty set first: what is recorded is what was verified.
        if Revocations::new().take(revocation, &writ).is_err() {
            return reached!("revocation.forged");
        }
        // INVARIANT(forgotten-is-over): it was perhaps forgotten, by who has a later mark than whoever says so.
        if self.state.revocations.is_over(&writ) || self.state.revocations.is_full() {
            return reached!("revocation.over");
        }
        if self.learn(chain).is_err() || self.bury(Some(from), &writ, *revocation).is_err() {
            reached!("revocation.not_recorded");
        }
    }

    fn knows_dead(&self, writ: WritId) -> bool {
        self.state.revocations.is_dead(writ)
    }

    /// Records that a writ is dead and tells everybody but who said so.
    fn bury(&mut self, from: Option<PeerId>, writ: &Granted, revocation: Revocation) -> Result<(), Full> {
        let others = self.config.nodes.keys().copied().filter(|peer| Some(*peer) != from);
        let others: Vec<PeerId> = others.take(TOLD_AGAIN).collect();
        let position = self.record_for(Fact::Revoked(revocation), 1 + others.len())?;
        self.after(position, Output::Tell(Notice::Revoked { writ: writ.id() }));
        for peer in others {
            self.after(position, Output::Send(peer, Box::new(Body::Revoked { chain: chain_of(writ), revocation })));
        }
        Ok(())
    }

    fn obituary(&self, writ: WritId) -> Option<Body> {
        let revocation = self.state.revocations.of(writ)?;
        Some(Body::Revoked { chain: chain_of(self.state.writ(writ)?), revocation: *revocation })
    }

    /// What is known of the two sets that only grow.
    fn sets(&self) -> Body {
        let sum = |ids: Vec<Digest>| (u32::try_from(ids.len()).unwrap_or(u32::MAX), Digest::of(SET, &to_bytes(&ids)));
        let dead = self.state.revocations.iter().map(|(writ, _)| writ.digest()).collect();
        Body::Sets { dead: sum(dead), forks: sum(self.state.forks.keys().copied().collect()) }
    }

    /// Another node knows other revocations or other evidence: it is told some of what is known here, others each time.
    pub(crate) fn compare(&mut self, from: PeerId, dead: (u32, Digest), forks: (u32, Digest), out: &mut Effects<'_, Self>) {
        let Body::Sets { dead: my_dead, forks: my_forks } = self.sets() else { unreachable!("that is what it makes") };
        if (my_dead, my_forks) == (dead, forks) {
            return;
        }
        reached!("sets.differ");
        self.compared = self.compared.wrapping_add(TOLD_AGAIN);
        if my_dead != dead {
            let ids: Vec<WritId> = self.state.revocations.iter().map(|(writ, _)| writ).collect();
            for writ in some_of(&ids, self.compared) {
                if let Some(body) = self.obituary(writ) {
                    self.tell(from, body, out);
                }
            }
        }
        if my_forks != forks {
            let evidence: Vec<Fork> = self.state.forks().map(|(_, fork)| fork.clone()).collect();
            for fork in some_of(&evidence, self.compared) {
                self.tell(from, Body::Forked(fork), out);
            }
        }
        // Whoever knows more hears what is missing here.
        if my_dead.0 < dead.0 || my_forks.0 < forks.0 {
            self.tell(from, self.sets(), out);
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
        if self.past.wants_reading() && self.pulses % LOOK_EVERY == 1 {
            return self.look_again(out);
        }
        self.wind_up(now, out);
        self.expire(now);
        self.forget(now);
        self.renew(now, out);
        self.tell_again(out);
        self.deliver_again(out);
        self.note_heads();
        self.save(out);
        // One other node each time: it hears of the head, and of what it missed.
        let count = self.config.nodes.len();
        let next = usize::try_from(self.pulses).unwrap_or(0).checked_rem(count);
        if let Some(peer) = next.and_then(|next| self.config.nodes.keys().nth(next)).copied() {
            self.tell(peer, self.sets(), out);
            if let Some(body) = self.some_head().filter(|_| self.config.heads) {
                self.tell(peer, body, out);
            }
            if let Some(head) = self.recalls.get(&peer).copied() {
                self.tell(peer, Body::Recall(head), out);
            }
        }
    }

    /// Notes writs whose windows are over; those under which nothing is under way are closed, and what they left goes back.
    fn expire(&mut self, now: Now) {
        let accounts = &self.state.accounts;
        let over = |writ: &&Granted| {
            let (id, ends) = (writ.id(), writ.body().grant.window.expires_at());
            let may_close = || accounts.may_close(id).is_ok() && !self.state.runs.is_open(id);
            now.wall > ends && !accounts.is_closed(id) && (!accounts.is_expired(id) || may_close())
        };
        let over: Vec<WritId> = accounts.writs().filter(over).map(Granted::id).take(TOLD_AGAIN).collect();
        for writ in over {
            if self.note_expired(writ).is_err() {
                return;
            }
            if self.state.accounts.may_close(writ).is_ok() && !self.state.runs.is_open(writ) {
                let Ok(position) = self.record(Fact::Closed { writ }) else { return };
                self.closed(position, writ);
            }
        }
    }

    /// INVARIANT(once-expired): what this node once saw expired it never acts on again, whatever its clock says later.
    pub(crate) fn note_expired(&mut self, writ: WritId) -> Result<(), Full> {
        if self.state.accounts.account(writ).is_some() && !self.state.accounts.is_expired(writ) {
            reached!("writ.expired");
            self.record(Fact::Expired { writ })?;
        }
        Ok(())
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

    /// Tells again what was not confirmed, and takes back what was left here.
    fn tell_again(&mut self, out: &mut Effects<'_, Self>) {
        self.cursor = self.cursor.wrapping_add(TOLD_AGAIN);
        let abroad = self.state.abroad.iter().filter(|writ| !self.confirmed.contains(*writ));
        let abroad: Vec<WritId> = abroad.copied().collect();
        let words: Vec<WritId> = self.state.last_words.iter().copied().collect();
        let present = some_of(&abroad, self.cursor).filter_map(|writ| self.presentation(self.state.writ(writ)?));
        let closed = some_of(&words, self.cursor).filter_map(|writ| self.last_word(writ));
        let told: Vec<(PeerId, Body)> = present.chain(closed).collect();
        for (peer, body) in told {
            self.tell(peer, body, out);
        }
        let left: Vec<WritId> = self.state.left.iter().copied().take(TOLD_AGAIN).collect();
        for writ in left {
            reached!("writ.left");
            self.take_back_here(writ);
        }
    }
}

/// At most [`TOLD_AGAIN`] of these, from `cursor` on and around.
pub(crate) fn some_of<T: Clone>(items: &[T], cursor: usize) -> impl Iterator<Item = T> + use<'_, T> {
    let start = cursor.checked_rem(items.len()).unwrap_or(0);
    items.iter().cycle().skip(start).take(items.len().min(TOLD_AGAIN)).cloned()
}
