//! Lists and sets: a length and the first elements. With at most [`UNFOLDED`] elements a list is modelled exactly. A longer one is exact
//! as long as it is short; what lies beyond the first elements is left open, so that a proof still is one, and a counterexample is held
//! against the interpreter before it is believed.
//!
//! Beyond the length an element is -1, so that equal lists are equal terms. A set ascends.

use super::script::Script;
use super::term::{Number, Truth, all, any};
use super::texts::NULL;

/// How many elements are modelled one by one.
pub(super) const UNFOLDED: u32 = 8;

const LONGER: &str = "a list is longer than its first eight elements";

/// A list or a set.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) len: Number,
    /// The codes of the first elements.
    pub(super) items: Vec<Number>,
    /// The most elements.
    pub(super) most: u32,
}

fn known(number: usize) -> Number {
    Number::known(i128::try_from(number).expect("lists are short"))
}

fn code(script: &mut Script, name: &str) -> Number {
    script.number(name, NULL, i128::MAX)
}

impl List {
    fn is_exact(&self) -> bool {
        self.items.len() == self.most as usize
    }

    /// Whether there is an element at this place.
    pub(super) fn reaches(&self, at: usize) -> Truth {
        known(at).below(&self.len)
    }

    /// Whether elements lie beyond those that are modelled.
    pub(super) fn is_longer(&self) -> Truth {
        if self.is_exact() { Truth::FALSE } else { known(self.items.len()).below(&self.len) }
    }

    /// No elements.
    pub(super) fn none(most: u32) -> Self {
        let slots = most.min(UNFOLDED) as usize;
        Self { len: Number::known(0), items: vec![Number::known(NULL); slots], most }
    }

    /// These elements, which are no more than are modelled.
    pub(super) fn of(codes: &[i128], most: u32) -> Option<Self> {
        let mut list = Self::none(most);
        if codes.len() > list.items.len() {
            return None;
        }
        list.len = known(codes.len());
        list.items.iter_mut().zip(codes).for_each(|(item, code)| *item = Number::known(*code));
        Some(list)
    }

    /// Any list of this kind.
    pub(super) fn open(script: &mut Script, name: &str, most: u32, is_set: bool) -> Self {
        let len = script.number(&format!("{name}.len"), 0, most.into());
        let items = (0..most.min(UNFOLDED)).map(|nth| code(script, &format!("{name}.{nth}"))).collect();
        let list = Self { len, items, most };
        script.assert(&list.is_canonical(is_set));
        list
    }

