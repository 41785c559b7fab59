//! One state of the search, and the name that all states like it share.
//!
//! States that differ only in which id an entity has, or in which of several texts that no spec writes out somebody holds, behave alike. So
//! each is renamed to a *canonical form* before it is compared: entities of a type are put in the order of what they hold and of who
//! refers to them, and texts are numbered as they come up; where the texts of one entity never meet those of another, each entity has texts
//! of its own. What is no id and no such text is never renamed. Two forms of one state may be
//! missed, which costs time; two states never get one form, since renaming is one to one.

use crate::small::roll::{One, Roll};
use antfarm_automata::{State, Text, Value};
use antfarm_sim::FoldHasher;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A state.
#[derive(Clone)]
pub(crate) struct Spot {
    pub(crate) roll: Roll,
    /// The types whose reactions were dropped in the step that led here, as bits.
    pub(crate) dropped: u64,
    /// Whether it lies beyond a bound, so that it is not followed.
    pub(crate) is_beyond: bool,
    /// By stock, how many texts of it are held.
    pub(crate) held: Box<[u8]>,
    /// What it is known by.
    pub(crate) print: u64,
}

impl PartialEq for Spot {
    fn eq(&self, other: &Self) -> bool {
        self.print == other.print
    }
}

impl Hash for Spot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.print);
    }
}

impl fmt::Debug for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for One { id, state, .. } in self.roll.iter() {
            map.entry(id, state);
        }
        map.finish()
    }
}

/// Texts that no spec writes out, in stocks: one for each class, or, where the values of entities do not meet, one for each entity.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    /// By class: its first stock, and whether it has one for each entity.
    classes: Vec<Option<(usize, bool)>>,
    stocks: Vec<Vec<Text>>,
    of_stock: Vec<(usize, usize, bool)>,
    numbers: HashMap<Text, (u32, u8), BuildHasherDefault<FoldHasher>>,
}

/// How many texts a stock has.
pub(super) const SYMBOLS: u8 = 48;

/// At most so many stocks, where there is more than one for a class.
const STOCKS: usize = 4096;

impl Symbols {
    /// Stocks for each class that has a name here, for so many owners where it is said that each has its own. `taken` are texts that mean
    /// something else.
    pub(crate) fn new(names: &[Option<(Text, bool)>], owners: usize, taken: impl Fn(&str) -> bool) -> Self {
        let mut symbols = Self { classes: vec![None; names.len()], ..Self::default() };
        // One stock for all does as well, where there would be too many; more states are told apart then than differ.
        let may_be_apart = names.iter().flatten().count().saturating_mul(owners) <= STOCKS;
        for (class, named) in names.iter().enumerate() {
            let Some((name, apart)) = named else { continue };
            let apart = *apart && may_be_apart;
            let first = symbols.stocks.len();
            symbols.classes[class] = Some((first, apart));
            for owner in 0..if apart { owners } else { 1 } {
                let stock = symbols.stocks.len();
                let letter = if apart { letters(owner) } else { String::new() };
                let mut texts = Vec::new();
                for nth in 0..SYMBOLS {
                    let mut text = format!("{name}-{}{letter}", nth + 1);
                    while taken(&text) || symbols.numbers.contains_key(text.as_str()) {
                        text.push('\'');
                    }
                    let text = Text::from(text);
                    symbols.numbers.insert(text.clone(), (u32::try_from(stock).expect("there are fewer than 2^32 stocks"), nth));
                    texts.push(text);
                }
                symbols.stocks.push(texts);
                symbols.of_stock.push((class, first, apart));
            }
        }
        symbols
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.stocks.is_empty()
    }

    /// The stock from which an entity takes texts of a class.
    pub(crate) fn stock(&self, class: usize, owner: usize) -> Option<usize> {
        let (first, apart) = (*self.classes.get(class)?)?;
        Some(if apart { first + owner } else { first })
    }

    /// A text of the stock of another one.
    pub(crate) fn alike(&self, text: &Text, is_free: impl Fn(&Text) -> bool) -> Option<Text> {
        let (stock, _) = self.find(text)?;
        self.stocks[stock].iter().find(|it| is_free(it)).cloned()
    }

    /// The text of a stock with this number.
    pub(crate) fn get(&self, stock: usize, nth: usize) -> Option<&Text> {
        self.stocks.get(stock)?.get(nth)
    }

    fn find(&self, text: &Text) -> Option<(usize, u8)> {
        // None of them is without a hyphen.
        if !text.contains('-') {
            return None;
        }
        self.numbers.get(text).map(|(stock, nth)| (*stock as usize, *nth))
    }

    /// The class of a stock, its first stock, and whether it has one for each entity.
    fn class(&self, stock: usize) -> (usize, usize, bool) {
        self.of_stock[stock]
    }
}

