//! How a small colony is searched exhaustively, as `antfarm check` does.
//!
//! Everything of a node tells states apart, and the content of its disk: chain heads encode the order in which things happened,
//! so a scenario that is checked says `heads = false`, and is small. Time is abstract: a writ's window and standing are over only
//! where the model allows ticks, and a tool's late answer is an alarm like any other.
//!
//! What was searched to the end: `small` (two calls wished, one allowed; a crash and an alarm), 898,317 states; `small_messages` (the
//! same; a message lost, one doubled, an alarm), 656,717; `small_delegated` (a part handed on to another node, spent and revoked,
//! behind any cut: whichever messages are lost; an alarm), 401,786, and with two ticks of six seconds, which let standing lapse, and
//! one message lost, 4,506,310. What all of them hide: disks answer at once, so that no crash comes between a record and its
//! receipt; a retry waits for nothing, so that orders are tried which no clock allows; deadlines never pass, so that what is in
//! doubt is resolved by asking and never by time; and no invariant speaks of when a revoked writ was last acted on, which needs a history.

use crate::member::Member;
use antfarm_authority::Amount;
use antfarm_node::{Node, Phase};
use antfarm_sim::scenario::Search;
use antfarm_sim::{Nobody, World};
use std::hash::Hash;

type Small = World<Member, Nobody>;

pub(crate) fn search() -> Search<Member, Nobody> {
    Search {
        invariants: vec![("once", once), ("recorded", recorded), ("spend", spend), ("answered", answered)],
        view: |member, hasher| member.hash(hasher),
        disks: true,
        within: |_| true,
    }
}

fn nodes(world: &Small) -> impl Iterator<Item = &Node> {
    let up = world.ids().filter(|id| world.is_up(*id));
    up.filter_map(|id| world.machine(id).node()).filter(|node| node.is_serving())
}

fn tools(world: &Small) -> impl Iterator<Item = &crate::tool::Tool> {
    world.ids().filter_map(|id| world.machine(id).tool())
}

/// No key took effect twice.
fn once(world: &Small) -> bool {
    tools(world).all(|tool| tool.effects().all(|(_, times)| times <= 1))
}

/// What took effect was started by a node: if all nodes serve, one of them knows it.
fn recorded(world: &Small) -> bool {
    let all = world.ids().filter(|id| world.machine(*id).node().is_some()).count();
    if nodes(world).count() < all {
        return true;
    }
    let known = |key| nodes(world).any(|node| node.state().effect(key).is_some());
    tools(world).all(|tool| tool.effects().all(|(key, _)| known(key)))
}

/// Every account is balanced, and tools were called no more often than the trust root allowed.
fn spend(world: &Small) -> bool {
    let balanced = |node: &Node| {
        let accounts = node.state().accounts();
        accounts.writs().filter_map(|writ| accounts.account(writ.id())).all(|account| {
            let parts = [account.spent(), account.reserved(), account.drawn(), account.free()];
            parts.into_iter().try_fold(Amount::ZERO, Amount::checked_add) == Ok(account.granted())
        })
    };
    let mut roots: Vec<_> = nodes(world)
        .flat_map(|node| node.state().writs())
        .filter(|writ| writ.parent().is_none())
        .map(|writ| (writ.id(), writ.body().grant.budget.calls.0))
        .collect();
    roots.sort_unstable();
    roots.dedup();
    let allowed: u64 = roots.iter().map(|(_, calls)| calls).sum();
    let acted: u64 = tools(world).flat_map(|tool| tool.effects()).map(|(_, times)| u64::from(times)).sum();
    let all = world.ids().filter(|id| world.machine(*id).node().is_some()).count();
    nodes(world).all(balanced) && (nodes(world).count() < all || acted <= allowed)
}

/// What a node says was done was done, and what it says was not was not.
fn answered(world: &Small) -> bool {
    let acted = |key| tools(world).map(|tool| tool.acted(key)).sum::<u32>();
    let effects = nodes(world).flat_map(|node| node.state().effects().map(move |(key, effect)| (node, key, effect)));
    effects.into_iter().all(|(node, key, effect)| match effect.phase() {
        // What entities did, no tool heard of.
        Phase::Done(_) => acted(key) == 1 || node.config().suite.is_some() && acted(key) == 0,
        Phase::Failed | Phase::Withheld(_) => acted(key) == 0,
        Phase::Started | Phase::Doubted => true,
    })
}
