//! The entities of one home, and what is on its way to others: the fold of steps.

use crate::entities::{Act, Alarm, Armed, Delivery, Happened, Held, Ringing, Step, Suite, Who};
use crate::see::Related;
use crate::{Seen, Text};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Digest};
use core::cell::RefCell;
use core::ops::Bound;

/// The most entities of a home.
pub const MOST_ENTITIES: u32 = 1 << 20;

/// The most deliveries that wait for one other home.
pub const MOST_WAITING: usize = 1024;

/// The most keys that are remembered.
pub const MOST_KEYS: usize = 4096;

/// The home of an entity: what follows the last `@` of its id.
pub fn home_of(id: &str) -> &str {
    id.rsplit_once('@').map_or("", |(_, home)| home)
}

/// What waits for another home.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub struct Outbox {
    /// The number of the next delivery.
    pub next: u64,
    /// What that home has not said that it recorded, by ascending number.
    pub waiting: VecDeque<Delivery>,
}

/// What was asked under a key.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Remembered {
    /// When it is forgotten.
    pub expires: i64,
    /// What it was.
    pub asked: Digest,
}

/// All entities of a home. Only [`Entities::apply`] changes it, so it is a function of the steps that were applied.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub struct Entities {
    pub(super) home: Text,
    /// By type, as numbered by the suite, and id.
    pub(super) types: Vec<BTreeMap<Text, Arc<Held>>>,
    pub(super) number: u32,
    pub(super) outboxes: BTreeMap<Text, Outbox>,
    /// Of each home, the number of the next delivery that is awaited from it.
    pub(super) inboxes: BTreeMap<Text, u64>,
    pub(super) keys: BTreeMap<Text, Remembered>,
    /// The latest expiry of a key that was forgotten: what expires no later is refused, should the clock go back.
    pub(super) forgotten: Option<i64>,
}

impl Entities {
    /// No entities, at the empty home: that of ids without an `@`.
    pub fn new() -> Self {
        Self::default()
    }

    /// No entities, at a home: that of ids that end in `@` and its name.
    pub fn at(home: &str) -> Self {
        Self { home: home.into(), ..Self::default() }
    }

    /// The name of the home.
    pub fn home(&self) -> &Text {
        &self.home
    }

    /// An entity.
    pub fn get(&self, entity: u16, id: &str) -> Option<&Held> {
        self.types.get(usize::from(entity))?.get(id).map(|it| &**it)
    }

