//! A scenario in parts that can be taken away, and written down again: what a shrinker works on.
//!
//! The plan of the seed stands in it fault by fault, nothing is drawn by a swarm any more, and of each row of asks it is said
//! which are made. Because draws are named by what a row says, and not by its place, what is left behaves as before.

use crate::fault::{Fault, Planned};
use crate::scenario::head::{KEYS, Roster};
use crate::scenario::nodes::Nodes;
use crate::scenario::ordinals::Ordinals;
use crate::scenario::print::{fault_row, quoted};
use crate::scenario::report::Report;
use crate::scenario::shrink::asks_of;
use crate::scenario::staged::Staged;
use antfarm_machine::{PeerId, Span};
use antfarm_strict::{Table, Troubles, Value, parse, span_text};
use std::collections::BTreeMap;

/// The parts.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) seed: u64,
    /// What is left as it is, in order, as text.
    pub(super) rest: Vec<(&'static str, String)>,
    pub(super) names: Nodes,
    pub(super) nodes: Vec<String>,
    pub(super) duration: Span,
    pub(super) settle: Span,
    pub(super) faults: Vec<Planned>,
    /// By row: its keys but `only`.
    pub(super) rows: Vec<Table>,
    /// What is asked: row and ordinal.
    pub(super) asks: Vec<(usize, u64)>,
}

impl Draft {
    /// A scenario as it runs under `seed`; `asked` is how many asks each row makes.
    pub(super) fn of(staged: &dyn Staged, seed: u64, asked: &[u64]) -> Result<Self, Troubles> {
        const TAKEN_APART: [&str; 8] = ["nodes", "duration", "settle", "seeds", "swarm", "fault", "ask", "failure"];
        let scenario = staged.scenario();
        let (_, root) = parse(&scenario.file, scenario.text())?;
        let rest = KEYS.iter().filter(|key| !TAKEN_APART.contains(&key.name));
        let rest = rest.filter_map(|key| Some((key.name, written(&root.0.get(key.name)?.1.value)))).collect();
        let count = match &scenario.roster {
            Roster::Names(nodes) => nodes.len(),
            Roster::Count(count) => *count,
        };
        let rows: Vec<&Table> = match root.0.get("ask").map(|(_, item)| &item.value) {
            Some(Value::List(items)) => items.iter().filter_map(|item| table_of(&item.value)).collect(),
            Some(_) | None => Vec::new(),
        };
        assert_eq!(rows.len(), asked.len(), "each row of asks was counted");
        let asks = rows
            .iter()
            .zip(asked)
            .enumerate()
            .flat_map(|(row, (table, asked))| made(table, *asked).into_iter().map(move |nth| (row, nth)));
        Ok(Self {
            seed,
            rest,
            names: staged.peers().clone(),
            nodes: staged.peers().names().iter().take(count).cloned().collect(),
            duration: scenario.duration,
            settle: scenario.settle,
            faults: staged.plan(seed),
            asks: asks.collect(),
            // Without which of them are made.
            rows: rows.iter().map(|table| without(table, "only")).collect(),
        })
    }

    /// Without the asks that its run did not come to.
    pub(super) fn asked(&self, report: &Report) -> Self {
        let mut left: BTreeMap<usize, u64> = self.written().into_iter().zip(asks_of(report)).collect();
        let mut made = self.clone();
        made.asks.retain(|(row, _)| {
            let left = left.entry(*row).or_default();
            let kept = *left > 0;
            *left = left.saturating_sub(1);
            kept
        });
        made
    }

    /// What is told about the file's key `check`, as text; `None`: nothing.
    pub(super) fn check(&self) -> Option<&str> {
        self.rest.iter().find(|(key, _)| *key == "check").map(|(_, value)| value.as_str())
    }

    /// With these oracles watching, as text; `None`: all.
    pub(super) fn watched_by(&self, check: Option<String>) -> Self {
        let mut draft = self.clone();
        draft.rest.retain(|(key, _)| *key != "check");
        draft.rest.extend(check.map(|check| ("check", check)));
        draft
    }

    /// Without a node, and without what is asked of it or happens to it alone. Peers have the old numbers still: the text is right,
    /// and has to be read anew.
    pub(super) fn without_node(&self, name: &str) -> Self {
        let mut draft = self.clone();
        draft.nodes.retain(|node| node != name);
        if let Some(gone) = self.names.id(name) {
            draft.faults.retain_mut(|planned| spares(&mut planned.fault, gone));
        }
        let kept: Vec<bool> = draft.rows.iter_mut().map(|row| still_asks(row, name)).collect();
        draft.asks.retain(|(row, _)| kept[*row]);
        draft
    }

