//! The world as a node has folded it from its commits: entries under keys, in order.
//!
//! How many steps a write takes depends on its key, not on how many entries there are, and a clone costs nothing: clones share
//! what neither has changed since. So a node can show a query, a checkpoint or a trial the world of one moment and go on.
//!
//! What still grows is how long the processor waits for memory that its caches do not hold. A delta of one replacement, here
//! and there, took 0.6 us in a world of 1,000 entries and 2.2 to 2.8 us in one of 1,000,000 (`examples/world_speed.rs`, two
//! busy cores); a `BTreeMap` of the same entries, without any digest, clone or check, 0.14 us and 1.2 to 1.5 us.
//!
//! Rule kept: *all or nothing*. A [`Delta`] is checked whole before any of it is done; one that is refused has changed nothing.
//!
//! It does not know who may write what, and remembers no history: only what is there now, and the versions of what was
//! retracted. Those stay for ever, for a version that were given twice would let an old guard pass.

mod chunk;
mod delta;
mod entry;
mod key;
mod trie;

pub use chunk::{BadChunk, MAX_CHUNK, WorldBuilder};
pub use delta::{BadDelta, Delta, DeltaRefusal, Expected, MAX_DELTA, MAX_OPS, MAX_VALUE, Op, Unfit, Value};
pub use entry::Entry;
pub use key::{BadId, Key, MAX_ID, Within};

use antfarm_identity::Codec;
use core::fmt;
use core::hash::{Hash, Hasher};
use entry::Prints;
use trie::{Item, Trie};

/// The most keys of one world, retracted ones too. Each takes about 250 bytes of memory, and its value.
pub const MAX_ENTRIES: u64 = 1 << 22;

/// The world as folded so far. `Clone` takes constant time.
///
/// `Hash` takes constant time too: it sees the [`WorldMark`]. `Eq` compares the marks, then what the two do not share.
///
/// ```
/// use antfarm_authority::{Name, Tenant};
/// use antfarm_node::{Delta, Key, Op, Unfit, Value, WorldState};
///
/// let key = Key::new(&Tenant(Name::new("acme")?), &Name::new("well")?, "north")?;
/// let value = Value::new(b"open")?;
/// let create = Delta::new(vec![Op::Create { key: key.clone(), value: value.clone() }])?;
///
/// let mut world = WorldState::new();
/// let before = world.clone();
/// world.apply(&create, 7)?;
/// let entry = world.entry(&key).expect("it was created");
/// assert_eq!((entry.version(), entry.at(), entry.value()), (1, 7, Some(&value)));
/// assert_eq!(before.entry(&key), None);
///
/// let refusal = world.apply(&create, 8).unwrap_err();
/// assert_eq!((refusal.op, refusal.unfit), (0, Unfit::Exists { version: 1 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct WorldState {
    trie: Trie,
    mark: WorldMark,
    room: u64,
}

/// What sums a world up.
///
/// The sum is that of 128-bit fingerprints of all entries, modulo 2^128, each the start of a BLAKE3 digest. Two worlds that
/// nobody has chosen have equal sums by accident once in 2^128. Who can choose many entries finds two with equal sums in far
/// less work (generalized birthdays; Wagner, CRYPTO 2002): it tells states apart in a model checker and finds damage. It is no
/// evidence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub struct WorldMark {
    /// How many keys there are, retracted ones too.
    pub keys: u64,
    /// How many of them are live.
    pub live: u64,
    /// The sum of fingerprints.
    pub sum: u128,
}

impl WorldState {
    /// The world before any commit, with room for [`MAX_ENTRIES`].
    pub fn new() -> Self {
        Self::with_room(MAX_ENTRIES)
    }

    /// The world before any commit, with room for `room` keys. Panics when that is more than [`MAX_ENTRIES`].
    pub fn with_room(room: u64) -> Self {
        assert!(room <= MAX_ENTRIES, "a world has room for {MAX_ENTRIES} keys at most");
        Self { trie: Trie::default(), mark: WorldMark::default(), room }
    }

    /// What lies under `key`. What was retracted is there too, without a value.
    pub fn entry(&self, key: &Key) -> Option<&Entry> {
        self.trie.find(key).map(|item| &item.entry)
    }

    /// What sums it up.
    pub fn mark(&self) -> WorldMark {
        self.mark
    }

