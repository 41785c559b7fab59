//! Which values a parameter is tried with, and how far variables may go: derived from what the specs themselves say.
//!
//! Numbers: each literal of the place's class, one less and one more, and two more than the least; their opposites where the class is
//! computed with; where it is compared with lengths, those up to five. Texts: each literal, each that some entity
//! holds, and one that nobody holds; since texts of one class are only ever compared for equality, that is all there is. Ids: each entity
//! of the type, one that is not there, and nothing. What may be anything: a text, and what else its class is compared with, ordered or asked
//! as. Lists: none, one or two of these. A variable that goes beyond the greatest number of its
//! class is looked at and not followed; that bound was hit then.

use crate::home::written;
use crate::small::class::{Class, Classes, Place};
use crate::trace::each_text;
use crate::verdict::Bound;
use antfarm_automata::{Kind, Table, Text, Value};
use std::collections::BTreeSet;

/// The id of an entity that is not there.
pub(crate) const MISSING: &str = "missing";

/// Lists are followed up to so many elements, or one more than the specs compare lengths with.
const ELEMENTS: i64 = 4;

/// Lists are given with at most so many elements.
const GIVEN: usize = 2;

/// What a parameter, or a variable that is given, is tried with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Domain {
    /// Values that are the same in every state.
    pub(crate) fixed: Vec<Value>,
    /// The class whose texts are tried, and one that nobody holds.
    pub(crate) class: Option<usize>,
    /// The types whose ids are tried.
    pub(crate) ids: Vec<usize>,
    /// Whether an id is tried that an entity could be created under.
    pub(crate) new: bool,
    /// Whether all this is what elements of a list are: at most so many.
    pub(crate) list: Option<Listed>,
}

/// What lists are tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed {
    pub(crate) most: usize,
    pub(crate) is_set: bool,
}

/// How far a variable is followed.
#[derive(Clone, Debug)]
pub(crate) enum Range {
    /// Everything.
    All,
    /// Numbers from, to.
    Numbers(i64, i64),
    /// So many elements.
    Elements(usize),
}

impl Range {
    /// Whether a value lies beyond.
    pub(crate) fn is_beyond(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Numbers(least, most), Value::Int(number)) => number < least || number > most,
            (Self::Elements(most), Value::List(list)) => list.len() > *most,
            (Self::All | Self::Numbers(..) | Self::Elements(_), _) => false,
        }
    }
}

/// The numbers that a class is tried with.
pub(crate) fn numbers(class: &Class) -> BTreeSet<i64> {
    let around = |number: &i64| [number.saturating_sub(1), *number, number.saturating_add(1)];
    let mut numbers: BTreeSet<i64> = class.numbers.iter().flat_map(around).collect();
    if let (Some(least), true) = (class.numbers.first(), class.places > 1) {
        numbers.insert(least.saturating_add(2));
    }
    if numbers.is_empty() {
        // Some that order tells apart: one for each place, up to four.
        numbers.extend(0..i64::try_from(class.places).unwrap_or(i64::MAX).clamp(2, 4));
    }
    if class.is_computed {
        numbers.extend([0, 1]);
    }
    numbers
}

/// The numbers that a parameter of a class is tried with, which may be other than where a variable of it goes.
fn given(class: &Class) -> BTreeSet<i64> {
    let mut numbers = numbers(class);
    if let (Some(longest), true) = (class.longest, class.places > 1) {
        numbers.extend(-1..=i64::from(longest).min(ELEMENTS) + 1);
    }
    if class.is_turned {
        numbers.extend([1, 2]);
        let opposites: Vec<i64> = numbers.iter().map(|it| it.saturating_neg()).collect();
        numbers.extend(opposites);
    }
    numbers
}

/// What a place of this kind is tried with. `optional`: whether it may be left out.
pub(crate) fn domain(classes: &Classes, place: Place, kind: &Kind, optional: bool) -> Domain {
    let number = classes.number(place);
    let class = number.map(|it| classes.class(it)).cloned().unwrap_or_default();
    let element = if kind.most().is_some() { Kind::Text } else { kind.clone() };
    let mut fixed: Vec<Value> = if optional { vec![Value::Null] } else { Vec::new() };
    if kind.range().is_some() && (*kind != Kind::Open || class.is_ordered || !class.numbers.is_empty()) {
        fixed.extend(given(&class).into_iter().map(Value::Int));
    }
    if *kind == Kind::Bool || *kind == Kind::Open && class.truths {
        fixed.extend([false, true].map(Value::Bool));
    }
    fixed.extend(class.texts.iter().cloned().map(Value::Text));
    // Where somebody may be created under it, a new id is one that is not there.
    if !class.names_new && (!class.ids.is_empty() || kind.entity().is_some()) {
        fixed.push(Value::text(MISSING));
    }
    fixed.retain(|value| *value == Value::Null || element.holds(value));
    if kind.range().is_some() && *kind != Kind::Open && !fixed.iter().any(|it| matches!(it, Value::Int(_))) {
        fixed.extend([0, 1].map(Value::Int));
    }
    let mut seen = BTreeSet::new();
    fixed.retain(|value| seen.insert(value.clone()));
    let list = kind.most().map(|most| Listed { most: GIVEN.min(most as usize), is_set: matches!(kind, Kind::Set { .. }) });
    // Of what may be anything, a text stands for all that nothing tells apart.
    let texts = is_text(kind) || *kind == Kind::Open;
    Domain {
        fixed,
        class: number.filter(|_| texts),
        ids: if texts || kind.entity().is_some() || *kind == Kind::Open { class.ids.into_iter().collect() } else { Vec::new() },
        new: class.names_new,
        list,
    }
}

