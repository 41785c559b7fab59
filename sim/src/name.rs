//! Names of choices: what a record says happened, in words that survive changes of code.
//!
//! A message is named by its lane and its ordinal there ("the 3rd `Approve` from 2 to 5"), an alarm by its node and timer, a
//! request by its node and ordinal, never by a slot or an index. One line of text each:
//!
//! ```text
//! deliver 2>5 Approve#3        lose 2>5 Approve#3      copy 2>5 Approve#3      deliver 2>5 Approve#3+1   (the copy)
//! corrupt 2>5 Approve#3 17 900                         ring 4 Election=00      ask 1#7 0042
//! sync 4#12 honest             sync 4#12 failed 100    sync 4#12 misdirected log-1 4096
//! start 4     crash 4     tear 4#12 100 24     replace 4     rot 4 log-1 4096 3
//! clock 4 drift -120      clock 4 step -5000000        clock 4 freeze          clock 4 thaw      clock 4 tick 1000
//! ```

use crate::world::{ClockChange, SyncId, Verdict};
use antfarm_machine::{Object, PeerId, Ppm, Span};
use std::borrow::Cow;
use std::fmt;

/// One message.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlightName {
    /// Who sent it.
    pub from: PeerId,
    /// To whom.
    pub to: PeerId,
    /// Its kind, as it was sent.
    pub kind: Cow<'static, str>,
    /// Which of its kind on this link, from 1.
    pub nth: u32,
    /// Which copy; 0 is the original.
    pub copy: u8,
}

/// What happens to a message.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Fate {
    /// It arrives.
    Deliver,
    /// It is lost.
    Lose,
    /// It is doubled.
    Copy,
    /// Two of its bits flip.
    Corrupt([u32; 2]),
}

/// One choice, by name.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Name {
    /// Something happens to a message.
    Flight(Fate, FlightName),
    /// An alarm goes off: node, kind and encoding of the timer.
    Ring(PeerId, Cow<'static, str>, Vec<u8>),
    /// The disk carries out the request with this ordinal.
    Sync(PeerId, SyncId, Verdict),
    /// The `nth` ask to a node, from 1, and its encoding.
    Ask(PeerId, u32, Vec<u8>),
    /// A process starts.
    Start(PeerId),
    /// A process ends.
    Crash(PeerId),
    /// A part of a pending request survives the crash.
    Tear(PeerId, SyncId, u32, u32),
    /// A disk is replaced.
    Replace(PeerId),
    /// A bit flips.
    Rot(PeerId, Object, u64, u8),
    /// A clock changes.
    Clock(PeerId, ClockChange),
}

impl fmt::Display for FlightName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}>{} {}#{}", self.from, self.to, self.kind, self.nth)?;
        if self.copy > 0 { write!(f, "+{}", self.copy) } else { Ok(()) }
    }
}

