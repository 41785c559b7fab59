//! All ways to call an action in a state: combinations of what its parameters are tried with.

use crate::small::domain::{Domain, Listed};
use crate::small::hits::{Combined, MOST_WAYS};
use crate::small::spot::Spot;
use crate::small::world::World;
use antfarm_automata::{Text, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Combinations of values, one place after the other.
pub(super) struct Ways<'a> {
    world: &'a World,
    spot: &'a Spot,
    /// Whose texts are tried.
    owner: usize,
    domains: &'a [&'a Domain],
    values: Vec<Value>,
    /// By stock, texts that nobody held before and that earlier places took.
    drawn: Vec<(usize, usize)>,
    tried: usize,
    /// The ids that are tried, by type, where not all entities are there yet.
    first: Option<&'a [Vec<Text>]>,
}

/// A list, and what it draws.
type Drawing = (Vec<Text>, Vec<(usize, usize)>);

impl<'a> Ways<'a> {
    pub(super) const fn new(world: &'a World, spot: &'a Spot, owner: usize, domains: &'a [&'a Domain]) -> Self {
        Self { world, spot, owner, domains, values: Vec::new(), drawn: Vec::new(), tried: 0, first: None }
    }

    /// The same as the world begins: whoever is created knows also those who come after.
    pub(super) fn beginning(self, first: &'a [Vec<Text>]) -> Self {
        Self { first: Some(first), ..self }
    }
}

impl Ways<'_> {
    pub(super) fn each(&mut self, visit: &mut dyn FnMut(&[Value]) -> bool) -> bool {
        let Some(domain) = self.domains.get(self.values.len()) else {
            self.tried += 1;
            if self.tried > MOST_WAYS {
                self.world.hits.combined(Combined::Calls);
                return false;
            }
            return visit(&self.values);
        };
        let drawn = self.drawn.len();
        match domain.list {
            None => {
                for nth in 0.. {
                    let Some((value, draws)) = self.value(domain, nth) else { break };
                    if !self.with(value, draws.into_iter().collect(), visit) {
                        return false;
                    }
                    self.drawn.truncate(drawn);
                }
            }
            Some(Listed { most, is_set }) => {
                let elements: Vec<_> = (0..).map_while(|nth| self.value(domain, nth)).collect();
                let texts = elements.iter().filter_map(|(value, draw)| match value {
                    Value::Text(text) => Some((text.clone(), *draw)),
                    Value::Null | Value::Bool(_) | Value::Int(_) | Value::List(_) => None,
                });
                let texts: Vec<_> = texts.collect();
                let top = texts.iter().filter_map(|(_, draw)| *draw).max();
                let mut lists: Vec<Drawing> = vec![(Vec::new(), Vec::new())];
                let mut last = lists.clone();
                for _ in 0..most {
                    if last.len().saturating_mul(texts.len() + 1) > MOST_WAYS {
                        self.world.hits.combined(Combined::Calls);
                        break;
                    }
                    let grow = |(list, draws): &Drawing| {
                        // Behind one that nobody holds there may be another.
                        let another = draws
                            .iter()
                            .copied()
                            .max()
                            .filter(|it| Some(*it) >= top)
                            .and_then(|(stock, nth)| Some((self.symbol(stock, nth + 1)?, Some((stock, nth + 1)))));
                        let fits = texts.iter().cloned().chain(another).filter(|(text, _)| !is_set || !list.contains(text));
                        let grown = |(text, draw): (Text, Option<(usize, usize)>)| {
                            let mut list = [list.as_slice(), &[text]].concat();
                            if is_set {
                                list.sort();
                            }
                            (list, draws.iter().copied().chain(draw).collect())
                        };
                        fits.map(grown).collect::<Vec<_>>()
                    };
                    last = last.iter().flat_map(grow).collect();
                    lists.extend(last.iter().cloned());
                }
                // What a variable begins with may be longer than what is given.
                lists.extend(
                    domain
                        .fixed
                        .iter()
                        .filter_map(|it| if let Value::List(list) = it { Some((list.to_vec(), Vec::new())) } else { None }),
                );
                let mut seen = BTreeSet::new();
                lists.retain(|(list, _)| seen.insert(list.clone()));
                if domain.fixed.contains(&Value::Null) && !self.with(Value::Null, Vec::new(), visit) {
                    return false;
                }
                for (list, draws) in lists {
                    if !self.with(Value::List(Arc::new(list)), draws, visit) {
                        return false;
                    }
                    self.drawn.truncate(drawn);
                }
            }
        }
        true
    }

    fn with(&mut self, value: Value, draws: Vec<(usize, usize)>, visit: &mut dyn FnMut(&[Value]) -> bool) -> bool {
        self.values.push(value);
        self.drawn.extend(draws);
        let go_on = self.each(visit);
        self.values.pop();
        go_on
    }

    /// The value of a domain with this number, and what it draws.
    fn value(&self, domain: &Domain, nth: usize) -> Option<(Value, Option<(usize, usize)>)> {
        if let Some(value) = domain.fixed.get(nth) {
            return Some((value.clone(), None));
        }
        let mut rest = nth - domain.fixed.len();
        if let Some(stock) = domain.class.and_then(|it| self.world.naming.symbols.stock(it, self.owner)) {
            let held = usize::from(self.spot.held.get(stock).copied().unwrap_or(0));
            let drawn = self.drawn.iter().filter(|(it, _)| *it == stock).map(|(_, nth)| nth + 1).max().unwrap_or(0);
            let known = held.max(drawn);
            if rest <= known {
                let draw = (rest >= held).then_some((stock, rest));
                let text = self.symbol(stock, rest)?;
                return Some((Value::Text(text), draw));
            }
            rest -= known + 1;
        }
        for of in &domain.ids {
            if let Some(first) = self.first {
                if let Some(id) = first[*of].get(rest) {
                    return Some((Value::Text(id.clone()), None));
                }
                rest -= first[*of].len();
                continue;
            }
            let ids = self.spot.roll.iter().filter(|it| usize::from(it.of) == *of).map(|it| &it.id);
            if let Some(id) = ids.clone().nth(rest) {
                return Some((Value::Text(id.clone()), None));
            }
            rest -= ids.count();
        }
        // Two, so that two who say one may say different ones.
        let new = self.world.naming.fresh.iter().rev().take(2).nth(rest).filter(|_| domain.new);
        new.map(|id| (Value::Text(id.clone()), None))
    }

    /// A text of a stock; that there is none is a bound.
    fn symbol(&self, stock: usize, nth: usize) -> Option<Text> {
        let text = self.world.naming.symbols.get(stock, nth);
        if text.is_none() {
            self.world.hits.combined(Combined::Texts);
        }
        text.cloned()
    }
}
