//! Which variables and parameters hold values that may be compared with each other, and with which literals.
//!
//! A *place* is a variable, a parameter, the length of a list, or the status of a type. Two places are of one class where the specs compare
//! them, compute one from the other or write one into the other. Values of different classes never meet, so whether they are equal
//! decides nothing: each class has values of its own. What a class is compared with says which values tell anything apart.

use crate::small::meeting::Meeting;
use antfarm_automata::{Kind, Literal, Table, Text, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Somewhere that values are. Types, variables, actions and parameters are numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Place {
    /// A variable of a type; of a list, its elements.
    Variable(usize, usize),
    /// A parameter of an action of a type.
    Param(usize, usize, usize),
    /// The length of what a variable holds.
    Length(usize, usize),
    /// The length of a parameter.
    ParamLength(usize, usize, usize),
    /// The status of a type.
    Status(usize),
    /// Ids of a type that specs write out where no variable holds them.
    Written(usize),
}

/// What is known of the values of a class.
#[derive(Clone, Default, Debug)]
pub(crate) struct Class {
    /// Numbers that it is compared with, computed with, or begins as.
    pub(crate) numbers: BTreeSet<i64>,
    /// Texts that are written out.
    pub(crate) texts: BTreeSet<Text>,
    /// Whether truths are among its values, or it is asked as one.
    pub(crate) truths: bool,
    /// Whether numbers are among its values, or it is ordered or computed with.
    pub(crate) is_ordered: bool,
    /// Whether it is computed with.
    pub(crate) is_computed: bool,
    /// Whether a number and its opposite do different things: it is computed with, or added to what is there or taken from it.
    pub(crate) is_turned: bool,
    /// How long lists may be whose lengths are among its values.
    pub(crate) longest: Option<u32>,
    /// The types whose ids it holds.
    pub(crate) ids: BTreeSet<usize>,
    /// Whether what it holds must live here.
    pub(crate) is_placed: bool,
    /// Whether it names entities that are not there yet.
    pub(crate) names_new: bool,
    /// Whether a value of one entity may meet one of another: a guard reads it there, a trigger hands it on, or it is an id.
    pub(crate) is_shared: bool,
    /// How many places it has.
    pub(crate) places: usize,
    /// The name of its first place, for names of values.
    pub(crate) name: Text,
}

impl Class {
    /// Whether its texts are ids.
    pub(crate) fn has_ids(&self) -> bool {
        self.is_placed || !self.ids.is_empty()
    }

    /// A place of this kind is among its places: whatever it is compared with may be so, too.
    pub(super) fn typed(&mut self, kind: &Kind) {
        match kind {
            Kind::Bool => self.truths = true,
            Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration => self.is_ordered = true,
            Kind::Text | Kind::Ref { .. } | Kind::List { .. } | Kind::Set { .. } | Kind::Open => {}
        }
    }
}

/// The classes of some types.
#[derive(Debug)]
pub(crate) struct Classes {
    places: BTreeMap<Place, usize>,
    /// By place; of the root of each class.
    parents: Vec<usize>,
    classes: Vec<Class>,
}

/// What an expression's value comes from.
#[derive(Clone, Debug)]
pub(super) enum Term {
    Place(usize),
    Literal(Literal),
}

impl Classes {
    /// The classes of these types.
    pub(crate) fn of(tables: &[Table]) -> Self {
        let mut found = Meeting::all(tables, Self::empty());
        found.meet_whom_is_created();
        found
    }

    /// Ids of a type are one class where somebody of it is created under an id that is said: who says the same one means whoever that is.
    fn meet_whom_is_created(&mut self) {
        let all = |classes: &Self, is: &dyn Fn(&Class) -> bool| -> Vec<usize> {
            classes.numbers().filter(|it| is(&classes.classes[*it])).collect()
        };
        let created: BTreeSet<usize> =
            all(self, &|it| it.names_new).into_iter().flat_map(|it| self.classes[it].ids.clone()).collect();
        for of in created {
            let places = all(self, &|it| it.ids.contains(&of));
            places.windows(2).for_each(|pair| self.join(pair[0], pair[1]));
        }
    }

    const fn empty() -> Self {
        Self { places: BTreeMap::new(), parents: Vec::new(), classes: Vec::new() }
    }

    /// The number of a place's class.
    pub(crate) fn number(&self, place: Place) -> Option<usize> {
        self.places.get(&place).map(|at| self.root(*at))
    }

    /// A class, by number.
    pub(crate) fn class(&self, number: usize) -> &Class {
        &self.classes[number]
    }

    /// The numbers of all classes.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = usize> {
        (0..self.parents.len()).filter(|at| self.parents[*at] == *at)
    }

    fn root(&self, mut at: usize) -> usize {
        while self.parents[at] != at {
            at = self.parents[at];
        }
        at
    }

    pub(super) fn place(&mut self, place: Place, name: &Text) -> usize {
        let (parents, classes) = (&mut self.parents, &mut self.classes);
        *self.places.entry(place).or_insert_with(|| {
            parents.push(parents.len());
            classes.push(Class { places: 1, name: name.clone(), ..Class::default() });
            parents.len() - 1
        })
    }

    pub(super) fn at(&mut self, place: usize) -> &mut Class {
        let root = self.root(place);
        &mut self.classes[root]
    }

    pub(super) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (into, from) = (one.min(other), one.max(other));
        if into == from {
            return;
        }
        self.parents[from] = into;
        let gone = std::mem::take(&mut self.classes[from]);
        let class = &mut self.classes[into];
        class.numbers.extend(gone.numbers);
        class.texts.extend(gone.texts);
        class.ids.extend(gone.ids);
        class.truths |= gone.truths;
        class.is_ordered |= gone.is_ordered;
        class.is_computed |= gone.is_computed;
        class.is_turned |= gone.is_turned;
        class.longest = class.longest.max(gone.longest);
        class.is_placed |= gone.is_placed;
        class.names_new |= gone.names_new;
        class.is_shared |= gone.is_shared;
        class.places += gone.places;
    }

    pub(super) fn know(&mut self, place: usize, literal: &Literal) {
        let class = self.at(place);
        match literal {
            Literal::Null => {}
            Literal::Bool(_) => class.truths = true,
            Literal::Int(number) | Literal::Money(number, _) | Literal::Span(number) => drop(class.numbers.insert(*number)),
            Literal::Text(text) => drop(class.texts.insert(text.clone())),
        }
    }

    pub(super) fn hold(&mut self, place: usize, value: &Value) {
        let class = self.at(place);
        match value {
            Value::Null => {}
            Value::Bool(_) => class.truths = true,
            Value::Int(number) => drop(class.numbers.insert(*number)),
            Value::Text(text) => drop(class.texts.insert(text.clone())),
            Value::List(list) => class.texts.extend(list.iter().cloned()),
        }
    }

    /// Makes one class of all that stands together.
    pub(super) fn meet(&mut self, terms: &[Term]) {
        let mut places = terms.iter().filter_map(|it| if let Term::Place(at) = it { Some(*at) } else { None });
        let Some(first) = places.next() else { return };
        places.for_each(|other| self.join(first, other));
        for term in terms {
            if let Term::Literal(literal) = term {
                self.know(first, literal);
            }
        }
    }
}