    /// The scenario as a file.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: &str| text.push_str(&format!("{key} = {value}\n"));
        for (key, value) in &self.rest {
            line(key, value);
        }
        let nodes: Vec<String> = self.nodes.iter().map(|name| quoted(name)).collect();
        line("nodes", &format!("[{}]", nodes.join(", ")));
        line("duration", &quoted(&span_text(self.duration)));
        line("settle", &quoted(&span_text(self.settle)));
        line("seeds", "1");
        list(&mut text, "fault", self.faults.iter().map(|planned| fault_row(planned, &self.names)));
        list(&mut text, "ask", self.written().into_iter().map(|row| self.row(row)));
        text
    }

    /// The rows that are written: those that ask, and those before an equal one, from which they tell it apart.
    fn written(&self) -> Vec<usize> {
        let asks = |row: usize| self.asks.iter().any(|(at, _)| *at == row);
        let texts: Vec<String> = self.rows.iter().map(|row| entries(row, |_| true)).collect();
        (0..texts.len()).filter(|&row| asks(row) || texts[row + 1..].contains(&texts[row])).collect()
    }

    fn row(&self, row: usize) -> String {
        let asked = self.asks.iter().filter(|(at, _)| *at == row).map(|(_, nth)| *nth);
        format!("{{ {}, only = \"{}\" }}", entries(&self.rows[row], |_| true), Ordinals::of(asked))
    }
}

fn without(table: &Table, key: &str) -> Table {
    let mut table = table.clone();
    table.0.remove(key);
    table
}

fn list(text: &mut String, key: &str, rows: impl Iterator<Item = String>) {
    let rows: String = rows.map(|row| format!("    {row},\n")).collect();
    if !rows.is_empty() {
        text.push_str(&format!("{key} = [\n{rows}]\n"));
    }
}

/// Takes a peer out of whom a fault reaches; false when nobody is left on one side.
fn spares(fault: &mut Fault, gone: PeerId) -> bool {
    match fault {
        Fault::Latency(reach, _)
        | Fault::Lose(reach, _)
        | Fault::Copy(reach, _)
        | Fault::Reorder(reach, _, _)
        | Fault::Corrupt(reach, _)
        | Fault::Cut(reach)
        | Fault::Hold(reach) => [&mut reach.from, &mut reach.to].into_iter().all(|group| {
            let was_all = group.is_empty();
            group.retain(|peer| *peer != gone);
            was_all || !group.is_empty()
        }),
        Fault::Drop { from, to, .. } => *from != gone && *to != gone,
        Fault::Crash(_)
        | Fault::Pause(_)
        | Fault::Offset(..)
        | Fault::Drift(..)
        | Fault::Step(..)
        | Fault::Freeze(_)
        | Fault::SlowDisk(..)
        | Fault::Tear(..)
        | Fault::LoseSync(..)
        | Fault::FailSync(..)
        | Fault::LieSync(..)
        | Fault::LoseEntry(..)
        | Fault::Rot(_)
        | Fault::Misdirect(..)
        | Fault::Fill(_)
        | Fault::Replace(_) => fault.node() != Some(gone),
    }
}

/// Takes a name out of the lists of a row; false when it stands there alone.
fn still_asks(row: &mut Table, name: &str) -> bool {
    let is_it = |value: &Value| if let Value::Text(text) = value { text == name } else { false };
    row.0.values_mut().all(|(_, item)| match &mut item.value {
        Value::List(items) => {
            items.retain(|item| !is_it(&item.value));
            !items.is_empty()
        }
        value @ (Value::Text(_) | Value::Integer(_) | Value::Flag(_) | Value::Table(_) | Value::Other(_)) => !is_it(value),
    })
}

fn table_of(value: &Value) -> Option<&Table> {
    if let Value::Table(table) = value { Some(table) } else { None }
}

/// The ordinals of the first asks of a row, as many as were made.
fn made(row: &Table, asked: u64) -> Vec<u64> {
    let only = match row.0.get("only").map(|(_, item)| &item.value) {
        Some(Value::Text(text)) => Ordinals::parse(text),
        Some(_) | None => None,
    };
    let asked_for = usize::try_from(asked).unwrap_or(usize::MAX);
    only.map_or_else(|| (1..=asked).collect(), |only| only.iter().take(asked_for).collect())
}

fn entries(table: &Table, keep: impl Fn(&str) -> bool) -> String {
    let kept = table.0.iter().filter(|(key, _)| keep(key));
    let parts: Vec<String> = kept.map(|(key, (_, item))| format!("{} = {}", name(key), written(&item.value))).collect();
    parts.join(", ")
}

/// A key, bare where TOML lets it be.
fn name(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !key.is_empty() && key.bytes().all(bare) { key.to_owned() } else { quoted(key) }
}

fn written(value: &Value) -> String {
    match value {
        Value::Text(it) => quoted(it),
        Value::Integer(it) => it.to_string(),
        Value::Flag(it) => it.to_string(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| written(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) => format!("{{ {} }}", entries(table, |_| true)),
        Value::Other(kind) => unreachable!("{kind} is refused when the file is read"),
    }
}
