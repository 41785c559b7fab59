//! Keys of tables: what may stand in a scenario, as data.
//!
//! One list of keys per table is all there is: the parser, the editors' schema and the help read the same. A form says what a
//! value looks like; reading a value in its form is in `read.rs`.

/// A key of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What its value looks like.
    pub form: Form,
    /// What it means: a sentence, with the default.
    pub doc: &'static str,
    /// The table is not valid without it.
    pub required: bool,
}

impl Key {
    /// A key that may be left out.
    pub const fn new(name: &'static str, form: Form, doc: &'static str) -> Self {
        Self { name, form, doc, required: false }
    }

    /// A key that must be there.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// What an amount is counted in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unit {
    /// Its name, after the number.
    pub name: &'static str,
    /// How many of the smallest parts it has.
    pub parts: u64,
    /// How many of them a number without a unit stands for.
    pub bare: u64,
    /// What an amount looks like, for messages: with an example.
    pub wanted: &'static str,
}

/// What a value looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Any text.
    Text,
    /// A whole number within bounds, both included.
    Count(u64, u64),
    /// An amount: text with a unit, exact, or a whole number; at most so much.
    Amount(&'static Unit, u64),
    /// A 64-bit number; as text where it is more than other TOML readers take.
    Seed,
    /// True or false.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A duration, not negative.
    Span,
    /// A duration or a range of them, not negative; sampled per seed.
    Spread,
    /// A duration or a range of them, of either sign; sampled per seed.
    Shift,
    /// A duration or a range of them, with a leading `+` counted from the start of what it belongs to; sampled per seed.
    When,
    /// A chance or a range of them; sampled per seed.
    Odds,
    /// A rate error of a clock or a range of them; sampled per seed.
    Drift,
    /// A rate of events; the gap is drawn evenly from 0 to twice the mean.
    Rate,
    /// A node, a list of nodes (each of them), or `any` (one, drawn per seed).
    Nodes,
    /// One node or outside peer.
    Peer,
    /// One or several nodes or outside peers, or `any`: all of them.
    Peers,
    /// Two groups of peers, each a name, a list of names, or `any`.
    Link,
    /// A kind of message.
    Kind,
    /// A shape of latency.
    Shape,
    /// A list of texts.
    Texts,
    /// A number of nodes, or their names.
    Roster,
    /// `none`, `default`, `all`, or a list of fault families.
    Swarm,
    /// `violation of` and the name of an oracle.
    Expect,
    /// A table with these keys.
    Table(&'static [Key]),
    /// A list of tables with these keys.
    Rows(&'static [Key]),
    /// The table `config`, whose keys the machine names.
    Config,
    /// The rows of asks, some of whose keys the machine names.
    Asks,
    /// The rows of faults, whose keys depend on the verb.
    Faults,
}

impl Form {
    /// What the value should be, for messages.
    pub const fn wanted(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Count(..) => "a whole number",
            Self::Amount(unit, _) => unit.wanted,
            Self::Seed => "a number of 64 bits",
            Self::Flag => "`true` or `false`",
            Self::Word(_) => "one of the known words",
            Self::Span => "a duration such as \"200ms\"",
            Self::Spread => "a duration or a range such as \"1s..2s\"",
            Self::Shift => "a duration or a range such as \"-5s..5s\"",
            Self::When => "a time such as \"10s\", \"+9s\" or \"1s..2s\"",
            Self::Odds => "a chance such as \"2%\"",
            Self::Drift => "a rate error such as \"200ppm\"",
            Self::Rate => "a rate such as \"10/s\"",
            Self::Nodes => "a node, a list of nodes, or \"any\"",
            Self::Peer => "a node",
            Self::Peers => "a node, a list of nodes, or \"any\"",
            Self::Link => "two groups such as [\"a\", \"b\"] or [[\"a\", \"b\"], \"any\"]",
            Self::Kind => "a kind of message",
            Self::Shape => "a shape such as { uniform = \"1ms..10ms\" }",
            Self::Texts => "a list of strings",
            Self::Roster => "a list of names or a number of nodes",
            Self::Swarm => "\"none\", \"default\", \"all\", or a list of fault families",
            Self::Expect => "\"violation of\" and the name of an oracle",
            Self::Table(_) | Self::Config => "a table",
            Self::Rows(_) | Self::Asks | Self::Faults => "a list of tables",
        }
    }
}
