//! Effects: what is put where, and whether it fits.

use super::sorts::{Checker, Sort, Type, clash};
use crate::effect::{Assign, Deed, Effect};
use crate::expr::Expr;
use crate::fault::Wrong;
use crate::{Kind, Marks, Text};

impl Checker<'_> {
    pub(super) fn effect(&mut self, effect: &Effect, marks: &Marks) {
        if let Some(when) = &effect.when {
            self.truth(when, marks.part(0));
        }
        let value = marks.part(usize::from(effect.when.is_some()));
        match &effect.deed {
            Deed::Assign { variable, how, value: expr } => {
                let Some(into) = self.written(variable, marks) else { return };
                let Some(found) = self.sort(expr, value, false) else { return };
                let wanted = Sort::of(&into);
                if *how != Assign::Set && !matches!(wanted, Sort::Number(_)) {
                    self.wanted(marks, "a number", &wanted);
                } else {
                    self.put(&into, &found, value);
                }
            }
            Deed::Append { list, value: expr } | Deed::Remove { list, value: expr } => {
                let Some(into) = self.written(list, marks) else { return };
                if into.most().is_none() {
                    self.wanted(marks, "a list", &Sort::of(&into));
                }
                let entity = into.entity().cloned();
                if let Some(found) = self.sort(expr, value, false) {
                    self.put(&Kind::Text, &found, value);
                    self.same_entity(entity.as_ref(), expr, value);
                }
            }
            Deed::RemoveAt { list, index } => {
                let Some(into) = self.written(list, marks) else { return };
                // A set has no order.
                if !matches!(into, Kind::List { .. }) {
                    self.wanted(marks, "a list, whose elements have an order", &Sort::of(&into));
                }
                if let Some(found) = self.sort(index, value, false) {
                    self.put(&Kind::Int, &found, value);
                }
            }
            Deed::Schedule { .. } => {}
            Deed::ScheduleAt { field, .. } => {
                if let Some(found) = self.name(field, marks)
                    && matches!(found.sort, Sort::Bool | Sort::List)
                {
                    self.wanted(marks, "a time", &found.sort);
                }
            }
            Deed::Spawn { entity, store, id, .. } => {
                if let Some(into) = store.as_ref().and_then(|store| self.written(store, marks)) {
                    if !matches!(into, Kind::Text | Kind::Ref { .. } | Kind::Open | Kind::List { .. } | Kind::Set { .. }) {
                        self.wanted(marks, "a reference, or a list of them", &Sort::of(&into));
                    }
                    if let Some(to) = into.entity().filter(|to| *to != entity) {
                        let (to, read) = (to.clone(), entity.clone());
                        self.refuse(marks, Wrong::Refers { to, read });
                    }
                }
                if let Some(expr) = id
                    && let Some(found) = self.sort(expr, value, false)
                {
                    self.put(&Kind::Text, &found, value);
                    // No entity is called like a state: at a node, its id says where it lives.
                    if matches!(expr, Expr::Status) || matches!(expr, Expr::Related { field, .. } if *field == "status") {
                        self.refuse(value, Wrong::Sort { wanted: "an id", found: "the name of a state" });
                    }
                }
            }
        }
    }

    fn written(&mut self, name: &Text, marks: &Marks) -> Option<Kind> {
        let found = self.kind(name).cloned();
        if found.is_none() {
            self.refuse(marks, self.no_variable(name));
        }
        found
    }

    /// That a value can be put into a variable of this kind.
    fn put(&mut self, into: &Kind, found: &Type, marks: &Marks) {
        let wanted = Sort::of(into);
        let what = match (&wanted, &found.sort) {
            (Sort::Open, Sort::List) => Some(Wrong::Sort { wanted: "a truth, a number or a text", found: "a list" }),
            (Sort::Open, _) => None,
            _ if found.optional && !into.is_optional() => Some(Wrong::MayBeNull),
            (_, Sort::Null) => None,
            (Sort::Number(one), Sort::Number(other)) => clash(one, other),
            (one, other) if one == other => None,
            (_, Sort::Open) => Some(Wrong::MayBeNull),
            (Sort::Bool | Sort::Number(_) | Sort::Text | Sort::List | Sort::Null, other) => {
                Some(Wrong::Sort { wanted: wanted.words(), found: other.words() })
            }
        };
        if let Some(what) = what {
            self.refuse(marks, what);
        }
    }

    fn same_entity(&mut self, wanted: Option<&Text>, value: &Expr, marks: &Marks) {
        if let (Some(read), Some(to)) = (wanted, self.refers_to(value))
            && to != *read
        {
            self.refuse(marks, Wrong::Refers { to, read: read.clone() });
        }
    }
}
