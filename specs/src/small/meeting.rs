//! Walks all that the specs say, and makes one class of the places whose values meet.

use crate::small::class::{Class, Classes, Place, Term};
use antfarm_automata::{Action, Assign, Deed, Expr, Home, Kind, Literal, Set, Started, Table, Target, Text, Value};

/// Walks all that the specs say.
pub(super) struct Meeting<'a> {
    tables: &'a [Table],
    /// The type whose spec is walked.
    of: usize,
    /// The action whose guard or effect is walked.
    action: Option<usize>,
    found: Classes,
    /// What quantifiers bind, innermost last.
    bound: Vec<(Text, Vec<Term>)>,
}

impl<'a> Meeting<'a> {
    /// The classes of these types; none is known before.
    pub(super) fn all(tables: &'a [Table], none: Classes) -> Classes {
        let mut meeting = Self { tables, of: 0, action: None, found: none, bound: Vec::new() };
        for of in 0..tables.len() {
            meeting.of = of;
            meeting.table();
        }
        meeting.found
    }

    fn entity(&self, name: &Text) -> Option<usize> {
        self.tables.iter().position(|it| it.spec().entity == *name)
    }

    fn variable(&mut self, of: usize, slot: usize) -> usize {
        let variable = &self.tables[of].spec().variables[slot];
        let place = self.found.place(Place::Variable(of, slot), &variable.name);
        let class = self.found.at(place);
        class.typed(&variable.kind);
        class.is_placed |= variable.home == Home::Same;
        place
    }

    fn param(&mut self, of: usize, action: usize, param: usize) -> usize {
        let name = &self.tables[of].spec().actions[action].params[param].name;
        let place = self.found.place(Place::Param(of, action, param), name);
        self.found.at(place).typed(&self.tables[of].params(action)[param]);
        place
    }

    fn named(&mut self, of: usize, name: &Text) -> Option<usize> {
        let slot = self.tables[of].variable(name)?;
        Some(self.variable(of, slot))
    }

    fn refers(&mut self, place: usize, entity: &Text, names_new: bool) {
        let number = self.entity(entity);
        let class = self.found.at(place);
        class.ids.extend(number);
        class.names_new |= names_new;
        class.is_shared = true;
    }

    /// That what these come from are ids of a type.
    fn refer(&mut self, terms: &[Term], entity: &Text, names_new: bool) {
        for term in terms {
            match term {
                Term::Place(place) => self.refers(*place, entity, names_new),
                Term::Literal(literal) => {
                    let Some(of) = self.entity(entity) else { continue };
                    let place = self.found.place(Place::Written(of), &"written".into());
                    self.found.know(place, literal);
                    self.refers(place, entity, false);
                }
            }
        }
    }

    fn table(&mut self) {
        let (of, tables) = (self.of, self.tables);
        let (table, spec) = (&tables[of], tables[of].spec());
        for (slot, variable) in spec.variables.iter().enumerate() {
            let place = self.variable(of, slot);
            self.found.hold(place, &variable.initial);
            if let Some(entity) = variable.kind.entity() {
                self.refers(place, entity, false);
            }
        }
        for (index, action) in spec.actions.iter().enumerate() {
            self.action = Some(index);
            for (param, kind) in table.params(index).iter().enumerate() {
                let place = self.param(of, index, param);
                if let Some(entity) = kind.entity() {
                    self.refers(place, entity, false);
                }
                if let Some(slot) = table.merged(index, param) {
                    let variable = self.variable(of, slot);
                    self.found.join(place, variable);
                }
            }
            self.act(action);
        }
        self.action = None;
        spec.invariants.iter().chain(&spec.field_invariants).for_each(|it| self.truth(&it.assert));
        for timeout in &spec.timeouts {
            let Some(action) = table.action(&timeout.action) else { continue };
            for (name, text) in &timeout.params {
                let Some(param) = spec.actions[action].params.iter().position(|it| it.name == *name) else { continue };
                let place = self.param(of, action, param);
                match text.parse() {
                    Ok(number) if table.params(action)[param].range().is_some() => self.found.know(place, &Literal::Int(number)),
                    Ok(_) | Err(_) => self.found.know(place, &Literal::Text(text.clone())),
                }
            }
        }
    }

