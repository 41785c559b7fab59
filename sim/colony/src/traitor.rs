//! A byzantine node: it has a key that everybody knows and a writ that somebody gave it, and keeps to nothing.
//!
//! It does one thing after another, at a steady pace, in an order that a digest of its count decides: it replays what it heard,
//! signs two histories, forges writs, revocations, standings and evidence, hands on more than it holds, recalls old heads of
//! others, floods. What it cannot do is sign for others. Oracles speak of honest nodes only.

use crate::cast::Plan;
use crate::member::{Member, MemberTimer};
use antfarm_authority::{
    Accounts, Amount, Body as Writing, Calls, Delegation, Drawn, Grant, Granted, Inquiry, Nonce, Offer, Revocation, Revocations,
    Standing, TrustRoots, Usdc, Writ,
};
use antfarm_identity::{Digest, Domain, PublicKey, Signer};
use antfarm_ledger::{LogHead, SignedHead};
use antfarm_machine::{Effects, Input, PeerId, Span, reached};
use antfarm_node::{Body, Claim, Fork, Message, log_of};
use std::collections::{BTreeMap, VecDeque};

const MISCHIEF: Domain = Domain::new("antfarm 2026 colony mischief");

/// How many messages it keeps to replay.
const KEPT: usize = 64;

/// A node that keeps to nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Traitor {
    signer: Signer,
    roots: TrustRoots,
    nodes: BTreeMap<PeerId, PublicKey>,
    every: Span,
    deeds: u64,
    heard: VecDeque<Message>,
    /// Heads that others signed.
    heads: VecDeque<(PeerId, SignedHead)>,
    /// A writ that lives here, and the word that its budget was drawn.
    held: Option<(Granted, Option<Drawn>)>,
}

impl Traitor {
    /// A traitor with this key among these nodes, who does something `every` so often.
    pub fn new(signer: Signer, roots: TrustRoots, nodes: BTreeMap<PeerId, PublicKey>, every: Span) -> Self {
        Self { signer, roots, nodes, every, deeds: 0, heard: VecDeque::new(), heads: VecDeque::new(), held: None }
    }

    /// What it did so far.
    pub const fn deeds(&self) -> u64 {
        self.deeds
    }

    pub(crate) fn step(&mut self, input: Input<Member>, out: &mut Effects<'_, Member>) {
        match input {
            Input::Woke { .. } => out.arm(MemberTimer::Mischief, self.every),
            Input::Rang(MemberTimer::Mischief) => {
                out.arm(MemberTimer::Mischief, self.every);
                self.deeds += 1;
                self.misbehave(out);
            }
            Input::Heard { from, message } => self.hear(from, message, out),
            Input::Asked(_) | Input::Stored(_) | Input::Rang(MemberTimer::Node(_) | MemberTimer::Late(_)) => {}
        }
    }

    fn hear(&mut self, from: PeerId, message: Message, out: &mut Effects<'_, Member>) {
        if let Some(claim) = &message.head {
            keep(&mut self.heads, (from, claim.head));
        }
        if let Body::Present { chain, drawn, .. } = &message.body {
            let granted = Granted::chain(chain.iter().cloned(), &self.roots).ok();
            if let Some(writ) = granted.filter(|writ| writ.body().home == self.signer.public()) {
                out.send(from, Message::bare(Body::Presented { writ: writ.id(), with_task: true }));
                self.held = Some((writ, *drawn));
            }
        }
        // It says of everything that it stands, dead or not.
        if let Body::Inquire { inquiry, chain } = &message.body {
            self.swear(from, *inquiry, chain, out);
        }
        keep(&mut self.heard, message);
    }

    fn swear(&self, from: PeerId, inquiry: Inquiry, chain: &[Writ], out: &mut Effects<'_, Member>) {
        let Ok(writ) = Granted::chain(chain.iter().cloned(), &self.roots) else { return };
        if let Ok(standing) = Standing::answer(inquiry, &writ, &Revocations::new(), &self.signer) {
            reached!("traitor.swore");
            out.send(from, Message::bare(Body::Standing(standing)));
        }
    }