    /// All entities, by type and id.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Text, &Held)> {
        (0..).zip(&self.types).flat_map(|(entity, of)| of.iter().map(move |(id, held)| (entity, id, &**held)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.number as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.number == 0
    }

    /// The entities after this one, by type and id; all of them after none.
    pub fn after(&self, last: Option<Who>) -> impl Iterator<Item = (Who, &Held)> {
        let from = last.as_ref().map_or(0, |it| usize::from(it.entity));
        (0..).zip(&self.types).skip(from).flat_map(move |(entity, of)| {
            let start = last.as_ref().filter(|it| it.entity == entity);
            let start = start.map_or(Bound::Unbounded, |it| Bound::Excluded(it.id.clone()));
            of.range((start, Bound::Unbounded)).map(move |(id, held)| (Who { entity, id: id.clone() }, &**held))
        })
    }

    /// Puts back an entity that was saved; nothing where there is one.
    pub fn restore(&mut self, who: Who, held: Held) -> Option<()> {
        let entity = usize::from(who.entity);
        if self.types.len() <= entity {
            self.types.resize_with(entity + 1, BTreeMap::new);
        }
        let fits = self.number < MOST_ENTITIES && self.types[entity].insert(who.id, Arc::new(held)).is_none();
        self.number = self.number.saturating_add(1);
        fits.then_some(())
    }

    /// The same without its entities and what waits for other homes, which are saved one by one.
    pub fn outline(&self) -> Self {
        let emptied = |(home, it): (&Text, &Outbox)| (home.clone(), Outbox { next: it.next, waiting: VecDeque::new() });
        let outboxes = self.outboxes.iter().map(emptied).collect();
        let Self { home, inboxes, keys, forgotten, .. } = self;
        let (home, inboxes, keys) = (home.clone(), inboxes.clone(), keys.clone());
        Self { home, types: Vec::new(), number: 0, outboxes, inboxes, keys, forgotten: *forgotten }
    }

    /// What waits for other homes after this delivery, by home and number; all of it after none.
    pub fn waiting(&self, last: Option<(Text, u64)>) -> impl Iterator<Item = &Delivery> {
        let from = last.as_ref().map_or(Bound::Unbounded, |(home, _)| Bound::Included(home.clone()));
        self.outboxes.range((from, Bound::Unbounded)).flat_map(move |(home, outbox)| {
            let passed = last.as_ref().filter(|(last, _)| last == home).map(|(_, seq)| *seq);
            outbox.waiting.iter().filter(move |it| passed.is_none_or(|seq| it.seq > seq))
        })
    }

    /// Puts back a delivery that was saved; nothing where it does not belong there.
    pub fn restore_waiting(&mut self, delivery: Delivery) -> Option<()> {
        let outbox = self.outboxes.get_mut(home_of(&delivery.id))?;
        let follows = outbox.waiting.back().is_none_or(|it| it.seq < delivery.seq) && delivery.seq < outbox.next;
        outbox.waiting.push_back(delivery);
        follows.then_some(())
    }

    /// All alarms that are set.
    pub fn alarms(&self) -> impl Iterator<Item = (Alarm, Armed)> {
        self.iter().flat_map(|(entity, id, held)| {
            held.armed
                .iter()
                .map(move |(ringing, armed)| (Alarm { who: Who { entity, id: id.clone() }, ringing: *ringing }, *armed))
        })
    }

    /// One alarm, if it is set.
    pub fn alarm(&self, alarm: &Alarm) -> Option<Armed> {
        self.get(alarm.who.entity, &alarm.who.id)?.armed.get(&alarm.ringing).copied()
    }

    /// What waits for other homes, by home.
    pub fn pending(&self) -> impl Iterator<Item = (&Text, &Outbox)> {
        self.outboxes.iter()
    }

    /// The number of the next delivery that is awaited from a home.
    pub fn awaited(&self, home: &str) -> u64 {
        self.inboxes.get(home).copied().unwrap_or(0)
    }

    /// What is remembered under a key.
    pub fn remembered(&self, key: &str) -> Option<&Remembered> {
        self.keys.get(key)
    }

    /// What guards and invariants see of these entities.
    pub fn surroundings<'a>(&'a self, suite: &'a Suite) -> Surroundings<'a> {
        Surroundings { suite, base: self, changed: &[], apart: RefCell::new(None) }
    }

    /// Whether an invariant, by number, holds of an entity; nothing where that depends on an entity of another home, or there is no such
    /// entity. An invariant without a value does not hold.
    pub fn holds(&self, suite: &Suite, who: &Who, invariant: usize) -> Option<bool> {
        let (held, table) =
            self.get(who.entity, &who.id).zip(suite.table(who.entity)).filter(|(it, of)| it.table == of.digest())?;
        let around = self.surroundings(suite);
        let holds = table.invariant(invariant, &held.state, &around) == Ok(true);
        around.apart().is_none().then_some(holds)
    }

    /// The first invariant that does not hold, with the number of its entity's type.
    pub fn violated(&self, suite: &Suite) -> Option<(Who, usize)> {
        self.iter().find_map(|(entity, id, _)| {
            let who = Who { entity, id: id.clone() };
            let invariants = 0..suite.table(entity)?.spec().invariants.len();
            let found = invariants.into_iter().find(|it| self.holds(suite, &who, *it) == Some(false));
            found.map(|invariant| (who, invariant))
        })
    }

    /// An action that is asked for as data: whether it is enabled, everything but its effects and reactions.
    pub fn allows(&self, suite: &Suite, act: &Act) -> bool {
        let found = suite.table(act.who.entity).zip(self.get(act.who.entity, &act.who.id));
        let Some((table, held)) = found.filter(|(table, held)| table.digest() == held.table) else { return false };
        let around = self.surroundings(suite);
        let call = crate::Call::new(usize::from(act.action), &act.params);
        table.allows(&held.state, call, &around).is_ok() && around.apart().is_none()
    }

    /// Folds a step. Total: of a step that is not for these entities, it takes in what there is.
    pub fn apply(&mut self, step: &Step) {
        let at = step.asked.at;
        for happened in &step.happened {
            self.fold(happened, at);
        }
        if let Some(key) = &step.asked.key {
            self.forget(at);
            self.keys.insert(key.key.clone(), Remembered { expires: key.expires, asked: step.asked.content() });
        }
    }

    fn fold(&mut self, happened: &Happened, at: i64) {
        match happened {
            Happened::Born { who, table, state, .. } => {
                let entity = usize::from(who.entity);
                if self.types.len() <= entity {
                    self.types.resize_with(entity + 1, BTreeMap::new);
                }
                let held = Arc::new(Held::new(*table, state.clone(), at));
                if self.types[entity].insert(who.id.clone(), held).is_none() {
                    self.number = self.number.saturating_add(1);
                }
            }
            Happened::Took { who, .. } => self.change(who, happened, at),
            Happened::Rang(alarm) | Happened::Disarmed(alarm) | Happened::Armed { alarm, .. } => {
                self.change(&alarm.who, happened, at);
            }
            Happened::Sent(delivery) => {
                let outbox = self.outboxes.entry(home_of(&delivery.id).into()).or_default();
                outbox.next = delivery.seq.saturating_add(1);
                outbox.waiting.push_back(delivery.clone());
            }
            Happened::Received { from, seq } => {
                self.inboxes.insert(from.clone(), seq.saturating_add(1));
            }
            Happened::Acknowledged { home, below } => {
                if let Some(outbox) = self.outboxes.get_mut(home) {
                    outbox.waiting.retain(|it| it.seq >= *below);
                }
            }
            Happened::Called { .. } | Happened::Dropped(_) => {}
        }
    }

    fn change(&mut self, who: &Who, happened: &Happened, at: i64) {
        if let Some(held) = self.types.get_mut(usize::from(who.entity)).and_then(|it| it.get_mut(&who.id)) {
            Arc::make_mut(held).fold(happened, at);
        }
    }

    fn forget(&mut self, at: i64) {
        let forgotten = self.keys.values().map(|it| it.expires).filter(|it| *it <= at).max();
        if forgotten.is_some() {
            self.keys.retain(|_, it| it.expires > at);
            self.forgotten = self.forgotten.max(forgotten);
        }
    }
}

/// What guards see of other entities. It notes whether an entity of another home was asked: nobody here knows what it says.
#[derive(Debug)]
pub struct Surroundings<'a> {
    pub(super) suite: &'a Suite,
    pub(super) base: &'a Entities,
    /// Entities as a step has left them so far.
    pub(super) changed: &'a [(Who, Held)],
    pub(super) apart: RefCell<Option<(Text, Text)>>,
}

