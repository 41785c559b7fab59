//! The small world of some types: which entities there are at first, what can be done in a state, and where that leads.
//!
//! Every move is one of the functions that production calls: [`Table::evaluate`] where an action changes its entity and nothing else,
//! [`Entities::step`] otherwise. All entities have one home.

use crate::home::{is_told_apart, written};
use crate::small::class::{Classes, Place};
use crate::small::domain::{Domain, MISSING, Range, domain, followed, is_text, range};
use crate::small::hits::{Combined, Hits, MOST_WAYS};
use crate::small::roll::{Around, One, Roll};
use crate::small::shape::{Shape, table_is_created};
use crate::small::spot::{Naming, Spot, Symbols};
use crate::small::ways::Ways;
use crate::small::went::{Tried, Visit, Went, is_alone};
use crate::verdict::Bound;
use antfarm_automata::entities::{Act, Entities, Refused, Step, Suite, Who, home_of};
use antfarm_automata::{Call, Table, Text, Value};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many entities of a type are followed at most.
const MOST_INSTANCES: usize = 4;

/// The small world of a suite.
#[derive(Debug)]
pub(crate) struct World {
    /// Without timeouts.
    pub(crate) suite: Suite,
    pub(crate) naming: Naming,
    /// By type and action, what its parameters are tried with.
    params: Vec<Vec<Vec<Domain>>>,
    /// The same as combinations, where they are the same in every state.
    ways: Vec<Vec<Option<Vec<Vec<Value>>>>>,
    /// By type, the variables that a creator gives.
    pub(super) given: Vec<Vec<(Text, Domain)>>,
    ranges: Vec<Vec<Range>>,
    /// By type and action, whether it changes its entity and nothing else.
    alone: Vec<Vec<bool>>,
    /// By type: ids at first, and how many there may be.
    pub(super) first: Vec<Vec<Text>>,
    /// By type: whether each of those may be missing.
    pub(super) optional: Vec<bool>,
    /// Whether ids are written out that say a home.
    says_homes: bool,
    pub(crate) hits: Hits,
}