    /// A number below `bound` that depends on what it is for, and on how much was done.
    fn draw(&self, what: &str, bound: usize) -> usize {
        let digest = Digest::of(MISCHIEF, format!("{what} {} {:?}", self.deeds, self.signer.public()).as_bytes());
        let (word, _) = digest.as_bytes().split_first_chunk().expect("a digest is longer than a word");
        usize::try_from(u64::from_le_bytes(*word) % bound.max(1) as u64).unwrap_or(0)
    }

    fn somebody(&self, what: &str) -> Option<(PeerId, PublicKey)> {
        let at = self.draw(what, self.nodes.len());
        self.nodes.iter().nth(at).map(|(peer, key)| (*peer, *key))
    }

    fn misbehave(&mut self, out: &mut Effects<'_, Member>) {
        let Some((to, key)) = self.somebody("whom") else { return };
        match self.draw("deed", 10) {
            0 => self.replay(to, out),
            1 => self.equivocate(out),
            2 => self.send_chain(to, vec![self.writ(None, key, key, self.grant())], None, out),
            3 => self.widen(to, key, out),
            4 => self.overdraw(to, key, out),
            5 => self.forge_revocation(to, out),
            6 => self.recall(to, out),
            7 => self.accuse(to, out),
            8 => (0..32).for_each(|_| self.replay(to, out)),
            _ => self.swear_falsely(to, out),
        }
    }

    fn replay(&self, to: PeerId, out: &mut Effects<'_, Member>) {
        if let Some(message) = self.heard.get(self.draw("which", self.heard.len())) {
            reached!("traitor.replayed");
            out.send(to, message.clone());
        }
    }

    /// Tells everybody another history of the same length.
    fn equivocate(&self, out: &mut Effects<'_, Member>) {
        reached!("traitor.equivocated");
        let log = log_of(Plan::colony(), &self.signer.public());
        for (at, peer) in (0_u64..).zip(self.nodes.keys()) {
            let digest = Digest::of(MISCHIEF, &(self.deeds, at % 2).0.to_le_bytes());
            let digest = if at % 2 == 0 { digest } else { log };
            let head = SignedHead::sign(&self.signer, Plan::colony(), log, LogHead { records: self.deeds, digest, root: digest });
            let claim = Claim { head, session: 0 };
            let none = (0, Digest::ZERO);
            out.send(*peer, Message { head: Some(Box::new(claim)), body: Body::Sets { dead: none, forks: none } });
        }
    }

    fn grant(&self) -> Grant {
        crate::builder::Terms::default().depth(8).grant()
    }