/// `a`, `b`, .. `z`, `aa`.
fn letters(nth: usize) -> String {
    let last = char::from(b'a' + u8::try_from(nth % 26).unwrap_or(0));
    if nth < 26 { last.to_string() } else { letters(nth / 26 - 1) + &last.to_string() }
}

/// How states are named.
#[derive(Debug)]
pub(crate) struct Naming {
    /// By type, the ids that entities get, in order.
    pub(crate) ids: Vec<Vec<Text>>,
    /// By type, ids that specs say by name.
    pub(crate) fixed: Vec<Vec<Text>>,
    /// Ids of entities that were created just now.
    pub(crate) fresh: Vec<Text>,
    pub(crate) symbols: Symbols,
    /// Whether entities of a type may change places.
    pub(crate) is_symmetric: bool,
    /// Whether there is nothing to rename: one entity, no texts.
    pub(crate) is_still: bool,
}

impl Naming {
    /// What is to be renamed, and how many texts of each stock are held then.
    pub(crate) fn names(&self, roll: &Roll) -> (Vec<(Text, Text)>, Box<[u8]>) {
        if self.is_still {
            return (Vec::new(), Box::default());
        }
        let mut renamed: Vec<(Text, Text)> = Vec::new();
        let orders = self.orders(roll);
        for (of, order) in orders.iter().enumerate() {
            if self.is_symmetric {
                let moving = order.iter().filter(|(id, _)| self.moves(of, id));
                renamed.extend(
                    moving
                        .zip(&self.ids[of])
                        .filter(|((id, _), new)| id != new)
                        .map(|((id, _), new)| ((*id).clone(), new.clone())),
                );
            } else {
                for (id, _) in order.iter().filter(|(id, _)| self.fresh.contains(id)) {
                    // Types may share their ids: nobody new is called like somebody, there or not.
                    let is_free = |new: &Text| {
                        let mut is_free = !renamed.iter().any(|(_, it)| it == new);
                        each_held(roll, &mut |held| is_free &= held != new);
                        is_free
                    };
                    renamed.extend(self.free(of, is_free).map(|new| ((*id).clone(), new)));
                }
            }
        }
        let ids = renamed.len();
        let held = self.texts(&orders, &mut renamed, ids);
        (renamed, held)
    }

    /// An id of a type.
    pub(crate) fn free(&self, of: usize, is_free: impl Fn(&Text) -> bool) -> Option<Text> {
        self.ids[of].iter().find(|it| is_free(it)).cloned()
    }

    /// How many texts of each stock are held where nothing is renamed: those behind the last are free.
    pub(crate) fn held(&self, roll: &Roll) -> Box<[u8]> {
        let mut held = vec![0_u8; self.symbols.stocks.len()].into_boxed_slice();
        each_held(roll, &mut |text| {
            if let Some((stock, nth)) = self.symbols.find(text) {
                held[stock] = held[stock].max(nth + 1);
            }
        });
        held
    }

    fn moves(&self, of: usize, id: &Text) -> bool {
        self.fresh.contains(id) || self.ids[of].contains(id)
    }

