//! Manifests: which tools there are, what each promises, and how a call of it is carried out.

use crate::command::{self, Command};
use crate::http::{self, Http};
use crate::template::Arguments;
use antfarm_authority::{Amount, Calls, Name, Resolution, Tokens, Usdc};
use antfarm_machine::Span;
use antfarm_strict::{Found, Section, Troubles};
use std::collections::BTreeMap;

const FILE: &[&str] = &["tool"];
const TOOL: &[&str] = &[
    "name",
    "contract",
    "retention",
    "args",
    "fields",
    "repeats",
    "reads",
    "parallel",
    "money",
    "tokens",
    "priced",
    "command",
    "http",
];
const KINDS: &[&str] = &["command", "http"];

/// The tools that executors carry out, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Manifest {
    tools: BTreeMap<Name, Tool>,
}

/// One tool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tool {
    /// What it promises: the node's configuration says the same of it.
    pub resolution: Resolution,
    /// What its calls look like.
    pub arguments: Arguments,
    /// Whether a call may be carried out again, under the same key, after nobody knows how it ended: what carries it out knows
    /// keys itself.
    pub(crate) repeats: bool,
    /// Whether it changes nothing, so that whatever goes wrong, there was no effect.
    pub(crate) reads: bool,
    /// How many calls are carried out at a time.
    pub(crate) parallel: u32,
    /// What a call costs that was carried out.
    pub(crate) cost: Amount,
    /// Whether the number that its arguments are is its cost in money.
    pub(crate) priced: bool,
    /// How.
    pub(crate) action: Action,
}

/// How a call is carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    /// By a program.
    Command(Box<Command>),
    /// By a request.
    Http(Box<Http>),
}

impl Manifest {
    /// Reads a manifest. `file` is what messages call it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Troubles> {
        let mut found = Found::default();
        let section = Section::file(file, text, FILE, &mut found)?;
        let mut tools = BTreeMap::new();
        for section in section.tables("tool", "a tool", TOOL, &mut found) {
            let Some((name, tool)) = tool(&section, &mut found) else { continue };
            if tools.insert(name, tool).is_some() {
                found.push(section.refuse("name", "another tool has this name"));
            }
        }
        found.or(Some(Self { tools }))
    }

    /// The tool of this name.
    pub fn tool(&self, name: &Name) -> Option<&Tool> {
        self.tools.get(name)
    }

    /// All tools, in order of their names.
    pub fn tools(&self) -> impl Iterator<Item = (&Name, &Tool)> {
        self.tools.iter()
    }
}

fn tool(section: &Section, found: &mut Found) -> Option<(Name, Tool)> {
    let name = section.need(&["name"], section.text("name", found), found);
    let name = name.and_then(|text| found.sift(Name::new(&text).map_err(|bad| section.refuse("name", bad.to_string()))));
    let contract = resolution(section, found);
    let arguments = arguments(section, found);
    let reads = section.flag("reads", false, found);
    let repeats = section.flag("repeats", false, found);
    let priced = section.flag("priced", false, found);
    if priced && arguments != Arguments::Number {
        found.push(section.refuse("priced", "only a number can be a price: write `args = \"number\"`"));
    }
    let most = i64::MAX.unsigned_abs();
    let cost = Amount {
        calls: Calls(1),
        money: Usdc(section.number("money", (0, most), 0, found)),
        tokens: Tokens(section.number("tokens", (0, most), 0, found)),
        time: Span::ZERO,
    };
    let parallel = u32::try_from(section.number("parallel", (1, 1_024), 4, found)).unwrap_or(1);
    let action = action(section, &arguments, found)?;
    let (safe, knows_keys) = match &action {
        Action::Command(_) => (false, false),
        Action::Http(http) => (http.is_safe(), http.idempotency.is_some()),
    };
    let (reads, repeats) = (reads || safe, repeats || knows_keys);
    Some((name?, Tool { resolution: contract?, arguments, repeats, reads, parallel, cost, priced, action }))
}

fn action(section: &Section, arguments: &Arguments, found: &mut Found) -> Option<Action> {
    if section.has("command") && section.has("http") {
        found.push(section.refuse("http", "a tool is a `command` or `http`"));
    }
    let command = section.table("command", "`command`", command::KEYS, found);
    let command = command.and_then(|it| command::read(&it, arguments, found)).map(|it| Action::Command(Box::new(it)));
    let http = section.table("http", "`http`", http::KEYS, found);
    let http = http.and_then(|it| http::read(&it, arguments, found)).map(|it| Action::Http(Box::new(it)));
    section.need(KINDS, command.or(http), found)
}

fn resolution(section: &Section, found: &mut Found) -> Option<Resolution> {
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        Keyed,
        Closable,
        Blind,
    }
    let words = [("keyed", Kind::Keyed), ("closable", Kind::Closable), ("blind", Kind::Blind)];
    let kind = section.has("contract").then(|| section.word("contract", &words, Kind::Blind, found));
    let kind = section.need(&["contract"], kind, found)?;
    let retention = section.has("retention").then(|| section.span("retention", Span::ZERO, found));
    if kind == Kind::Blind {
        if section.has("retention") {
            found.push(section.refuse("retention", "a blind tool remembers nothing: leave `retention` out"));
        }
        return Some(Resolution::Blind);
    }
    let retention = section.need(&["retention"], retention, found)?;
    Some(if kind == Kind::Keyed { Resolution::Keyed { retention } } else { Resolution::Closable { retention } })
}

fn arguments(section: &Section, found: &mut Found) -> Arguments {
    let words = [("none", 0), ("bytes", 1), ("text", 2), ("number", 3), ("json", 4)];
    let fields = section.texts("fields", found);
    match (section.word("args", &words, 2, found), fields) {
        (4, fields) => Arguments::Json(fields.unwrap_or_default()),
        (kind, fields) => {
            if fields.is_some() {
                found.push(section.refuse("fields", "only JSON has fields: write `args = \"json\"`"));
            }
            match kind {
                0 => Arguments::Nothing,
                1 => Arguments::Bytes,
                3 => Arguments::Number,
                _ => Arguments::Text,
            }
        }
    }
}