impl Name {
    /// The name without what an alarm or an ask is in bytes, for where that is told in words.
    pub(crate) fn brief(&self) -> String {
        match self {
            Self::Ring(node, ..) => format!("ring {node}"),
            Self::Ask(node, nth, _) => format!("ask {node}#{nth}"),
            Self::Flight(..)
            | Self::Sync(..)
            | Self::Start(_)
            | Self::Crash(_)
            | Self::Tear(..)
            | Self::Replace(_)
            | Self::Rot(..)
            | Self::Clock(..) => self.to_string(),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flight(Fate::Deliver, flight) => write!(f, "deliver {flight}"),
            Self::Flight(Fate::Lose, flight) => write!(f, "lose {flight}"),
            Self::Flight(Fate::Copy, flight) => write!(f, "copy {flight}"),
            Self::Flight(Fate::Corrupt([a, b]), flight) => write!(f, "corrupt {flight} {a} {b}"),
            Self::Ring(node, kind, timer) => {
                write!(f, "ring {node} {kind}=")?;
                hex(timer, f)
            }
            Self::Sync(node, SyncId(nth), verdict) => {
                write!(f, "sync {node}#{nth} ")?;
                match verdict {
                    Verdict::Honest => f.write_str("honest"),
                    Verdict::Failed { keep } => write!(f, "failed {keep}"),
                    Verdict::Hung => f.write_str("hung"),
                    Verdict::Lying => f.write_str("lying"),
                    Verdict::Unlinked => f.write_str("unlinked"),
                    Verdict::Misdirected { object, offset } => write!(f, "misdirected {object} {offset}"),
                    Verdict::Full => f.write_str("full"),
                }
            }
            Self::Ask(node, nth, ask) => {
                write!(f, "ask {node}#{nth} ")?;
                hex(ask, f)
            }
            Self::Start(node) => write!(f, "start {node}"),
            Self::Crash(node) => write!(f, "crash {node}"),
            Self::Tear(node, SyncId(nth), keep, zeros) => write!(f, "tear {node}#{nth} {keep} {zeros}"),
            Self::Replace(node) => write!(f, "replace {node}"),
            Self::Rot(node, object, offset, bit) => write!(f, "rot {node} {object} {offset} {bit}"),
            Self::Clock(node, change) => {
                write!(f, "clock {node} ")?;
                match change {
                    ClockChange::Drift(Ppm(ppm)) => write!(f, "drift {ppm}"),
                    ClockChange::Step(by) => write!(f, "step {by}"),
                    ClockChange::Freeze => f.write_str("freeze"),
                    ClockChange::Thaw => f.write_str("thaw"),
                    ClockChange::Tick(span) => write!(f, "tick {}", span.as_nanos()),
                }
            }
        }
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Why a line is not the name of a choice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BadName {
    /// The first word is none that is known.
    Verb(String),
    /// A part is missing or does not read as what belongs there.
    Part {
        /// What should be there.
        wanted: &'static str,
    },
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verb(verb) => write!(f, "nothing is called `{verb}`; try `deliver`, `ring`, `sync`, `ask`, `start` or `crash`"),
            Self::Part { wanted } => write!(f, "expected {wanted}"),
        }
    }
}

impl std::error::Error for BadName {}

impl std::str::FromStr for Name {
    type Err = BadName;

    fn from_str(line: &str) -> Result<Self, BadName> {
        let mut words = Words(line.split_ascii_whitespace());
        let name = match words.word("a verb")? {
            "deliver" => Self::Flight(Fate::Deliver, words.flight()?),
            "lose" => Self::Flight(Fate::Lose, words.flight()?),
            "copy" => Self::Flight(Fate::Copy, words.flight()?),
            "corrupt" => {
                let flight = words.flight()?;
                Self::Flight(Fate::Corrupt([words.number("a bit")?, words.number("a bit")?]), flight)
            }
            "ring" => {
                let node = words.node()?;
                let (kind, hex) = words.word("a timer")?.split_once('=').ok_or(BadName::Part { wanted: "`timer=hex`" })?;
                Self::Ring(node, Cow::Owned(kind.to_owned()), unhex(hex)?)
            }
            "sync" => {
                let (node, nth) = words.nth()?;
                Self::Sync(node, SyncId(nth), words.verdict()?)
            }
            "ask" => {
                let (node, nth) = words.nth()?;
                Self::Ask(node, nth, words.0.next().map_or(Ok(Vec::new()), unhex)?)
            }
            "start" => Self::Start(words.node()?),
            "crash" => Self::Crash(words.node()?),
            "tear" => {
                let (node, nth) = words.nth()?;
                Self::Tear(node, SyncId(nth), words.number("bytes kept")?, words.number("zeros")?)
            }
            "replace" => Self::Replace(words.node()?),
            "rot" => Self::Rot(words.node()?, words.object()?, words.number("an offset")?, words.number("a bit")?),
            "clock" => {
                let node = words.node()?;
                Self::Clock(node, words.change()?)
            }
            verb => return Err(BadName::Verb(verb.to_owned())),
        };
        match words.0.next() {
            None => Ok(name),
            Some(_) => Err(BadName::Part { wanted: "the end of the name" }),
        }
    }
}

