//! Bounds: nothing that asks, messages and time can grow grows past a stated number, in memory and on disk.
//!
//! Looked at after every hundredth input of each member:
//!
//! - A node remembers at most [`MAX_EFFECTS`] calls and [`MAX_WRITS`] writs; it has at most 8,192 outputs waiting, [`MAX_OPEN`] calls
//!   under way or in doubt, one alarm for each call that it ever started and two more; and of records on their way to the disk no
//!   more than twice its `pending_bytes` hold.
//! - Refusals grow its log by at most [`MAX_REFUSALS`] records, and what it remembers of others by one, in each pulse.
//! - It notes that it forgot at most once in each of its sweeps, and once in each start.
//! - It begins a checkpoint, and vouches for it, at most once in as many records as are configured.
//! - All else on its log is bounded by what it is about: nine records for each writ that ever was on it, three for each call, some for
//!   each thought of a task, and one for each node that forked.
//! - A tool remembers at most [`REMEMBERED`] keys.
//!
//! A disk that was ever harmed excuses its node as to the number of checkpoints: of the records between them some may be gone. Nothing
//! else excuses. What it does not see: how fast calls are started that cost nothing in the end, because they failed; that is bounded in
//! number only.

use crate::member::{Colonist, Told};
use crate::oracle::book::Cursor;
use antfarm_authority::WritId;
use antfarm_keeper::Atlas;
use antfarm_machine::{PeerId, reached};
use antfarm_node::{Fact, MAX_EFFECTS, MAX_MOVES, MAX_OPEN, MAX_REFUSALS, MAX_WRITS, Node, Notice, RunId};
use antfarm_sim::{Disk, Moment, Oracle, Time, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// After so many inputs a member is measured.
const EVERY: u64 = 100;

/// The most outputs of a node that may wait.
const WAITING: usize = 1 << 13;

/// In pulses, how long growth is added up at least.
const WINDOW: u64 = 32;

/// The shortest frame of a record, in bytes.
const SHORTEST: u64 = 230;

/// The most keys that a tool may remember.
pub const REMEMBERED: usize = 1 << 14;

/// Nothing grows without bound.
#[derive(Clone, Default, Debug)]
pub struct Bounded {
    atlas: Atlas,
    members: BTreeMap<PeerId, Measured>,
}

#[derive(Clone, Default, Debug)]
struct Measured {
    turns: u64,
    /// Openings since the time from which growth is added up.
    openings: u64,
    /// All openings.
    opened: u64,
    cursor: Cursor,
    counted: Counted,
    /// All that its log ever was about.
    writs: BTreeSet<WritId>,
    /// How many thoughts every task took that was ever seen.
    tasks: BTreeMap<RunId, u64>,
    latest: Option<(Time, Counted)>,
}

/// Records of a log, by what bounds them.
#[derive(Clone, Copy, Default, Debug)]
struct Counted {
    refusals: u64,
    heads: u64,
    forgot: u64,
    saved: u64,
    others: u64,
    moved: u64,
    calls: u64,
}

impl<M: Colonist, O> Oracle<M, O> for Bounded {
    fn property(&self) -> &'static str {
        "bounded"
    }

    fn claim(&self) -> &'static str {
        "nothing that a member keeps in memory or on disk grows past its bound"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        self.atlas.watch(moment);
        let Some((at, machine)) = moment.turned() else { return Ok(()) };
        let is_harmed = self.atlas.harms(at).next().is_some();
        let measured = self.members.entry(at).or_default();
        measured.turns += 1;
        let is_opening = |told: &Told| matches!(told, Told::Node(Notice::Opened(_)));
        if moment.notices.iter().any(is_opening) {
            // Its disk may have lost something: it is counted anew.
            measured.openings += 1;
            measured.opened += 1;
            (measured.cursor, measured.counted) = (Cursor::default(), Counted::default());
            measured.writs.clear();
        }
        if !measured.turns.is_multiple_of(EVERY) {
            return Ok(());
        }
        reached!("oracle.bounded");
        let judged = match (machine.node(), machine.tool()) {
            (Some(node), _) => measured
                .log(node, moment, moment.world.disk(at), is_harmed)
                .and_then(|()| in_memory(node, measured.counted.calls, moment.world.armed(at).count())),
            (None, Some(tool)) => within("keys that a tool remembers", tool.remembered() as u64, REMEMBERED as u64),
            (None, None) => Ok(()),
        };
        judged.map_err(|message| Violation::at(at, message))
    }
}

fn within(what: &str, found: u64, bound: u64) -> Result<(), String> {
    if found <= bound { Ok(()) } else { Err(format!("{what}: {found}, and there may be {bound}")) }
}

