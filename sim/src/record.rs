//! Records of runs: what happened, step by step, by name, with the digest after each step.
//!
//! As text, one step a line: the time in nanoseconds, the choice, and the digest after it in hexadecimal, separated by tabs.
//! That is all that a replay needs besides the scenario; it uses no chance and no plan.

use crate::name::{BadName, Name};
use crate::world::Time;
use std::collections::VecDeque;
use std::fmt;

/// One step of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub name: Name,
    /// The digest after it.
    pub digest: u64,
    /// Which event of the run it was, from 1.
    pub number: u64,
    /// It came to nothing.
    pub void: bool,
    /// The message, timer, request or ask, as it prints.
    pub detail: String,
    /// What the machine told because of it, as it prints.
    pub notices: Vec<String>,
}

/// How much of a run is remembered. A step as it prints costs many times the step itself, and a run can be had again from its
/// seed: hunts remember nothing, and tell a failure from a second run.
#[derive(Clone, Debug)]
pub enum Recorder {
    /// Nothing: the fastest.
    Off,
    /// The latest steps as they print, up to this many.
    Tail(usize, VecDeque<Step>),
    /// The first steps as they print, up to this many.
    Head(usize, Vec<Step>),
    /// Time, name and digest of every step: what a replay follows.
    Whole(Recording),
}

impl Recorder {
    /// Remembers the latest `n` steps as they print.
    pub fn tail(n: usize) -> Self {
        Self::Tail(n, VecDeque::new())
    }

    /// Remembers the first `n` steps as they print.
    pub fn head(n: usize) -> Self {
        Self::Head(n, Vec::new())
    }

    /// Remembers every step as a replay follows it.
    pub fn whole() -> Self {
        Self::Whole(Recording::default())
    }

    /// What is remembered as it prints, oldest first.
    pub fn steps(&self) -> Vec<&Step> {
        match self {
            Self::Off | Self::Whole(_) => Vec::new(),
            Self::Tail(_, steps) => steps.iter().collect(),
            Self::Head(_, steps) => steps.iter().collect(),
        }
    }

    /// What a replay can follow, of what is remembered.
    pub fn recording(&self) -> Recording {
        match self {
            Self::Whole(recording) => recording.clone(),
            Self::Off | Self::Tail(..) | Self::Head(..) => Recording::of(self.steps()),
        }
    }

    /// Whether the next step is to be remembered.
    #[inline]
    pub(crate) fn wants(&self) -> bool {
        match self {
            Self::Off => false,
            Self::Tail(..) | Self::Whole(_) => true,
            Self::Head(most, steps) => steps.len() < *most,
        }
    }

    /// Whether the next step is to be remembered as it prints.
    pub(crate) fn prints(&self) -> bool {
        self.wants() && !matches!(self, Self::Whole(_))
    }

    /// Remembers a step; [`Recorder::finish`] says what came of it.
    pub(crate) fn push(&mut self, step: Step) {
        match self {
            Self::Off => {}
            Self::Tail(most, steps) => {
                if steps.len() >= *most {
                    steps.pop_front();
                }
                steps.push_back(step);
            }
            Self::Head(_, steps) => steps.push(step),
            Self::Whole(recording) => recording.steps.push((step.at, step.name, step.digest)),
        }
    }

    /// What came of the step that was pushed last.
    pub(crate) fn finish(&mut self, digest: u64, void: bool, notices: impl FnOnce() -> Vec<String>) {
        let step = match self {
            Self::Off => None,
            Self::Tail(_, steps) => steps.back_mut(),
            Self::Head(_, steps) => steps.last_mut(),
            Self::Whole(recording) => {
                if let Some((_, _, last)) = recording.steps.last_mut() {
                    *last = digest;
                }
                None
            }
        };
        if let Some(step) = step {
            (step.digest, step.void, step.notices) = (digest, void, notices());
        }
    }
}

/// One line for a person: time, event number, what happened, and what was told because of it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>16} {:>8}  ", self.at.to_string(), self.number)?;
        if self.detail.is_empty() {
            write!(f, "{}", self.name)?;
        } else {
            write!(f, "{}  ", self.name.brief())?;
            shortened(&self.detail, f)?;
        }
        if self.void {
            f.write_str("  (in vain)")?;
        }
        self.notices.iter().try_for_each(|notice| write!(f, "  => {notice}"))
    }
}

/// The beginning and the end of what is too long for a line.
fn shortened(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const MOST: usize = 240;
    let (head, tail) = (text.floor_char_boundary(MOST), text.ceil_char_boundary(text.len().saturating_sub(40)));
    if head >= tail {
        return f.write_str(text);
    }
    write!(f, "{} .. {}", &text[..head], &text[tail..])
}

/// A recorded run: what a replay follows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recording {
    /// Time, choice and digest of each step.
    pub steps: Vec<(Time, Name, u64)>,
}

impl Recording {
    /// The recording that these steps make.
    pub fn of<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Self {
        Self { steps: steps.into_iter().map(|step| (step.at, step.name.clone(), step.digest)).collect() }
    }

    /// The index of the first step after which two recordings differ, found by bisection of the digests: a rolling digest that
    /// has parted never meets again (but by a collision of 64 bits). `None` when one is a prefix of the other.
    pub fn first_difference(&self, other: &Self) -> Option<usize> {
        let common = self.steps.len().min(other.steps.len());
        let same = |at: usize| self.steps[at].2 == other.steps[at].2 && self.steps[at].1 == other.steps[at].1;
        let (mut low, mut high) = (0, common);
        while low < high {
            let middle = low + (high - low) / 2;
            if same(middle) { low = middle + 1 } else { high = middle }
        }
        (low < common).then_some(low)
    }

    /// Reads the lines that [`Recording`]'s `Display` writes; errors carry the number of the line, from 1.
    pub fn parse(text: &str) -> Result<Self, BadRecording> {
        let steps =
            text.lines().enumerate().map(|(at, line)| step_of(line).map_err(|reason| BadRecording { line: at + 1, reason }));
        Ok(Self { steps: steps.collect::<Result<_, _>>()? })
    }
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|(at, name, digest)| writeln!(f, "{}\t{name}\t{digest:016x}", at.0))
    }
}

fn step_of(line: &str) -> Result<(Time, Name, u64), BadStep> {
    let mut parts = line.split('\t');
    let (Some(at), Some(name), Some(digest), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(BadStep::Parts);
    };
    let at = at.parse().map_err(|_| BadStep::Time)?;
    let digest = u64::from_str_radix(digest, 16).map_err(|_| BadStep::Digest)?;
    Ok((Time(at), name.parse().map_err(BadStep::Name)?, digest))
}

/// Why a text is not a recording.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadRecording {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: BadStep,
}

/// Why a line is not a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BadStep {
    /// It has not three parts separated by tabs.
    Parts,
    /// The first part is not a number of nanoseconds.
    Time,
    /// The second part names no choice.
    Name(BadName),
    /// The third part is not a hexadecimal digest.
    Digest,
}

impl fmt::Display for BadRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.reason {
            BadStep::Parts => f.write_str("a step is `nanoseconds<tab>choice<tab>digest`"),
            BadStep::Time => f.write_str("the time is not a number of nanoseconds"),
            BadStep::Name(name) => write!(f, "{name}"),
            BadStep::Digest => f.write_str("the digest is not 16 hexadecimal digits"),
        }
    }
}

impl std::error::Error for BadRecording {}
