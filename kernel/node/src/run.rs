//! The run of a task, as it is folded: which thought it is at, what became of its moves, how it ended.
//!
//! Rule kept: a run goes on from the ledger alone. What it does next follows from the facts that are folded, so a restart changes
//! nothing of it; each thought and each move has a nonce made of the run, the step and its place, so what is done again after a
//! restart is the same wish.

mod table;

pub use table::Runs;

use crate::ask::Wish;
use crate::fact::Reason;
use crate::task::{Commission, Context, Ending, MAX_PAST, MAX_STEPS, Move, Past, Reply, Task, Thought};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use antfarm_authority::{Amount, Bytes, EffectKey, Grant, MAX_ARGS, MAX_TARGET, Name, Nonce, Offer, Refusal, Text, WritId};
use antfarm_identity::{Codec, Digest, Domain, to_bytes};

const RUN: Domain = Domain::new("antfarm 2026 node run");
const PLACE: Domain = Domain::new("antfarm 2026 node run place");

/// The most runs that a node remembers.
pub const MAX_RUNS: usize = 1 << 12;

/// Names a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct RunId(Digest);

impl RunId {
    /// The run of the task with this nonce under this writ.
    pub fn new(writ: WritId, nonce: Nonce) -> Self {
        Self(Digest::of(RUN, &to_bytes(&(writ, nonce))))
    }

    /// The digest.
    pub const fn digest(self) -> Digest {
        self.0
    }

    /// The nonce of a thought (`place` 0), or of its moves, from 1 on.
    pub fn nonce(self, step: u32, place: u32) -> Nonce {
        let digest = Digest::of(PLACE, &to_bytes(&(self.0, step, place)));
        let mut nonce = [0; 16];
        nonce.copy_from_slice(&digest.as_bytes()[..16]);
        nonce[..RESERVED.len()].copy_from_slice(&RESERVED);
        Nonce(nonce)
    }
}

/// How all nonces begin that runs give: no client may use one, so no client can do something in a run's name.
const RESERVED: [u8; 4] = *b"run:";

/// Whether only runs may use this nonce.
pub const fn is_reserved(nonce: Nonce) -> bool {
    let Nonce([a, b, c, d, ..]) = nonce;
    let [r, u, n, colon] = RESERVED;
    a == r && b == u && c == n && d == colon
}

/// One task, from the moment in which it was taken on.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Run {
    writ: WritId,
    nonce: Nonce,
    task: Arc<Task>,
    step: u32,
    turn: Turn,
    past: VecDeque<Past>,
}

/// Where a run stands.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
enum Turn {
    /// The mind is to be asked, or was.
    Thinks(Slot),
    /// It said this; each of its moves has a slot.
    Acts(Arc<Thought>, Vec<Slot>),
    /// It cannot go on.
    Ends(Ending),
    /// It ended, and that is on the ledger.
    Ended(Ending),
}

/// How far one thought or move is.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
enum Slot {
    New,
    Called(EffectKey),
    Handed,
    Settled(Reply),
}

/// Whether what was refused so may be allowed in a moment.
pub(crate) const fn is_passing(reason: &Reason) -> bool {
    matches!(reason, Reason::Late | Reason::Refused(Refusal::NoStanding(_) | Refusal::Early { .. } | Refusal::Busy))
}

/// What a run's writ allows, and what is left of its budget.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed<'a> {
    pub(crate) grant: &'a Grant,
    pub(crate) free: Amount,
}

/// What a run does next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// Ask the mind (0), or make this move of its thought, from 1 on.
    Want(u32),
    /// End.
    End(Ending),
}

/// What a run wants done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wanted<'a> {
    /// A tool called, or the mind asked.
    Call(Wish),
    /// A part of the writ given, for this task.
    Part(Offer, &'a Task),
}

impl Run {
    fn new(commission: &Commission) -> Self {
        let Commission { writ, nonce, task, .. } = commission;
        let task = Arc::new(task.clone());
        Self { writ: *writ, nonce: *nonce, task, step: 0, turn: Turn::Thinks(Slot::New), past: VecDeque::new() }
    }

    /// Under which writ.
    pub const fn writ(&self) -> WritId {
        self.writ
    }

    /// Names the task among those under the writ.
    pub const fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// How many thoughts were had.
    pub const fn step(&self) -> u32 {
        self.step
    }

    /// How it ended, if it did.
    pub fn ending(&self) -> Option<&Ending> {
        match &self.turn {
            Turn::Ended(ending) => Some(ending),
            Turn::Thinks(_) | Turn::Acts(..) | Turn::Ends(_) => None,
        }
    }

    fn id(&self) -> RunId {
        RunId::new(self.writ, self.nonce)
    }

    /// What the mind is told now: as many of the latest moves as fit.
    fn context(&self, allowed: Allowed<'_>) -> Bytes<MAX_ARGS> {
        let (task, past) = (self.task.text.clone(), self.past.iter().cloned().collect());
        let (steps, Allowed { grant, free }) = (self.task.steps, allowed);
        let mut context = Context { task, step: self.step, steps, grant: Box::new(grant.clone()), free, past };
        loop {
            match Bytes::new(&to_bytes(&context)) {
                Ok(bytes) => return bytes,
                Err(_) => drop(context.past.remove(0)),
            }
        }
    }

