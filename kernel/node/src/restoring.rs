//! A state from its pieces, and what vouches for it.
//!
//! Rule kept: what is read from a disk is taken up when the node's own key signed its seal, and kept when a record behind it in the log
//! says the same seal. The first shows that this node saved it, the second that it belongs to this history. Writs are verified
//! again all the same, and accounts have to be balanced: nothing here is a way around the chain to a trust root.

use crate::effect::Effect;
use crate::folding::Trail;
use crate::forgetting::Told;
use crate::message::Fork;
use crate::run::Run;
use crate::saver::{Part, SAVED};
use crate::state::{Handed, State};
use crate::task::{Commission, Ending};
use crate::world::{MAX_ENTRIES, WorldBuilder, WorldMark};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_authority::{Granted, Wish, Writ, WritId};
use antfarm_automata::entities::{Delivery, Entities, Held, Who};
use antfarm_identity::{Codec, Digest, Domain, Malformed, PublicKey, Reader, Reason, Signature, Signer, from_bytes};
use antfarm_ledger::{Link, SignedHead};
use antfarm_machine::Wall;

const SEAL: Domain = Domain::new("antfarm 2026 node checkpoint");

/// What stands in a checkpoint beside its pieces: that the node with this key saved them.
pub(crate) fn sign(signer: &Signer, colony: Digest, seal: Digest) -> Signature {
    signer.sign(SEAL, colony, seal.as_bytes())
}

/// The checkpoint that is taken up while a log is read.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Restoring {
    builder: Option<Box<Builder>>,
    /// What was taken up: how many records it stands for, and its seal.
    restored: Option<(u64, Digest)>,
    /// A record says the same.
    vouched: bool,
}

impl Restoring {
    /// Takes the next piece; `state` is empty.
    pub(crate) fn take(&mut self, state: &State, piece: &[u8]) -> bool {
        let builder = self.builder.get_or_insert_with(|| Box::new(Builder::new(state)));
        builder.take(piece).is_ok()
    }

    /// Puts what the pieces make into `state`, where the node signed it.
    pub(crate) fn finish(&mut self, state: &mut State, signature: &[u8], seal: Digest) -> bool {
        let Some(builder) = self.builder.take() else { return false };
        let (home, colony) = (state.accounts.home(), state.colony());
        let signed = from_bytes::<Signature>(signature).is_ok_and(|it| home.verify(SEAL, colony, seal.as_bytes(), &it).is_ok());
        let Some(built) = builder.finish().filter(|_| signed) else { return false };
        self.restored = Some((built.trail.records(), seal));
        *state = built;
        true
    }

    /// A record vouches for this checkpoint.
    pub(crate) fn vouch(&mut self, at: u64, seal: Digest) {
        self.vouched |= self.restored == Some((at, seal));
    }

    /// Whether what was taken up, if anything was, is vouched for.
    pub(crate) const fn is_bound(&self) -> bool {
        self.restored.is_none() || self.vouched
    }
}

impl State {
    /// What pieces make of this state, which is that before the first fact of the same log; `None` when they are none of a state that
    /// can be. That the node saved them is not shown by them.
    pub fn of_pieces(&self, pieces: impl IntoIterator<Item = Vec<u8>>) -> Option<Self> {
        let mut builder = Builder::new(self);
        pieces.into_iter().try_for_each(|piece| builder.take(&piece)).ok()?;
        builder.finish()
    }
}

/// Makes a state of its pieces.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Builder {
    state: State,
    /// The part that the last piece was of.
    part: Option<Part>,
    /// The writs in their places.
    writs: Vec<Granted>,
    mark: Wall,
    world: WorldBuilder,
    world_mark: WorldMark,
}

