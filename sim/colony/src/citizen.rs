//! A node as scenarios ask it: by names.
//!
//! It keeps its clients' word on until when a wish may be begun: told again, it is the same. What a scenario says nothing of may be
//! begun until the second-next midnight or noon, so that clients who forgot what they said, because the process ended, say the
//! same again, but for twice a day.

use crate::act;
use crate::cast::name;
use crate::errand::{Chore, Errand, nonce_of};
use crate::member::{Member, MemberTimer, Told};
use antfarm_authority::{Name, Nonce, Offer, Text, WritId};
use antfarm_machine::{Effect, Effects, Input, Machine, Now, PeerId, Span, Wall};
use antfarm_node::{Ask, Node, Phase, Task, Wish};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A node, and how it finds what a scenario calls by name.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Citizen {
    node: Node,
    /// The wishes that clients remember, the oldest first, and until when they may be begun.
    told: VecDeque<Nonce>,
    until: BTreeMap<Nonce, Wall>,
    /// What members are called, and its own number.
    names: Arc<[String]>,
    me: PeerId,
    /// Whether what its entities count on may be refused.
    drops: bool,
}

/// The most wishes that clients remember.
const TOLD: usize = 1 << 12;

/// What a scenario says nothing of may be begun for so long to twice as long.
const HALF_DAY: u64 = 12 * 60 * 60 * 1_000_000_000;

impl Citizen {
    /// This node, not yet started.
    pub fn new(node: Node) -> Self {
        Self { node, told: VecDeque::new(), until: BTreeMap::new(), names: Arc::new([]), me: PeerId::new(0), drops: true }
    }

    /// The same as the member with this number among members with these names: scenarios say so where entities live.
    pub(crate) fn among(self, names: Arc<[String]>, me: PeerId) -> Self {
        Self { names, me, ..self }
    }

    /// The same; `drops` says whether what its entities set going and count on may be refused.
    pub(crate) fn drops(self, drops: bool) -> Self {
        Self { drops, ..self }
    }

    /// Whether what its entities set going and count on may be refused.
    pub(crate) const fn may_drop(&self) -> bool {
        self.drops
    }

    /// Until when a wish may be begun that lasts so long from when it is first told.
    fn until(&mut self, wall: Wall, nonce: Nonce, lasts: Option<Span>) -> Wall {
        if let Some(until) = self.until.get(&nonce) {
            return *until;
        }
        let until = match lasts {
            Some(lasts) => wall + lasts,
            None => Wall::from_nanos((wall.as_nanos() / HALF_DAY + 2).saturating_mul(HALF_DAY)),
        };
        self.told.push_back(nonce);
        self.until.insert(nonce, until);
        if self.told.len() > TOLD {
            let oldest = self.told.pop_front();
            oldest.and_then(|nonce| self.until.remove(&nonce));
        }
        until
    }

    /// The node.
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// The writ that a scenario calls so, if this node knows it.
    pub fn writ(&self, name: &Name) -> Option<WritId> {
        let nonce = nonce_of(name.text());
        self.node.state().writs().find(|writ| writ.body().nonce == nonce).map(antfarm_authority::Granted::id)
    }

    /// A writ that nobody gave stands for one that this node has not heard of.
    fn writ_or_stranger(&self, name: &Name) -> WritId {
        self.writ(name).unwrap_or_else(stranger)
    }

    fn asks(&mut self, now: Now, errand: Errand) -> Vec<Ask> {
        match errand {
            Errand::Grant { name, under, to, home, grant, task } => {
                let nonce = nonce_of(name.text());
                let parent = under.map(|name| self.writ_or_stranger(&name));
                let task = task.map(|chore| Box::new(task_of(now, chore)));
                vec![Ask::Grant { parent, offer: Box::new(Offer { subject: to, nonce, home, grant: *grant }), task }]
            }
            Errand::Work { under, nonce, task } => {
                let writ = self.writ_or_stranger(&under);
                vec![Ask::Work { writ, nonce, task: Box::new(task_of(now, task)) }]
            }
            Errand::Wish { under, nonce, lasts, tool, target, args } => {
                let (writ, until) = (self.writ_or_stranger(&under), self.until(now.wall, nonce, lasts));
                vec![Ask::Wish(Box::new(Wish { writ, nonce, until, tool, target, args, rationale: Text::default() }))]
            }
            Errand::Act { under, nonce, lasts, tool, id, params, writes } => {
                let (writ, until) = (self.writ_or_stranger(&under), self.until(now.wall, nonce, lasts));
                let (target, args) = (act::placed(&id, &self.names, self.me), act::args(&params, &writes, &self.names, self.me));
                // An id that is too long names nobody.
                let target = Text::new(&target).unwrap_or_default();
                vec![Ask::Wish(Box::new(Wish { writ, nonce, until, tool, target, args, rationale: Text::default() }))]
            }
            Errand::Revoke { name } => vec![Ask::Revoke { writ: self.writ_or_stranger(&name) }],
            Errand::Close { name } => vec![Ask::Close { writ: self.writ_or_stranger(&name) }],
            Errand::Resolve { happened } => {
                let effects = self.node.state().effects();
                let doubted = effects.filter(|(_, effect)| *effect.phase() == Phase::Doubted);
                doubted.map(|(key, _)| Ask::Resolve { key, happened }).collect()
            }
            Errand::Fail { .. } | Errand::Think { .. } => Vec::new(),
        }
    }

    pub(crate) fn step(&mut self, now: Now, input: Input<Member>, out: &mut Effects<'_, Member>) {
        match input {
            Input::Asked(errand) => {
                for ask in self.asks(now, errand) {
                    self.feed(now, Input::Asked(ask), out);
                }
            }
            Input::Woke { incarnation } => self.feed(now, Input::Woke { incarnation }, out),
            Input::Heard { from, message } => self.feed(now, Input::Heard { from, message }, out),
            Input::Stored(receipt) => self.feed(now, Input::Stored(receipt), out),
            Input::Rang(MemberTimer::Node(timer)) => self.feed(now, Input::Rang(timer), out),
            Input::Rang(MemberTimer::Late(_) | MemberTimer::Mischief) => {}
        }
    }

    fn feed(&mut self, now: Now, input: Input<Node>, out: &mut Effects<'_, Member>) {
        let wrap = |effect: Effect<Node>| effect.map(|message| message, MemberTimer::Node, Told::Node, |request| request);
        out.lift(wrap, |out| self.node.step(now, input, out));
    }
}

fn task_of(now: Now, chore: Chore) -> Task {
    let Chore { text, steps, within } = chore;
    Task { mind: name("mind.think"), text, steps, until: now.wall + within }
}

fn stranger() -> WritId {
    antfarm_identity::from_bytes(&[0xff; 32]).expect("a writ's id is any digest")
}