fn in_memory(node: &Node, started: u64, alarms: usize) -> Result<(), String> {
    let state = node.state();
    let (calls, open) = (state.begun() as u64, state.under_way().count() as u64);
    within("outputs that wait", node.waiting() as u64, WAITING as u64)?;
    within("calls under way", open, MAX_OPEN as u64)?;
    within("calls", calls, MAX_EFFECTS as u64)?;
    let set = state.entities().alarms().count() as u64;
    // While the log is read, the calls of some alarms are not known.
    within("alarms", if node.is_serving() { alarms as u64 } else { 0 }, started.max(calls) + set + 2)?;
    within("writs", state.writs().count() as u64, MAX_WRITS as u64)?;
    let (Some(durable), Some((records, _))) = (node.ledger().durable(), node.ledger().submitted()) else { return Ok(()) };
    let room = 2 * (u64::from(node.ledger().config().pending_bytes) / SHORTEST + 1);
    within("records on their way to the disk", records - durable.records, room)
}

impl Measured {
    /// Judges how the log has grown since it was measured.
    fn log<M: Colonist, O>(
        &mut self,
        node: &Node,
        moment: &Moment<'_, M, O>,
        disk: &Disk,
        is_harmed: bool,
    ) -> Result<(), String> {
        let (counted, writs) = (&mut self.counted, &mut self.writs);
        self.cursor.read_on(disk, &mut |fact| match fact {
            Fact::Refused { .. } => counted.refusals += 1,
            Fact::Witnessed { .. } => counted.heads += 1,
            Fact::Forgot { .. } => counted.forgot += 1,
            Fact::Saving | Fact::Saved { .. } => counted.saved += 1,
            Fact::Known { writ } | Fact::Granted { writ, .. } | Fact::Delegated { writ } => {
                writs.insert(writ.id());
                counted.others += 1;
            }
            Fact::Moved { .. } => counted.moved += 1,
            Fact::Started { .. } | Fact::Acted { .. } => {
                counted.calls += 1;
                counted.others += 1;
            }
            Fact::Withheld { .. }
            | Fact::Done { .. }
            | Fact::Failed { .. }
            | Fact::Doubted { .. }
            | Fact::Revoked(_)
            | Fact::Expired { .. }
            | Fact::Closed { .. }
            | Fact::Reclaimed(_)
            | Fact::Released(_)
            | Fact::Forked(_)
            | Fact::Begun(_)
            | Fact::Commissioned(_)
            | Fact::Ended(_)
            | Fact::Reported(_)
            | Fact::Declined { .. } => counted.others += 1,
            Fact::Denied { .. } => counted.refusals += 1,
        });
        let (now, counted, writs) = (moment.at(), self.counted, self.writs.len() as u64);
        let (since, before) = *self.latest.get_or_insert((now, counted));
        // Clocks may be a little fast, and the time begins and ends within a pulse.
        let gone = now.since(since);
        let pulses = (gone.as_nanos() + gone.as_nanos() / 10) / node.config().pulse.as_nanos().max(1) + 2 + self.openings;
        let opened = self.openings;
        if pulses > WINDOW {
            (self.latest, self.openings) = (Some((now, counted)), 0);
        }
        within("refusals recorded", counted.refusals.saturating_sub(before.refusals), pulses * u64::from(MAX_REFUSALS))?;
        within("records of heads", counted.heads.saturating_sub(before.heads), pulses)?;
        let sweep = (node.config().sweep.as_nanos() / node.config().pulse.as_nanos().max(1)).max(1);
        let sweeps = pulses / sweep + 1 + opened;
        within("records of what was forgotten", counted.forgot.saturating_sub(before.forgot), sweeps)?;
        // Each checkpoint is begun and vouched for, so many records after the one before.
        let Counted { refusals, heads, forgot, saved, others, moved, calls: _ } = counted;
        let all = refusals + heads + forgot + saved + others + moved + self.opened;
        let checkpoints = all.checked_div(node.config().save_every).map_or(0, |checkpoints| checkpoints + 1);
        if !is_harmed {
            within("records of checkpoints", saved, 2 * checkpoints)?;
        }
        if !node.is_serving() {
            return Ok(());
        }
        self.tasks.extend(node.state().runs().iter().map(|(id, run)| (id, u64::from(run.step()) + 1)));
        let tasks: u64 = self.tasks.values().map(|steps| 2 + steps * MAX_MOVES as u64).sum();
        let about = 9 * writs + 3 * counted.calls + tasks + node.config().nodes.len() as u64 + 1;
        within("records about writs, calls, tasks and forks", counted.others, about)
    }
}