    fn act(&mut self, action: &Action) {
        let tables = self.tables;
        self.truth(&action.guard);
        action.constraints.iter().for_each(|it| self.truth(it));
        for effect in &action.effects {
            effect.when.iter().for_each(|it| self.truth(it));
            self.deed(&effect.deed);
        }
        for trigger in &action.triggers {
            trigger.guard.iter().for_each(|it| self.truth(it));
            let Started::Entity { entity, action, target, params, params_from } = &trigger.deed else { continue };
            if let Target::Field(name) | Target::CreateIfMissing(name) = target
                && let Some(place) = self.named(self.of, name)
            {
                self.refers(place, entity, matches!(target, Target::CreateIfMissing(_)));
            }
            let Some((other, action)) = self.entity(entity).and_then(|it| Some((it, self.tables[it].action(action)?))) else {
                continue;
            };
            let nth = |name: &Text| self.tables[other].spec().actions[action].params.iter().position(|it| it.name == *name);
            let fixed: Vec<(usize, &Value)> = params.iter().filter_map(|(name, value)| Some((nth(name)?, value))).collect();
            let from: Vec<(usize, &Text)> = params_from.iter().filter_map(|(name, from)| Some((nth(name)?, from))).collect();
            for (param, value) in fixed {
                let place = self.param(other, action, param);
                self.found.hold(place, value);
            }
            for (param, from) in from {
                let place = self.param(other, action, param);
                if let Some(variable) = self.named(self.of, from) {
                    self.found.join(place, variable);
                    self.found.at(place).is_shared = true;
                } else if tables[self.of].spec().is_own_id(from) {
                    self.refers(place, &tables[self.of].spec().entity, false);
                }
            }
        }
    }

    fn deed(&mut self, deed: &Deed) {
        let of = self.of;
        match deed {
            Deed::Assign { variable: name, value, .. }
            | Deed::Append { list: name, value }
            | Deed::Remove { list: name, value } => {
                let mut terms = self.terms(value);
                terms.extend(self.named(of, name).map(Term::Place));
                if matches!(deed, Deed::Assign { how: Assign::Add | Assign::Subtract, .. }) {
                    self.mark(&terms, |class| (class.is_ordered, class.is_turned) = (true, true));
                }
                self.found.meet(&terms);
            }
            Deed::RemoveAt { list, index } => {
                let mut terms = self.terms(index);
                terms.extend(self.length(&Expr::Name(list.clone())).map(Term::Place));
                self.found.meet(&terms);
            }
            Deed::Schedule { .. } | Deed::ScheduleAt { .. } => {}
            Deed::Spawn { entity, store, id, .. } => {
                let mut terms = id.as_ref().map_or_else(Vec::new, |id| self.terms(id));
                self.refer(&terms, entity, true);
                if let Some(place) = store.as_ref().and_then(|it| self.named(of, it)) {
                    self.refers(place, entity, false);
                    terms.push(Term::Place(place));
                }
                self.found.meet(&terms);
            }
        }
    }

    /// The place of a type's status, which is one of the names of its states.
    fn status(&mut self, of: usize) -> usize {
        let place = self.found.place(Place::Status(of), &"status".into());
        for name in &self.tables[of].spec().states {
            self.found.know(place, &Literal::Text(name.clone()));
        }
        place
    }

    /// The place of a list's length.
    fn length(&mut self, list: &Expr) -> Option<usize> {
        let table = &self.tables[self.of];
        let (place, kind) = match (list, self.action) {
            (Expr::Name(name), _) => {
                let slot = table.variable(name)?;
                (Place::Length(self.of, slot), &table.spec().variables[slot].kind)
            }
            (Expr::Param(name), Some(action)) => {
                let param = self.nth(action, name)?;
                (Place::ParamLength(self.of, action, param), &table.params(action)[param])
            }
            _ => return None,
        };
        let place = self.found.place(place, &"length".into());
        let class = self.found.at(place);
        class.typed(&Kind::Counter);
        class.longest = class.longest.max(kind.most());
        Some(place)
    }

