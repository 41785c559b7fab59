//! All runs of a node, and what each waits for: found by the nonce of whatever comes back.
//!
//! Rule kept: a run is in the lists that its state says, and in no other; [`Runs::check`] says which.

use crate::effect::Phase;
use crate::fact::Reason;
use crate::run::{Allowed, Run, RunId, Slot, Turn, Wanted};
use crate::task::{Commission, Ending, Reply, Thought};
use alloc::collections::{BTreeMap, BTreeSet};
use antfarm_authority::{EffectKey, Nonce, WritId};
use core::ops::Bound;

/// The runs of a node, and where the facts of those that are not over belong.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Runs {
    runs: BTreeMap<RunId, Run>,
    /// Those that can go on.
    ready: BTreeSet<RunId>,
    /// By nonce: what the runs that are not over wait for.
    awaited: BTreeMap<Nonce, (RunId, u32)>,
    /// By writ: how many runs under it are not over.
    open: BTreeMap<WritId, u32>,
    /// Those that ended, of tasks that came with their writs.
    due: BTreeSet<RunId>,
}

impl Runs {
    /// The run, if it was begun.
    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.get(&id)
    }

    /// All runs, in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (RunId, &Run)> {
        self.runs.iter().map(|(id, run)| (*id, run))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Whether a task under this writ is not over.
    pub fn is_open(&self, writ: WritId) -> bool {
        self.open.contains_key(&writ)
    }

    /// Those that can go on.
    pub(crate) fn ready(&self) -> impl Iterator<Item = RunId> {
        self.ready.iter().copied()
    }

    /// Whether it can go on.
    pub(crate) fn is_ready(&self, id: RunId) -> bool {
        self.ready.contains(&id)
    }

    /// Those that are not over.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = (RunId, &Run)> {
        self.iter().filter(|(_, run)| run.ending().is_none())
    }

    pub(crate) fn begin(&mut self, commission: &Commission) -> Option<()> {
        let run = Run::new(commission);
        let (id, writ) = (run.id(), run.writ);
        if self.runs.contains_key(&id) {
            return None;
        }
        *self.open.entry(writ).or_default() += 1;
        self.runs.insert(id, run);
        self.stir(id, |_| ());
        Some(())
    }

    /// Takes up a run that was saved; `None` where it is known. `is_due`: its task came with its writ, and it ended.
    pub(crate) fn restore(&mut self, run: Run, is_due: bool) -> Option<()> {
        let (id, writ, is_over) = (run.id(), run.writ, run.ending().is_some());
        if self.runs.insert(id, run).is_some() || is_due && !is_over {
            return None;
        }
        if !is_over {
            *self.open.entry(writ).or_default() += 1;
        }
        if is_due {
            self.due.insert(id);
        }
        self.stir(id, |_| ());
        Some(())
    }

    /// Those after this one, in order of their ids.
    pub(crate) fn after(&self, id: Option<&RunId>) -> impl Iterator<Item = (&RunId, &Run)> + use<'_> {
        let from = id.map_or(Bound::Unbounded, |id| Bound::Excluded(*id));
        self.runs.range((from, Bound::Unbounded))
    }

    /// Whether it ended, and its task came with its writ.
    pub(crate) fn is_due(&self, id: RunId) -> bool {
        self.due.contains(&id)
    }

    /// Changes a run, and notes what it waits for now.
    fn stir(&mut self, id: RunId, change: impl FnOnce(&mut Run)) {
        let run = self.runs.get_mut(&id).expect("what is stirred is there");
        for nonce in run.nonces() {
            self.awaited.remove(&nonce);
        }
        change(run);
        self.awaited.extend((0..).zip(run.nonces()).map(|(at, nonce)| {
            let place = if matches!(run.turn, Turn::Acts(..)) { at + 1 } else { at };
            (nonce, (id, place))
        }));
        if run.next().is_some() {
            self.ready.insert(id)
        } else {
            self.ready.remove(&id)
        };
    }

    /// The run that waits for what has this nonce, and its place in the run's thought: 0 is the thought itself, its moves follow.
    pub fn waiting(&self, nonce: Nonce) -> Option<(&Run, u32)> {
        let (id, place) = self.awaited.get(&nonce)?;
        Some((self.runs.get(id)?, *place))
    }

    /// Whose fact this is, if its nonce is awaited at a slot in a state as `is`.
    fn found(&self, nonce: Nonce, is: impl FnOnce(&Slot) -> bool) -> Option<(RunId, u32)> {
        let (id, place) = self.awaited.get(&nonce).copied()?;
        self.runs.get(&id)?.slot_at(place).filter(|slot| is(slot)).map(|_| (id, place))
    }

    fn settle(&mut self, id: RunId, place: u32, reply: Reply, thought: Option<Thought>) {
        self.stir(id, |run| match place {
            0 => run.thinks(reply, thought),
            _ => {
                *run.slot(place).expect("it was found") = Slot::Settled(reply);
                run.settle_moves();
            }
        });
    }

    /// What the run that waits for this nonce wants, if that was not begun.
    pub(crate) fn wanted<'a>(&self, nonce: Nonce, allowed: impl FnOnce(WritId) -> Option<Allowed<'a>>) -> Option<Wanted<'_>> {
        let (id, place) = self.awaited.get(&nonce)?;
        let run = self.runs.get(id)?;
        let is_new = run.slot_at(*place).is_some_and(|slot| *slot == Slot::New);
        run.wanted(*place, allowed(run.writ)?).filter(|_| is_new)
    }

    /// A call was started.
    pub(crate) fn started(&mut self, nonce: Nonce, key: EffectKey) {
        if let Some((id, place)) = self.found(nonce, |slot| *slot == Slot::New) {
            self.stir(id, |run| *run.slot(place).expect("it was found") = Slot::Called(key));
        }
    }

    /// A wish was refused.
    pub(crate) fn refused(&mut self, nonce: Nonce, reason: &Reason) {
        if let Some((id, place)) = self.found(nonce, |slot| *slot == Slot::New) {
            self.settle(id, place, Reply::Refused(reason.clone()), None);
        }
    }

    /// A call was settled, or is in doubt.
    pub(crate) fn settled(&mut self, nonce: Nonce, key: EffectKey, phase: &Phase) {
        let Some((id, place)) = self.found(nonce, |slot| *slot == Slot::Called(key)) else { return };
        let (reply, thought) = match phase {
            Phase::Started => return,
            Phase::Doubted => (Reply::InDoubt, None),
            Phase::Withheld(reason) => (Reply::Refused(reason.clone()), None),
            Phase::Failed => (Reply::Failed, None),
            Phase::Done(result) if place == 0 => (Reply::done(result.bytes()), Thought::read(result.bytes())),
            Phase::Done(result) => (Reply::done(result.bytes()), None),
        };
        self.settle(id, place, reply, thought);
    }

    /// A part of a run's writ was handed on, with its task.
    pub(crate) fn handed(&mut self, nonce: Nonce) {
        let Some((id, place)) = self.found(nonce, |slot| *slot == Slot::New) else { return };
        self.stir(id, |run| *run.slot(place).expect("it was found") = Slot::Handed);
    }

    /// A part was not given, or the task that came with it ended.
    pub(crate) fn replied(&mut self, nonce: Nonce, reply: Reply) {
        let Some((id, place)) = self.found(nonce, |slot| matches!(slot, Slot::New | Slot::Handed)) else { return };
        self.settle(id, place, reply, None);
    }

    /// A run ended.
    pub(crate) fn end(&mut self, id: RunId, ending: Ending, is_due: bool) -> Option<()> {
        let run = self.runs.get(&id).filter(|run| run.ending().is_none())?;
        let open = self.open.get_mut(&run.writ).expect("it was counted when it began");
        *open -= 1;
        if *open == 0 {
            self.open.remove(&run.writ);
        }
        self.stir(id, |run| {
            run.past.clear();
            run.turn = Turn::Ended(ending);
        });
        if is_due {
            self.due.insert(id);
        }
        Some(())
    }

    /// Forgets those that ended and `may_go`, by when their tasks were to end and whether they came with their writs.
    pub(crate) fn forget(&mut self, may_go: impl Fn(&Run, bool) -> bool) {
        let due = &self.due;
        self.runs.retain(|id, run| run.ending().is_none() || !may_go(run, due.contains(id)));
        let runs = &self.runs;
        self.due.retain(|id| runs.contains_key(id));
    }

    /// Those that ended, of tasks that came with their writs.
    pub(crate) fn due(&self) -> impl Iterator<Item = (RunId, &Run)> {
        self.due.iter().map(|id| (*id, &self.runs[id]))
    }

    /// Asserts what must hold of all runs.
    pub(crate) fn check(&self) {
        let open = self.unfinished().count();
        assert_eq!(u32::try_from(open).ok(), self.open.values().copied().reduce(|one, other| one + other).or(Some(0)));
        for (id, run) in &self.runs {
            assert_eq!(run.next().is_some(), self.ready.contains(id), "what can go on is ready");
            assert!(run.nonces().all(|nonce| self.awaited.get(&nonce).is_some_and(|(of, _)| of == id)));
        }
    }
}