    /// Keys and what lies under them in ascending order, retracted ones too: those that are `within`, and come `after` the key.
    /// Whoever reads page by page gives the last key of a page for the next.
    pub fn scan(&self, within: &Within, after: Option<&Key>) -> impl Iterator<Item = (&Key, &Entry)> + use<'_> {
        let start = after.map_or(within.path(), |key| key.path().max(within.path()));
        let skipped = after.cloned();
        let within = within.clone();
        let items = self.trie.from(start).skip_while(move |item| Some(&item.key) == skipped.as_ref());
        items.take_while(move |item| item.key.path().starts_with(within.path())).map(|item| (&item.key, &item.entry))
    }

    /// Whether `delta` would be applied.
    ///
    /// # Errors
    ///
    /// The first operation that does not fit.
    pub fn check_delta(&self, delta: &Delta) -> Result<(), DeltaRefusal> {
        let mut keys = self.mark.keys;
        for (number, op) in (0..).zip(delta.ops()) {
            let refuse = |unfit| DeltaRefusal { op: number, unfit };
            keys += u64::from(self.check_op(op).map_err(refuse)?);
            if keys > self.room {
                return Err(refuse(Unfit::Full { limit: self.room }));
            }
        }
        Ok(())
    }

    /// Does all that `delta` says, for the commit at position `at` of the log.
    ///
    /// # Errors
    ///
    /// The first operation that does not fit. Then nothing has changed.
    pub fn apply(&mut self, delta: &Delta, at: u64) -> Result<(), DeltaRefusal> {
        self.check_delta(delta)?;
        let mut prints = Prints::default();
        for op in delta.ops() {
            let value = match op {
                Op::Create { value, .. } | Op::Replace { value, .. } => Some(value.clone()),
                Op::Retract { .. } => None,
                Op::Expect { .. } => continue,
            };
            let key = op.key();
            // In place where there is something: one walk down the tree, which takes the longer the larger the world is.
            let Some(Item { entry, print, .. }) = self.trie.find_mut(key) else {
                self.put(key, Entry::new(1, at, value), &mut prints);
                continue;
            };
            self.mark.live -= u64::from(entry.is_live());
            self.mark.sum = self.mark.sum.wrapping_sub(*print);
            *entry = Entry::new(entry.version() + 1, at, value);
            *print = prints.of(key, entry);
            self.mark.live += u64::from(entry.is_live());
            self.mark.sum = self.mark.sum.wrapping_add(*print);
        }
        assert!(self.mark.live <= self.mark.keys && self.mark.keys <= self.room, "{:?} of {}", self.mark, self.room);
        Ok(())
    }

    /// Asserts that the mark is that of the entries, and that they are in order. Looks at all of them.
    pub fn check(&self) {
        let mut prints = Prints::default();
        let mut mark = WorldMark::default();
        let mut last: Option<&Key> = None;
        for Item { key, entry, print } in self.trie.from(&[]) {
            assert!(last.is_none_or(|last| last < key), "{key:?} comes after {last:?}");
            assert_eq!(prints.of(key, entry), *print, "the fingerprint of {key:?}");
            mark.keys += 1;
            mark.live += u64::from(entry.is_live());
            mark.sum = mark.sum.wrapping_add(*print);
            last = Some(key);
        }
        assert_eq!(mark, self.mark, "the mark is the sum over the entries");
    }

    /// Whether `op` takes a key that is not there yet.
    fn check_op(&self, op: &Op) -> Result<bool, Unfit> {
        let entry = self.entry(op.key());
        let expected = match op {
            Op::Create { .. } => return entry.map_or(Ok(true), |entry| may_create(entry).map(|()| false)),
            Op::Expect { found: Expected::Absent, .. } => {
                let Some(entry) = entry.filter(|entry| entry.is_live()) else { return Ok(false) };
                return Err(Unfit::Exists { version: entry.version() });
            }
            Op::Replace { expected_version, .. } | Op::Retract { expected_version, .. } => *expected_version,
            Op::Expect { found: Expected::Version(version), .. } => *version,
        };
        let entry = entry.ok_or(Unfit::Missing)?;
        let version = entry.version();
        if !entry.is_live() {
            return Err(Unfit::Retracted { version });
        }
        if version != expected {
            return Err(Unfit::Changed { found: version });
        }
        if op.writes() { has_next(entry).map(|()| false) } else { Ok(false) }
    }

    /// Puts an entry under a key where none lies.
    fn put(&mut self, key: &Key, entry: Entry, prints: &mut Prints) {
        let print = prints.of(key, &entry);
        self.mark.keys += 1;
        self.mark.live += u64::from(entry.is_live());
        self.mark.sum = self.mark.sum.wrapping_add(print);
        self.trie.put(Item { key: key.clone(), entry, print });
    }
}

fn may_create(entry: &Entry) -> Result<(), Unfit> {
    if entry.is_live() { Err(Unfit::Exists { version: entry.version() }) } else { has_next(entry) }
}

fn has_next(entry: &Entry) -> Result<(), Unfit> {
    if entry.version() < u64::MAX { Ok(()) } else { Err(Unfit::LastVersion) }
}

impl Default for WorldState {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for WorldState {
    fn eq(&self, other: &Self) -> bool {
        self.room == other.room && self.mark == other.mark && self.trie.equals(&other.trie)
    }
}

impl Eq for WorldState {}

impl Hash for WorldState {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.mark.hash(state);
    }
}

/// The first few entries only: there may be a million.
impl fmt::Debug for WorldState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 16;
        let mut map = f.debug_map();
        map.entries(self.scan(&Within::ALL, None).take(SHOWN));
        if self.mark.keys > SHOWN as u64 { map.finish_non_exhaustive() } else { map.finish() }
    }
}
