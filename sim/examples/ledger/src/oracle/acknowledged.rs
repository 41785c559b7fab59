//! Acknowledgements: what a client was told is recorded is on the disk at that moment, and stays.
//!
//! The oracle reads the disks by the documented format alone. An acknowledged put must be where the keeper says, whole and only
//! there; new ones are acknowledged in the order of the log; and when a keeper opens its log, all are still there. Lost
//! may be only a tail whose first put had its own bytes lied about (`Loss::Answered`) since the log was opened before. What
//! stands in segments that an opening does not read is left to audits once these were damaged. When a keeper does not open, its
//! disk is judged at the end of the run.

use crate::atlas::{Atlas, takes};
use crate::oracle::opening::{Openings, first_read};
use crate::pages::{Page, Pages, Place, Said};
use crate::subject::Keeping;
use antfarm_ledger::{Notice, segment_number};
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Choice, Harm, Moment, Oracle, Verdict, Violation};
use std::collections::BTreeMap;

/// Every acknowledged put is in the log, once, in order, with its content.
#[derive(Clone, Default, Debug)]
pub struct Acknowledged {
    atlas: Atlas,
    openings: Openings,
    books: BTreeMap<PeerId, Book>,
}

/// What one node owes its clients.
#[derive(Clone, Default, Debug)]
struct Book {
    pages: Pages,
    /// By position: the put, and where it stands.
    owed: BTreeMap<u64, (u64, Place)>,
    /// By put: its position.
    positions: BTreeMap<u64, u64>,
    /// The log's length when it was opened, and the greatest position acknowledged since.
    base: u64,
    latest: Option<u64>,
    /// Records in segments that this opening left to audits.
    unread: u64,
    /// The event at which it was opened.
    opened: u64,
}

impl<M: Keeping, O> Oracle<M, O> for Acknowledged {
    fn property(&self) -> &'static str {
        "acknowledged"
    }

    fn claim(&self) -> &'static str {
        "every acknowledged put is in the log, once, in order, with its content, unless its bytes were lied about"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        self.openings.watch(moment);
        let Some(node) = moment.node else { return Ok(()) };
        for notice in moment.notices {
            let judged = match notice {
                Notice::Acknowledged { id, position } => self.acknowledged(node, moment, *id, *position),
                Notice::Opened(opened) => self.opened(node, moment, opened.records),
                Notice::Rejected { .. } | Notice::Checkpointed { .. } | Notice::Refused(_) | Notice::Stopped(_) => Ok(()),
            };
            judged.map_err(|message| Violation::at(node, message))?;
        }
        Ok(())
    }

    fn at_end(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        for (node, book) in &self.books {
            let pages = Pages::of(moment.world.disk(*node));
            for (position, (id, place)) in &book.owed {
                let hidden = || self.atlas.hides(*node, place, book.opened);
                if !stands(pages.records.get(position), *id, place) && !hidden() {
                    let message = format!("put {id:#x} was acknowledged as record {position}; at the end it is not there");
                    return Err(Violation::at(*node, message));
                }
            }
        }
        Ok(())
    }
}

impl Acknowledged {
    fn acknowledged<M: Keeping, O>(
        &mut self,
        node: PeerId,
        moment: &Moment<'_, M, O>,
        id: u64,
        position: u64,
    ) -> Result<(), String> {
        reached!("oracle.acknowledged");
        let book = self.books.entry(node).or_default();
        if let Some(before) = book.positions.get(&id) {
            let same = *before == position;
            return if same { Ok(()) } else { Err(format!("put {id:#x} is record {before}, and is acknowledged as {position}")) };
        }
        if position >= book.base {
            if let Some(latest) = book.latest.filter(|latest| *latest >= position) {
                return Err(format!("record {position} is acknowledged after record {latest}"));
            }
            book.latest = Some(position);
        }
        book.pages.read_on(moment.world.disk(node));
        let place = match book.pages.records.get(&position) {
            page if is_put(page, id) => page.map(|page| page.place.clone()),
            Some(_) | None => misdirected(&self.atlas, node, moment, &mut book.pages),
        };
        match place {
            Some(place) => drop(book.owed.insert(position, (id, place))),
            // It was recorded before, and never read again: audits will tell.
            None if position < book.unread && self.atlas.harms(node).next().is_some() => {}
            None => return Err(format!("put {id:#x} is acknowledged as record {position}, and is not there")),
        }
        book.positions.insert(id, position);
        Ok(())
    }

    fn opened<M: Keeping, O>(&mut self, node: PeerId, moment: &Moment<'_, M, O>, records: u64) -> Result<(), String> {
        let book = self.books.entry(node).or_default();
        book.pages = Pages::of(moment.world.disk(node));
        // The opening's own record may be what went astray.
        let _ = misdirected(&self.atlas, node, moment, &mut book.pages);
        let lost = book.owed.split_off(&records);
        if let Some((position, (id, place))) = lost.first_key_value() {
            let met = |harm: &&Harm| place.meets(&harm.object, &harm.range);
            let mut harms = self.atlas.since(node, book.opened).filter(met).peekable();
            // Decay alone takes nothing that was acknowledged: bytes rest only once others are durable after them.
            let excused = harms.peek().is_some() && (harms.any(takes) || self.atlas.lied(node, book.opened));
            if !excused {
                return Err(format!(
                    "put {id:#x} was acknowledged as record {position}; only {records} are left, and nobody lied"
                ));
            }
            reached!("oracle.acknowledged.excused");
        }
        for (id, _) in lost.values() {
            book.positions.remove(id);
        }
        let mut once = BTreeMap::new();
        for (position, page) in &book.pages.records {
            if let Said::Put { id, certified: true } = page.said
                && let Some(before) = once.insert(id, position)
            {
                return Err(format!("put {id:#x} is record {before} and record {position}"));
            }
        }
        let first = first_read(moment.world.machine(node).keeper(), &book.pages);
        let mut unread = Vec::new();
        for (position, (id, place)) in &book.owed {
            if stands(book.pages.records.get(position), *id, place) {
                continue;
            }
            let segment = segment_number(&place.object).filter(|segment| *segment < first);
            if !segment.is_some_and(|it| self.atlas.damaged(node, it))
                && !self.atlas.hides(node, place, self.openings.began(node))
            {
                return Err(format!("put {id:#x} was acknowledged as record {position}, which is something else now"));
            }
            unread.push(*position);
        }
        book.owed.retain(|position, _| !unread.contains(position));
        book.unread = book.pages.segments.get(&first).copied().unwrap_or(0);
        (book.base, book.latest, book.opened) = (records, None, moment.event);
        Ok(())
    }
}

fn is_put(page: Option<&Page>, id: u64) -> bool {
    page.is_some_and(|page| page.said == Said::Put { id, certified: true })
}

/// Whether the put is where it was appended: a copy that went astray stands for nothing.
fn stands(page: Option<&Page>, id: u64, place: &Place) -> bool {
    is_put(page, id) && page.is_some_and(|page| page.place == *place)
}

/// Where a record was to stand whose write was misdirected in this very event; the reading goes on behind it.
fn misdirected<M: Keeping, O>(atlas: &Atlas, node: PeerId, moment: &Moment<'_, M, O>, pages: &mut Pages) -> Option<Place> {
    let Choice::Sync(_, _, Verdict::Misdirected { .. }) = moment.choice else { return None };
    let intended = atlas.since(node, moment.event).next()?;
    pages.skip(&intended.object, intended.range.end);
    Some(Place { object: intended.object.clone(), range: intended.range.clone() })
}
