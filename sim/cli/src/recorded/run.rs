//! The replay itself: the node as it was set up, fed what was recorded.

use super::Unfit;
use super::image::Image;
use super::words;
use crate::load::quietly;
use antfarm_identity::{Recalled, Signer, from_bytes};
use antfarm_ledger::LogHead;
use antfarm_machine::{Effect, Input, Now};
use antfarm_node::{Node, Setup};
use antfarm_recording::{Entry, Recording, Replayed, Turn, replay_while};
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A recording, and the node that it is of.
pub(crate) struct Tape<'a> {
    pub(crate) recording: Recording<'a>,
    pub(crate) setup: Setup,
    node: Node,
    recalled: Arc<Recalled>,
}

/// How often what was fed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Inputs {
    pub(crate) woke: u64,
    pub(crate) asked: u64,
    pub(crate) heard: u64,
    pub(crate) stored: u64,
    pub(crate) rang: u64,
}

/// What was seen of a replay.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) inputs: Inputs,
    /// How many inputs were fed whose effects were looked at.
    pub(crate) steps: u64,
    pub(crate) first: Option<Now>,
    pub(crate) last: Option<Now>,
    /// What was durable in the end, if the log was open.
    pub(crate) head: Option<LogHead>,
    /// The state after the last input, if it was wanted.
    pub(crate) state: Option<String>,
    pub(crate) image: Image,
}

/// How it ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// With the recording, or where somebody wanted it to.
    Replayed(Box<Replayed<Node>>),
    /// The node signed what it had not signed then.
    Signed,
    /// The node panicked, and did not then.
    Panicked,
}

/// What is wanted of a replay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Up to this input.
    pub(crate) until: Option<u64>,
    pub(crate) state: bool,
    pub(crate) image: bool,
}

impl<'a> Tape<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Unfit> {
        let recording = Recording::open(bytes).map_err(Unfit::Unreadable)?;
        if recording.header().machine != Setup::MACHINE {
            return Err(Unfit::Machine(recording.header().machine.clone()));
        }
        let setup: Setup = from_bytes(&recording.header().setup).map_err(Unfit::Setup)?;
        let recalled = Arc::new(Recalled::new(recording.made::<Node>()));
        let signer = Signer::recalling(setup.key(), recalled.clone());
        let config = match setup.specs() {
            [] => setup.clone().config(&signer),
            specs => {
                let texts: Vec<(&str, &str)> = specs.iter().map(|it| (it.file.as_str(), it.text.as_str())).collect();
                let (suite, _) = antfarm_automata_reader::suite(&texts).map_err(Unfit::Specs)?;
                setup.clone().config_under(&signer, suite)
            }
        };
        let node = Node::new(config.ok_or(Unfit::Impossible)?);
        Ok(Self { recording, setup, node, recalled })
    }

    /// Feeds the node.
    pub(crate) fn run(&self, wanted: Wanted) -> (Seen, Ended) {
        let mut seen = Seen::default();
        let before = self.recalled.misses();
        let mut signed = false;
        let ended = self.watch(|turn| {
            seen.see(&turn, wanted);
            signed |= self.recalled.misses() > before;
            !signed && wanted.until.is_none_or(|until| turn.number < until)
        });
        let ended = match ended {
            None => Ended::Panicked,
            Some(_) if signed => Ended::Signed,
            Some(replayed) => Ended::Replayed(Box::new(replayed)),
        };
        (seen, ended)
    }

    /// The inputs with these numbers, one line each.
    pub(crate) fn story(&self, numbers: RangeInclusive<u64>) -> Vec<String> {
        let (mut first, mut lines) = (None, Vec::new());
        self.watch(|turn| {
            let began = *first.get_or_insert(turn.step.now);
            if numbers.contains(&turn.number) {
                lines.push(line(turn.number, began, turn.step.now, &turn.step.input, turn.effects));
            }
            turn.number < *numbers.end()
        });
        lines
    }

    /// The input with this number, and when it was fed.
    pub(crate) fn input(&self, number: u64) -> Option<(Input<Node>, Now)> {
        let number = usize::try_from(number).ok()?;
        match self.recording.entries::<Node>().nth(number)?.ok()? {
            Entry::Step(step) => Some((step.input, step.now)),
            Entry::Panicked { input, now } => Some((input, now)),
            Entry::Overrun | Entry::Stopped => None,
        }
    }

    /// `None`: the node panicked, which is told by whoever asks.
    fn watch(&self, watch: impl FnMut(Turn<'_, Node>) -> bool) -> Option<Replayed<Node>> {
        quietly(|| catch_unwind(AssertUnwindSafe(|| replay_while(&self.node, &self.recording, watch)))).ok()
    }
}

impl Seen {
    fn see(&mut self, turn: &Turn<'_, Node>, wanted: Wanted) {
        let count = match &turn.step.input {
            Input::Woke { .. } => &mut self.inputs.woke,
            Input::Asked(_) => &mut self.inputs.asked,
            Input::Heard { .. } => &mut self.inputs.heard,
            Input::Stored(_) => &mut self.inputs.stored,
            Input::Rang(_) => &mut self.inputs.rang,
        };
        *count += 1;
        self.steps = turn.number + 1;
        self.first.get_or_insert(turn.step.now);
        self.last = Some(turn.step.now);
        // A log that stopped still has what was durable before.
        self.head = turn.machine.ledger().durable().or(self.head);
        if wanted.state && wanted.until == Some(turn.number) {
            self.state = Some(format!("{:#?}", turn.machine.state()));
        }
        if wanted.image {
            self.image.step(&turn.step.input, turn.effects);
        }
    }
}

fn line(number: u64, began: Now, now: Now, input: &Input<Node>, effects: &[Effect<Node>]) -> String {
    let (at, fed, wanted) = (now.mono.since(began.mono).to_string(), words::input(input), words::effects(effects));
    let wanted = if wanted.is_empty() { wanted } else { format!("  => {wanted}") };
    format!("{at:>16} {number:>8}  {fed}{wanted}")
}
