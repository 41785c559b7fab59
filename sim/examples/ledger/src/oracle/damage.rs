//! Damage: a keeper refuses its disk when bytes at rest have decayed, and never without cause.
//!
//! Must detect (`Loss::Node`): who opens a log over a decayed byte that the opening had to read has served it. What can be
//! recovered must be: who refuses a disk that was never damaged gave up over a torn tail, a failed write, a full disk. And a
//! refusal says where: over a disk that only decayed, it points at a frame with a decayed byte in it. A whole record that a write left
//! where it does not belong is no torn tail: no log is opened over it.

use crate::atlas::Atlas;
use crate::oracle::opening::{Openings, first_read};
use crate::pages::Pages;
use crate::stray::{stray, unread};
use crate::subject::Keeping;
use crate::verify::verify;
use antfarm_ledger::{MAX_FRAME, Notice, Opened, Refused, checkpoint_object, segment_number};
use antfarm_machine::{Object, PeerId, reached};
use antfarm_sim::{Choice, Family, Moment, Oracle, Verdict, Violation};
use std::collections::BTreeMap;

/// A keeper refuses its disk when, and only when, it is damaged.
#[derive(Clone, Default, Debug)]
pub struct Damage {
    atlas: Atlas,
    openings: Openings,
    /// Bits that are wrong, by byte, and the event of the latest flip. Two flips of one bit are none.
    flipped: BTreeMap<(PeerId, Object, u64), (u8, u64)>,
    /// By node: what it began to read has a record there that belongs elsewhere.
    astray: BTreeMap<PeerId, (Object, u64)>,
}

impl<M: Keeping, O> Oracle<M, O> for Damage {
    fn property(&self) -> &'static str {
        "damage"
    }

    fn claim(&self) -> &'static str {
        "a keeper refuses its disk when bytes at rest have decayed, says where, and never refuses without cause"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        self.openings.watch(moment);
        if let Choice::Rot(node, object, offset, bit) = moment.choice
            && self.atlas.since(*node, moment.event).next().is_some()
        {
            let (bits, event) = self.flipped.entry((*node, object.clone(), *offset)).or_default();
            (*bits, *event) = (*bits ^ 1 << (bit & 7), moment.event);
        }
        if let Choice::Crash(node) | Choice::Replace(node) = moment.choice {
            // With an object that is gone, or cut short, its decay is gone too.
            let disk = moment.world.disk(*node);
            self.flipped.retain(|(at, object, offset), _| at != node || *offset < disk.bytes(object).len() as u64);
        }
        let Some(node) = moment.node else { return Ok(()) };
        if let Choice::Sync(_, _, Verdict::Misdirected { .. }) = moment.choice
            && let Some((object, offset)) = stray(moment.world.disk(node))
        {
            reached!("oracle.damage.astray");
            let log = moment.world.machine(node).keeper().ledger().config().log;
            if verify(moment.world.disk(node), log, &mut |_| {}).is_ok() {
                let message = format!("a whole record that belongs elsewhere passes for a torn tail: `{object}`, {offset}");
                return Err(Violation::at(node, message));
            }
        }
        if self.openings.began(node) == moment.event {
            self.astray.remove(&node);
        }
        if self.openings.began(node) == moment.event && self.atlas.harms(node).any(|it| it.by == Family::Misdirected) {
            self.astray.extend(stray(moment.world.disk(node)).map(|it| (node, it)));
        }
        for notice in moment.notices {
            match notice {
                Notice::Opened(opened) => {
                    self.over_whole_records(node, opened)?;
                    self.opened(node, moment)?;
                }
                Notice::Refused(refused) => {
                    self.astray.remove(&node);
                    self.refused(node, refused)?;
                }
                Notice::Acknowledged { .. } | Notice::Rejected { .. } | Notice::Checkpointed { .. } | Notice::Stopped(_) => {}
            }
        }
        Ok(())
    }
}

impl Damage {
    fn over_whole_records(&mut self, node: PeerId, opened: &Opened) -> Result<(), Violation> {
        let Some((object, offset)) = self.astray.remove(&node) else { return Ok(()) };
        if unread(opened.restored, &object, offset) || self.atlas.since(node, self.openings.began(node)).next().is_some() {
            return Ok(());
        }
        Err(Violation::at(node, format!("opens over a whole record that belongs elsewhere: `{object}`, {offset}")))
    }

    fn opened<M: Keeping, O>(&mut self, node: PeerId, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let disk = moment.world.disk(node);
        // What was cut off or removed since is no longer wrong, nor is what a stray write covered.
        let stands = |object: &Object, offset: u64| {
            let here =
                |family| disk.harms().iter().any(|it| it.by == family && it.object == *object && it.range.contains(&offset));
            here(Family::Rot) && !here(Family::Misdirected)
        };
        self.flipped.retain(|(at, object, offset), (bits, _)| *at != node || *bits != 0 && stands(object, *offset));
        let keeper = moment.world.machine(node).keeper();
        let began = self.openings.began(node);
        let mut seen = self.flipped.iter().filter(|((at, ..), (_, event))| *at == node && *event < began).peekable();
        if seen.peek().is_none() {
            return Ok(());
        }
        let first = first_read(keeper, &Pages::of(disk));
        let newest = keeper.ledger().checkpoints().last().map(|records| checkpoint_object(*records));
        let read = |object: &Object| segment_number(object).map_or_else(|| newest.as_ref() == Some(object), |it| it >= first);
        match seen.find(|((_, object, _), _)| read(object)) {
            Some(((_, object, offset), _)) => {
                Err(Violation::at(node, format!("serves over a decayed byte: `{object}`, {offset}")))
            }
            None => Ok(()),
        }
    }

    fn refused(&self, node: PeerId, refused: &Refused) -> Result<(), Violation> {
        reached!("oracle.damage");
        let mut harms = self.atlas.harms(node).peekable();
        if harms.peek().is_none() {
            return Err(Violation::at(node, format!("refuses a disk that nobody damaged: {refused}")));
        }
        let frame = refused.offset..refused.offset + MAX_FRAME as u64;
        let near = |object: &Object, offset: u64| *object == refused.object && frame.contains(&offset);
        let only_decay = self.atlas.harms(node).all(|harm| harm.by == Family::Rot);
        if only_decay && !harms.any(|harm| near(&harm.object, harm.range.start)) {
            return Err(Violation::at(node, format!("points at a sound frame: {refused}")));
        }
        Ok(())
    }
}
