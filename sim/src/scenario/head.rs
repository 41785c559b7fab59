//! What a scenario file says apart from what its machine must explain.
//!
//! Rows and the machine's own table are kept as they stand; they are read when the machine, and so the nodes' names, its kinds
//! of messages and its own keys, are known.

use crate::fault::Shape;
use crate::scenario::key::{Form, Key};
use crate::scenario::nodes::Nodes;
use crate::scenario::read::{Swarm, Terms};
use crate::scenario::section::Section;
use crate::simulate::{CALM_DISK, CALM_LINK};
use antfarm_machine::Span;
use antfarm_strict::{Complaint, Found, Item, Place, Source, Table, Trouble, Troubles, Value, parse};
use std::sync::Arc;

/// The keys of the file itself.
pub(super) const KEYS: &[Key] = &[
    Key::new("purpose", Form::Text, "What the scenario shows: a sentence that should be true.").required(),
    Key::new("machine", Form::Text, "Which machine runs.").required(),
    Key::new("nodes", Form::Roster, "The nodes: their names, or how many.").required(),
    Key::new("config", Form::Config, "How the machines are configured; the keys are the machine's own."),
    Key::new("duration", Form::Span, "How long the first phase lasts, in which faults come; without it 1m."),
    Key::new("settle", Form::Span, "How long the healed core then has to make progress; without it 30s."),
    Key::new("seeds", Form::Count(1, 1_000_000_000), "How many seeds `cargo test` runs; without it 16."),
    Key::new("link", Form::Shape, "How long messages take, faults apart; without it 1ms to 10ms."),
    Key::new("disk", Form::Shape, "How long disks take, faults apart; without it 100us to 2ms."),
    Key::new("swarm", Form::Swarm, "Faults that each seed draws of itself; without it none."),
    Key::new(
        "without",
        Form::Texts,
        "Families of faults that are left out, whoever plans them; `ask.KEY`: all rows of asks with KEY.",
    ),
    Key::new("ask", Form::Asks, "What clients ask; each row once or at a rate."),
    Key::new("fault", Form::Faults, "What goes wrong; each row is one fault."),
    Key::new("check", Form::Texts, "Which oracles watch; without it all."),
    Key::new("core", Form::Texts, "Which nodes are healed in the second phase; without it the machine's choice."),
    Key::new("expect", Form::Expect, "This oracle is shown to fail: seeds that violate it are as they should be."),
    Key::new("model", Form::Table(crate::scenario::search::KEYS), "How much trouble `antfarm check` tries."),
    Key::new("failure", Form::Table(FAILURE), "What failed: the tool writes this when it saves a failure."),
];

const FAILURE: &[Key] = &[
    Key::new("seed", Form::Seed, "The seed that failed.").required(),
    Key::new("property", Form::Text, "The property that did not hold.").required(),
    Key::new("event", Form::Count(0, u64::MAX), "The number of the event after which it did not.").required(),
    Key::new("at", Form::Span, "The time of that event.").required(),
    Key::new("digest", Form::Text, "The digest of the trace at the end of the run, in hexadecimal.").required(),
];

/// A scenario file that was read.
///
/// ```
/// use antfarm_sim::scenario::Scenario;
///
/// let scenario = Scenario::parse("ping.toml", "purpose = \"pings\"\nmachine = \"echo\"\nnodes = [\"a\", \"b\"]\n").unwrap();
/// assert_eq!(scenario.seeds, 16);
///
/// let troubles = Scenario::parse("ping.toml", "purpose = \"pings\"\nmashine = \"echo\"\nnodes = 2\n").unwrap_err();
/// assert_eq!(
///     troubles.to_string(),
///     "ping.toml:1:1: `machine` is missing\n\
///      ping.toml:2:1: unknown key `mashine`; did you mean `machine`?",
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file, as it was named to the parser.
    pub file: String,
    /// What the scenario shows.
    pub purpose: String,
    /// The name of its machine.
    pub machine: String,
    /// How long the first phase lasts.
    pub duration: Span,
    /// How long the second phase lasts.
    pub settle: Span,
    /// How many seeds `cargo test` runs.
    pub seeds: u64,
    /// How links behave, faults apart.
    pub link: Shape,
    /// How disks behave, faults apart.
    pub disk: Shape,
    /// Which faults are drawn from the seed.
    pub swarm: Swarm,
    /// The oracle that is expected to fail.
    pub expect: Option<String>,
    /// The failure that was saved with the scenario.
    pub failure: Option<Saved>,
    /// How much trouble a search tries.
    pub(super) model: Option<Section>,
    pub(super) source: Arc<Source>,
    pub(super) roster: Roster,
    pub(super) head: Section,
}

/// A failure that was saved with its scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// The seed that failed.
    pub seed: u64,
    /// The property that did not hold.
    pub property: String,
    /// The number of the event after which it did not.
    pub event: u64,
    /// The time of that event, since the start of the run.
    pub at: Span,
    /// The digest of the trace at the end of the run.
    pub digest: u64,
}

