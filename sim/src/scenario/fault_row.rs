//! Rows of faults: what a scenario says goes wrong, as ranges; and what that means for one seed.
//!
//! A row has exactly one verb, and the verb says which other keys it may have. Each range is drawn from a stream of the row's
//! own, named by what the row says and by the key, so that removing a row changes no draw of another. The ends of a row, `heal`
//! and `until`, its `times` and its `only` are left out of its name: a row that is made shorter stays the same row.

use crate::chance::{Chance, Odds};
use crate::fault::{Fault, Planned, Reach, Shape};
use crate::scenario::key::Key;
use crate::scenario::quantity::Spread;
use crate::scenario::read::{Group, Terms, When};
use crate::scenario::section::Section;
use crate::scenario::verb::{Verb, verb_of};
use crate::world::Time;
use antfarm_identity::Fold;
use antfarm_machine::{PeerId, Ppm, Span};
use antfarm_strict::{Found, Place, Source, Table, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What tells the draws of a row apart from those of others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RowName([u64; 2]);

impl RowName {
    pub(super) fn sample(self, chance: &Chance, key: &str, spread: Spread) -> i64 {
        spread.sample(&mut chance.dice("row", &self.0, key))
    }

    /// A number that stands for the name where only 32 bits are kept.
    pub(super) fn short(self) -> u32 {
        let mut fold = Fold::new();
        self.0.iter().for_each(|part| fold.absorb_u64(*part));
        u32::try_from(fold.value() >> 32).unwrap_or(0)
    }
}

/// Names rows by what they say; equal rows by their order.
#[derive(Debug, Default)]
pub(super) struct RowNames(BTreeMap<u64, u64>);

impl RowNames {
    pub(super) fn name(&mut self, list: &str, table: &Table) -> RowName {
        const LEFT_OUT: [&str; 4] = ["heal", "until", "times", "only"];
        let mut fold = Fold::new();
        fold.absorb(list.as_bytes());
        for (key, (_, item)) in table.0.iter().filter(|(key, _)| !LEFT_OUT.contains(&key.as_str())) {
            fold.absorb_u64(key.len() as u64);
            fold.absorb(key.as_bytes());
            absorb(&item.value, &mut fold);
        }
        let equals = self.0.entry(fold.value()).or_default();
        let name = RowName([fold.value(), *equals + 1]);
        *equals += times_of(table);
        name
    }
}

/// Takes the value, not how it is written, into a checksum.
fn absorb(value: &Value, fold: &mut Fold) {
    let mut text = |tag: u64, bytes: &[u8]| {
        fold.absorb_u64(tag);
        fold.absorb_u64(bytes.len() as u64);
        fold.absorb(bytes);
    };
    match value {
        Value::Text(it) => text(1, it.as_bytes()),
        Value::Integer(it) => text(2, &it.to_le_bytes()),
        Value::Flag(it) => text(3, &[u8::from(*it)]),
        Value::List(items) => {
            text(4, &(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| absorb(&item.value, fold));
        }
        Value::Table(table) => {
            text(5, &(table.0.len() as u64).to_le_bytes());
            for (key, (_, item)) in &table.0 {
                fold.absorb_u64(key.len() as u64);
                fold.absorb(key.as_bytes());
                absorb(&item.value, fold);
            }
        }
        Value::Other(it) => text(6, it.as_bytes()),
    }
}

/// As many equal rows as a row stands for. What is out of bounds is refused where the row is read.
fn times_of(table: &Table) -> u64 {
    match table.0.get("times").map(|(_, item)| &item.value) {
        Some(Value::Integer(times)) => u64::try_from(*times).unwrap_or(1).clamp(1, 1_000),
        Some(_) | None => 1,
    }
}

/// A row of faults.
#[derive(Clone, Debug)]
pub(super) struct FaultRow {
    pub(super) verb: &'static str,
    pub(super) line: usize,
    name: RowName,
    at: Spread,
    heal: Option<When>,
    times: u64,
    act: Act,
}

#[derive(Clone, Debug)]
enum Act {
    Net(Net, Reach),
    Drop { from: PeerId, to: PeerId, kind: String, nth: u32 },
    Node(Node, Group),
}

#[derive(Clone, Copy, Debug)]
enum Net {
    Cut,
    Hold,
    Lose(Spread),
    Copy(Spread),
    Corrupt(Spread),
    Reorder(Spread, Spread),
    Latency(Shape),
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Crash,
    Pause,
    Freeze,
    Offset(Spread),
    Step(Spread),
    Drift(Spread),
    Slow(Shape),
    Torn(Spread),
    Lost(Spread),
    Failed(Spread),
    Lying(Spread),
    Unlinked(Spread),
    Misdirected(Spread),
    Rot,
    Full,
    Replaced,
}

impl FaultRow {
    /// Reads a row; what is wrong goes to `found`.
    pub(super) fn read(
        source: &Arc<Source>,
        (place, table): (&Place, &Table),
        name: RowName,
        terms: &Terms<'_>,
        found: &mut Found,
    ) -> Option<Self> {
        let (verb, keys): (&Verb, &'static [Key]) = found.sift(verb_of(source, place, table))?;
        let row = Section::open(source, (place, table), (verb.title, [keys, &[]]), terms, found);
        let at = row.when("at").map_or(Spread::just(0), |when| when.spread);
        if row.when("at").is_some_and(|when| when.relative) {
            found.push(row.refuse("at", "`at` is counted from the start of the run: write it without `+`"));
        }
        let heal = row.when("heal");
        if heal.is_some_and(|heal| !heal.relative && heal.spread.high() < at.low()) {
            found.push(row.refuse("heal", "the fault is over before it begins; for a time after its start write `+`"));
        }
        let act = act(verb.word, &row, found)?;
        let times = row.count("times").unwrap_or(1);
        Some(Self { verb: verb.word, line: row.line(), name, at, heal, times, act })
    }

    /// How many faults the row means for every seed.
    pub(super) fn count(&self) -> u64 {
        let each = match &self.act {
            Act::Net(..) | Act::Drop { .. } | Act::Node(_, Group::Any) => 1,
            Act::Node(_, Group::These(nodes)) => nodes.len() as u64,
        };
        self.times * each
    }

    /// The faults that the row, number `row`, means for a seed; `nodes` are all nodes.
    pub(super) fn befalls_memory(&self) -> bool {
        match &self.act {
            Act::Net(..) | Act::Drop { .. } => false,
            Act::Node(what, _) => match what {
                Node::Pause | Node::Freeze | Node::Offset(_) | Node::Step(_) | Node::Drift(_) => false,
                Node::Crash
                | Node::Slow(_)
                | Node::Torn(_)
                | Node::Lost(_)
                | Node::Failed(_)
                | Node::Lying(_)
                | Node::Unlinked(_)
                | Node::Misdirected(_)
                | Node::Rot
                | Node::Full
                | Node::Replaced => true,
            },
        }
    }

    /// The faults of the row for one seed; `any` is one of `nodes`.
    pub(super) fn plan(&self, chance: &Chance, row: u32, nodes: &[PeerId]) -> Vec<Planned> {
        let RowName([what, first]) = self.name;
        (first..first + self.times).flat_map(|nth| self.plan_one(RowName([what, nth]), chance, row, nodes)).collect()
    }

    fn plan_one(&self, name: RowName, chance: &Chance, row: u32, nodes: &[PeerId]) -> Vec<Planned> {
        let draw = |key, spread| name.sample(chance, key, spread);
        let from = time(draw("at", self.at));
        let until = self.heal.map(|heal| {
            let drawn = draw("heal", heal.spread);
            if heal.relative { from.after(span(drawn)) } else { time(drawn).max(from) }
        });
        let planned = |fault| Planned { from, until, fault, row: Some(row) };
        let odds = |spread| odds(draw("chance", spread));
        match &self.act {
            Act::Net(net, reach) => {
                let reach = reach.clone();
                vec![planned(match net {
                    Net::Cut => Fault::Cut(reach),
                    Net::Hold => Fault::Hold(reach),
                    Net::Lose(chance) => Fault::Lose(reach, odds(*chance)),
                    Net::Copy(chance) => Fault::Copy(reach, odds(*chance)),
                    Net::Corrupt(chance) => Fault::Corrupt(reach, odds(*chance)),
                    Net::Reorder(chance, late) => Fault::Reorder(reach, odds(*chance), span(draw("late", *late))),
                    Net::Latency(shape) => Fault::Latency(reach, *shape),
                })]
            }
            Act::Drop { from, to, kind, nth } => {
                vec![planned(Fault::Drop { from: *from, to: *to, kind: kind.clone(), nth: *nth })]
            }
            Act::Node(what, group) => {
                let whom = match group {
                    Group::These(nodes) => nodes.clone(),
                    Group::Any if nodes.is_empty() => Vec::new(),
                    Group::Any => vec![*chance.dice("row", &name.0, "node").pick(nodes)],
                };
                let fault = |node| match *what {
                    Node::Crash => Fault::Crash(node),
                    Node::Pause => Fault::Pause(node),
                    Node::Freeze => Fault::Freeze(node),
                    Node::Offset(by) => Fault::Offset(node, draw("offset", by)),
                    Node::Step(by) => Fault::Step(node, draw("step", by)),
                    Node::Drift(by) => Fault::Drift(node, Ppm(i32::try_from(draw("drift", by)).unwrap_or(0))),
                    Node::Slow(shape) => Fault::SlowDisk(node, shape),
                    Node::Torn(chance) => Fault::Tear(node, odds(chance)),
                    Node::Lost(chance) => Fault::LoseSync(node, odds(chance)),
                    Node::Failed(chance) => Fault::FailSync(node, odds(chance)),
                    Node::Lying(chance) => Fault::LieSync(node, odds(chance)),
                    Node::Unlinked(chance) => Fault::LoseEntry(node, odds(chance)),
                    Node::Misdirected(chance) => Fault::Misdirect(node, odds(chance)),
                    Node::Rot => Fault::Rot(node),
                    Node::Full => Fault::Fill(node),
                    Node::Replaced => Fault::Replace(node),
                };
                whom.into_iter().map(|node| planned(fault(node))).collect()
            }
        }
    }
}

/// What the row does. `None` when a key that it needs is missing or was refused, which is in `found` then.
fn act(verb: &str, row: &Section, found: &mut Found) -> Option<Act> {
    let chance = |row: &Section| row.spread("chance").unwrap_or(Spread::just(1_000_000));
    let net = |net, reach| Some(Act::Net(net, reach));
    let node = |node, key| Some(Act::Node(node, row.group(key)?));
    match verb {
        "cut" => net(Net::Cut, reach(row, "cut")),
        "hold" => net(Net::Hold, reach(row, "hold")),
        "lose" => net(Net::Lose(row.spread("lose")?), reach(row, "link")),
        "copy" => net(Net::Copy(row.spread("copy")?), reach(row, "link")),
        "corrupt" => net(Net::Corrupt(row.spread("corrupt")?), reach(row, "link")),
        "reorder" => {
            let late = row.spread("late").unwrap_or(Spread::just(100_000_000));
            net(Net::Reorder(row.spread("reorder")?, late), reach(row, "link"))
        }
        "latency" => net(Net::Latency(row.shape("latency")?), reach(row, "link")),
        "drop" => {
            let (from, to) = (row.peer("from")?, row.peer("to")?);
            if from == to {
                found.push(row.refuse("to", "what a node sends itself is never lost"));
            }
            let nth = u32::try_from(row.count("nth").unwrap_or(1)).unwrap_or(u32::MAX);
            Some(Act::Drop { from, to, kind: row.text("drop")?, nth })
        }
        "crash" => node(Node::Crash, "crash"),
        "pause" => node(Node::Pause, "pause"),
        "freeze" => node(Node::Freeze, "freeze"),
        "offset" => node(Node::Offset(row.spread("offset")?), "node"),
        "step" => node(Node::Step(row.spread("step")?), "node"),
        "drift" => node(Node::Drift(row.spread("drift")?), "node"),
        "disk" => match row.word("disk")? {
            "torn" => node(Node::Torn(chance(row)), "node"),
            "lost" => node(Node::Lost(chance(row)), "node"),
            "failed" => node(Node::Failed(chance(row)), "node"),
            "lying" => node(Node::Lying(chance(row)), "node"),
            "unlinked" => node(Node::Unlinked(chance(row)), "node"),
            "misdirected" => node(Node::Misdirected(chance(row)), "node"),
            "rot" => node(Node::Rot, "node"),
            "full" => node(Node::Full, "node"),
            "slow" => node(Node::Slow(row.shape("latency")?), "node"),
            "replaced" => node(Node::Replaced, "node"),
            word => unreachable!("`{word}` is not in the list of words"),
        },
        verb => unreachable!("`{verb}` is not in the list of verbs"),
    }
}

/// The reach of a row, whose groups stand under `key`.
fn reach(row: &Section, key: &str) -> Reach {
    let kind = row.text("kind");
    let Some((a, b)) = row.link(key) else { return Reach { kind, ..Reach::default() } };
    let peers = |group| match group {
        Group::Any => Vec::new(),
        Group::These(peers) => peers,
    };
    Reach { from: peers(a), to: peers(b), both: row.word("way") != Some("one"), kind }
}

fn span(nanos: i64) -> Span {
    Span::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

fn time(nanos: i64) -> Time {
    Time::ZERO.after(span(nanos))
}

fn odds(ppm: i64) -> Odds {
    u32::try_from(ppm).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER)
}