    /// By type, the entities in the order in which they are named.
    fn orders<'a>(&self, roll: &'a Roll) -> Vec<Vec<(&'a Text, &'a State)>> {
        let mut orders: Vec<Vec<(&Text, &State)>> = vec![Vec::new(); self.ids.len()];
        for One { of, id, state } in roll.iter() {
            orders[usize::from(*of)].push((id, state));
        }
        if !self.is_symmetric || orders.iter().all(|it| it.len() < 2) {
            return orders;
        }
        let plain: Vec<Vec<u64>> = orders.iter().map(|it| it.iter().map(|(_, state)| self.plain(state)).collect()).collect();
        let mut out: Vec<Vec<u64>> = plain.clone();
        let mut back: Vec<Vec<u64>> = plain.iter().map(|it| vec![0; it.len()]).collect();
        let at = |id: &Text| {
            orders.iter().enumerate().find_map(|(of, order)| Some((of, order.binary_search_by(|(it, _)| (*it).cmp(id)).ok()?)))
        };
        for (of, order) in orders.iter().enumerate() {
            for (nth, (_, state)) in order.iter().enumerate() {
                for (slot, value) in state.slots().iter().enumerate() {
                    each_text(value, |text| {
                        let Some((other, place)) = at(text) else { return };
                        let there = number(&(slot, other, plain[other][place]));
                        out[of][nth] = out[of][nth].rotate_left(1).wrapping_add(there);
                        back[other][place] = back[other][place].wrapping_add(number(&(of, slot, plain[of][nth])));
                    });
                }
            }
        }
        for (order, (out, back)) in orders.iter_mut().zip(out.iter().zip(&back)) {
            let keys = out.iter().copied().zip(back.iter().copied());
            let mut keyed: Vec<_> = order.iter().copied().zip(keys).collect();
            keyed.sort_by_key(|(_, key)| *key);
            *order = keyed.into_iter().map(|(it, _)| it).collect();
        }
        orders
    }

    /// What an entity holds, names left out.
    fn plain(&self, state: &State) -> u64 {
        let mut hasher = FoldHasher::default();
        state.status().hash(&mut hasher);
        for value in state.slots() {
            match value {
                Value::Text(_) | Value::List(_) => each_text(value, |text| match self.symbols.find(text) {
                    Some((stock, _)) => self.symbols.class(stock).0.hash(&mut hasher),
                    None if self.ids.iter().any(|ids| ids.contains(text)) || self.fresh.contains(text) => 1_u8.hash(&mut hasher),
                    None => text.hash(&mut hasher),
                }),
                Value::Null | Value::Bool(_) | Value::Int(_) => value.hash(&mut hasher),
            }
        }
        hasher.finish()
    }

    /// Which owner of texts an entity is.
    pub(crate) fn owner(&self, of: usize, id: &Text) -> usize {
        let at = |ids: &[Text]| ids.iter().position(|it| it == id);
        let (many, fixed) = (self.ids[of].len(), self.fixed[of].len());
        let owner = at(&self.ids[of]).or_else(|| Some(many + at(&self.fixed[of])?));
        owner.unwrap_or_else(|| many + fixed + at(&self.fresh).unwrap_or(0))
    }

    /// Numbers the texts that are held, those that stand alone first. The first `ids` of what is renamed are ids.
    fn texts(&self, orders: &[Vec<(&Text, &State)>], renamed: &mut Vec<(Text, Text)>, ids: usize) -> Box<[u8]> {
        let mut held = vec![0_u8; self.symbols.stocks.len()].into_boxed_slice();
        if self.symbols.stocks.is_empty() {
            return held;
        }
        // Where entities do not change places, those that were created under such a text keep it.
        let kept: Vec<(usize, u8)> = match self.is_symmetric {
            true => Vec::new(),
            false => orders.iter().flatten().filter_map(|(id, _)| self.symbols.find(id)).collect(),
        };
        let mut seen: Vec<(usize, u8)> = kept.clone();
        for alone in [true, false] {
            for (of, order) in orders.iter().enumerate() {
                for (id, state) in order {
                    let mut owner = None;
                    let mut number = |text: &Text| {
                        let Some((stock, nth)) = self.symbols.find(text) else { return };
                        if seen.contains(&(stock, nth)) {
                            return;
                        }
                        seen.push((stock, nth));
                        let (_, first, apart) = self.symbols.class(stock);
                        let into = match apart {
                            false => stock,
                            true => {
                                let named = || renamed[..ids].iter().find(|(old, _)| old == *id).map_or(*id, |(_, new)| new);
                                first + *owner.get_or_insert_with(|| self.owner(of, named()))
                            }
                        };
                        while kept.contains(&(into, held[into])) {
                            held[into] += 1;
                        }
                        let new = held[into];
                        held[into] += 1;
                        if (into, new) != (stock, nth) {
                            renamed.push((text.clone(), self.symbols.stocks[into][usize::from(new)].clone()));
                        }
                    };
                    if alone {
                        // Somebody may have been created under it.
                        number(id);
                    }
                    let values = state.slots().iter().filter(|it| matches!(it, Value::Text(_)) == alone);
                    values.for_each(|it| each_text(it, &mut number));
                }
            }
        }
        for (stock, nth) in kept {
            held[stock] = held[stock].max(nth + 1);
        }
        held
    }

    /// A number for what the entities are.
    pub(crate) fn print(roll: &Roll, dropped: u64) -> u64 {
        let mut hasher = FoldHasher::default();
        dropped.hash(&mut hasher);
        for One { of, id, state } in roll.iter() {
            of.hash(&mut hasher);
            id.hash(&mut hasher);
            state.hash(&mut hasher);
        }
        hasher.finish()
    }
}

fn number(it: &impl Hash) -> u64 {
    let mut hasher = FoldHasher::default();
    it.hash(&mut hasher);
    hasher.finish()
}

/// Calls `visit` with each id, and each text that somebody holds.
pub(crate) fn each_held(roll: &Roll, visit: &mut impl FnMut(&Text)) {
    for One { id, state, .. } in roll.iter() {
        visit(id);
        state.slots().iter().for_each(|it| each_text(it, &mut *visit));
    }
}

/// Calls `visit` with each text of a value.
pub(crate) fn each_text(value: &Value, mut visit: impl FnMut(&Text)) {
    match value {
        Value::Text(text) => visit(text),
        Value::List(list) => list.iter().for_each(visit),
        Value::Null | Value::Bool(_) | Value::Int(_) => {}
    }
}