/// The nodes as a file gives them.
#[derive(Clone, Debug)]
pub(super) enum Roster {
    Names(Nodes),
    Count(usize),
}

impl Scenario {
    /// Reads a scenario. `file` is what messages call it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Troubles> {
        let (source, root) = parse(file, text)?;
        let mut found = Found::default();
        let nobody = Nodes::default();
        let terms = Terms { peers: &nobody, nodes: 0, kinds: &[] };
        let head = Section::open(&source, (&(0..0), &root), ("", [KEYS, &[]]), &terms, &mut found);
        let roster = head.raw("nodes").and_then(|item| found.sift(roster(item, &source)));
        let failure = head.table("failure").and_then(|table| found.sift(saved(&table)));
        let read = |found: Found, roster| {
            let scenario = Self {
                file: file.to_owned(),
                purpose: head.text("purpose").unwrap_or_default(),
                machine: head.text("machine").unwrap_or_default(),
                duration: head.span("duration").unwrap_or(Span::from_secs(60)),
                settle: head.span("settle").unwrap_or(Span::from_secs(30)),
                seeds: head.count("seeds").unwrap_or(16),
                link: head.shape("link").unwrap_or(CALM_LINK),
                disk: head.shape("disk").unwrap_or(CALM_DISK),
                swarm: head.swarm("swarm").cloned().unwrap_or(Swarm::Nothing),
                expect: head.text("expect"),
                failure: failure.flatten(),
                model: head.table("model"),
                source,
                roster,
                head,
            };
            found.or(Some(scenario))
        };
        // Without a roster there is a trouble already.
        read(found, roster.unwrap_or(Roster::Count(0)))
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The text of the file without its table `failure`.
    pub(super) fn text_without_failure(&self) -> &str {
        let text = self.text();
        if self.failure.is_none() {
            return text;
        }
        let header = |line: &str| line.split('#').next().is_some_and(|line| line.trim() == "[failure]");
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if header(line) {
                return &text[..start];
            }
            start += line.len();
        }
        text
    }

    /// A trouble with the value of a key of the file itself.
    pub(super) fn complain(&self, key: &str, complaint: Complaint) -> Trouble {
        self.head.complain(key, complaint)
    }

    pub(super) fn rows(&self, key: &str, found: &mut Found) -> Vec<(Place, Table)> {
        let Some(item) = self.head.raw(key) else { return Vec::new() };
        let tables = crate::scenario::section::tables(item, &self.source, found);
        tables.into_iter().map(|(place, table)| (place.clone(), table.clone())).collect()
    }
}

fn roster(item: &Item, source: &Source) -> Result<Roster, Trouble> {
    let wanted = Form::Roster.wanted();
    let most = || Complaint::Bounds { bounds: format!("between 1 and {} nodes", Nodes::MOST) };
    match &item.value {
        Value::Integer(number) => {
            let fits = usize::try_from(*number).ok().filter(|number| (1..=Nodes::MOST).contains(number));
            fits.map(Roster::Count).ok_or_else(|| source.trouble(&item.place, most()))
        }
        Value::List(items) if !(1..=Nodes::MOST).contains(&items.len()) => Err(source.trouble(&item.place, most())),
        Value::List(items) => {
            let mut nodes = Nodes::default();
            for item in items {
                let Value::Text(name) = &item.value else {
                    let complaint = Complaint::Type { wanted: "a name", found: item.value.kind() };
                    return Err(source.trouble(&item.place, complaint));
                };
                if !Nodes::is_name(name) {
                    let wanted = "a name of letters, digits, `-`, `_` and `.` other than `any`";
                    return Err(source.trouble(&item.place, Complaint::Text { wanted, found: name.clone() }));
                }
                if !nodes.add(name) {
                    return Err(source.trouble(&item.place, Complaint::Twice { name: name.clone() }));
                }
            }
            Ok(Roster::Names(nodes))
        }
        Value::Text(_) | Value::Flag(_) | Value::Table(_) | Value::Other(_) => {
            Err(source.trouble(&item.place, Complaint::Type { wanted, found: item.value.kind() }))
        }
    }
}

/// `None` when a key is missing, which is a trouble already.
fn saved(table: &Section) -> Result<Option<Saved>, Trouble> {
    let parts = (table.count("seed"), table.text("property"), table.count("event"), table.span("at"), table.text("digest"));
    let (Some(seed), Some(property), Some(event), Some(at), Some(digest)) = parts else { return Ok(None) };
    let wanted = "16 hexadecimal digits";
    let digest = u64::from_str_radix(&digest, 16)
        .map_err(|_| table.complain("digest", Complaint::Text { wanted, found: digest.clone() }))?;
    Ok(Some(Saved { seed, property, event, at, digest }))
}