impl World {
    /// The world of these types. `is_symmetric`: whether entities of a type may change places in the search.
    pub(crate) fn new(suite: &Suite, is_symmetric: bool) -> Self {
        let tables = suite.tables();
        let classes = Classes::of(tables);
        let shape = Shape::of(tables, &classes);
        let place = |of: usize, action: usize, param: usize| Place::Param(of, action, param);
        let params = tables.iter().enumerate().map(|(of, table)| {
            let actions = 0..table.spec().actions.len();
            let domains = |action: usize| {
                let kinds = table.params(action).iter().enumerate();
                kinds.map(|(nth, kind)| domain(&classes, place(of, action, nth), kind, !table.is_required(action, nth))).collect()
            };
            actions.map(domains).collect()
        });
        let params: Vec<Vec<Vec<Domain>>> = params.collect();
        let given = tables.iter().enumerate().map(|(of, table)| {
            let given = table.spec().variables.iter().enumerate().filter(|(_, it)| it.given);
            let one = |(slot, it): (usize, &antfarm_automata::Variable)| {
                let mut domain = domain(&classes, Place::Variable(of, slot), &it.kind, it.kind.is_optional());
                if !domain.fixed.contains(&it.initial) {
                    domain.fixed.push(it.initial.clone());
                }
                (it.name.clone(), domain)
            };
            given.map(one).collect()
        });
        let kinds = |of: usize| tables[of].spec().variables.iter().enumerate();
        let ranges = (0..tables.len()).map(|of| kinds(of).map(|(slot, it)| range(&classes, of, slot, &it.kind)).collect());
        let said: BTreeSet<Text> =
            classes.numbers().flat_map(|it| &classes.class(it).texts).flat_map(|it| [it.clone(), written(it)]).collect();
        let literal = |text: &str| text == MISSING || said.contains(text);
        let mut names = vec![None; classes.numbers().last().map_or(0, |it| it + 1)];
        for number in texts(tables, &classes) {
            let class = classes.class(number);
            names[number] = Some((class.name.clone(), !class.is_shared && shape.first.iter().sum::<usize>() != 1));
        }
        let fixed = &shape.fixed;
        // As many more may be created where those are not there whom specs say by name.
        let most_fixed = fixed.iter().map(BTreeSet::len).max().unwrap_or(0);
        // Types that share their ids have them of one pool.
        let pool = MOST_INSTANCES * 4 * if shape.is_shared { tables.len() } else { 1 } + most_fixed;
        let owners = pool + most_fixed + MOST_INSTANCES * 2;
        let symbols = Symbols::new(&names, owners, literal);
        // Nobody has two names, and no two have one: renaming is one to one.
        let mut used: BTreeSet<Text> = fixed.iter().flatten().cloned().collect();
        let mut some = |name: &str, many: usize, keeps: bool| -> Vec<Text> {
            let numbered = (1..).map(|nth| Text::from(format!("{name}{nth}"))).filter(|it| !literal(it) && !used.contains(it));
            let some: Vec<Text> = numbered.take(many).collect();
            used.extend(some.iter().filter(|_| keeps).cloned());
            some
        };
        let fresh = some("new", MOST_INSTANCES * 2, true);
        let ids = |of: usize| match shape.is_shared {
            true => some("entity", pool, false),
            false => some(&lower(&tables[of].spec().entity), pool, true),
        };
        let ids: Vec<Vec<Text>> = (0..tables.len()).map(ids).collect();
        let first = (0..tables.len()).map(|of| {
            let fixed = fixed[of].iter().cloned();
            fixed.chain(ids[of].iter().take(shape.first[of]).cloned()).collect()
        });
        let fixed: Vec<Vec<Text>> = fixed.iter().map(|it| it.iter().cloned().collect()).collect();
        let is_still = shape.first.iter().sum::<usize>() == 1
            && fixed.iter().all(Vec::is_empty)
            && symbols.is_empty()
            && !tables.iter().any(|it| table_is_created(tables, &it.spec().entity));
        Self {
            ways: params.iter().map(|it| it.iter().map(|it| combined(it)).collect()).collect(),
            params,
            given: given.collect(),
            ranges: ranges.collect(),
            alone: tables.iter().map(|it| it.spec().actions.iter().map(|action| is_alone(it.spec(), action)).collect()).collect(),
            first: first.collect(),
            optional: shape.optional.clone(),
            naming: Naming { ids, fixed, fresh, symbols, is_symmetric: is_symmetric && !shape.is_shared, is_still },
            hits: Hits::of(tables),
            suite: timeless(tables),
            says_homes: said.iter().any(|it| !home_of(it).is_empty() && !is_told_apart(it)),
        }
    }

    /// A state, named.
    pub(crate) fn spot(&self, roll: Roll, dropped: u64) -> Spot {
        let (names, held) = self.naming.names(&roll);
        let roll = if names.is_empty() {
            roll
        } else {
            let new = |text: &Text| names.iter().find(|(old, _)| old == text).map(|(_, new)| new.clone());
            roll.renamed(&self.suite, &mut |text| new(text))
        };
        self.known(roll, dropped, held)
    }

    pub(super) fn known(&self, roll: Roll, dropped: u64, held: Box<[u8]>) -> Spot {
        let is_beyond = self.is_beyond(&roll);
        let print = Naming::print(&roll, dropped);
        Spot { roll, dropped, is_beyond, held, print }
    }

