//! Window: nothing is started, or sent, outside the window of its writ; and what was once seen expired stays so.
//!
//! - A call is started and sent within the window, and `MAX_SKEW` at either end, in true time.
//! - When a node has it on its disk that it saw a writ expired, it starts and sends nothing under that writ any more, wherever
//!   its wall clock goes and however often it restarts. (A call whose deadline is over only asks how it went, and is no call.)
//!
//! For the first, a node is excused while its wall clock is further than `MAX_SKEW` from true time; for the second nothing excuses
//! but a disk that took back what it had answered to (`Loss::Answered`). What it does not see: whether a node notes in time that a
//! writ is over.

use crate::member::{Member, Moment, Told};
use crate::oracle::excuse::{Lies, acts, is_question, truth};
use antfarm_authority::WritId;
use antfarm_machine::{MAX_SKEW, PeerId, Span, Wall, reached};
use antfarm_node::{Node, Notice};
use antfarm_sim::{Choice, Nobody, Oracle, Violation};
use std::collections::BTreeMap;

/// Nothing is started or sent outside its window.
#[derive(Clone, Default, Debug)]
pub struct Window {
    lies: Lies,
    /// Records of each log whose facts were looked at.
    looked_at: BTreeMap<PeerId, u64>,
    expired: BTreeMap<(PeerId, WritId), Seen>,
}

/// That a node saw a writ expired.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// It is on the disk once there are so many records.
    records: u64,
    /// It is.
    durable: bool,
}

impl Oracle<Member, Nobody> for Window {
    fn property(&self) -> &'static str {
        "window"
    }

    fn claim(&self) -> &'static str {
        "nothing is started or sent outside the window of its writ, or after it was seen expired"
    }

    fn after(&mut self, moment: &Moment<'_>) -> Result<(), Violation> {
        self.lies.watch(moment);
        if let Choice::Crash(at) = moment.choice {
            self.forget(*at);
        }
        let Some(at) = moment.node else { return Ok(()) };
        let Some(node) = moment.world.machine(at).node() else { return Ok(()) };
        let Some((records, _)) = node.ledger().submitted().filter(|_| node.is_serving()) else {
            self.forget(at);
            return Ok(());
        };
        let opened = moment.notices.iter().any(|told| matches!(told, Told::Node(Notice::Opened(_))));
        if opened {
            self.forget(at);
            self.remembers(at, node)?;
        }
        let looked_at = self.looked_at.insert(at, records);
        if let Some(looked_at) = looked_at.filter(|looked_at| *looked_at < records && !opened) {
            let news = node.state().under_way().filter(|(_, effect)| effect.position() >= looked_at);
            for (_, effect) in news {
                self.judge(at, node, effect.writ(), "starts a call", moment)?;
            }
            for writ in acts(node, looked_at) {
                self.judge(at, node, writ, "lets an entity act", moment)?;
            }
        }
        for told in moment.notices {
            if let Told::Node(Notice::Called(call)) = told
                && !is_question(call, moment)
                && let Some(effect) = node.state().effect(call.key)
            {
                self.judge(at, node, effect.writ(), "sends a call", moment)?;
            }
        }
        self.note(at, node, records);
        Ok(())
    }
}

impl Window {
    fn judge(&self, at: PeerId, node: &Node, id: WritId, does: &str, moment: &Moment<'_>) -> Result<(), Violation> {
        let Some(writ) = node.state().writ(id) else { return Ok(()) };
        reached!("oracle.window");
        if self.expired.contains_key(&(at, id)) {
            if !self.lies.told(at) {
                return Err(Violation::at(at, format!("{does} under {id:?}, which it saw expired")));
            }
            reached!("oracle.window.excused");
        }
        let truth = truth(moment);
        let window = writ.body().grant.window;
        if truth + MAX_SKEW >= window.not_before() && truth <= window.expires_at() + MAX_SKEW {
            return Ok(());
        }
        let wall = moment.world.clock(at).wall;
        if apart(wall, truth) > MAX_SKEW {
            reached!("oracle.window.excused");
            return Ok(());
        }
        Err(Violation::at(at, format!("{does} under {id:?} at {truth:?} by true time; its window is {window:?}")))
    }

    /// Notes what the node has seen expired by now.
    fn note(&mut self, at: PeerId, node: &Node, records: u64) {
        let accounts = node.state().accounts();
        for writ in accounts.writs().filter(|writ| accounts.is_expired(writ.id())) {
            self.expired.entry((at, writ.id())).or_insert(Seen { records, durable: false });
        }
        let Some(head) = node.ledger().durable() else { return };
        for (_, seen) in self.expired.range_mut((at, least())..).take_while(|((node, _), _)| *node == at) {
            seen.durable |= head.records >= seen.records;
        }
    }

    /// The process ended, or its log: what was not on the disk may be gone.
    fn forget(&mut self, at: PeerId) {
        self.looked_at.remove(&at);
        self.expired.retain(|(node, _), seen| *node != at || seen.durable);
    }

    fn remembers(&self, at: PeerId, node: &Node) -> Result<(), Violation> {
        let accounts = node.state().accounts();
        let forgotten = |id: &WritId| accounts.account(*id).is_some() && !accounts.is_expired(*id);
        let mut seen = self.expired.range((at, least())..).take_while(|((node, _), _)| *node == at).map(|((_, id), _)| *id);
        match seen.find(forgotten) {
            Some(_) if self.lies.told(at) => {
                reached!("oracle.window.excused");
                Ok(())
            }
            Some(id) => Err(Violation::at(at, format!("no longer knows that it saw {id:?} expired"))),
            None => Ok(()),
        }
    }
}

fn apart(one: Wall, other: Wall) -> Span {
    one.until(other).max(other.until(one))
}

/// The first of all ids.
fn least() -> WritId {
    antfarm_identity::from_bytes(&[0; 32]).expect("a writ's id is any digest")
}