    fn is_canonical(&self, is_set: bool) -> Truth {
        let null = Number::known(NULL);
        let mut rules = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            rules.push(self.reaches(at).same(&null.below(item)));
            if let (true, Some(next)) = (is_set, self.items.get(at + 1)) {
                rules.push(self.reaches(at + 1).implies(&item.below(next)));
            }
        }
        all(rules)
    }

    /// `self` where `truth` holds, `other` elsewhere; both of one kind.
    pub(super) fn pick(script: &mut Script, truth: &Truth, yes: &Self, no: &Self) -> Self {
        let len = script.name(truth.pick(&yes.len, &no.len));
        let items = yes.items.iter().zip(&no.items).map(|(yes, no)| script.name(truth.pick(yes, no))).collect();
        Self { len, items, most: yes.most }
    }

    /// Whether both are the same list.
    pub(super) fn same(&self, script: &mut Script, other: &Self) -> Truth {
        let null = Number::known(NULL);
        let slots = self.items.len().max(other.items.len());
        let at = |list: &Self, at: usize| list.items.get(at).cloned();
        let mut rules = vec![self.len.equals(&other.len)];
        for nth in 0..slots {
            match (at(self, nth), at(other, nth)) {
                (Some(one), Some(other)) => rules.push(one.equals(&other)),
                // The shorter one ends here, or its elements are not modelled.
                (Some(item), None) if other.is_exact() => rules.push(item.equals(&null)),
                (None, Some(item)) if self.is_exact() => rules.push(item.equals(&null)),
                (Some(_), None) | (None, Some(_)) | (None, None) => {}
            }
        }
        if !self.is_exact() || !other.is_exact() {
            let open = script.open_truth(LONGER);
            rules.push(any([self.is_longer(), other.is_longer()]).not().or(&open));
        }
        script.share(all(rules))
    }

    /// Whether a text is among the elements.
    pub(super) fn contains(&self, script: &mut Script, text: &Number) -> Truth {
        let mut found: Vec<Truth> =
            self.items.iter().enumerate().map(|(at, item)| self.reaches(at).and(&item.equals(text))).collect();
        if !self.is_exact() {
            let open = script.open_truth(LONGER);
            found.push(self.is_longer().and(&open));
        }
        script.share(any(found))
    }

    /// What `all` or `any` says of the elements, and whether it has a value: each is looked at. `said` says of each element that is modelled
    /// whether it holds, and whether that has a value.
    pub(super) fn each(&self, script: &mut Script, is_all: bool, said: Vec<(Truth, Truth)>) -> (Truth, Truth) {
        let (mut holds, mut has) = (Truth::Known(is_all), Truth::TRUE);
        if !self.is_exact() {
            let (open, sure) = (script.open_truth(LONGER), script.open_truth(LONGER));
            holds = self.is_longer().choose(&open, &holds);
            has = self.is_longer().not().or(&sure);
        }
        for (at, (truth, value)) in said.iter().enumerate().rev() {
            let is_there = self.reaches(at);
            has = script.share(is_there.implies(value).and(&has));
            holds = script.share(if is_all { is_there.implies(truth).and(&holds) } else { is_there.and(truth).or(&holds) });
        }
        (holds, has)
    }

    /// The list with one more at its end; it must not be full.
    pub(super) fn pushed(&self, script: &mut Script, text: &Number) -> Self {
        let items = self.items.iter().enumerate().map(|(at, item)| {
            let here = self.len.equals(&known(at));
            script.name(here.pick(text, item))
        });
        let items = items.collect();
        Self { len: script.name(self.longer_by(1)), items, most: self.most }
    }

    fn longer_by(&self, by: i128) -> Number {
        let most = i128::from(self.most);
        match self.len.value() {
            Some(len) => Number::known(len + by),
            None if by < 0 => Number::said(format!("(- {} {})", self.len, -by), 0, most),
            None => Number::said(format!("(+ {} {by})", self.len), 0, most + by),
        }
    }

    /// A set with one more at its place; it must neither hold it already nor be full.
    pub(super) fn inserted(&self, script: &mut Script, text: &Number) -> Self {
        let stays: Vec<Truth> = self.items.iter().enumerate().map(|(at, item)| self.reaches(at).and(&item.below(text))).collect();
        let mut items = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            let shifted = match at.checked_sub(1) {
                None => text.clone(),
                // Beyond the new end there is nothing, as beyond the old.
                Some(before) => {
                    let moved = stays[before].pick(text, &self.items[before]);
                    known(at).at_most(&self.len).pick(&moved, &Number::known(NULL))
                }
            };
            items.push(script.name(stays[at].pick(item, &shifted)));
        }
        Self { len: script.name(self.longer_by(1)), items, most: self.most }
    }

    /// The list without any that equals `text`.
    pub(super) fn without(&self, script: &mut Script, text: &Number, is_set: bool) -> Self {
        let mut left = Self::none(self.most);
        for (at, item) in self.items.iter().enumerate() {
            let keeps = script.share(self.reaches(at).and(&item.equals(text).not()));
            let grown = left.pushed(script, item);
            left = Self::pick(script, &keeps, &grown, &left);
        }
        self.unless_longer(script, left, is_set)
    }

    /// The list without the element at `index`, which is there.
    pub(super) fn without_nth(&self, script: &mut Script, index: &Number, is_set: bool) -> Self {
        let null = Number::known(NULL);
        let items = (0..self.items.len()).map(|at| {
            let next = self.items.get(at + 1).unwrap_or(&null);
            script.name(known(at).below(index).pick(&self.items[at], next))
        });
        let items = items.collect();
        let left = Self { len: script.name(self.longer_by(-1)), items, most: self.most };
        self.unless_longer(script, left, is_set)
    }

    /// `left` where this list is modelled wholly; any list elsewhere.
    fn unless_longer(&self, script: &mut Script, left: Self, is_set: bool) -> Self {
        if self.is_exact() {
            return left;
        }
        script.open.insert(LONGER);
        let open = Self::open(script, "open", self.most, is_set);
        let longer = self.is_longer();
        Self::pick(script, &longer, &open, &left)
    }

    /// This list as one that holds at most `most`, a set where `is_set`; and whether it fits.
    pub(super) fn fitted(&self, script: &mut Script, most: u32, is_set: bool) -> (Self, Truth) {
        let mut fitted = Self::none(most);
        let mut fits = Truth::TRUE;
        let open = Truth::FALSE;
        for (at, item) in self.items.iter().enumerate() {
            let is_there = self.reaches(at);
            let has = if is_set { fitted.contains(script, item) } else { open.clone() };
            let grows = script.share(is_there.and(&has.not()));
            let is_full = Number::known(most).at_most(&fitted.len);
            fits = fits.and(&grows.and(&is_full).not());
            let grown = if is_set { fitted.inserted(script, item) } else { fitted.pushed(script, item) };
            fitted = Self::pick(script, &grows, &grown, &fitted);
        }
        if self.is_exact() {
            return (fitted, script.share(fits));
        }
        // Whether what is not modelled fits is left open, too.
        script.open.insert(LONGER);
        let any = Self::open(script, "open", most, is_set);
        let (longer, sure) = (self.is_longer(), script.open_truth(LONGER));
        let fits = longer.choose(&sure, &fits);
        (Self::pick(script, &longer, &any, &fitted), script.share(fits))
    }

    /// That this is what `constant`, a list of the same kind, is.
    pub(super) fn is(&self, constant: &Self) -> Truth {
        let items = self.items.iter().zip(&constant.items).map(|(one, other)| one.equals(other));
        all(std::iter::once(self.len.equals(&constant.len)).chain(items))
    }
}
