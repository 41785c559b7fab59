//! The machines that scenarios may name.

use crate::fault::Family;
use crate::scenario::ask_row::{self, AskRow};
use crate::scenario::fault_row::{FaultRow, RowNames};
use crate::scenario::head::{Roster, Scenario};
use crate::scenario::key::Key;
use crate::scenario::nodes::Nodes;
use crate::scenario::read::Terms;
use crate::scenario::report::Violated;
use crate::scenario::section::Section;
use crate::scenario::staged::{Staged, Staging};
use crate::scenario::subject::Subject;
use crate::subject::Simulated;
use antfarm_identity::Codec;
use antfarm_machine::{Machine, PeerId};
use antfarm_strict::{Complaint, Found, Item, Table, Trouble, Troubles, Value};
use std::sync::Arc;

/// The machines that scenarios may name.
#[derive(Default)]
pub struct Registry {
    subjects: Vec<Box<dyn AnySubject>>,
}

/// What is known of a machine without its types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// What scenarios call it.
    pub name: &'static str,
    /// What it is, in a line.
    pub purpose: &'static str,
    /// The keys of the table `config`.
    pub config: &'static [Key],
    /// The keys of rows of asks, besides those that all have.
    pub asks: &'static [Key],
    /// Kinds of its messages.
    pub kinds: &'static [&'static str],
}

impl Registry {
    /// No machines.
    pub fn new() -> Self {
        Self::default()
    }

    /// These machines and one more.
    ///
    /// Panics when its name is taken, or when one of its keys for asks is one that all asks have.
    #[must_use]
    pub fn with<S: Subject>(mut self, subject: S) -> Self {
        assert!(self.known().iter().all(|known| known.name != subject.name()), "`{}` is registered twice", subject.name());
        for key in subject.asks() {
            let taken = ask_row::KEYS.iter().any(|common| common.name == key.name);
            assert!(!taken, "all asks have a key `{}`", key.name);
        }
        self.subjects.push(Box::new(Held(Arc::new(subject))));
        self
    }

    /// What is known of each machine.
    pub fn known(&self) -> Vec<Known> {
        self.subjects.iter().map(|subject| subject.known()).collect()
    }

    /// Reads a scenario and stages it: everything that can be wrong with a file is found here, nothing later.
    pub fn read(&self, file: &str, text: &str) -> Result<Box<dyn Staged>, Troubles> {
        self.stage(&Scenario::parse(file, text)?)
    }

    /// Gives a scenario its machine.
    pub fn stage(&self, scenario: &Scenario) -> Result<Box<dyn Staged>, Troubles> {
        let subject = self.subjects.iter().find(|subject| subject.known().name == scenario.machine);
        let Some(subject) = subject else {
            let known = self.known().iter().map(|known| known.name.to_owned()).collect();
            let complaint = Complaint::Name { of: "machine", name: scenario.machine.clone(), known };
            return Err(scenario.complain("machine", complaint).into());
        };
        subject.stage(scenario)
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.known().iter().map(|known| known.name)).finish()
    }
}

/// More faults than these no run has time for, nor a plan memory.
const MOST_FAULTS: u64 = 100_000;

trait AnySubject: Send + Sync {
    fn known(&self) -> Known;
    fn stage(&self, scenario: &Scenario) -> Result<Box<dyn Staged>, Troubles>;
}

struct Held<S>(Arc<S>);

impl<S: Subject> AnySubject for Held<S> {
    fn known(&self) -> Known {
        Known {
            name: self.0.name(),
            purpose: self.0.purpose(),
            config: self.0.config(),
            asks: self.0.asks(),
            kinds: kinds::<S::Machine>(),
        }
    }

    fn stage(&self, scenario: &Scenario) -> Result<Box<dyn Staged>, Troubles> {
        Ok(Box::new(stage(&self.0, scenario)?))
    }
}

fn kinds<M: Simulated>() -> &'static [&'static str] {
    <M as Machine>::Message::KINDS
}