    fn is_beyond(&self, roll: &Roll) -> bool {
        let mut is_beyond = false;
        let mut many = 0_usize;
        let mut last = None;
        for One { of, state, .. } in roll.iter() {
            let of = usize::from(*of);
            many = if last == Some(of) { many + 1 } else { 1 };
            last = Some(of);
            if many > MOST_INSTANCES.max(self.first[of].len()) {
                self.hits.instances(of);
                is_beyond = true;
            }
            for (slot, (range, value)) in self.ranges[of].iter().zip(state.slots()).enumerate() {
                if range.is_beyond(value) {
                    self.hits.variable(of, slot);
                    is_beyond = true;
                }
            }
        }
        is_beyond
    }

    /// What a move leads to.
    pub(crate) fn after(&self, before: &Spot, went: &Went) -> Spot {
        let step = match went {
            Went::Alone { at, state, .. } => return self.spot(before.roll.with(*at, state.clone()), 0),
            Went::Stepped(step) => step,
        };
        let mut entities = before.roll.entities(&self.suite);
        entities.apply(step);
        let mut spot = self.spot(Roll::of(&entities), missed(&self.suite, step));
        if entities.pending().next().is_some() {
            // What happens at other homes is not in this world.
            self.hits.sent();
            spot.is_beyond = true;
        }
        spot
    }

    /// What a move is as a step of the machine of entities; nothing where no move does this.
    pub(crate) fn step(&self, before: &Spot, went: &Went) -> Option<Step> {
        let mut step = None;
        self.each_move(before, &mut |tried, it| {
            if step.is_none() && it.as_ref() == Ok(went) {
                step = self.stepped(before, went, tried);
            }
        });
        step
    }

    /// INVARIANT(alone-as-stepped): what an action does alone is what the machine of entities makes of it.
    fn stepped(&self, before: &Spot, went: &Went, tried: &Tried<'_>) -> Option<Step> {
        let mut entities = before.roll.entities(&self.suite);
        let step = entities.step(&self.suite, &tried.asked(), &self.naming.fresh).ok()?;
        if let Went::Alone { at, state, .. } = went {
            entities.apply(&step);
            assert_eq!(Roll::of(&entities), before.roll.with(*at, state.clone()));
        }
        Some(step)
    }

    /// Tries every move, and says of each what it does, or why that goes too far; what is merely refused is not said. `visit` is told whose
    /// move it is.
    pub(crate) fn each_move(&self, spot: &Spot, visit: &mut Visit<'_>) {
        let entities = OnceCell::new();
        for (at, One { of, id, state }) in spot.roll.iter().enumerate() {
            let Some(table) = self.suite.table(*of) else { continue };
            let number = usize::from(*of);
            for action in 0..table.spec().actions.len() {
                if !table.leads_from(action, state.status()) {
                    continue;
                }
                let is_alone = self.alone[number][action];
                let mut attempt = |params: &[Value]| {
                    let tried = Tried { at, of: *of, id, action, params, writes: &[] };
                    if is_alone {
                        let around = spot.roll.around(&self.suite);
                        let judged = table.evaluate(state, Call::new(action, params), &around);
                        self.looked(&around);
                        if let Ok(transition) = judged
                            && !around.is_apart()
                        {
                            let went = Went::Alone { at, action: small(action), state: Arc::new(transition.after(state)) };
                            // Some of the states, since this costs more than the search itself.
                            debug_assert!(!spot.print.is_multiple_of(16) || self.stepped(spot, &went, &tried).is_some());
                            visit(&tried, Ok(went));
                        }
                        return true;
                    }
                    // Most are refused by the guard: that is asked first, for it costs least.
                    let around = spot.roll.around(&self.suite);
                    let allowed = table.allows(state, Call::new(action, params), &around);
                    self.looked(&around);
                    if allowed.is_err() {
                        return true;
                    }
                    let entities: &Entities = entities.get_or_init(|| spot.roll.entities(&self.suite));
                    for writes in self.writes(spot, table, action) {
                        let tried = Tried { writes: &writes, ..tried };
                        match entities.step(&self.suite, &tried.asked(), &self.naming.fresh) {
                            Ok(step) => visit(&tried, Ok(Went::Stepped(Arc::new(step)))),
                            Err(why @ (Refused::Deep | Refused::Many | Refused::NoFresh | Refused::Full)) => {
                                visit(&tried, Err(why));
                            }
                            Err(why) => self.refused(&why),
                        }
                    }
                    true
                };
                match &self.ways[number][action] {
                    Some(ways) => {
                        ways.iter().all(|params| attempt(params));
                    }
                    None => {
                        let domains: Vec<&Domain> = self.params[number][action].iter().collect();
                        self.each_way(spot, self.naming.owner(number, id), &domains, &mut attempt);
                    }
                }
            }
        }
    }