impl Surroundings<'_> {
    /// The first entity of another home that was asked, if any was: type and id.
    pub fn apart(&self) -> Option<(Text, Text)> {
        self.apart.borrow().clone()
    }

    fn unknown(&self, entity: &str, id: &str) {
        let mut apart = self.apart.borrow_mut();
        if apart.is_none() {
            *apart = Some((entity.into(), id.into()));
        }
    }
}

impl Related for Surroundings<'_> {
    fn read(&self, entity: &str, id: &str, field: &str) -> Option<Seen<'_>> {
        if home_of(id) != &*self.base.home {
            self.unknown(entity, id);
            return None;
        }
        let number = self.suite.entity(entity)?;
        let changed = self.changed.iter().find(|(who, _)| who.entity == number && who.id == *id).map(|(_, held)| held);
        let held = changed.or_else(|| self.base.get(number, id))?;
        let table = self.suite.table(number)?;
        if held.table != table.digest() {
            // What another table made of it means nothing here, and is as unknown as what lives elsewhere.
            self.unknown(entity, id);
            return None;
        }
        if field == "status" {
            return table.spec().states.get(held.state.status()).map(Seen::Text);
        }
        held.state.slot(table.variable(field)?).map(crate::Value::see)
    }
}

/// The alarm of an entity's timeout or scheduled action, as the suite calls it.
impl Suite {
    /// The name of what an alarm calls: the state of a timeout, and the action.
    pub fn rings(&self, alarm: &Alarm) -> Option<(Option<&Text>, &Text)> {
        let spec = self.table(alarm.who.entity)?.spec();
        match alarm.ringing {
            Ringing::Timeout(nth) => {
                let timeout = spec.timeouts.get(usize::from(nth))?;
                Some((Some(&timeout.state), &timeout.action))
            }
            Ringing::Action(nth) => Some((None, &spec.actions.get(usize::from(nth))?.name)),
        }
    }
}
