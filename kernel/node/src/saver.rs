//! A state as bytes, in pieces that fit a step each.
//!
//! A saver holds the state of one moment, whose clone shares what is large with the one that goes on, and makes piece after piece
//! of it. Equal states make equal pieces: whoever folds the same records comes to the same.
//!
//! A piece is a tag that says which part of the state it is of, and then entries of that part, in order, until there are [`PIECE`] bytes.
//! What follows from other parts is left out: what is under way, what runs wait for. Writs stand first, parents before children;
//! elsewhere they are named by their places there.

use crate::run::RunId;
use crate::state::State;
use crate::world::Key;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_authority::{EffectKey, Granted, MAX_CHAIN, Wish, WritId};
use antfarm_automata::Text;
use antfarm_automata::entities::{Who, home_of};
use antfarm_identity::{Codec, Digest, PublicKey};
use core::ops::Bound;

/// The format of the pieces.
pub(crate) const SAVED: u16 = 1;

/// Bytes after which a piece ends. It is longer by what its last entry takes.
pub(crate) const PIECE: usize = 64 << 10;

/// The parts of a state, in the order in which they are saved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub(crate) enum Part {
    Head,
    Writs,
    Accounts,
    Dead,
    Effects,
    Wishes,
    Abroad,
    LastWords,
    Left,
    World,
    Witnessed,
    Forks,
    Runs,
    Handed,
    Links,
    /// What is remembered of entities beside themselves.
    Outline,
    Entities,
    Waiting,
}

/// What the next piece begins with.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Next {
    Head,
    /// The writs that so many are above, after this one.
    Writs(usize, Option<WritId>),
    Accounts(Option<WritId>),
    Dead(Option<WritId>),
    Effects(Option<EffectKey>),
    Wishes(Option<Wish>),
    Abroad(Option<WritId>),
    LastWords(Option<WritId>),
    Left(Option<WritId>),
    World(Option<Key>),
    Witnessed(Option<PublicKey>),
    Forks(Option<Digest>),
    Runs(Option<RunId>),
    Handed(Option<WritId>),
    Links(Option<Digest>),
    Outline,
    Entities(Option<Who>),
    Waiting(Option<(Text, u64)>),
    End,
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Saver {
    state: Arc<State>,
    next: Next,
    /// Where each writ stands among those that were saved.
    places: BTreeMap<WritId, u32>,
}

/// Appends entries until there are enough bytes; the key of the last.
fn fill<'a, K: Clone + 'a, V>(
    out: &mut Vec<u8>,
    entries: impl Iterator<Item = (&'a K, V)>,
    mut entry: impl FnMut(&mut Vec<u8>, &K, V),
) -> Option<K> {
    let mut last = None;
    for (key, value) in entries {
        entry(out, key, value);
        last = Some(key);
        if out.len() >= PIECE {
            break;
        }
    }
    last.cloned()
}

/// The entries of a map after a key.
fn later<'a, K: Ord, V>(map: &'a BTreeMap<K, V>, after: Option<&K>) -> impl Iterator<Item = (&'a K, &'a V)> + use<'a, K, V> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    map.range::<K, _>((from, Bound::Unbounded))
}

impl State {
    /// The pieces in which a checkpoint holds this state, in order: equal states have equal pieces.
    pub fn pieces(&self) -> impl Iterator<Item = Vec<u8>> + use<> {
        let mut saver = Saver::new(Arc::new(self.clone()));
        core::iter::from_fn(move || saver.piece())
    }
}

impl Saver {
    /// Before the first piece of this state.
    pub(crate) const fn new(state: Arc<State>) -> Self {
        Self { state, next: Next::Head, places: BTreeMap::new() }
    }

    /// The next piece; `None` after the last.
    pub(crate) fn piece(&mut self) -> Option<Vec<u8>> {
        // A piece is not looked for in more parts than there are.
        loop {
            let mut out = Vec::with_capacity(PIECE + 512);
            let (found, part) = self.part(&mut out)?;
            if found {
                // The tag stands in front of what was written behind room for it.
                out[0] = part as u8;
                return Some(out);
            }
        }
    }

