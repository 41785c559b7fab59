//! Witnesses: a head that another node remembers is on the chain.
//!
//! Judged when a log is opened and at the end of the run, over the disk's real bytes. Excused is a node whose disk ever lost what
//! it had answered to. Announcements carry no signature here, so what was garbled on the way proves nothing; but it differs in
//! at most two bits from something that was durable when it was sent, which is how a corrupted message is told from a lie.

use crate::atlas::Atlas;
use crate::subject::Keeping;
use crate::verify::verify;
use antfarm_identity::{Digest, to_bytes};
use antfarm_ledger::Notice;
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Moment, Oracle, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// A remembered head is on the chain.
#[derive(Clone, Default, Debug)]
pub struct Prefix {
    atlas: Atlas,
    /// By node: every head that was durable once.
    announced: BTreeMap<PeerId, BTreeSet<(u64, Digest)>>,
}

impl<M: Keeping, O> Oracle<M, O> for Prefix {
    fn property(&self) -> &'static str {
        "prefix"
    }

    fn claim(&self) -> &'static str {
        "a head that a witness remembers is on the chain, unless the disk below that lied"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        let Some((node, machine)) = moment.turned() else { return Ok(()) };
        if let Some(head) = machine.keeper().durable() {
            self.announced.entry(node).or_default().insert((head.records, head.digest));
        }
        let opened = |notice: &Notice| matches!(notice, Notice::Opened(_));
        if moment.notices.iter().any(opened) { self.judge(node, moment) } else { Ok(()) }
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        moment.world.ids().try_for_each(|node| self.judge(node, moment))
    }
}

impl Prefix {
    fn judge<M: Keeping, O>(&self, node: PeerId, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        if self.atlas.lied(node, 0) {
            reached!("oracle.prefix.excused");
            return Ok(());
        }
        let remembers = |witness| Some((witness, moment.world.machine(witness).keeper().heard(node)?));
        let memories: Vec<_> = moment.world.ids().filter_map(remembers).collect();
        if memories.is_empty() {
            return Ok(());
        }
        let log = moment.world.machine(node).keeper().ledger().config().log;
        let mut digests = BTreeMap::from([(0, log)]);
        let read = verify(moment.world.disk(node), log, &mut |record| {
            digests.insert(record.header.position + 1, record.digest);
        });
        if read.is_err() {
            // `chain` and `damage` say whether that may be.
            reached!("oracle.prefix.excused");
            return Ok(());
        }
        reached!("oracle.prefix");
        for (witness, (records, digest)) in memories {
            if digests.get(&records) != Some(&digest) && !self.garbled(node, (records, digest)) {
                let message = format!("{witness:?} remembers a head of {records} records, {digest}, which is not on the chain");
                return Err(Violation::at(node, message));
            }
        }
        Ok(())
    }

    /// Whether this is not a head that the node ever had, but no more than two bits away from one.
    fn garbled(&self, node: PeerId, head: (u64, Digest)) -> bool {
        let Some(announced) = self.announced.get(&node).filter(|announced| !announced.contains(&head)) else { return false };
        let heard = to_bytes(&head);
        let near = |sent: &(u64, Digest)| {
            let differ = |(a, b): (&u8, &u8)| (a ^ b).count_ones();
            to_bytes(sent).iter().zip(&heard).map(differ).sum::<u32>() <= 2
        };
        announced.iter().any(near)
    }
}
