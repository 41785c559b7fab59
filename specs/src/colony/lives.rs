//! L2: the entities of the specs live on two nodes of a colony, under everything that may befall nodes.
//!
//! A run is a scenario of its own. As many entities as L1 begins with live with either node, so that what they set going crosses homes as
//! often as not; what is asked was tried on a model of both homes first, so that most of it is allowed, and some of it comes at once, comes
//! twice, or comes where nothing allows it. The runs are in turn as long as each timeout of the specs needs. Faults are drawn as for any
//! colony: crashes between a commit and what it sets going, lost and doubled messages, cuts, clocks that step and drift, disks that fail.
//!
//! That nothing failed is no proof; the bounds say how much was tried. A failure is made small, and told as a run. What fails and is no
//! property of a spec (a delivery that is lost, an alarm that does not ring) is a bug of the kernel.

use super::draft::{Draft, NODES};
use super::walk::{Walk, created};
use super::{Note, Noted, Watched};
use crate::load::{Group, Member};
use crate::random::Trial;
use crate::small::told;
use crate::trace::{Entity, Mark, Taken, Trace};
use crate::verdict::{Bound, Finding, Judged, Kind, Level, Property, Reason, Verdict};
use antfarm_automata::entities::{Happened, Move};
use antfarm_automata::{Started, Table, Target, Text};
use antfarm_machine::PeerId;
use antfarm_sim::scenario::{Report, Staged, Troubles, shrink};
use antfarm_sim::{Chance, Dice, Recorder};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// How much is lived through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lives {
    /// Runs of each world.
    pub runs: u64,
    /// Actions that are asked for in a run.
    pub asks: usize,
}

impl Default for Lives {
    fn default() -> Self {
        Self { runs: 8, asks: 80 }
    }
}

/// What became of the specs of a group.
#[derive(Debug, Default)]
pub struct Lived {
    /// Of each that is to be proved, one.
    pub findings: Vec<Finding>,
    /// The scenarios that show what does not hold.
    pub scenarios: Vec<(Text, Property, String)>,
    /// What no spec can be blamed for: one of the types, what happened, and the scenario that shows it.
    pub bugs: Vec<(Text, String, String)>,
}

/// How many runs a failure may take to be made small.
const SHRINKING: u64 = 400;

/// A longer run draws no faults of itself, of which there would be tens of thousands, but has some at random. In milliseconds.
const SWARMED: u64 = 2 * 60 * 60 * 1000;

/// A run is no longer than this, whatever timeouts there are, in milliseconds: a week.
const LONGEST: u64 = 7 * 24 * 60 * 60 * 1000;

/// Has the specs of a group live.
pub fn lived(group: &Group, lives: Lives) -> Lived {
    let mut lived = Lived::default();
    for members in group.components() {
        let members: Vec<&Member> = members.iter().map(|nth| &group.members[*nth]).collect();
        if members.iter().any(|it| it.is_proved) {
            component(group, &members, lives, &mut lived);
        }
    }
    lived
}