    /// Writes what follows in one part; whether that was anything.
    fn part(&mut self, out: &mut Vec<u8>) -> Option<(bool, Part)> {
        out.push(0);
        let state = Arc::clone(&self.state);
        let (next, part) = match core::mem::replace(&mut self.next, Next::End) {
            Next::Head => {
                let (trail, saving, saved) = (state.trail.clone(), state.saving, state.saved);
                (SAVED, trail, saving, saved).encode(out);
                (state.mark(), state.world.mark()).encode(out);
                self.next = Next::Writs(0, None);
                return Some((true, Part::Head));
            }
            Next::Writs(above, after) => (self.writs(&state, above, after, out), Part::Writs),
            Next::Accounts(after) => {
                let last = state.accounts.save_some(after, PIECE, &|writ| self.place(writ.id()), out);
                (on(last, Next::Accounts, Next::Dead(None)), Part::Accounts)
            }
            Next::Dead(after) => {
                let last = state.revocations.save_some(after, PIECE, out);
                (on(last, Next::Dead, Next::Effects(None)), Part::Dead)
            }
            Next::Effects(after) => {
                let entries = state.effects.after(after.as_ref());
                let last = fill(out, entries, |out, key, it| it.save(*key, self.place(it.writ()), out));
                (on(last, Next::Effects, Next::Wishes(None)), Part::Effects)
            }
            Next::Wishes(after) => {
                let last = fill(out, state.wishes.after(after.as_ref()), |out, wish, told| (*wish, *told).encode(out));
                (on(last, Next::Wishes, Next::Abroad(None)), Part::Wishes)
            }
            Next::Abroad(after) => (on(self.some(&state.abroad, after, out), Next::Abroad, Next::LastWords(None)), Part::Abroad),
            Next::LastWords(after) => {
                (on(self.some(&state.last_words, after, out), Next::LastWords, Next::Left(None)), Part::LastWords)
            }
            Next::Left(after) => (on(self.some(&state.left, after, out), Next::Left, Next::World(None)), Part::Left),
            Next::World(after) => match state.world.chunk(after.as_ref()) {
                Some((chunk, last)) => {
                    out.extend_from_slice(&chunk);
                    (Ok(Next::World(Some(last))), Part::World)
                }
                None => (Err(Next::Witnessed(None)), Part::World),
            },
            Next::Witnessed(after) => {
                let last = fill(out, later(&state.witnessed, after.as_ref()), |out, key, head| (*key, *head).encode(out));
                (on(last, Next::Witnessed, Next::Forks(None)), Part::Witnessed)
            }
            Next::Forks(after) => {
                let last = fill(out, later(&state.forks, after.as_ref()), |out, _, fork| fork.encode(out));
                (on(last, Next::Forks, Next::Runs(None)), Part::Forks)
            }
            Next::Runs(after) => {
                let last = fill(out, state.runs.after(after.as_ref()), |out, id, run| {
                    (state.runs.is_due(*id)).encode(out);
                    run.encode(out);
                });
                (on(last, Next::Runs, Next::Handed(None)), Part::Runs)
            }
            Next::Handed(after) => {
                let last = fill(out, later(&state.handed, after.as_ref()), |out, _, it| {
                    it.commission.encode(out);
                    it.ending.encode(out);
                });
                (on(last, Next::Handed, Next::Links(None)), Part::Handed)
            }
            Next::Links(after) => {
                let last = fill(out, later(&state.links, after.as_ref()), |out, _, link| link.encode(out));
                (on(last, Next::Links, Next::Outline), Part::Links)
            }
            // A node that never had entities saves nothing of them.
            Next::Outline => {
                (state.moved_by, state.entities.outline()).encode(out);
                (if state.moved_by.is_some() { Ok(Next::Entities(None)) } else { Err(Next::End) }, Part::Outline)
            }
            Next::Entities(after) => {
                let mut last = None;
                for (who, held) in state.entities.after(after) {
                    who.encode(out);
                    held.encode(out);
                    last = Some(who);
                    if out.len() >= PIECE {
                        break;
                    }
                }
                (on(last, Next::Entities, Next::Waiting(None)), Part::Entities)
            }
            Next::Waiting(after) => {
                let mut last = None;
                for delivery in state.entities.waiting(after) {
                    delivery.encode(out);
                    last = Some((Text::from(home_of(&delivery.id)), delivery.seq));
                    if out.len() >= PIECE {
                        break;
                    }
                }
                (on(last, Next::Waiting, Next::End), Part::Waiting)
            }
            Next::End => return None,
        };
        let found = next.is_ok();
        self.next = next.unwrap_or_else(|next| next);
        Some((found, part))
    }

    fn writs(&mut self, state: &State, above: usize, after: Option<WritId>, out: &mut Vec<u8>) -> Result<Next, Next> {
        let places = &mut self.places;
        let level = later(&state.writs, after.as_ref()).filter(|(_, writ)| writ.lineage().count() == above + 1);
        let last = fill(out, level, |out, id, writ: &Granted| {
            let place = u32::try_from(places.len()).expect("their number is bounded");
            places.insert(*id, place);
            writ.writ().encode(out);
        });
        let then = if above + 1 < MAX_CHAIN { Next::Writs(above + 1, None) } else { Next::Accounts(None) };
        on(last, |last| Next::Writs(above, last), then)
    }

    fn some(&self, writs: &alloc::collections::BTreeSet<WritId>, after: Option<WritId>, out: &mut Vec<u8>) -> Option<WritId> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let entries = writs.range((from, Bound::Unbounded)).map(|writ| (writ, ()));
        fill(out, entries, |out, writ, ()| self.place(*writ).encode(out))
    }

    fn place(&self, writ: WritId) -> u32 {
        *self.places.get(&writ).expect("what a state refers to, it knows")
    }
}

/// Where to go on: behind the last entry, or, where there was none, with the next part.
fn on<K>(last: Option<K>, same: impl FnOnce(Option<K>) -> Next, then: Next) -> Result<Next, Next> {
    match last {
        Some(last) => Ok(same(Some(last))),
        None => Err(then),
    }
}
