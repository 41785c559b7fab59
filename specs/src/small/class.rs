//! Which variables and parameters hold values that may be compared with each other, and with which literals.
//!
//! A *place* is a variable, a parameter, the length of a list, or the status of a type. Two places are of one class where the specs compare
//! them, compute one from the other or write one into the other. Values of different classes never meet, so whether they are equal
//! decides nothing: each class has values of its own. What a class is compared with says which values tell anything apart.

use antfarm_automata::{Action, Assign, Deed, Expr, Kind, Literal, Set, Started, Table, Target, Text, Value};
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
    /// A place of this kind is among its places: whatever it is compared with may be so, too.
    fn typed(&mut self, kind: &Kind) {
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
enum Term {
    Place(usize),
    Literal(Literal),
}

impl Classes {
    /// The classes of these types.
    pub(crate) fn of(tables: &[Table]) -> Self {
        let mut finding = Finding { tables, of: 0, action: None, found: Self::empty(), bound: Vec::new() };
        for of in 0..tables.len() {
            finding.of = of;
            finding.table();
        }
        finding.found.meet_whom_is_created();
        finding.found
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

    fn place(&mut self, place: Place, name: &Text) -> usize {
        let (parents, classes) = (&mut self.parents, &mut self.classes);
        *self.places.entry(place).or_insert_with(|| {
            parents.push(parents.len());
            classes.push(Class { places: 1, name: name.clone(), ..Class::default() });
            parents.len() - 1
        })
    }

    fn at(&mut self, place: usize) -> &mut Class {
        let root = self.root(place);
        &mut self.classes[root]
    }

    fn join(&mut self, one: usize, other: usize) {
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
        class.names_new |= gone.names_new;
        class.is_shared |= gone.is_shared;
        class.places += gone.places;
    }

    fn know(&mut self, place: usize, literal: &Literal) {
        let class = self.at(place);
        match literal {
            Literal::Null => {}
            Literal::Bool(_) => class.truths = true,
            Literal::Int(number) | Literal::Money(number, _) | Literal::Span(number) => drop(class.numbers.insert(*number)),
            Literal::Text(text) => drop(class.texts.insert(text.clone())),
        }
    }

    fn hold(&mut self, place: usize, value: &Value) {
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
    fn meet(&mut self, terms: &[Term]) {
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

/// Walks all that the specs say.
struct Finding<'a> {
    tables: &'a [Table],
    /// The type whose spec is walked.
    of: usize,
    /// The action whose guard or effect is walked.
    action: Option<usize>,
    found: Classes,
    /// What quantifiers bind, innermost last.
    bound: Vec<(Text, Vec<Term>)>,
}

impl Finding<'_> {
    fn entity(&self, name: &Text) -> Option<usize> {
        self.tables.iter().position(|it| it.spec().entity == *name)
    }

    fn variable(&mut self, of: usize, slot: usize) -> usize {
        let variable = &self.tables[of].spec().variables[slot];
        let place = self.found.place(Place::Variable(of, slot), &variable.name);
        self.found.at(place).typed(&variable.kind);
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
                for term in &terms {
                    if let Term::Place(place) = term {
                        self.refers(*place, entity, true);
                    }
                }
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
                for term in self.terms(id) {
                    if let Term::Place(place) = term {
                        self.refers(place, entity, false);
                    }
                }
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