struct Words<'a>(std::str::SplitAsciiWhitespace<'a>);

impl<'a> Words<'a> {
    fn word(&mut self, wanted: &'static str) -> Result<&'a str, BadName> {
        self.0.next().ok_or(BadName::Part { wanted })
    }

    fn number<T: std::str::FromStr>(&mut self, wanted: &'static str) -> Result<T, BadName> {
        self.word(wanted)?.parse().map_err(|_| BadName::Part { wanted })
    }

    fn node(&mut self) -> Result<PeerId, BadName> {
        self.number("a node's number").map(PeerId::new)
    }

    fn object(&mut self) -> Result<Object, BadName> {
        Object::new(self.word("an object")?).map_err(|_| BadName::Part { wanted: "an object" })
    }

    fn nth(&mut self) -> Result<(PeerId, u32), BadName> {
        const WANTED: &str = "`node#ordinal`";
        let (node, nth) = self.word(WANTED)?.split_once('#').ok_or(BadName::Part { wanted: WANTED })?;
        Ok((peer(node, WANTED)?, nth.parse().map_err(|_| BadName::Part { wanted: WANTED })?))
    }

    fn flight(&mut self) -> Result<FlightName, BadName> {
        const LINK: &str = "`from>to`";
        const WHICH: &str = "`kind#ordinal`";
        let (from, to) = self.word(LINK)?.split_once('>').ok_or(BadName::Part { wanted: LINK })?;
        let (kind, rest) = self.word(WHICH)?.split_once('#').ok_or(BadName::Part { wanted: WHICH })?;
        let (nth, copy) = rest.split_once('+').unwrap_or((rest, "0"));
        let bad = |_| BadName::Part { wanted: WHICH };
        Ok(FlightName {
            from: peer(from, LINK)?,
            to: peer(to, LINK)?,
            kind: Cow::Owned(kind.to_owned()),
            nth: nth.parse().map_err(bad)?,
            copy: copy.parse().map_err(bad)?,
        })
    }

    fn verdict(&mut self) -> Result<Verdict, BadName> {
        Ok(match self.word("a verdict")? {
            "honest" => Verdict::Honest,
            "failed" => Verdict::Failed { keep: self.number("bytes kept")? },
            "hung" => Verdict::Hung,
            "lying" => Verdict::Lying,
            "unlinked" => Verdict::Unlinked,
            "misdirected" => Verdict::Misdirected { object: self.object()?, offset: self.number("an offset")? },
            "full" => Verdict::Full,
            _ => return Err(BadName::Part { wanted: "a verdict" }),
        })
    }

    fn change(&mut self) -> Result<ClockChange, BadName> {
        Ok(match self.word("a change of a clock")? {
            "drift" => ClockChange::Drift(Ppm(self.number("parts per million")?)),
            "step" => ClockChange::Step(self.number("nanoseconds")?),
            "freeze" => ClockChange::Freeze,
            "thaw" => ClockChange::Thaw,
            "tick" => ClockChange::Tick(Span::from_nanos(self.number("nanoseconds")?)),
            _ => return Err(BadName::Part { wanted: "a change of a clock" }),
        })
    }
}

fn peer(text: &str, wanted: &'static str) -> Result<PeerId, BadName> {
    text.parse().map(PeerId::new).map_err(|_| BadName::Part { wanted })
}

fn unhex(text: &str) -> Result<Vec<u8>, BadName> {
    const WANTED: &str = "pairs of hexadecimal digits";
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return Err(BadName::Part { wanted: WANTED });
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| BadName::Part { wanted: WANTED }))
        .collect()
}
