//! Listing what can happen next, for walks that choose from a list.

use crate::subject::Simulated;
use crate::world::{AskId, Choice, ClockChange, FlightId, Verdict, World};
use antfarm_machine::{Operation, PeerId, Span};

/// Which choices [`World::choices`] lists besides the ordinary ones (deliver, sync, ask, start).
///
/// Budgets are the caller's: a model checker counts its crashes and losses in its own state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Menu {
    /// Alarms may go off.
    pub ring: bool,
    /// Messages may be lost.
    pub lose: bool,
    /// Messages may be doubled.
    pub copy: bool,
    /// Processes may crash; what they had asked of the disk is lost.
    pub crash: bool,
    /// Before a crash, pending requests that change something may have happened wholly.
    pub tear: bool,
    /// Requests to the disk may fail.
    pub fail: bool,
    /// Clocks may tick, by this span.
    pub tick: Option<Span>,
}

impl<M: Simulated, O> World<M, O> {
    /// The asks that are wanted, in order of slot.
    pub(crate) fn wants(&self) -> impl Iterator<Item = AskId> {
        self.asks.iter().map(|(slot, _)| AskId(slot))
    }

    /// The first request that a disk can carry out, honestly; by node, then by age.
    pub(crate) fn first_ready(&self) -> Option<Choice> {
        let mut nodes = self.ids().zip(&self.nodes).filter(|(_, node)| node.up);
        nodes.find_map(|(id, node)| Some(Choice::Sync(id, node.disk.ready().next()?.id, Verdict::Honest)))
    }

    /// The next step of bringing everything up: each process is started, and its disk answers it.
    pub(crate) fn booting(&self) -> Option<Choice> {
        let down = self.ids().zip(&self.nodes).find(|(_, node)| !node.up);
        down.map(|(id, _)| Choice::Start(id)).or_else(|| self.first_ready())
    }

    /// Appends all that can happen next to `out`, in a fixed order: by kind, then by node or slot.
    pub fn choices(&self, menu: &Menu, out: &mut Vec<Choice>) {
        let nodes = || (0_u32..).map(PeerId::new).zip(&self.nodes);
        for (slot, _) in self.flights.iter() {
            let id = FlightId(slot);
            out.push(Choice::Deliver(id));
            out.extend(menu.lose.then_some(Choice::Lose(id)));
            out.extend(menu.copy.then_some(Choice::Copy(id)));
        }
        out.extend(self.asks.iter().map(|(slot, _)| Choice::Ask(AskId(slot))));
        for (id, node) in nodes() {
            if !node.up {
                out.push(Choice::Start(id));
                continue;
            }
            if menu.ring {
                out.extend(node.armed.iter().map(|armed| Choice::Ring(id, armed.id)));
            }
            for pending in node.disk.ready() {
                out.push(Choice::Sync(id, pending.id, Verdict::Honest));
                out.extend(menu.fail.then_some(Choice::Sync(id, pending.id, Verdict::Failed { keep: 0 })));
                let changes = !matches!(pending.request.operation, Operation::List | Operation::Read { .. });
                out.extend((menu.tear && changes).then_some(Choice::Tear(id, pending.id, u32::MAX, 0)));
            }
            out.extend((menu.crash && !node.lasting).then_some(Choice::Crash(id)));
            out.extend(menu.tick.map(|span| Choice::Clock(id, ClockChange::Tick(span))));
        }
    }
}