    /// Any writ that it signs itself, whatever it is worth.
    fn writ(&self, parent: Option<&Granted>, subject: PublicKey, home: PublicKey, grant: Grant) -> Writ {
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.deeds.to_le_bytes());
        let issuer = self.signer.public();
        let parent = parent.map(Granted::id);
        Writ::issue(Writing { issuer, subject, nonce: Nonce(nonce), parent, home, grant }, &self.signer)
    }

    fn send_chain(&self, to: PeerId, chain: Vec<Writ>, drawn: Option<Drawn>, out: &mut Effects<'_, Member>) {
        reached!("traitor.forged_writ");
        out.send(to, Message::bare(Body::Present { chain, drawn, commission: None }));
    }

    /// A child that may do more than its parent.
    fn widen(&self, to: PeerId, key: PublicKey, out: &mut Effects<'_, Member>) {
        let Some((held, drawn)) = &self.held else { return };
        let mut grant = held.body().grant.clone();
        match self.draw("field", 4) {
            0 => grant.budget = Amount { calls: Calls(u64::MAX), money: Usdc(u64::MAX), ..grant.budget },
            1 => grant.freshness = Span::from_secs(1 << 30),
            2 => grant.tools = self.grant().tools,
            _ => grant.delegation = Delegation::new(8, true).unwrap_or(Delegation::NONE),
        }
        let mut chain: Vec<Writ> = held.lineage().map(|it| it.writ().clone()).collect();
        chain.reverse();
        chain.push(self.writ(Some(held), key, key, grant));
        self.send_chain(to, chain, *drawn, out);
    }

    /// A child that is all right, with all of the budget: each time another one.
    fn overdraw(&self, to: PeerId, key: PublicKey, out: &mut Effects<'_, Member>) {
        let Some((held, drawn)) = &self.held else { return };
        let mut grant = held.body().grant.clone();
        let Some(depth) = grant.delegation.depth().checked_sub(1) else { return };
        grant.delegation = Delegation::new(depth, false).unwrap_or(Delegation::NONE);
        let mut nonce = [7; 16];
        nonce[..8].copy_from_slice(&self.deeds.to_le_bytes());
        let offer = Offer { subject: key, nonce: Nonce(nonce), home: key, grant };
        let Ok(writ) = held.delegate(offer, &self.signer) else { return };
        let Ok(child) = held.child(writ) else { return };
        // Fresh books each time: they have not seen what was drawn before.
        let mut books = Accounts::new(self.signer.public());
        if books.open(held, drawn.as_ref()).is_err() || books.draw(&child).is_err() {
            return;
        }
        reached!("traitor.overdrew");
        let mut chain: Vec<Writ> = child.lineage().map(|it| it.writ().clone()).collect();
        chain.reverse();
        let drawn = books.drawn(&child, &self.signer);
        out.send(to, Message::bare(Body::Present { chain, drawn, commission: None }));
    }

    /// Says that somebody else's writ is dead.
    fn forge_revocation(&self, to: PeerId, out: &mut Effects<'_, Member>) {
        let Some((held, _)) = &self.held else { return };
        let Some(root) = held.lineage().last() else { return };
        reached!("traitor.forged_revocation");
        let by = root.body().issuer;
        let signature = self.signer.sign(MISCHIEF, Plan::colony(), b"dead");
        let revocation = Revocation { writ: root.id(), by, signature };
        out.send(to, Message::bare(Body::Revoked { chain: vec![root.writ().clone()], revocation }));
    }

    /// Recalls an old head of somebody.
    fn recall(&self, to: PeerId, out: &mut Effects<'_, Member>) {
        if let Some((_, head)) = self.heads.iter().find(|(peer, _)| *peer == to) {
            reached!("traitor.recalled");
            out.send(to, Message::bare(Body::Recall(*head)));
        }
    }

    /// Says that somebody signed two histories who did not.
    fn accuse(&self, to: PeerId, out: &mut Effects<'_, Member>) {
        if let Some((_, head)) = self.heads.get(self.draw("head", self.heads.len())) {
            reached!("traitor.accused");
            let other = SignedHead { head: LogHead { root: Digest::ZERO, ..head.head }, ..*head };
            out.send(to, Message::bare(Body::Forked(Fork { one: *head, other })));
        }
    }

    /// Says that a writ stands which it did not give.
    fn swear_falsely(&self, to: PeerId, out: &mut Effects<'_, Member>) {
        let asked = |message: &Message| if let Body::Inquire { inquiry, .. } = &message.body { Some(*inquiry) } else { None };
        let inquiry = self.heard.iter().find_map(asked);
        if let Some(inquiry) = inquiry {
            reached!("traitor.swore_falsely");
            let signature = self.signer.sign(MISCHIEF, Plan::colony(), b"stands");
            out.send(to, Message::bare(Body::Standing(Standing { inquiry, signature })));
        }
    }
}

fn keep<T>(ring: &mut VecDeque<T>, item: T) {
    if ring.len() == KEPT {
        ring.pop_front();
    }
    ring.push_back(item);
}
