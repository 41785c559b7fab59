//! Narrow: every writ that a node knows lies within all above it, up to the colony's trust root.
//!
//! Looked at when a writ comes onto a node's ledger, and again after each opening: it is called by the digest of what it says and
//! signed by its issuer; it is a part of the writ before it, given by that one's subject; it is within it in every field, by
//! authority's own order and by a comparison that is written down here a second time; and the first one of the chain was given by
//! the first node, in this colony.
//!
//! Nothing excuses. What it does not see: what was presented and not taken.

use crate::cast::Plan;
use crate::member::{Member, Moment, Told};
use antfarm_authority::{Dimension, Grant, Granted, WritId, delegates};
use antfarm_identity::PublicKey;
use antfarm_machine::{PeerId, reached};
use antfarm_node::Notice;
use antfarm_sim::{Nobody, Oracle, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// Every writ narrows the one that it is a part of.
#[derive(Clone, Default, Debug)]
pub struct Narrow {
    judged: BTreeSet<(PeerId, WritId)>,
    /// Records of each log whose writs were looked at.
    looked_at: BTreeMap<PeerId, u64>,
}

impl Oracle<Member, Nobody> for Narrow {
    fn property(&self) -> &'static str {
        "narrow"
    }

    fn claim(&self) -> &'static str {
        "every writ is within the one that it is a part of, in every field, up to the trust root"
    }

    fn after(&mut self, moment: &Moment<'_>) -> Result<(), Violation> {
        let Some(at) = moment.node else { return Ok(()) };
        if moment.notices.iter().any(|told| matches!(told, Told::Node(Notice::Opened(_)))) {
            self.judged.retain(|(node, _)| *node != at);
            self.looked_at.remove(&at);
        }
        let Some(node) = moment.world.machine(at).node() else { return Ok(()) };
        let Some((records, _)) = node.ledger().submitted() else { return Ok(()) };
        if self.looked_at.insert(at, records) == Some(records) {
            return Ok(());
        }
        let mut root = None;
        for writ in node.state().writs() {
            if self.judged.insert((at, writ.id())) {
                reached!("oracle.narrow");
                let root = *root.get_or_insert_with(|| root_of(moment));
                judge(writ, root).map_err(|wrong| Violation::at(at, format!("{writ:?} {wrong}")))?;
            }
        }
        Ok(())
    }
}

/// The key of the first node.
fn root_of(moment: &Moment<'_>) -> Option<PublicKey> {
    moment.world.ids().find_map(|id| moment.world.machine(id).node()).map(|node| node.config().me())
}

fn judge(writ: &Granted, root: Option<PublicKey>) -> Result<(), String> {
    let body = writ.body();
    if writ.writ().id() != writ.id() {
        return Err("is called by another digest than that of what it says".to_owned());
    }
    if writ.writ().verify().is_err() {
        return Err("was not signed by its issuer".to_owned());
    }
    if body.parent != writ.parent().map(Granted::id) {
        return Err("is not a part of what stands above it".to_owned());
    }
    let Some(parent) = writ.parent() else {
        let is_rooted = Some(body.issuer) == root && body.grant.colony == Plan::colony();
        return if is_rooted { Ok(()) } else { Err("was not given by the trust root of this colony".to_owned()) };
    };
    if body.issuer != parent.body().subject {
        return Err("was not given by who holds the writ above it".to_owned());
    }
    if let Some(field) = wider(&parent.body().grant, &body.grant) {
        return Err(format!("is wider than the writ above it: {field}"));
    }
    delegates(&parent.body().grant, &body.grant).map_err(|widened| widened.to_string())?;
    judge(parent, root)
}

/// The first field in which a child has more than its parent may give it.
pub fn wider(parent: &Grant, child: &Grant) -> Option<&'static str> {
    let (above, below) = (parent.ceiling, child.ceiling);
    let more = |dimension| child.budget.of(dimension) > parent.budget.of(dimension);
    let (from, until) = (parent.window.not_before().as_nanos(), parent.window.expires_at().as_nanos());
    let fields = [
        ("colony", child.colony != parent.colony),
        ("tenant", child.tenant != parent.tenant),
        ("tools", child.tools.iter().any(|scope| !parent.tools.iter().any(|other| within(scope.text(), other.text())))),
        ("tokens", more(Dimension::Tokens)),
        ("calls", more(Dimension::Calls)),
        ("time", more(Dimension::Time)),
        ("money", more(Dimension::Money)),
        ("whole budget", !parent.delegation.may_subdivide() && child.budget != parent.budget),
        ("read", below.read && !above.read),
        ("write", below.write && !above.write),
        ("external", below.external && !above.external),
        ("irreversible", below.irreversible && !above.irreversible),
        ("not before", child.window.not_before().as_nanos() < from),
        ("expires at", child.window.expires_at().as_nanos() > until),
        ("depth", u16::from(child.delegation.depth()) + 1 > u16::from(parent.delegation.depth())),
        ("subdivision", child.delegation.may_subdivide() && !parent.delegation.may_subdivide()),
        ("freshness", child.freshness.as_nanos() > parent.freshness.as_nanos()),
    ];
    fields.into_iter().find_map(|(field, is_wider)| is_wider.then_some(field))
}

/// Whether all names that one scope means are meant by another, by their texts.
fn within(scope: &str, other: &str) -> bool {
    match other.strip_suffix('*') {
        Some(prefix) => scope.trim_end_matches('*').starts_with(prefix),
        None => scope == other,
    }
}
