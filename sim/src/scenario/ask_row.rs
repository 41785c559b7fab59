//! Rows of asks: what clients ask, when, and of whom.
//!
//! A row asks once (`at`), at a steady pace (`every`) or at a rate (`rate`: gaps are even between zero and twice the mean). The
//! other keys are the machine's own.

use crate::chance::Chance;
use crate::scenario::fault_row::RowName;
use crate::scenario::key::{Form, Key};
use crate::scenario::ordinals::Ordinals;
use crate::scenario::quantity::Spread;
use crate::scenario::read::{Group, Terms, When};
use crate::scenario::section::Section;
use crate::scenario::subject::{Cast, Recipe, Subject};
use crate::simulate::Load;
use crate::world::Time;
use antfarm_machine::{Machine, PeerId, Span};
use antfarm_strict::{Complaint, Found, Place, Source, Table};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The keys that all rows of asks have.
pub(super) const KEYS: &[Key] = &[
    Key::new("at", Form::When, "Ask once, at this time; a range is drawn per seed."),
    Key::new("every", Form::Spread, "Ask again and again, after gaps of this length; of a range each gap is drawn."),
    Key::new("rate", Form::Rate, "Ask at this mean rate; gaps are even between zero and twice the mean."),
    Key::new("from", Form::When, "The first ask of `every` or `rate`; without it 0s."),
    Key::new("until", Form::When, "No ask at or after this; without it the end of the first phase."),
    Key::new("only", Form::Text, "Which of its asks are made, as \"3, 17..20\"; the others are left out. Without it all."),
    Key::new("node", Form::Nodes, "Whom: a node, or each time one of a list or of `any`; without it the machine's choice."),
];

/// The keys one of which says how often a row asks.
const PACES: [&str; 3] = ["at", "every", "rate"];

/// A row of asks.
pub(super) struct AskRow<A> {
    pub(super) line: usize,
    name: RowName,
    from: Spread,
    until: Option<When>,
    every: Option<(Span, Span)>,
    only: Option<Ordinals>,
    nodes: Vec<PeerId>,
    recipe: Recipe<A>,
}

impl<A: Send + 'static> AskRow<A> {
    /// Reads a row. What is wrong goes to `found`.
    pub(super) fn read<S: Subject<Machine: Machine<Ask = A>>>(
        (source, terms): (&Arc<Source>, &Terms<'_>),
        (place, table): (&Place, &Table),
        name: RowName,
        (subject, cast): (&S, &Cast<S::Machine, S::Outside>),
        found: &mut Found,
    ) -> Option<Self> {
        let row = Section::open(source, (place, table), ("an ask", [KEYS, subject.asks()]), terms, found);
        let pace: Vec<&'static str> = PACES.into_iter().filter(|key| row.has(key)).collect();
        match pace.as_slice() {
            [] => {
                // A pace that was refused, or that is misspelt, is a trouble already.
                if table.0.keys().all(|key| row.has_key(key) && !PACES.contains(&key.as_str())) {
                    let complaint = Complaint::Missing { table: "an ask", keys: PACES.into() };
                    found.push(source.trouble(&(place.start..place.start + 1), complaint));
                }
                return None;
            }
            [_] => {}
            [first, second, ..] => found.push(row.clash(second, first)),
        }
        let begin = if row.has("at") { "at" } else { "from" };
        if row.has("at") {
            for key in ["from", "until"].into_iter().filter(|key| row.has(key)) {
                found.push(row.clash(key, "at"));
            }
        }
        let from = row.when(begin);
        if from.is_some_and(|when| when.relative) {
            found.push(row.refuse(begin, "this is counted from the start of the run: write it without `+`"));
        }
        if row.spread("every").is_some_and(|gap| gap.low() == 0) {
            found.push(row.refuse("every", "a gap is more than nothing"));
        }
        let only = row.text("only").map(|text| (Ordinals::parse(&text), text));
        if let Some((None, text)) = &only {
            found.push(row.refuse("only", format!("`{text}` is no list of ordinals from 1 in order; write \"3, 17..20\"")));
        }
        let gap = row.gap("rate").map(|mean| (Span::ZERO, mean + mean));
        let every = row.spread("every").map(|gap| (span(gap.low()), span(gap.high()))).or(gap);
        let nodes = match row.group("node") {
            Some(Group::These(nodes)) => nodes,
            Some(Group::Any) => all(cast),
            None if cast.clients.is_empty() => all(cast),
            None => cast.clients.clone(),
        };
        // A recipe may rely on its keys: all are there, and of their form.
        if !row.is_whole(table) {
            return None;
        }
        let recipe = found.sift(subject.ask(&row, cast))?;
        let from = from.map_or(Spread::just(0), |when| when.spread);
        Some(Self {
            line: row.line(),
            name,
            from,
            until: row.when("until"),
            every,
            only: only.and_then(|(only, _)| only),
            nodes,
            recipe,
        })
    }

    /// Makes no ask any more.
    pub(super) fn silence(&mut self) {
        self.only = Some(Ordinals::default());
    }

    /// One ask of this row, and whom it asks.
    pub(super) fn one(&self, chance: &Chance) -> (PeerId, A) {
        let mut dice = chance.dice("one ask", &[u64::from(self.name.short())], "");
        (*dice.pick(&self.nodes), (self.recipe)(&mut dice, 1))
    }

    /// The workload of this row for a seed; each ask adds one to `asked`.
    pub(super) fn load(&self, chance: &Chance, asked: &Arc<AtomicU64>) -> Load<A> {
        let from = Time::ZERO.after(span(self.name.sample(chance, "from", self.from)));
        let until = self.until.map(|until| {
            let drawn = span(self.name.sample(chance, "until", until.spread));
            if until.relative { from.after(drawn) } else { Time::ZERO.after(drawn) }
        });
        let (recipe, asked) = (self.recipe.clone(), asked.clone());
        let only = self.only.clone();
        let make = Box::new(move |dice: &mut crate::chance::Dice, nth| {
            if only.as_ref().is_some_and(|only| !only.contains(nth)) {
                return None;
            }
            asked.fetch_add(1, Ordering::Relaxed);
            Some(recipe(dice, nth))
        });
        Load { from, until, every: self.every, nodes: self.nodes.clone(), make, row: self.name.short() }
    }
}

fn all<M, O>(cast: &Cast<M, O>) -> Vec<PeerId> {
    (0..u32::try_from(cast.machines.len()).unwrap_or(u32::MAX)).map(PeerId::new).collect()
}

fn span(nanos: i64) -> Span {
    Span::from_nanos(u64::try_from(nanos).unwrap_or(0))
}
