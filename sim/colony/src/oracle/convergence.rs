//! Convergence: in the end all healed nodes know the same dead writs, and of the same logs that they forked.
//!
//! These are sets that only grow, and each node compares its own with one other in each pulse, in turn; up to 16 of what differs
//! are told in each comparison. So when nothing was added anywhere in the core, nothing opened and nobody healed for
//! [`agreed_within`], all are equal. Judged at the end of the second phase, over the nodes of the core that serve.
//!
//! Writs that are over for one of two nodes count for nothing between them: it may have forgotten that they are dead.
//!
//! Excused is a node whose disk hangs, or was damaged so that it does not serve, or that stopped for good. Nobody keeps evidence
//! against itself: that counts for nothing between it and others. What it does not see: how fast news travels while nodes are cut
//! off; which of two proofs of one fork a node keeps.

use crate::member::{Colonist, Told};
use crate::oracle::excuse::Hung;
use antfarm_authority::WritId;
use antfarm_identity::Digest;
use antfarm_machine::{PeerId, Span, reached};
use antfarm_node::{Config, Node, Notice};
use antfarm_sim::{Moment, Oracle, Phase, Time, Violation};
use std::collections::BTreeSet;

/// How long it takes at most until two nodes know the same set of so many: each asks each other one in turn.
pub fn agreed_within(config: &Config, known: usize) -> Span {
    let others = u64::try_from(config.nodes.len()).unwrap_or(u64::MAX);
    let rounds = u64::try_from(known.div_ceil(16)).unwrap_or(u64::MAX) + 2;
    config.pulse.times(others.saturating_mul(rounds)) + Span::from_secs(5)
}

/// Healed nodes know the same.
#[derive(Clone, Default, Debug)]
pub struct Convergence {
    hung: Hung,
    /// When something new was known last, or somebody began to serve.
    latest: Time,
}

impl<M: Colonist, O> Oracle<M, O> for Convergence {
    fn property(&self) -> &'static str {
        "convergence"
    }

    fn claim(&self) -> &'static str {
        "healed nodes come to know the same revocations, and the same forks"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.hung.watch(moment.choice);
        let news = |told: &Told| {
            matches!(
                told,
                Told::Node(Notice::Opened(_) | Notice::Revoked { .. } | Notice::Forked { .. } | Notice::Granted { .. })
            )
        };
        let of_core = |node: PeerId| match moment.phase {
            Phase::Chaos => true,
            Phase::Healed { core, .. } => core.contains(&node),
        };
        if moment.node.is_some_and(of_core) && moment.notices.iter().any(news) {
            self.latest = moment.at();
        }
        Ok(())
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let Phase::Healed { core, since } = moment.phase else { return Ok(()) };
        let node_at = |at: &PeerId| Some((*at, moment.world.machine(*at).node()?));
        let serves = |(at, node): &(PeerId, &Node)| moment.world.is_up(*at) && node.is_serving() && !self.hung.has(*at);
        let nodes: Vec<(PeerId, &Node)> = core.iter().filter_map(node_at).filter(serves).collect();
        let [(first, one), others @ ..] = nodes.as_slice() else { return Ok(()) };
        let known = nodes.iter().map(|(_, node)| dead(node).len() + forked(node).len()).max().unwrap_or(0);
        if moment.at() < since.max(self.latest).after(agreed_within(one.config(), known)) {
            reached!("oracle.convergence.excused");
            return Ok(());
        }
        for (at, other) in others {
            let dead: Vec<WritId> =
                dead(one).symmetric_difference(&dead(other)).copied().filter(|writ| !is_over(*writ, one, other)).collect();
            let own = [one, other].map(|node| node.ledger().config().log);
            let forked: Vec<Digest> =
                forked(one).symmetric_difference(&forked(other)).copied().filter(|log| !own.contains(log)).collect();
            if !dead.is_empty() || !forked.is_empty() {
                let message = format!("one of it and {first:?} knows of {dead:?} and {forked:?}, and the other does not");
                return Err(Violation::at(*at, message));
            }
            reached!("oracle.convergence");
        }
        Ok(())
    }
}

/// Whether one of them may have forgotten that a writ is dead.
fn is_over(writ: WritId, one: &Node, other: &Node) -> bool {
    let mut known = [one, other].into_iter().filter_map(|node| node.state().writ(writ));
    let over = known.any(|writ| [one, other].into_iter().any(|node| node.state().revocations().is_over(writ)));
    if over {
        reached!("oracle.convergence.forgotten");
    }
    over
}

fn dead(node: &Node) -> BTreeSet<WritId> {
    node.state().revocations().iter().map(|(writ, _)| writ).collect()
}

fn forked(node: &Node) -> BTreeSet<Digest> {
    node.state().forks().map(|(log, _)| *log).collect()
}
