//! Scenarios of colonies, written down.

use antfarm_automata::{Text, Value};
use antfarm_colony::{Written, with, writing};
use std::fmt::Write as _;

/// Who takes part: the first gives writs, entities live with the others.
pub(super) const NODES: [&str; 3] = ["queen", "scout", "helper"];

/// An action that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// When, in milliseconds.
    pub(super) at: u64,
    /// Of which node.
    pub(super) node: &'static str,
    /// The type and the action, with a dot between them.
    pub(super) act: String,
    /// The entity.
    pub(super) on: Text,
    pub(super) params: Vec<(Text, Value)>,
    pub(super) writes: Vec<Written>,
    /// Rows of one series are one wish.
    pub(super) series: usize,
}

/// A scenario in the making. Times are in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Lines above everything else, each a comment.
    pub(super) remarks: Vec<String>,
    pub(super) purpose: String,
    /// The files of specs.
    pub(super) files: Vec<String>,
    /// Further keys of `config`.
    pub(super) config: String,
    pub(super) duration: u64,
    pub(super) settle: u64,
    /// How long writs may be trusted without asking.
    pub(super) freshness: u64,
    /// Whether each seed draws faults of itself.
    pub(super) swarm: bool,
    /// Rows of faults, as a scenario writes them.
    pub(super) faults: Vec<String>,
    /// The oracle that is shown to fail.
    pub(super) expect: Option<&'static str>,
    /// The oracles that watch; all of them where it is empty.
    pub(super) check: Vec<&'static str>,
    pub(super) rows: Vec<Row>,
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}

impl Draft {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for remark in &self.remarks {
            let remark: String = remark.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
            text.push_str(format!("# {remark}").trim_end());
            text.push('\n');
        }
        let files: Vec<String> =
            self.files.iter().map(|it| if it.contains(char::is_whitespace) { format!("'{it}'") } else { it.clone() }).collect();
        let nodes = NODES.map(quoted).join(", ");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "purpose  = {}\nmachine  = \"colony\"\nnodes    = [{nodes}]", quoted(&self.purpose));
        let _ = writeln!(text, "config   = {{ specs = {}{} }}", quoted(&files.join(" ")), self.config);
        let _ = writeln!(text, "duration = \"{}ms\"\nsettle   = \"{}ms\"", self.duration, self.settle);
        if self.swarm {
            text.push_str("swarm    = \"default\"\n");
        }
        if let Some(expect) = self.expect {
            let _ = writeln!(text, "expect   = {}", quoted(&format!("violation of {expect}")));
        }
        if !self.check.is_empty() {
            let check: Vec<String> = self.check.iter().map(|it| quoted(it)).collect();
            let _ = writeln!(text, "check    = [{}]", check.join(", "));
        }
        if !self.faults.is_empty() {
            let _ = writeln!(text, "fault    = [\n    {},\n]", self.faults.join(",\n    "));
        }
        text.push_str("ask      = [\n");
        for node in &NODES[1..] {
            let _ = writeln!(
                text,
                "    {{ at = \"100ms\", node = \"queen\", grant = \"{node}\", to = \"{node}\", calls = 1000000, lasts = \"{}ms\", freshness = \"{}ms\" }},",
                self.duration * 2 + 86_400_000,
                self.freshness,
            );
        }
        for Row { at, node, act, on, params, writes, series } in &self.rows {
            let _ = write!(
                text,
                "    {{ at = \"{at}ms\", node = \"{node}\", act = {}, on = {}",
                quoted(act),
                quoted(&on.replace('#', "##"))
            );
            if !params.is_empty() {
                let _ = write!(text, ", with = {}", quoted(&with(params)));
            }
            if !writes.is_empty() {
                let _ = write!(text, ", writes = {}", quoted(&writing(writes)));
            }
            let _ = writeln!(text, ", under = \"{node}\", series = \"step {series}\" }},");
        }
        text.push_str("]\n");
        text
    }
}
