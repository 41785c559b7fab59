//! Saving the state: a checkpoint is written beside the log, piece by piece, and a record vouches for it in the end.
//!
//! Now and then a pulse records [`Fact::Saving`]. The state that this record leaves is cloned, which copies what is small and shares
//! what is large, and goes to the disk in pieces of some 64 KiB, the next one when the disk has answered the one before: no step
//! does more, and the log does not wait for it. When all of it is durable, [`Fact::Saved`] binds its seal to the chain. The two
//! latest checkpoints are kept; the ledger removes older ones.
//!
//! A state with a large world, or with many calls, is saved more seldom: each record pays for [`A_RECORD`] entries of these, so that a
//! commit costs much the same whatever there is.
//!
//! What it does not do: it saves nothing of a state that takes more than [`antfarm_ledger::MAX_PIECES`] bytes, and gives up when there is
//! no room on the disk. The next try is as many records later as any other.

use crate::fact::Fact;
use crate::judge::Drift;
use crate::node::{Full, Node};
use crate::restoring::sign;
use crate::saver::Saver;
use crate::state::State;
use alloc::boxed::Box;
use alloc::sync::Arc;
use antfarm_identity::{Digest, to_bytes};
use antfarm_ledger::{Point, Record, Seal};
use antfarm_machine::{Effect, Effects, reached};

/// For so many entries of the state there is a record at least between two checkpoints. Measured (`world-1m`, `restart`): to save an entry
/// costs a fifteenth of making a record, and a record behind the checkpoint takes as long to read as some ten entries of it.
const A_RECORD: u64 = 4;

/// A checkpoint that is being written.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Saving {
    /// Its pieces are.
    Pieces(Saver),
    /// All is on its way to the disk.
    Sealed(Digest),
    /// It is durable, and stands for so many records: that is to be recorded.
    Durable(u64, Digest),
}

impl Node {
    /// Begins a checkpoint, if it is time, or records that one is durable.
    pub(crate) fn save(&mut self, out: &mut Effects<'_, Self>) {
        if let Some(Saving::Durable(records, seal)) = self.saving.as_deref() {
            return self.vouch(*records, *seal);
        }
        let every = self.config.save_every.max(self.state.entries() / A_RECORD);
        let last = self.state.saving.max(self.state.saved.map(|(records, _)| records)).unwrap_or(0);
        if self.config.save_every == 0 || self.saving.is_some() || self.state.trail.records() - last < every {
            return;
        }
        if self.record(Fact::Saving).is_err() {
            return reached!("node.not_saved_yet");
        }
        match self.ledger.begin_checkpoint() {
            Ok(records) => assert!(self.state.saving == Some(records), "it stands for all that was folded"),
            Err(_) => return reached!("node.not_saved_yet"),
        }
        self.saving = Some(Box::new(Saving::Pieces(Saver::new(Arc::new(self.state.clone())))));
        self.save_on(out);
    }

    /// Hands the next piece to the ledger, or what ends the checkpoint.
    pub(crate) fn save_on(&mut self, out: &mut Effects<'_, Self>) {
        let Some(Saving::Pieces(saver)) = self.saving.as_deref_mut() else { return };
        if let Some(piece) = saver.piece() {
            if self.ledger.piece(&piece).is_err() {
                reached!("node.too_large_to_save");
                self.saving = None;
                self.ledger.abandon_checkpoint(&mut |request| out.emit(Effect::Store(request)));
            }
            return;
        }
        let seal = self.ledger.seal().expect("its pieces are durable");
        let signature = sign(&self.config.signer, self.config.roots.colony(), seal);
        self.ledger.finish_checkpoint(&to_bytes(&signature)).expect("all of its pieces are durable");
        self.saving = Some(Box::new(Saving::Sealed(seal)));
    }

    /// The checkpoint of so many records is durable.
    pub(crate) fn checkpointed(&mut self, records: u64) {
        let Some(Saving::Sealed(seal)) = self.saving.as_deref().cloned() else { return };
        self.saving = Some(Box::new(Saving::Durable(records, seal)));
        self.vouch(records, seal);
    }

    fn vouch(&mut self, at: u64, seal: Digest) {
        match self.record(Fact::Saved { at, seal }) {
            Ok(_) => {
                reached!("node.saved");
                self.saving = None;
            }
            Err(Full) => reached!("node.not_saved_yet"),
        }
    }
}

/// Follows a log from its first record, and holds what the log says of checkpoints against what its records make: for who reads a log
/// without trusting its writer.
#[derive(Clone, Debug)]
pub struct SavedStates {
    point: Point,
    /// The state that is being saved, and where.
    saving: Option<(Point, State)>,
}

impl SavedStates {
    /// Before the first record of the log with this id.
    pub const fn new(log: Digest) -> Self {
        Self { point: Point::first(log), saving: None }
    }

    /// Goes on behind a record that left this state.
    pub fn pass(&mut self, record: &Record<'_>, state: &State) {
        self.point.pass(record);
        if state.saving == Some(self.point.records()) {
            self.saving = Some((self.point.clone(), state.clone()));
        }
    }

    /// Judges a fact that comes next, before it is folded: whether it says of a checkpoint what the records make.
    ///
    /// # Errors
    ///
    /// [`Drift::Saved`] when it does not. Nothing is said of facts about anything else.
    pub fn judge(&mut self, fact: &Fact) -> Result<(), Drift> {
        let Fact::Saved { at, seal } = fact else { return Ok(()) };
        reached!("node.saved_state_judged");
        let saved = self.saving.take().filter(|(point, _)| point.records() == *at);
        let holds = saved.is_some_and(|(point, state)| seal_of(&point, &state) == *seal);
        if holds { Ok(()) } else { Err(Drift::Saved { at: *at }) }
    }
}

/// The seal of a checkpoint of this state at this point.
fn seal_of(point: &Point, state: &State) -> Digest {
    let mut seal = Seal::begin(point);
    state.pieces().for_each(|piece| seal.take(&piece));
    seal.digest()
}