fn component(group: &Group, members: &[&Member], lives: Lives, lived: &mut Lived) {
    let begun = Instant::now();
    let proved: Vec<&&Member> = members.iter().filter(|it| it.is_proved).collect();
    let asked = |member: &Member| -> Vec<Property> {
        let asked = Property::of(member.table.spec()).into_iter();
        asked.filter(|it| matches!(it.kind, Kind::Invariant | Kind::Reaction)).collect()
    };
    let finding = |member: &Member, judged, bounds, states| Finding {
        spec: member.table.spec().entity.clone(),
        file: member.file.clone(),
        level: Level::L2,
        judged,
        bounds,
        states,
        took: begun.elapsed(),
    };
    let unlived = match super::suite(group, &members[0].table.spec().entity) {
        None => {
            let of = |it: &&&Member| crate::relate::needs(it.table.spec());
            let have: BTreeSet<&Text> = members.iter().map(|it| &it.table.spec().entity).collect();
            let missing = members.iter().collect::<Vec<_>>().iter().flat_map(of).find(|it| !have.contains(it));
            Some(Reason::Missing(missing.unwrap_or_default()))
        }
        Some((suite, _)) => antfarm_colony::unfit(&suite).map(Reason::Inexpressible),
    };
    if let Some(reason) = unlived {
        for member in proved {
            let judged =
                asked(member).into_iter().map(|property| Judged { property, verdict: Verdict::Incomplete(reason.clone()) });
            lived.findings.push(finding(member, judged.collect(), Vec::new(), 0));
        }
        return;
    }
    let tables: Vec<Table> = members.iter().map(|it| it.table.clone()).collect();
    let mut world = World::new(tables, members, lives);
    // A word of the specs that rows of scenarios cannot say: then there is no run.
    let unsaid = (1..=lives.runs).find_map(|seed| world.run(seed, lived).err()).map(|it| Reason::Inexpressible(it.to_string()));
    let bound = |of: &str, to: String| Bound { of: of.to_owned(), to, is_hit: false };
    let bounds = || {
        let (minutes, taken) = (world.simulated / 60_000, world.taken.len());
        let actions: usize = world.trial.suite.tables().iter().map(|it| it.spec().actions.len()).sum();
        let runs = Bound { is_hit: world.void * 2 > lives.runs, ..bound("runs", (lives.runs - world.void).to_string()) };
        vec![runs, bound("simulated minutes", minutes.to_string()), bound("actions taken", format!("{taken} of {actions}"))]
    };
    for member in proved {
        let spec = member.table.spec().entity.clone();
        let was = world.trial.suite.entity(&spec).is_some_and(|it| world.born.contains(&it));
        let nobody = (!was && unsaid.is_none()).then_some(Reason::Bound);
        // Where most runs say nothing, none is said to hold.
        let void = (world.void * 2 > lives.runs).then_some(Reason::Bound);
        let judge = |property: Property| {
            let verdict = world.refuted.get(&(spec.clone(), property.clone()));
            let held = || unsaid.clone().or(nobody.clone()).or(void.clone()).map_or(Verdict::Verified, Verdict::Incomplete);
            let verdict = verdict.map_or_else(held, |trace| Verdict::Refuted(Some(trace.clone())));
            Judged { property, verdict }
        };
        let judged = asked(member).into_iter().map(judge).collect();
        let bounds = bounds().into_iter().chain(nobody.is_some().then(|| Bound::nobody(&spec))).collect();
        lived.findings.push(finding(member, judged, bounds, world.events));
    }
}

/// The world of one component.
struct World {
    trial: Trial,
    files: Vec<String>,
    /// Timeouts, in milliseconds, the shortest first; nothing among them where there is none.
    timeouts: Vec<u64>,
    lives: Lives,
    refuted: BTreeMap<(Text, Property), Trace>,
    /// Types of which somebody was.
    born: BTreeSet<u16>,
    /// Types and actions that were taken.
    taken: BTreeSet<(u16, usize)>,
    events: u64,
    /// Milliseconds.
    simulated: u64,
    /// Runs in which something failed for want of somebody whom specs count on.
    void: u64,
}

impl World {
    fn new(tables: Vec<Table>, members: &[&Member], lives: Lives) -> Self {
        let after = tables.iter().flat_map(|it| &it.spec().timeouts).filter_map(|it| u64::try_from(it.after).ok());
        let timeouts: BTreeSet<u64> = after.map(|it| it.min(LONGEST / 3)).chain([0]).collect();
        let trial = Trial::new(tables);
        Self {
            trial,
            files: members.iter().map(|it| it.file.clone()).collect(),
            timeouts: timeouts.into_iter().collect(),
            lives,
            refuted: BTreeMap::new(),
            born: BTreeSet::new(),
            taken: BTreeSet::new(),
            events: 0,
            simulated: 0,
            void: 0,
        }
    }

