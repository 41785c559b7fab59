//! A scenario with its machine: ready to be run under any seed.

use crate::chance::Chance;
use crate::checked::Checked;
use crate::fault::{Family, Planned, Stage};
use crate::oracle::{Failure, Moment, Oracle, Violation};
use crate::record::{Recorder, Recording};
use crate::replay::{Divergence, Replay};
use crate::scenario::ask_row::AskRow;
use crate::scenario::fault_row::FaultRow;
use crate::scenario::head::Scenario;
use crate::scenario::nodes::Nodes;
use crate::scenario::print::fault_rows;
use crate::scenario::read::Swarm;
use crate::scenario::report::{Count, Report, RowCount, Violated};
use crate::scenario::saved::saved_text;
use crate::scenario::search::Bounds;
use crate::scenario::subject::{Cast, Subject, Teller};
use crate::simulate::{Simulation, swarm};
use crate::subject::Simulated;
use crate::world::{Disk, World};
use antfarm_machine::{Machine, PeerId};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A scenario with its machine, whatever that is. Runs of different seeds share nothing, so threads may run them side by side.
pub trait Staged: Send + Sync {
    /// The scenario.
    fn scenario(&self) -> &Scenario;

    /// The peers: nodes first, then those outside.
    fn peers(&self) -> &Nodes;

    /// Runs one seed and remembers as much of it as `recorder` does. A panic of a machine is reported as a violation.
    fn run(&self, seed: u64, recorder: Recorder) -> Report {
        self.run_then(seed, recorder, &mut |_, _| {})
    }

    /// The same; after the run each node's name and disk are shown to `look`, in the order of the nodes.
    fn run_then(&self, seed: u64, recorder: Recorder, look: &mut dyn FnMut(&str, &Disk)) -> Report;

    /// Everything that is planned to go wrong under a seed: the scenario's rows, then what the swarm drew.
    fn plan(&self, seed: u64) -> Vec<Planned>;

    /// The state after an event of a run, for a person; `None` when the run has no such event.
    fn look(&self, seed: u64, event: u64) -> Option<Look>;

    /// What a person would write down of a run, a line for each thing; `None` when nobody tells it of the machine.
    fn told(&self, seed: u64) -> Option<Vec<String>>;

    /// Follows a recording step by step, with neither chance nor plan nor oracles, until it parts from it or comes to its end.
    fn follow(&self, recording: Recording) -> Followed;

    /// Searches the scenario's small world exhaustively; `None` when its machine does not say how.
    fn check(&self, bounds: Bounds) -> Option<Checked>;

    /// Serves stateright's explorer of the small world at `address`, until the process ends; `false` when the machine does not
    /// say how it is searched.
    fn explore(&self, address: &str) -> bool;

    /// The plan of a seed as the rows of a scenario that draws nothing.
    fn plan_text(&self, seed: u64) -> String {
        fault_rows(&self.plan(seed), self.peers())
    }

    /// The scenario with a table `failure` that says how this run of it failed: a scenario file again, which remembers. `None`
    /// when nothing failed.
    fn saved(&self, report: &Report) -> Option<String> {
        Some(saved_text(self.scenario(), report.seed, report.digest, report.violation.as_ref()?))
    }
}

/// What there is to see after an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// The node that took an input, by name.
    pub node: Option<String>,
    /// The state of that node's machine, or of all machines when none took an input; one field a line.
    pub state: String,
}

/// How far a recording could be followed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Followed {
    /// How many steps were the same.
    pub steps: usize,
    /// Where the run parted from the recording; `None`: nowhere.
    pub parted: Option<Divergence>,
}

pub(super) struct Staging<S: Subject> {
    pub(super) subject: Arc<S>,
    pub(super) scenario: Scenario,
    pub(super) peers: Nodes,
    pub(super) cast: Cast<S::Machine, S::Outside>,
    pub(super) asks: Vec<AskRow<<S::Machine as Machine>::Ask>>,
    pub(super) faults: Vec<FaultRow>,
    /// The properties to check; `None`: all.
    pub(super) check: Option<Vec<String>>,
    pub(super) core: Option<Vec<PeerId>>,
    /// Families that are left out of every plan.
    pub(super) without: Vec<Family>,
}

type Run<S> = Simulation<<S as Subject>::Machine, <S as Subject>::Outside>;
type Asked = Vec<Arc<AtomicU64>>;

