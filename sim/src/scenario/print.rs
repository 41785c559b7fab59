//! Faults as text: one row of a scenario for each planned fault, which reads back as the same fault.
//!
//! What a seed planned can so be put into a file, shortened by hand or by a shrinker, and run again without chance.

use crate::chance::Odds;
use crate::fault::{Fault, Planned, Reach, Shape};
use crate::scenario::nodes::Nodes;
use crate::scenario::quantity::chance_text;
use antfarm_machine::{PeerId, Ppm};
use antfarm_strict::{duration_text, span_text};

/// A text as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The row, as an inline table, that reads back as `planned` under the same names (but for its number of row). Times up to a
/// hundred years can be written.
pub fn fault_row(planned: &Planned, names: &Nodes) -> String {
    let mut row = Row { names, parts: vec![("at", quoted(&time(planned.from.0)))] };
    if let Some(until) = planned.until {
        row.parts.push(("heal", quoted(&time(until.0))));
    }
    match &planned.fault {
        Fault::Latency(reach, shape) => row.add("latency", shape_text(*shape)).reach(reach),
        Fault::Lose(reach, odds) => row.odds("lose", *odds).reach(reach),
        Fault::Copy(reach, odds) => row.odds("copy", *odds).reach(reach),
        Fault::Reorder(reach, odds, late) => row.odds("reorder", *odds).add("late", quoted(&span_text(*late))).reach(reach),
        Fault::Corrupt(reach, odds) => row.odds("corrupt", *odds).reach(reach),
        Fault::Cut(reach) => row.groups("cut", reach).kind(reach),
        Fault::Hold(reach) => row.groups("hold", reach).kind(reach),
        Fault::Drop { from, to, kind, nth } => {
            row.add("drop", quoted(kind)).add("nth", nth.to_string()).node("from", *from).node("to", *to)
        }
        Fault::Crash(node) => row.node("crash", *node),
        Fault::Pause(node) => row.node("pause", *node),
        Fault::Offset(node, by) => row.add("offset", quoted(&duration_text(*by))).node("node", *node),
        Fault::Drift(node, Ppm(ppm)) => row.add("drift", format!("\"{ppm}ppm\"")).node("node", *node),
        Fault::Step(node, by) => row.add("step", quoted(&duration_text(*by))).node("node", *node),
        Fault::Freeze(node) => row.node("freeze", *node),
        Fault::SlowDisk(node, shape) => row.disk("slow", *node).add("latency", shape_text(*shape)),
        Fault::Tear(node, odds) => row.disk("torn", *node).odds("chance", *odds),
        Fault::LoseSync(node, odds) => row.disk("lost", *node).odds("chance", *odds),
        Fault::FailSync(node, odds) => row.disk("failed", *node).odds("chance", *odds),
        Fault::LieSync(node, odds) => row.disk("lying", *node).odds("chance", *odds),
        Fault::LoseEntry(node, odds) => row.disk("unlinked", *node).odds("chance", *odds),
        Fault::Misdirect(node, odds) => row.disk("misdirected", *node).odds("chance", *odds),
        Fault::Rot(node) => row.disk("rot", *node),
        Fault::Fill(node) => row.disk("full", *node),
        Fault::Replace(node) => row.disk("replaced", *node),
    };
    let parts: Vec<String> = row.parts.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", parts.join(", "))
}

/// A plan as the `fault` rows of a scenario.
pub fn fault_rows<'a>(plan: impl IntoIterator<Item = &'a Planned>, names: &Nodes) -> String {
    let rows: Vec<String> = plan.into_iter().map(|planned| format!("    {},\n", fault_row(planned, names))).collect();
    if rows.is_empty() { String::new() } else { format!("fault = [\n{}]\n", rows.concat()) }
}

struct Row<'a> {
    names: &'a Nodes,
    parts: Vec<(&'static str, String)>,
}

impl Row<'_> {
    fn add(&mut self, key: &'static str, value: String) -> &mut Self {
        self.parts.push((key, value));
        self
    }

    fn odds(&mut self, key: &'static str, odds: Odds) -> &mut Self {
        self.add(key, quoted(&chance_text(i64::from(odds.as_per_million()))))
    }

    fn node(&mut self, key: &'static str, node: PeerId) -> &mut Self {
        let name = quoted(self.names.name(node));
        self.add(key, name)
    }

    fn disk(&mut self, word: &'static str, node: PeerId) -> &mut Self {
        self.add("disk", quoted(word)).node("node", node)
    }

    fn groups(&mut self, key: &'static str, reach: &Reach) -> &mut Self {
        let value = format!("[{}, {}]", self.group(&reach.from), self.group(&reach.to));
        self.add(key, value);
        if reach.both { self } else { self.add("way", quoted("one")) }
    }

    fn kind(&mut self, reach: &Reach) -> &mut Self {
        match &reach.kind {
            Some(kind) => self.add("kind", quoted(kind)),
            None => self,
        }
    }

    fn reach(&mut self, reach: &Reach) -> &mut Self {
        let everybody = reach.from.is_empty() && reach.to.is_empty() && !reach.both;
        if everybody { self.kind(reach) } else { self.groups("link", reach).kind(reach) }
    }

    fn group(&self, peers: &[PeerId]) -> String {
        let names: Vec<String> = peers.iter().map(|peer| quoted(self.names.name(*peer))).collect();
        match names.as_slice() {
            [] => quoted("any"),
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        }
    }
}

fn shape_text(shape: Shape) -> String {
    match shape {
        Shape::Uniform { low, high } => format!("{{ uniform = \"{}..{}\" }}", span_text(low), span_text(high)),
        Shape::Exponential { low, mean } => {
            format!("{{ exponential = \"{}\", least = \"{}\" }}", span_text(mean), span_text(low))
        }
        Shape::Bimodal { fast, slow, odds } => {
            let odds = chance_text(i64::from(odds.as_per_million()));
            format!("{{ bimodal = \"{}\", slow = \"{}\", odds = \"{odds}\" }}", span_text(fast), span_text(slow))
        }
    }
}

fn time(nanos: u64) -> String {
    duration_text(i64::try_from(nanos).unwrap_or(i64::MAX))
}