impl Builder {
    fn new(state: &State) -> Self {
        let world = WorldBuilder::new(MAX_ENTRIES);
        Self { state: state.clone(), part: None, writs: Vec::new(), mark: Wall::ZERO, world, world_mark: WorldMark::default() }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Malformed> {
        let mut input = Reader::new(piece);
        let part = Part::decode(&mut input)?;
        let illegal = Malformed { offset: 0, reason: Reason::Illegal { what: "State" } };
        if self.part.is_none() != (part == Part::Head) || self.part.is_some_and(|last| last > part) {
            return Err(illegal);
        }
        self.part = Some(part);
        match part {
            Part::Head => self.head(&mut input)?,
            Part::Accounts => self.state.accounts.restore_some(&self.writs, &mut input)?,
            Part::Dead => self.state.revocations.restore_some(&mut input)?,
            Part::World => {
                let chunk = input.take(input.remaining())?;
                self.world.take(chunk).map_err(|_| illegal)?;
            }
            Part::Writs
            | Part::Effects
            | Part::Wishes
            | Part::Abroad
            | Part::LastWords
            | Part::Left
            | Part::Witnessed
            | Part::Forks
            | Part::Runs
            | Part::Handed
            | Part::Links
            | Part::Outline
            | Part::Entities
            | Part::Waiting => {
                while input.remaining() > 0 {
                    self.entry(part, &mut input)?.ok_or(illegal)?;
                }
            }
        }
        input.finish()
    }

    fn head(&mut self, input: &mut Reader<'_>) -> Result<(), Malformed> {
        let offset = input.offset();
        let (version, trail, saving, saved) = <(u16, Trail, Option<u64>, Option<(u64, Digest)>)>::decode(input)?;
        if version != SAVED {
            return Err(Malformed { offset, reason: Reason::Illegal { what: "State" } });
        }
        (self.mark, self.world_mark) = <(Wall, WorldMark)>::decode(input)?;
        let state = &mut self.state;
        (state.trail, state.saving, state.saved) = (trail, saving, saved);
        Ok(())
    }

    /// Takes one entry of a part; `None` when it does not belong there.
    fn entry(&mut self, part: Part, input: &mut Reader<'_>) -> Result<Option<()>, Malformed> {
        let Self { state, writs, .. } = self;
        let place = |input: &mut Reader<'_>| -> Result<Option<WritId>, Malformed> {
            Ok(usize::try_from(u32::decode(input)?).ok().and_then(|place| writs.get(place)).map(Granted::id))
        };
        Ok(match part {
            Part::Writs => state.verify(&Writ::decode(input)?).map(|granted| {
                state.writs.insert(granted.id(), granted.clone());
                self.writs.push(granted);
            }),
            Part::Effects => {
                let (key, effect) = Effect::restore(writs, input)?;
                if effect.is_open() {
                    state.open.insert(key);
                }
                state.effects.push(key, effect).then_some(())
            }
            Part::Wishes => {
                let (wish, told) = <(Wish, Told)>::decode(input)?;
                state.wishes.push(wish, told).then_some(())
            }
            Part::Abroad => place(input)?.and_then(|writ| state.abroad.insert(writ).then_some(())),
            Part::LastWords => place(input)?.and_then(|writ| state.last_words.insert(writ).then_some(())),
            Part::Left => place(input)?.and_then(|writ| state.left.insert(writ).then_some(())),
            Part::Witnessed => {
                let (key, head) = <(PublicKey, SignedHead)>::decode(input)?;
                state.witnessed.insert(key, head);
                Some(())
            }
            Part::Forks => {
                let fork = Fork::decode(input)?;
                state.forks.insert(fork.one.log, Arc::new(fork));
                Some(())
            }
            Part::Runs => {
                let (is_due, run) = <(bool, Run)>::decode(input)?;
                state.runs.restore(run, is_due)
            }
            Part::Handed => {
                let (commission, ending) = <(Commission, Option<Ending>)>::decode(input)?;
                state.handed.insert(commission.writ, Handed { commission: Arc::new(commission), ending });
                Some(())
            }
            Part::Links => {
                let link = Link::decode(input)?;
                state.links.insert(link.trajectory, link);
                Some(())
            }
            Part::Outline => {
                let (moved_by, entities) = <(Option<Digest>, Entities)>::decode(input)?;
                let fits = state.moved_by.is_none() && moved_by.is_some() && entities.home() == state.entities.home();
                (state.moved_by, state.entities) = (moved_by, entities);
                (fits && state.entities.is_empty()).then_some(())
            }
            Part::Entities => {
                let (who, held) = <(Who, Held)>::decode(input)?;
                state.moved_by.and_then(|_| state.entities.restore(who, held))
            }
            Part::Waiting => state.entities.restore_waiting(Delivery::decode(input)?),
            Part::Head | Part::Accounts | Part::Dead | Part::World => None,
        })
    }

    fn finish(self) -> Option<State> {
        let Self { mut state, mark, world, world_mark, .. } = self;
        state.world = world.finish(world_mark).ok()?;
        state.revocations.restored(mark);
        state.accounts.restored(mark).then_some(state)
    }
}