/// How far a variable is followed.
pub(crate) fn range(classes: &Classes, of: usize, slot: usize, kind: &Kind) -> Range {
    let class = |place| classes.number(place).map(|it| classes.class(it));
    match kind {
        Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration | Kind::Open => {
            let numbers = class(Place::Variable(of, slot)).map(numbers).unwrap_or_default();
            match (numbers.first(), numbers.last()) {
                // A counter is never below nothing.
                (Some(least), Some(most)) if *kind == Kind::Counter => Range::Numbers(0.max(*least), *most),
                (Some(least), Some(most)) => Range::Numbers(*least, *most),
                (None, _) | (_, None) => Range::All,
            }
        }
        Kind::List { most, .. } | Kind::Set { most, .. } => {
            let said = class(Place::Length(of, slot)).and_then(|it| it.numbers.last().copied()).unwrap_or(0);
            let bound = usize::try_from(said.saturating_add(1).clamp(ELEMENTS, 64)).unwrap_or(64);
            if bound < *most as usize { Range::Elements(bound) } else { Range::All }
        }
        Kind::Bool | Kind::Text | Kind::Ref { .. } => Range::All,
    }
}

impl Domain {
    /// In words, for reports.
    pub(crate) fn told(&self, tables: &[Table]) -> String {
        let mut parts: Vec<String> = Vec::new();
        let numbers: Vec<i64> =
            self.fixed.iter().filter_map(|it| if let Value::Int(it) = it { Some(*it) } else { None }).collect();
        parts.extend(runs(&numbers));
        for value in &self.fixed {
            match value {
                Value::Int(_) => {}
                Value::Null => parts.push("nothing".to_owned()),
                Value::Text(text) if text == MISSING => parts.push("one that is not there".to_owned()),
                Value::Bool(_) | Value::Text(_) | Value::List(_) => parts.push(each_text(value, written).to_string()),
            }
        }
        if self.class.is_some() {
            parts.push("each that is held".to_owned());
            parts.push("a fresh one".to_owned());
        }
        parts.extend(self.ids.iter().map(|it| format!("each {}", tables[*it].spec().entity)));
        if self.new {
            parts.push("a new one".to_owned());
        }
        let told = parts.join(", ");
        match self.list {
            Some(Listed { most, .. }) => format!("up to {most} of: {told}"),
            None => told,
        }
    }
}

/// Numbers in words: `0 to 3, 99 to 101`.
fn runs(numbers: &[i64]) -> Vec<String> {
    let mut told = Vec::new();
    let mut rest = numbers;
    while let Some((first, after)) = rest.split_first() {
        let mut last = *first;
        let mut long = 0;
        while after.get(long).is_some_and(|next| last.checked_add(1) == Some(*next)) {
            last = after[long];
            long += 1;
        }
        told.push(if long == 0 { first.to_string() } else { format!("{first} to {last}") });
        rest = &after[long..];
    }
    told
}

/// How far a variable was followed, in words; nothing where everything was.
pub(crate) fn followed(entity: &Text, variable: &Text, range: &Range, is_hit: bool) -> Option<Bound> {
    let to = match range {
        Range::All => return None,
        Range::Numbers(least, most) => format!("{least} to {most}"),
        Range::Elements(most) => format!("{most} elements"),
    };
    Some(Bound { of: format!("{entity}.{variable}"), to, is_hit })
}

/// Whether values of this kind are texts that are not ids.
pub(crate) const fn is_text(kind: &Kind) -> bool {
    match kind {
        Kind::Text => true,
        Kind::List { entity, .. } | Kind::Set { entity, .. } => entity.is_none(),
        Kind::Bool | Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration | Kind::Ref { .. } | Kind::Open => false,
    }
}