    /// One run, and what follows from it.
    fn run(&mut self, seed: u64, lived: &mut Lived) -> Result<(), Troubles> {
        let text = self.draft(seed).text();
        let watched = Watched::default();
        let registry = watched.registry();
        let staged = registry.read("a life of entities", &text)?;
        let report = staged.run(seed, Recorder::Off);
        let notes = watched.take();
        self.note(&report, &notes.steps);
        if report.violation.is_none() {
            return Ok(());
        }
        let Some((of, property)) = self.blamed(&report) else {
            let why = report.violation.map(|it| format!("{}: {}", it.property, it.message)).unwrap_or_default();
            let of = self.trial.suite.tables()[0].spec().entity.clone();
            lived.bugs.push((of, why, small_of(&registry, staged.as_ref(), seed).unwrap_or(text)));
            return Ok(());
        };
        if !self.are_there(&notes.steps) {
            self.void += 1;
            return Ok(());
        }
        if self.refuted.contains_key(&(of.clone(), property.clone())) {
            return Ok(());
        }
        let told = small_of(&registry, staged.as_ref(), seed).and_then(|scenario| {
            watched.take();
            let again = registry.read("a life of entities", &scenario).ok()?;
            drop(again.run(again.scenario().failure.as_ref().map_or(seed, |it| it.seed), Recorder::Off));
            // What fails may need less for want of somebody who is counted on.
            // The small one may have fewer nodes.
            let names = again.peers().names().to_vec();
            Some((scenario, watched.take(), names)).filter(|(_, notes, _)| self.are_there(&notes.steps))
        });
        let whole = || (staged.saved(&report).unwrap_or(text), notes, staged.peers().names().to_vec());
        let (scenario, notes, names) = told.unwrap_or_else(whole);
        self.refuted.insert((of.clone(), property.clone()), self.told(&notes, &names));
        lived.scenarios.push((of, property, scenario));
        Ok(())
    }

    /// Whether those were there in the end at each node whom specs count on: who is called by name, and the partners of those who share ids
    /// and were there from the beginning.
    fn are_there(&self, notes: &[Note]) -> bool {
        let last: BTreeMap<PeerId, &Note> = notes.iter().map(|it| (it.node, it)).collect();
        let (suite, shape, created) = (&self.trial.suite, &self.trial.shape, created(&self.trial));
        last.values().all(|note| {
            let is_there = |of: u16, id: &str| note.after.iter().any(|it| it.0 == of && *it.1 == *id);
            let is_named = |(of, id): (u16, &Text)| is_there(of, &format!("{id}@{}", note.after.home()));
            let mut fixed = (0..).zip(&shape.fixed).flat_map(|(of, ids)| ids.iter().map(move |id| (of, id)));
            let has_partners = |(of, id, _): (u16, &Text, _)| {
                let triggers = suite.table(of).into_iter().flat_map(|it| &it.spec().actions).flat_map(|it| &it.triggers);
                let partners = triggers.filter_map(|it| match &it.deed {
                    Started::Entity { entity, target: Target::SameId, .. } => suite.entity(entity),
                    Started::Entity { .. } | Started::Outside { .. } => None,
                });
                let mut counted = partners.filter(|it| created[usize::from(*it)].contains(id));
                counted.all(|of| shape.optional[usize::from(of)] || is_there(of, id))
            };
            fixed.all(is_named) && note.after.iter().all(has_partners)
        })
    }

    fn note(&mut self, report: &Report, notes: &[Note]) {
        self.events += report.events;
        self.simulated += report.simulated.0 / 1_000_000;
        for happened in notes.iter().flat_map(|it| &it.step.happened) {
            if let Happened::Took { who, transition, .. } = happened {
                self.taken.insert((who.entity, transition.action()));
            } else if let Happened::Born { who, .. } = happened {
                self.born.insert(who.entity);
            }
        }
    }

    /// The property of a spec that a run violates.
    fn blamed(&self, report: &Report) -> Option<(Text, Property)> {
        let violated = report.violation.as_ref()?;
        self.trial.suite.tables().iter().map(Table::spec).find_map(|spec| {
            let is_of = |rest: &str| violated.message.contains(rest);
            let entity = &spec.entity;
            let broken =
                |name: &Text| violated.property == "entities" && is_of(&format!("`{name}` does not hold of `{entity}` "));
            let invariant = spec.invariants.iter().find(|it| broken(&it.name));
            let invariant = invariant.map(|it| Property { kind: Kind::Invariant, name: it.name.clone() });
            let is_refused = violated.property == "reactions" && is_of(&format!("what `{entity}` set going "));
            let reaction = is_refused.then(|| Property { kind: Kind::Reaction, name: Property::REACTIONS.into() });
            Some((entity.clone(), invariant.or(reaction)?))
        })
    }