    fn nth(&self, action: usize, name: &Text) -> Option<usize> {
        self.tables[self.of].spec().actions[action].params.iter().position(|it| it.name == *name)
    }

    fn set(&mut self, set: &Set) -> Vec<Term> {
        match set {
            Set::Listed(literals) => literals.iter().cloned().map(Term::Literal).collect(),
            Set::Of(list) => self.terms(list),
        }
    }

    /// An expression that is asked whether it holds.
    fn truth(&mut self, expr: &Expr) {
        let terms = self.terms(expr);
        self.mark(&terms, |class| class.truths = true);
    }

    fn mark(&mut self, terms: &[Term], mark: impl Fn(&mut Class)) {
        for term in terms {
            if let Term::Place(place) = term {
                mark(self.found.at(*place));
            }
        }
    }

    /// What the value of an expression comes from; what is compared within it meets.
    fn terms(&mut self, expr: &Expr) -> Vec<Term> {
        if let Some(number) = expr.constant() {
            return vec![Term::Literal(Literal::Int(number))];
        }
        match expr {
            Expr::Literal(literal) => vec![Term::Literal(literal.clone())],
            Expr::Status => vec![Term::Place(self.status(self.of))],
            Expr::Name(name) => match self.bound.iter().rev().find(|(bound, _)| bound == name) {
                Some((_, terms)) => terms.clone(),
                None => self.named(self.of, name).map(Term::Place).into_iter().collect(),
            },
            Expr::Param(name) => {
                let found = self.action.and_then(|action| Some((action, self.nth(action, name)?)));
                found.map(|(action, param)| Term::Place(self.param(self.of, action, param))).into_iter().collect()
            }
            Expr::Related { entity, id, field } => {
                let terms = self.terms(id);
                self.refer(&terms, entity, false);
                let Some(other) = self.entity(entity) else { return Vec::new() };
                let place = match field.as_str() {
                    "status" => Some(self.status(other)),
                    _ => self.named(other, field),
                };
                if let Some(place) = place {
                    self.found.at(place).is_shared = true;
                }
                place.map(Term::Place).into_iter().collect()
            }
            Expr::Len(list) => self.length(list).map(Term::Place).into_iter().collect(),
            Expr::Empty(inner) => {
                for term in self.terms(inner) {
                    if let Term::Place(place) = term {
                        self.found.know(place, &Literal::Text("".into()));
                    }
                }
                Vec::new()
            }
            Expr::Not(inner) => {
                self.truth(inner);
                Vec::new()
            }
            Expr::And(parts) | Expr::Or(parts) => {
                parts.iter().for_each(|it| self.truth(it));
                Vec::new()
            }
            Expr::Implies(left, right) => {
                self.truth(left);
                self.truth(right);
                Vec::new()
            }
            Expr::Compare { order, left, right } => {
                let terms = [self.terms(left), self.terms(right)].concat();
                if order.is_ordering() {
                    self.mark(&terms, |class| class.is_ordered = true);
                }
                self.found.meet(&terms);
                Vec::new()
            }
            Expr::In { item, set, .. } => {
                let terms = [self.terms(item), self.set(set)].concat();
                self.found.meet(&terms);
                Vec::new()
            }
            Expr::Arith { left, right, .. } => {
                let terms = [self.terms(left), self.terms(right)].concat();
                self.mark(&terms, |class| (class.is_ordered, class.is_computed, class.is_turned) = (true, true, true));
                self.found.meet(&terms);
                terms
            }
            Expr::Negate(inner) => {
                let terms = self.terms(inner);
                self.mark(&terms, |class| (class.is_ordered, class.is_computed, class.is_turned) = (true, true, true));
                terms
            }
            Expr::Each { name, set, holds, .. } => {
                let terms = self.set(set);
                self.bound.push((name.clone(), terms));
                self.truth(holds);
                self.bound.pop();
                Vec::new()
            }
        }
    }
}