    /// Notes where somebody was asked whose id says a home, which may be that of whoever asks.
    fn looked(&self, around: &Around<'_>) {
        if around.is_homed() {
            self.hits.sent();
        }
    }

    /// The same, where something was refused for that.
    pub(super) fn refused(&self, why: &Refused) {
        let is_homed = if let Refused::Apart { id, .. } = why {
            !is_told_apart(id)
        } else if let Refused::Write { why, .. } = why {
            return self.refused(why);
        } else {
            self.says_homes && matches!(why, Refused::Placed { .. })
        };
        if is_homed {
            self.hits.sent();
        }
    }

    /// What a composite action is tried to write elsewhere: nothing, one declared write, any two in either order, and one of each.
    fn writes(&self, spot: &Spot, table: &Table, action: usize) -> Vec<Vec<Act>> {
        let Some(composite) = &table.spec().actions[action].composite else { return vec![Vec::new()] };
        let mut alone: Vec<Vec<Act>> = Vec::new();
        for (entity, action, _) in &composite.writes {
            let Some(of) = self.suite.entity(entity) else { continue };
            let Some(action) = self.suite.table(of).and_then(|it| it.action(action)) else { continue };
            let domains: Vec<&Domain> = self.params[usize::from(of)][action].iter().collect();
            let mut acts = Vec::new();
            for One { id, .. } in spot.roll.iter().filter(|it| it.of == of) {
                self.each_way(spot, self.naming.owner(of.into(), id), &domains, &mut |params| {
                    acts.push(Act { who: Who { entity: of, id: id.clone() }, action: small(action), params: params.to_vec() });
                    true
                });
            }
            alone.push(acts);
        }
        let mut ways = vec![Vec::new()];
        let acts: Vec<&Act> = alone.iter().flatten().collect();
        ways.extend(acts.iter().map(|act| vec![(*act).clone()]));
        let many = alone.iter().try_fold(1_usize, |many, acts| many.checked_mul(acts.len()));
        if alone.len() > 1 && many.is_none_or(|it| it > MOST_WAYS) {
            self.hits.combined(Combined::Writes);
        } else if alone.len() > 1 {
            let all = alone.iter().fold(vec![Vec::new()], |all: Vec<Vec<Act>>, acts| {
                all.iter()
                    .flat_map(|way| acts.iter().map(move |act| [way.as_slice(), std::slice::from_ref(act)].concat()))
                    .collect()
            });
            ways.extend(all);
        }
        if acts.len().saturating_mul(acts.len()) > MOST_WAYS {
            self.hits.combined(Combined::Writes);
        } else {
            ways.extend(acts.iter().flat_map(|one| acts.iter().map(move |other| vec![(*one).clone(), (*other).clone()])));
        }
        if ways.len() > MOST_WAYS {
            self.hits.combined(Combined::Writes);
            ways.truncate(MOST_WAYS);
        }
        ways
    }

    /// Goes through all combinations of values, until `visit` wants no more.
    fn each_way(&self, spot: &Spot, owner: usize, domains: &[&Domain], visit: &mut dyn FnMut(&[Value]) -> bool) {
        Ways::new(self, spot, owner, domains).each(visit);
    }