fn stage<S: Subject>(subject: &Arc<S>, scenario: &Scenario) -> Result<Staging<S>, Troubles> {
    let mut found = Found::default();
    let mut peers = match &scenario.roster {
        Roster::Names(nodes) => nodes.clone(),
        Roster::Count(count) => {
            let mut nodes = Nodes::default();
            for nth in 0..*count {
                assert!(nodes.add(&subject.node_name(nth)), "each node has a name of its own");
            }
            nodes
        }
    };
    let nodes = peers.len();
    let kinds = kinds::<S::Machine>();

    let Some(config) = config(subject.as_ref(), scenario, &Terms { peers: &peers, nodes, kinds }, &mut found) else {
        return found.or(None);
    };
    let cast = subject.cast(&peers, &config)?;
    assert_eq!(cast.machines.len(), nodes, "a cast has a machine for each node");
    for peer in &cast.peers {
        if !peers.add(peer) {
            found.push(scenario.complain("nodes", Complaint::Twice { name: peer.clone() }));
        }
    }

    let terms = Terms { peers: &peers, nodes, kinds };
    let (without, silent) = found.sift(without(scenario, subject.asks())).unwrap_or_default();
    let mut names = RowNames::default();
    let mut asks = Vec::new();
    for (place, table) in &scenario.rows("ask", &mut found) {
        let name = names.name("ask", table);
        let read = AskRow::read((&scenario.source, &terms), (place, table), name, (subject.as_ref(), &cast), &mut found);
        asks.extend(read.map(|mut row| {
            if silent.iter().any(|key| table.0.contains_key(*key)) {
                row.silence();
            }
            row
        }));
    }
    let mut faults = Vec::new();
    for (place, table) in &scenario.rows("fault", &mut found) {
        let name = names.name("fault", table);
        faults.extend(FaultRow::read(&scenario.source, (place, table), name, &terms, &mut found));
    }
    let count = faults.iter().map(FaultRow::count).sum::<u64>();
    if count > MOST_FAULTS {
        let words = format!("these are {count} faults; a run has at most {MOST_FAULTS}");
        found.push(scenario.complain("fault", Complaint::Refused(words)));
    }

    let oracles: Vec<&'static str> = subject.oracles(&cast).iter().map(|oracle| oracle.property()).collect();
    let check = found.sift(check(scenario, &oracles)).flatten();
    let core = found.sift(core(scenario, &terms)).flatten();
    found.sift(expect(scenario, &oracles));
    found.or(Some(Staging {
        subject: subject.clone(),
        scenario: scenario.clone(),
        peers,
        cast,
        asks,
        faults,
        check,
        core,
        without,
    }))
}

/// The machine's own table; `None` when it is not whole, which is in `found` then.
fn config<S: Subject>(subject: &S, scenario: &Scenario, terms: &Terms<'_>, found: &mut Found) -> Option<Section> {
    let nothing = Item { place: 0..0, value: Value::Table(Table::default()) };
    let item = scenario.head.raw("config").unwrap_or(&nothing);
    let Value::Table(table) = &item.value else {
        found.push(scenario.complain("config", Complaint::Type { wanted: "a table", found: item.value.kind() }));
        return None;
    };
    let keys = [subject.config(), &[]];
    let section = Section::open(&scenario.source, (&item.place, table), ("`config`", keys), terms, found);
    section.is_whole(table).then_some(section)
}

fn unknown_oracle(name: &str, oracles: &[&'static str]) -> Complaint {
    let known = oracles.iter().map(|oracle| (*oracle).to_owned()).collect();
    Complaint::Name { of: "oracle", name: name.to_owned(), known }
}

/// What a scenario leaves out: families of faults, and keys of rows of asks.
fn without(scenario: &Scenario, asks: &[Key]) -> Result<(Vec<Family>, Vec<&'static str>), Trouble> {
    let (mut families, mut silent) = (Vec::new(), Vec::new());
    for (place, name) in scenario.head.placed_texts("without").into_iter().flatten() {
        let key = || asks.iter().find(|key| name.strip_prefix("ask.") == Some(key.name));
        match (Family::named(name), key()) {
            (Some(family), _) => families.push(family),
            (None, Some(key)) => silent.push(key.name),
            (None, None) => {
                let families = Family::ALL.iter().map(|family| family.name().to_owned());
                let known = families.chain(asks.iter().map(|key| format!("ask.{}", key.name))).collect();
                let complaint = Complaint::Name { of: "family", name: name.clone(), known };
                return Err(scenario.source.trouble(place, complaint));
            }
        }
    }
    Ok((families, silent))
}

fn check(scenario: &Scenario, oracles: &[&'static str]) -> Result<Option<Vec<String>>, Trouble> {
    let Some(names) = scenario.head.placed_texts("check") else { return Ok(None) };
    for (place, name) in names {
        if !oracles.contains(&name.as_str()) {
            return Err(scenario.source.trouble(place, unknown_oracle(name, oracles)));
        }
    }
    Ok(Some(names.iter().map(|(_, name)| name.clone()).collect()))
}

fn core(scenario: &Scenario, terms: &Terms<'_>) -> Result<Option<Vec<PeerId>>, Trouble> {
    let Some(names) = scenario.head.placed_texts("core") else { return Ok(None) };
    let mut core = Vec::new();
    for (place, name) in names {
        let Some(node) = terms.peers.id(name).filter(|node| node.index() < terms.nodes) else {
            let known = terms.peers.names().iter().take(terms.nodes).cloned().collect();
            let complaint = Complaint::Name { of: "node", name: name.clone(), known };
            return Err(scenario.source.trouble(place, complaint));
        };
        if core.contains(&node) {
            return Err(scenario.source.trouble(place, Complaint::Twice { name: name.clone() }));
        }
        core.push(node);
    }
    Ok(Some(core))
}

fn expect(scenario: &Scenario, oracles: &[&'static str]) -> Result<(), Trouble> {
    match &scenario.expect {
        Some(name) if name != Violated::PANIC && !oracles.contains(&name.as_str()) => {
            let known: Vec<&'static str> = oracles.iter().copied().chain([Violated::PANIC]).collect();
            Err(scenario.complain("expect", unknown_oracle(name, &known)))
        }
        Some(_) | None => Ok(()),
    }
}