impl<S: Subject> Staging<S> {
    fn nodes(&self) -> Vec<PeerId> {
        let mut nodes = self.peers.ids();
        nodes.truncate(self.cast.machines.len());
        nodes
    }

    fn families(&self) -> Vec<Family> {
        match &self.scenario.swarm {
            Swarm::Nothing => Vec::new(),
            Swarm::Tolerated => self.subject.tolerates(),
            Swarm::Everything => Family::ALL.to_vec(),
            Swarm::These(families) => families.clone(),
        }
    }

    fn core(&self, chance: &Chance) -> Vec<PeerId> {
        let chosen = || self.subject.core(&self.cast, &mut chance.dice("core", &[], ""));
        self.core.clone().unwrap_or_else(chosen)
    }

    fn planned(&self, chance: &Chance) -> Vec<Planned> {
        let nodes = self.nodes();
        let lasting = &self.cast.lasting;
        let mortal: Vec<PeerId> = nodes.iter().copied().filter(|node| !lasting.contains(node)).collect();
        let any = |row: &FaultRow| if row.befalls_memory() { &mortal } else { &nodes };
        let rows = (0..).zip(&self.faults).flat_map(|(at, row)| row.plan(chance, at, any(row)));
        let mut plan: Vec<Planned> = rows.collect();
        let stage = Stage { nodes: nodes.clone(), core: self.core(chance), duration: self.scenario.duration };
        plan.extend(swarm(chance, &self.families(), &stage, lasting));
        plan.retain(|planned| !self.without.contains(&planned.fault.family()));
        plan
    }

    pub(super) fn world(&self) -> World<S::Machine, S::Outside> {
        World::new(self.cast.machines.iter().cloned(), self.cast.outside.clone()).lasting(&self.cast.lasting)
    }

    /// A run under `seed`, ready to begin; `first` watches before the subject's own oracles.
    fn prepare(&self, seed: u64, first: Option<Box<dyn Oracle<S::Machine, S::Outside>>>) -> (Run<S>, Asked) {
        let chance = Chance::seeded(seed);
        let mut simulation = Simulation::new(seed, self.world())
            .links(self.scenario.link)
            .disks(self.scenario.disk)
            .core(self.core(&chance))
            .faults(self.planned(&chance))
            // Checking every encoding takes time: a quarter of the seeds do.
            .round_trips(chance.dice("round trips", &[], "").below(4) == 0);
        let chosen =
            self.subject.oracles(&self.cast).into_iter().filter(|oracle| {
                self.check.as_ref().is_none_or(|check| check.iter().any(|property| property == oracle.property()))
            });
        for oracle in first.into_iter().chain(chosen) {
            simulation = simulation.boxed_oracle(oracle);
        }
        let mut asked = Vec::new();
        for row in &self.asks {
            let counter = Arc::new(AtomicU64::new(0));
            simulation = simulation.load(row.load(&chance, &counter));
            asked.push(counter);
        }
        (simulation, asked)
    }

    /// Lets a run run; what a machine panics with is a violation.
    fn perform(&self, simulation: &mut Run<S>) -> Option<Violated> {
        let (duration, settle) = (self.scenario.duration, self.scenario.settle);
        let ran = catch_unwind(AssertUnwindSafe(|| simulation.run(duration, settle)));
        match ran {
            Ok(Ok(())) => None,
            Ok(Err(Failure { property, claim, at, event, violation: Violation { node, message } })) => Some(Violated {
                property: property.to_owned(),
                claim: claim.to_owned(),
                at,
                event,
                node: node.map(|node| self.peers.name(node).to_owned()),
                message: self.subject.named(message, &self.peers),
            }),
            Err(payload) => {
                let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
                Some(Violated {
                    property: Violated::PANIC.to_owned(),
                    claim: "no assertion of a machine fails".to_owned(),
                    at: simulation.now(),
                    event: simulation.events(),
                    node: None,
                    message: text.unwrap_or("a panic without words").to_owned(),
                })
            }
        }
    }
}

impl<S: Subject> Staged for Staging<S> {
    fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    fn peers(&self) -> &Nodes {
        &self.peers
    }

    fn plan(&self, seed: u64) -> Vec<Planned> {
        self.planned(&Chance::seeded(seed))
    }