    /// What the run makes of its mind's words at this place: of 0 the thought itself, from 1 on its moves.
    pub(crate) fn wanted(&self, place: u32, allowed: Allowed<'_>) -> Option<Wanted<'_>> {
        let nonce = self.id().nonce(self.step, place);
        let wish = |tool: &Name, target: &Text<_>, args, rationale: &Text<_>| {
            let (writ, tool, target, rationale) = (self.writ, tool.clone(), target.clone(), rationale.clone());
            Wanted::Call(Wish { writ, nonce, until: self.task.until, tool, target, args, rationale })
        };
        match (&self.turn, place.checked_sub(1)) {
            (Turn::Thinks(_), None) => Some(wish(&self.task.mind, &Text::default(), self.context(allowed), &Text::default())),
            (Turn::Acts(thought, _), Some(at)) => Some(match thought.moves.get(usize::try_from(at).ok()?)? {
                Move::Call { tool, target, args, rationale } => wish(tool, target, args.clone(), rationale),
                Move::Delegate { offer, task } => Wanted::Part(Offer { nonce, ..(**offer).clone() }, task),
            }),
            (Turn::Thinks(_) | Turn::Acts(..) | Turn::Ends(_) | Turn::Ended(_), _) => None,
        }
    }

    /// What it does next; `None`: it waits, or is over.
    pub(crate) fn next(&self) -> Option<Next> {
        match &self.turn {
            Turn::Thinks(Slot::New) if self.step >= self.task.steps.min(MAX_STEPS) => Some(Next::End(Ending::Steps)),
            Turn::Thinks(Slot::New) => Some(Next::Want(0)),
            Turn::Thinks(Slot::Called(_) | Slot::Handed | Slot::Settled(_)) | Turn::Ended(_) => None,
            Turn::Acts(thought, slots) => match (slots.iter().position(|it| *it == Slot::New), &thought.answer) {
                (Some(at), _) => Some(Next::Want(1 + u32::try_from(at).expect("a thought has few moves"))),
                (None, Some(answer)) if slots.iter().all(|it| matches!(it, Slot::Settled(_))) => {
                    Some(Next::End(Ending::Answered { answer: answer.clone() }))
                }
                (None, _) => None,
            },
            Turn::Ends(ending) => Some(Next::End(ending.clone())),
        }
    }

    /// The nonces that facts of this run may carry now.
    fn nonces(&self) -> impl Iterator<Item = Nonce> {
        let places = match &self.turn {
            Turn::Thinks(_) => 0..1,
            Turn::Acts(_, slots) => 1..1 + u32::try_from(slots.len()).unwrap_or(0),
            Turn::Ends(_) | Turn::Ended(_) => 0..0,
        };
        let (id, step) = (self.id(), self.step);
        places.map(move |place| id.nonce(step, place))
    }

    fn slot_at(&self, place: u32) -> Option<&Slot> {
        match (&self.turn, place.checked_sub(1)) {
            (Turn::Thinks(slot), None) => Some(slot),
            (Turn::Acts(_, slots), Some(at)) => slots.get(usize::try_from(at).ok()?),
            (Turn::Thinks(_) | Turn::Acts(..) | Turn::Ends(_) | Turn::Ended(_), _) => None,
        }
    }

    fn slot(&mut self, place: u32) -> Option<&mut Slot> {
        match (&mut self.turn, place.checked_sub(1)) {
            (Turn::Thinks(slot), None) => Some(slot),
            (Turn::Acts(_, slots), Some(at)) => slots.get_mut(usize::try_from(at).ok()?),
            (Turn::Thinks(_) | Turn::Acts(..) | Turn::Ends(_) | Turn::Ended(_), _) => None,
        }
    }

    fn remember(&mut self, tool: Option<Name>, target: Text<MAX_TARGET>, reply: Reply) {
        if self.past.len() == MAX_PAST {
            self.past.pop_front();
        }
        self.past.push_back(Past { step: self.step, tool, target, reply });
    }

    /// The mind answered, or did not: on to its moves, or to its next thought.
    fn thinks(&mut self, reply: Reply, thought: Option<Thought>) {
        match (reply, thought) {
            (Reply::Done { .. }, Some(thought)) if !thought.moves.is_empty() || thought.answer.is_some() => {
                let slots = vec![Slot::New; thought.moves.len()];
                self.turn = Turn::Acts(Arc::new(thought), slots);
            }
            // It says nothing: that was a thought, too.
            (Reply::Done { .. }, Some(_)) => self.think_on(),
            (Reply::Done { .. } | Reply::Malformed, None) => {
                self.remember(None, Text::default(), Reply::Malformed);
                self.think_on();
            }
            (Reply::Failed, _) => {
                self.remember(None, Text::default(), Reply::Failed);
                self.think_on();
            }
            // What is so for the moment only costs the step.
            (Reply::Refused(reason), _) if is_passing(&reason) => self.think_on(),
            (Reply::Refused(reason), _) => self.turn = Turn::Ends(Ending::Refused(reason)),
            (Reply::InDoubt | Reply::Declined(_) | Reply::Ended(_) | Reply::Malformed, _) => {
                self.turn = Turn::Ends(Ending::InDoubt);
            }
        }
    }

    fn think_on(&mut self) {
        self.step += 1;
        self.turn = Turn::Thinks(Slot::New);
    }

    /// When all moves are settled and nothing is answered yet, the mind thinks on, and is told of them.
    fn settle_moves(&mut self) {
        let Turn::Acts(thought, slots) = &self.turn else { return };
        let settled = slots.iter().filter_map(|it| if let Slot::Settled(reply) = it { Some(reply.clone()) } else { None });
        let replies: Vec<Reply> = settled.collect();
        if replies.len() < slots.len() || thought.answer.is_some() {
            return;
        }
        for (made, reply) in thought.clone().moves.iter().zip(replies) {
            match made {
                Move::Call { tool, target, .. } => self.remember(Some(tool.clone()), target.clone(), reply),
                Move::Delegate { .. } => self.remember(None, Text::default(), reply),
            }
        }
        self.think_on();
    }
}