    /// What nodes noted, as a run. An invariant fails as soon as a record says so, which nobody is told before it is durable.
    fn told(&self, notes: &Noted, names: &[String]) -> Trace {
        let mut homes: BTreeMap<PeerId, Vec<Entity>> = BTreeMap::new();
        let mut marks = Vec::new();
        let plain = |text: &Text| Text::from(antfarm_colony::told(text, names));
        let all = |homes: &BTreeMap<PeerId, Vec<Entity>>| homes.values().flatten().map(|it| it.renamed(&plain)).collect();
        for note in &notes.steps {
            if matches!(note.step.asked.moved, Move::Acknowledge { .. }) {
                continue;
            }
            let Mark { taken, after, dropped } = told::mark(&self.trial.suite, &note.step, &note.after);
            homes.insert(note.node, after);
            let after = all(&homes);
            let dropped = dropped.iter().map(|it| antfarm_colony::told(it, names)).collect();
            marks.push(Mark { taken: taken.renamed(&plain), after, dropped });
        }
        for (node, (_, latest)) in &notes.latest {
            let after = told::entities(&self.trial.suite, latest);
            let before = homes.insert(*node, after.clone()).unwrap_or_default();
            if before != after {
                let id = usize::try_from(node.number()).ok().and_then(|it| names.get(it)).map_or("?", String::as_str);
                let action = Text::from("(what is not durable yet)");
                let taken = Taken { entity: "".into(), id: id.into(), action, params: Vec::new(), writes: Vec::new() };
                marks.push(Mark { taken, after: all(&homes), dropped: Vec::new() });
            }
        }
        Trace { first: Vec::new(), marks, back_to: None }
    }

    /// The scenario of a run.
    fn draft(&self, seed: u64) -> Draft {
        let nth = usize::try_from(seed).unwrap_or(0) % self.timeouts.len();
        let timeout = self.timeouts[nth];
        let duration = (timeout * 3).max(40_000);
        let pulse = (duration / 60).max(1_000);
        let mut dice = Chance::seeded(seed).dice("lives of entities", &[], "");
        Draft {
            remarks: Vec::new(),
            purpose: "what specs say of their entities holds on nodes that everything befalls".to_owned(),
            files: self.files.clone(),
            config: format!(", drops = false, save = 40, pulse = \"{pulse}ms\""),
            duration,
            settle: 30_000 + 20 * pulse,
            freshness: 10 * pulse,
            swarm: duration <= SWARMED,
            faults: if duration <= SWARMED { Vec::new() } else { faults(duration, &mut dice) },
            expect: None,
            check: Vec::new(),
            rows: Walk::new(&self.trial, duration * 3 / 4 / self.lives.asks as u64).rows(&mut dice, self.lives.asks),
        }
    }
}

/// Some faults over a long time.
fn faults(duration: u64, dice: &mut Dice) -> Vec<String> {
    let node = |dice: &mut Dice| *dice.pick(&NODES);
    let mut rows: Vec<String> = NODES[1..]
        .iter()
        .map(|node| format!("{{ at = \"0s\", drift = \"{}ppm\", node = \"{node}\" }}", dice.below(900) as i64 - 450))
        .collect();
    for _ in 0..12 {
        let (at, long) = (dice.between(1_000, duration * 9 / 10), dice.between(100, 60_000));
        rows.push(format!("{{ at = \"{at}ms\", crash = \"{}\", heal = \"{}ms\" }}", node(dice), at + long));
        let (at, long) = (dice.between(1_000, duration * 9 / 10), dice.between(100, 60_000));
        rows.push(format!("{{ at = \"{at}ms\", cut = [\"scout\", \"helper\"], heal = \"{}ms\" }}", at + long));
    }
    rows
}

/// A failure made small.
fn small_of(registry: &antfarm_sim::scenario::Registry, staged: &dyn Staged, seed: u64) -> Option<String> {
    let mut runs = 0_u64;
    let mut go_on = || {
        runs += 1;
        runs < SHRINKING
    };
    shrink(registry, staged, seed, &mut go_on).ok().map(|it| it.text)
}