    /// How far it was looked, and what was hit.
    pub(crate) fn bounds(&self) -> Vec<Bound> {
        let tables = self.suite.tables();
        let mut bounds = Vec::new();
        for (of, table) in tables.iter().enumerate() {
            let entity = &table.spec().entity;
            let many = self.first[of].len();
            let hit = self.hits.has_instances(of);
            let grows = hit || many == 0 || table_is_created(tables, entity);
            let to = if grows { format!("{many} at first, up to {}", MOST_INSTANCES.max(many)) } else { many.to_string() };
            bounds.push(Bound { of: format!("{entity}, instances"), to, is_hit: hit });
            for (slot, variable) in table.spec().variables.iter().enumerate() {
                let hit = self.hits.has_variable(of, slot);
                bounds.extend(followed(entity, &variable.name, &self.ranges[of][slot], hit));
            }
            for (name, domain) in &self.given[of] {
                bounds.push(Bound { of: format!("{entity}.{name}, given"), to: domain.told(tables), is_hit: false });
            }
            for (action, domains) in table.spec().actions.iter().zip(&self.params[of]) {
                for (param, domain) in action.params.iter().zip(domains) {
                    let of = format!("{entity}.{}({})", action.name, param.name);
                    bounds.push(Bound { of, to: domain.told(tables), is_hit: false });
                }
            }
        }
        bounds.extend(self.hits.bounds());
        bounds
    }

    /// Whether anything was hit.
    pub(crate) fn is_hit(&self) -> bool {
        self.hits.any()
    }
}

/// The types without their timeouts: an action is tried wherever it is enabled, so that an alarm that rings adds nothing but work.
fn timeless(tables: &[Table]) -> Suite {
    Suite::new(tables.iter().map(Table::timeless).collect()).expect("types that fit each other do so without timeouts")
}

/// All combinations of values that are the same in every state; nothing where they are not, or are too many.
fn combined(domains: &[Domain]) -> Option<Vec<Vec<Value>>> {
    let is_fixed = |it: &Domain| it.class.is_none() && it.ids.is_empty() && !it.new && it.list.is_none();
    let many = domains.iter().try_fold(1_usize, |many, it| many.checked_mul(it.fixed.len()))?;
    if !domains.iter().all(is_fixed) || many > MOST_WAYS {
        return None;
    }
    Some(domains.iter().fold(vec![Vec::new()], |all, domain| {
        let with = |way: &Vec<Value>, value: &Value| [way.as_slice(), std::slice::from_ref(value)].concat();
        all.iter().flat_map(|way| domain.fixed.iter().map(move |value| with(way, value))).collect()
    }))
}

/// The classes whose values are texts, and not only ids.
fn texts(tables: &[Table], classes: &Classes) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut look = |place: Place, kind: &antfarm_automata::Kind| {
        if let Some(number) = classes.number(place)
            && (is_text(kind) || *kind == antfarm_automata::Kind::Open)
        {
            found.insert(number);
        }
    };
    for (of, table) in tables.iter().enumerate() {
        let spec = table.spec();
        spec.variables.iter().enumerate().for_each(|(slot, it)| look(Place::Variable(of, slot), &it.kind));
        for action in 0..spec.actions.len() {
            let kinds = table.params(action).iter().enumerate();
            kinds.for_each(|(param, kind)| look(Place::Param(of, action, param), kind));
        }
    }
    found
}

/// The types whose reactions a step dropped although somebody counts on them, as bits.
pub(crate) fn missed(suite: &Suite, step: &Step) -> u64 {
    let mut missed = 0;
    for dropped in step.dropped().filter(|it| it.is_missed()) {
        missed |= step
            .source(suite, dropped.cause)
            .and_then(|it| suite.entity(&it.0))
            .map_or(0, |of| 1_u64.checked_shl(of.into()).unwrap_or(1 << 63));
    }
    missed
}

/// An index as the suite numbers it.
pub(crate) fn small(number: usize) -> u16 {
    u16::try_from(number).expect("a checked suite has at most 1000 of anything")
}

fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|it| it.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}