    fn run_then(&self, seed: u64, recorder: Recorder, look: &mut dyn FnMut(&str, &Disk)) -> Report {
        let (simulation, asked) = self.prepare(seed, None);
        let mut simulation = simulation.record(recorder);
        let violation = self.perform(&mut simulation);
        for node in self.nodes() {
            look(self.peers.name(node), simulation.world().disk(node));
        }

        let row = |(at, row): (usize, &FaultRow)| {
            let here = simulation.plan().filter(|(planned, _)| planned.row.is_some_and(|row| row as usize == at));
            RowCount { line: row.line, verb: row.verb, fired: here.map(|(_, fired)| fired).sum() }
        };
        let asks = self.asks.iter().zip(&asked);
        let ask = |(row, asked): (&AskRow<_>, &Arc<AtomicU64>)| RowCount {
            line: row.line,
            verb: "ask",
            fired: asked.load(Ordering::Relaxed),
        };
        let count = |(family, (planned, fired))| (family, Count { planned, fired });
        Report {
            scenario: self.scenario.file.clone(),
            machine: self.subject.name(),
            seed,
            digest: simulation.digest(),
            events: simulation.events(),
            simulated: simulation.now(),
            wall: Duration::ZERO,
            faults: simulation.fired().into_iter().map(count).collect(),
            remembers: self.scenario.failure.is_some(),
            rows: asks.map(ask).chain(self.faults.iter().enumerate().map(row)).collect(),
            reached: simulation.take_marks(),
            marks: self.subject.marks(),
            violation,
            expected: self.scenario.expect.clone(),
            steps: simulation.steps().into_iter().cloned().collect(),
            recording: simulation.recording(),
        }
    }

    fn follow(&self, recording: Recording) -> Followed {
        let mut replay = Replay::new(self.world(), recording, Recorder::Off);
        let parted = replay.run(None).err();
        Followed { steps: replay.followed(), parted }
    }

    fn check(&self, bounds: Bounds) -> Option<Checked> {
        self.search(bounds)
    }

    fn explore(&self, address: &str) -> bool {
        self.model().map(|model| model.explore(address)).is_some()
    }

    fn told(&self, seed: u64) -> Option<Vec<String>> {
        let (teller, lines) = (self.subject.teller(self.peers())?, Arc::new(Mutex::new(Vec::new())));
        let (simulation, _) = self.prepare(seed, Some(Box::new(Scribe { teller, lines: lines.clone() })));
        let _told_by_the_report = self.perform(&mut simulation.record(Recorder::Off));
        Some(std::mem::take(&mut *lines.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn look(&self, seed: u64, event: u64) -> Option<Look> {
        let seen = Arc::new(Mutex::new(None));
        let (simulation, _) = self.prepare(seed, Some(Box::new(Onlooker { event, seen: seen.clone() })));
        let mut simulation = simulation.record(Recorder::Off);
        let _stopped_by_the_onlooker = self.perform(&mut simulation);
        let (node, state) = seen.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(Look { node: node.map(|node| self.peers.name(node).to_owned()), state })
    }
}

/// The node that took an input, and the state that was seen.
type Sight = (Option<PeerId>, String);

/// An oracle that writes down what is told.
struct Scribe<M: Simulated, O> {
    teller: Teller<M, O>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl<M: Simulated, O> Oracle<M, O> for Scribe<M, O> {
    fn property(&self) -> &'static str {
        "told"
    }

    fn claim(&self) -> &'static str {
        "what is told is written down"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        let said = (self.teller)(moment);
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).extend(said);
        Ok(())
    }
}

/// An oracle that looks at one event, and stops the run there.
struct Onlooker {
    event: u64,
    seen: Arc<Mutex<Option<Sight>>>,
}

impl<M: Simulated, O> Oracle<M, O> for Onlooker {
    fn property(&self) -> &'static str {
        "look"
    }

    fn claim(&self) -> &'static str {
        "the run has not come to the event yet"
    }

    fn after(&mut self, moment: &Moment<'_, M, O>) -> Result<(), Violation> {
        if moment.event != self.event {
            return Ok(());
        }
        let state = match moment.turned() {
            Some((_, machine)) => format!("{machine:#?}"),
            None => moment.world.ids().map(|node| format!("{node:?}: {:#?}\n", moment.world.machine(node))).collect(),
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((moment.node, state));
        Err(Violation::overall("this is the event"))
    }
}
