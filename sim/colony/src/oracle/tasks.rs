//! Tasks: what is done in a run's name was said by its mind before, and each thought is paid for before the next.
//!
//! It reads logs alone and has its own idea of a run. Of each log, fact by fact:
//!
//! - A thought is begun when the one before it is settled, what it cost is on the log, and all its moves are settled.
//! - A call with a nonce that is kept for runs is what the mind said at that place, word for word.
//! - A task takes no more thoughts than it may; when it has ended, nothing more is begun in its name.
//! - Where it ended with an answer, that is what the mind said last.
//! - How a task ended at its home is what its giver recorded, if that has recorded anything.

use crate::member::{Colonist, Told};
use crate::oracle::book::Cursor;
use antfarm_authority::{EffectKey, Intent, Nonce, WritId};
use antfarm_machine::{PeerId, reached};
use antfarm_node::{Ending, Fact, MAX_MOVES, Move, Notice, Phase, Reason, RunId, Task, Thought, is_reserved};
use antfarm_sim::{Moment, Oracle, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// What is done in a run's name was said by its mind.
#[derive(Clone, Default, Debug)]
pub struct Tasks {
    nodes: BTreeMap<PeerId, (Cursor, Log)>,
    endings: BTreeMap<(WritId, Nonce), Ending>,
}

/// The runs of one log.
#[derive(Clone, Default, Debug)]
struct Log {
    runs: BTreeMap<RunId, Run>,
    /// Whose thought or move a nonce is.
    places: BTreeMap<Nonce, Place>,
    calls: BTreeMap<EffectKey, Nonce>,
}

/// Which thought of a run (`at` 0), or which of its moves.
#[derive(Clone, Copy, Debug)]
struct Place {
    run: RunId,
    step: u32,
    at: u32,
}

#[derive(Clone, Debug)]
struct Run {
    task: Task,
    step: u32,
    /// The thought that it is at; none: the mind has not answered.
    thought: Option<Thought>,
    /// Places of this step that are not settled; 0 is the thought itself.
    unsettled: BTreeSet<u32>,
    /// Those at which a call was started.
    begun: BTreeSet<u32>,
    ended: bool,
}

/// Whether the facts of one log, from its first record on, say of tasks what follows from each other.
///
/// # Errors
///
/// In words, what does not.
pub fn follows(facts: impl IntoIterator<Item = Fact>) -> Result<(), String> {
    let mut log = Log::default();
    facts.into_iter().try_for_each(|fact| log.take(fact))
}

impl Log {
    fn take(&mut self, fact: Fact) -> Result<(), String> {
        match fact {
            Fact::Begun(it) => {
                let id = RunId::new(it.writ, it.nonce);
                let task = it.task;
                let run = Run { task, step: 0, thought: None, unsettled: BTreeSet::new(), begun: BTreeSet::new(), ended: false };
                if self.runs.insert(id, run).is_some() {
                    return Err("a task is taken on twice".to_owned());
                }
                self.at_step(id, 0);
                Ok(())
            }
            Fact::Started { intent, proposal, .. } => self.begun(&intent, proposal.key),
            Fact::Acted { intent, proposal, result, .. } => {
                self.begun(&intent, proposal.key)?;
                self.call(proposal.key, Some(Phase::Done(result)))
            }
            Fact::Refused { intent, reason, .. } if is_reserved(intent.nonce) && reason != Reason::Reserved => {
                self.settled(intent.nonce, None)
            }
            Fact::Declined { nonce, .. } => self.settled(nonce, None),
            Fact::Reported(report) => match is_reserved(report.nonce) {
                true => self.settled(report.nonce, None),
                false => Ok(()),
            },
            Fact::Done { key, result, .. } => self.call(key, Some(Phase::Done(result))),
            Fact::Failed { key, .. } | Fact::Withheld { key, .. } | Fact::Doubted { key } => self.call(key, None),
            Fact::Ended(report) => {
                let run = self.runs.get_mut(&RunId::new(report.writ, report.nonce)).ok_or("a task ends that was not begun")?;
                if std::mem::replace(&mut run.ended, true) {
                    return Err("a task ends twice".to_owned());
                }
                match (&report.ending, &run.thought) {
                    (Ending::Answered { answer }, Some(thought)) if thought.answer.as_ref() == Some(answer) => {
                        if run.settled() {
                            Ok(())
                        } else {
                            Err("a task is answered before its moves are settled".to_owned())
                        }
                    }
                    (Ending::Answered { .. }, _) => Err("a task has an answer that its mind did not give".to_owned()),
                    (Ending::Steps | Ending::Time | Ending::Refused(_) | Ending::InDoubt, _) => Ok(()),
                }
            }
            Fact::Known { .. }
            | Fact::Granted { .. }
            | Fact::Delegated { .. }
            | Fact::Refused { .. }
            | Fact::Revoked(_)
            | Fact::Expired { .. }
            | Fact::Closed { .. }
            | Fact::Reclaimed(_)
            | Fact::Released(_)
            | Fact::Witnessed { .. }
            | Fact::Forked(_)
            | Fact::Forgot { .. }
            | Fact::Denied { .. }
            | Fact::Moved { .. }
            | Fact::Saving
            | Fact::Saved { .. }
            | Fact::Commissioned(_) => Ok(()),
        }
    }

    fn place(&self, nonce: Nonce) -> Result<Place, String> {
        self.places.get(&nonce).copied().ok_or_else(|| "a nonce that is kept for runs is no run's".to_owned())
    }

    fn begun(&mut self, intent: &Intent, key: EffectKey) -> Result<(), String> {
        self.calls.insert(key, intent.nonce);
        if !is_reserved(intent.nonce) {
            return Ok(());
        }
        let Place { run: id, step, at: place } = self.place(intent.nonce)?;
        let run = self.runs.get_mut(&id).ok_or("a run that was not begun has a call started")?;
        let said = match (&run.thought, place.checked_sub(1)) {
            _ if step != run.step => false,
            (None, None) => intent.tool == run.task.mind && run.step < run.task.steps,
            (Some(thought), Some(at)) => match thought.moves.get(usize::try_from(at).unwrap_or(usize::MAX)) {
                Some(Move::Call { tool, target, args, .. }) => {
                    (tool, target, args) == (&intent.tool, &intent.target, &intent.args)
                }
                Some(Move::Delegate { .. }) | None => false,
            },
            (Some(_), None) | (None, Some(_)) => false,
        };
        match (run.ended, said) {
            (true, _) => Err("something is begun in the name of a task that ended".to_owned()),
            (_, false) => Err("something is begun in a run's name that no mind said there".to_owned()),
            (false, true) if run.begun.insert(place) => {
                run.unsettled.insert(place);
                Ok(())
            }
            (false, true) => Err("what a mind said once is begun twice".to_owned()),
        }
    }

    fn call(&mut self, key: EffectKey, phase: Option<Phase>) -> Result<(), String> {
        match self.calls.get(&key).copied().filter(|nonce| is_reserved(*nonce)) {
            Some(nonce) => self.settled(nonce, phase),
            None => Ok(()),
        }
    }

    /// A place of a run is settled; of the thought itself `phase` says what the mind said.
    fn settled(&mut self, nonce: Nonce, phase: Option<Phase>) -> Result<(), String> {
        let Place { run: id, step, at: place } = self.place(nonce)?;
        // What was in doubt may be settled when the run has gone on.
        let Some(run) = self.runs.get_mut(&id).filter(|run| !run.ended && run.step == step) else { return Ok(()) };
        run.unsettled.remove(&place);
        if place > 0 {
            if run.settled() && run.thought.as_ref().is_some_and(|it| it.answer.is_none()) {
                self.next(id);
            }
            return Ok(());
        }
        let said = if let Some(Phase::Done(result)) = phase { Thought::read(result.bytes()) } else { None };
        match said.filter(|it| !it.moves.is_empty() || it.answer.is_some()) {
            Some(thought) => {
                run.unsettled = (1..).take(thought.moves.len()).collect();
                run.thought = Some(thought);
            }
            None => self.next(id),
        }
        Ok(())
    }

    fn next(&mut self, id: RunId) {
        let step = self.runs[&id].step + 1;
        self.at_step(id, step);
    }

    fn at_step(&mut self, id: RunId, step: u32) {
        let run = self.runs.get_mut(&id).expect("it was begun");
        (run.step, run.thought) = (step, None);
        run.unsettled.clear();
        run.begun.clear();
        let most = u32::try_from(MAX_MOVES).expect("few");
        self.places.extend((0..=most).map(|at| (id.nonce(step, at), Place { run: id, step, at })));
    }
}

impl Run {
    fn settled(&self) -> bool {
        self.unsettled.is_empty()
    }
}

impl<M: Colonist, O> Oracle<M, O> for Tasks {
    fn property(&self) -> &'static str {
        "tasks"
    }

    fn claim(&self) -> &'static str {
        "what is done in a run's name was said by its mind, thought by thought, each paid for before the next"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let Some(at) = moment.node.filter(|at| moment.world.machine(*at).node().is_some()) else { return Ok(()) };
        let is_opening = |told: &Told| matches!(told, Told::Node(Notice::Opened(_)));
        let is_open = moment.notices.iter().any(is_opening);
        let is_about_tasks = |told: &Told| {
            matches!(
                told,
                Told::Node(Notice::Began { .. } | Notice::Ended { .. } | Notice::Reported { .. } | Notice::Answered { .. })
            )
        };
        if is_open {
            // Its disk may have lost something: it is read anew.
            self.nodes.remove(&at);
        } else if !moment.notices.iter().any(is_about_tasks) {
            return Ok(());
        }
        let (cursor, log) = self.nodes.entry(at).or_default();
        let (mut wrong, mut endings) = (None, Vec::new());
        cursor.read_on(moment.world.disk(at), &mut |fact| {
            if let Fact::Ended(report) | Fact::Reported(report) = &fact {
                endings.push(((report.writ, report.nonce), report.ending.clone()));
            }
            if wrong.is_none() {
                wrong = log.take(fact).err();
            }
        });
        for (task, ending) in endings {
            reached!("oracle.tasks");
            if *self.endings.entry(task).or_insert_with(|| ending.clone()) != ending {
                wrong = wrong.or_else(|| Some("a task ended in two ways".to_owned()));
            }
        }
        wrong.map_or(Ok(()), |message| Err(Violation::at(at, message)))
    }
}
