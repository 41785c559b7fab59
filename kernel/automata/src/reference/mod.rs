//! A second interpreter, as naive as can be, and random specs to hold the first against it.
//!
//! It walks the spec by name, computes in 128 bits, asks lists of entities one by one as the grammar's own words say, and shares no
//! code with the program that a table compiles to. Nothing but tests uses it.

mod crowd;
mod generate;

pub use crowd::Crowd;
pub use generate::{Draw, arguments, crowd, expression, spec, state};

use crate::effect::{Assign, Deed, Effect};
use crate::expr::{Arith, Expr, Order, Set};
use crate::see::Related;
use crate::spec::{Mode, Variable};
use crate::state::State;
use crate::{Kind, MOST_TEXT, Table, Text, Value};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// An entity, by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entity {
    /// The name of its state.
    pub status: Text,
    /// Its variables.
    pub values: BTreeMap<Text, Value>,
}

/// At which step a call was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// There is no such action, or it is an event.
    Action,
    /// It does not lead from here.
    Status,
    /// A parameter.
    Param,
    /// The guard does not hold.
    Guard,
    /// The guard has no value.
    Undefined,
    /// An effect.
    Effect,
}

impl Entity {
    /// A state of a table, by name.
    pub fn new(table: &Table, state: &State) -> Self {
        let names = table.spec().variables.iter().map(|it| it.name.clone());
        Self { status: table.spec().states[state.status()].clone(), values: names.zip(state.slots().iter().cloned()).collect() }
    }
}

/// What an action does to an entity: the entity after it, and how many things its effects set going.
///
/// # Errors
///
/// Where it is refused.
pub fn run<R: Related + ?Sized>(
    table: &Table,
    entity: &Entity,
    action: &str,
    params: &[Value],
    fresh: &[Text],
    related: &R,
) -> Result<(Entity, usize), Step> {
    let spec = table.spec();
    let index = table.action(action).ok_or(Step::Action)?;
    let action = &spec.actions[index];
    if action.mode == Mode::Output {
        return Err(Step::Action);
    }
    let everywhere = action.from.is_empty() && !spec.terminal.contains(&entity.status);
    if !everywhere && !action.from.contains(&entity.status) {
        return Err(Step::Status);
    }
    let mut given = BTreeMap::new();
    for (nth, param) in action.params.iter().enumerate() {
        let value = params.get(nth).cloned().unwrap_or(Value::Null);
        if value == Value::Null && table.is_required(index, nth)
            || value != Value::Null && !can_hold(&table.params(index)[nth], &value)
        {
            return Err(Step::Param);
        }
        given.insert(param.name.clone(), value);
    }
    if params.len() > action.params.len() {
        return Err(Step::Param);
    }
    let mut world = World { variables: &spec.variables, entity: entity.clone(), params: given, elements: Vec::new(), related };
    for conjunct in core::iter::once(&action.guard).chain(&action.constraints).flat_map(Expr::conjuncts) {
        match world.truth(conjunct) {
            Some(true) => {}
            Some(false) => return Err(Step::Guard),
            None => return Err(Step::Undefined),
        }
    }
    let (mut fresh, mut begun) = (fresh.iter(), 0);
    for effect in &action.effects {
        world.happen(effect, &mut fresh, &mut begun).ok_or(Step::Effect)?;
    }
    for (param, value) in world.params.clone() {
        let written = action.effects.iter().any(|effect| effect.writes() == Some(&param));
        let variable = spec.variables.iter().find(|it| it.name == param && !it.ghost && !written);
        let takes = |kind: &Kind| !matches!(kind, Kind::Bool | Kind::Counter | Kind::List { .. } | Kind::Set { .. });
        if let Some(variable) = variable.filter(|it| takes(&it.kind))
            && value != Value::Null
        {
            if !can_hold(&variable.kind, &value) {
                return Err(Step::Param);
            }
            world.entity.values.insert(param, value);
        }
    }
    if let Some(to) = &action.to {
        world.entity.status = to.clone();
    }
    Ok((world.entity, begun))
}

/// Whether an expression holds of an entity; nothing where it has no value.
pub fn holds<R: Related + ?Sized>(table: &Table, entity: &Entity, expr: &Expr, related: &R) -> Option<bool> {
    let variables = &table.spec().variables;
    World { variables, entity: entity.clone(), params: BTreeMap::new(), elements: Vec::new(), related }.truth(expr)
}

/// As [`Kind::holds`], said again.
fn can_hold(kind: &Kind, value: &Value) -> bool {
    let short = |text: &Text| text.len() <= MOST_TEXT;
    match kind {
        Kind::Bool => matches!(value, Value::Bool(_)),
        Kind::Int => matches!(value, Value::Int(_)),
        Kind::Counter | Kind::Money { .. } | Kind::Duration => matches!(value, Value::Int(number) if *number >= 0),
        Kind::Text => matches!(value, Value::Text(text) if short(text)),
        Kind::Ref { .. } => *value == Value::Null || matches!(value, Value::Text(text) if short(text) && !text.is_empty()),
        Kind::Open => !matches!(value, Value::List(_)) && !matches!(value, Value::Text(text) if !short(text)),
        Kind::List { most, .. } => matches!(value, Value::List(list) if list.len() <= *most as usize && list.iter().all(short)),
        Kind::Set { most, .. } => {
            let sorted = |list: &Vec<Text>| (1..list.len()).all(|at| list[at - 1] < list[at]);
            matches!(value, Value::List(list) if list.len() <= *most as usize && list.iter().all(short) && sorted(list))
        }
    }
}

struct World<'a, R: ?Sized> {
    variables: &'a [Variable],
    entity: Entity,
    params: BTreeMap<Text, Value>,
    elements: Vec<(Text, Text)>,
    related: &'a R,
}

impl<R: Related + ?Sized> World<'_, R> {
    fn truth(&mut self, expr: &Expr) -> Option<bool> {
        Some(self.value(expr)? == Value::Bool(true))
    }

    /// All values of an operand of a comparison: several where it asks a list of entities.
    fn values(&mut self, expr: &Expr) -> Option<Vec<Value>> {
        let Expr::Related { entity, id, field } = expr else { return Some(alloc::vec![self.value(expr)?]) };
        let ids = match self.value(id)? {
            Value::List(ids) if !ids.is_empty() => ids.iter().cloned().collect(),
            Value::Text(id) => alloc::vec![id],
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::List(_) => alloc::vec![Text::from("")],
        };
        Some(ids.iter().map(|id| self.ask(entity, id, field)).collect())
    }

    fn ask(&self, entity: &Text, id: &Text, field: &Text) -> Value {
        if id.is_empty() { Value::Null } else { self.related.read(entity, id, field).map_or(Value::Null, crate::Seen::keep) }
    }

    fn value(&mut self, expr: &Expr) -> Option<Value> {
        Some(match expr {
            Expr::Literal(literal) => literal.into(),
            Expr::Status => Value::Text(self.entity.status.clone()),
            Expr::Name(name) => match self.elements.iter().rev().find(|(bound, _)| bound == name) {
                Some((_, element)) => Value::Text(element.clone()),
                None => self.entity.values[name].clone(),
            },
            Expr::Param(name) => self.params[name].clone(),
            Expr::Related { .. } => self.values(expr)?.remove(0),
            Expr::Len(list) => match self.value(list)? {
                Value::List(list) => Value::Int(i64::try_from(list.len()).ok()?),
                Value::Null | Value::Bool(_) | Value::Int(_) | Value::Text(_) => Value::Null,
            },
            Expr::Empty(inner) => {
                let value = self.value(inner)?;
                Value::Bool(value == Value::Null || value == Value::text("") || value == Value::list([]))
            }
            Expr::Not(inner) => Value::Bool(!self.truth(inner)?),
            Expr::And(parts) => {
                let mut all = true;
                for part in parts {
                    all = all && self.truth(part)?;
                }
                Value::Bool(all)
            }
            Expr::Or(parts) => {
                let mut any = false;
                for part in parts {
                    any = any || self.truth(part)?;
                }
                Value::Bool(any)
            }
            Expr::Implies(left, right) => {
                let left = self.truth(left)?;
                Value::Bool(!left || self.truth(right)?)
            }
            Expr::Compare { order, left, right } => {
                let (left, right) = (self.values(left)?, self.values(right)?);
                Value::Bool(left.iter().all(|left| right.iter().all(|right| compare(*order, left, right))))
            }
            Expr::In { item, set, negated } => {
                let items = self.values(item)?;
                let set = self.members(set)?;
                Value::Bool(items.iter().all(|item| set.contains(item) != *negated))
            }
            Expr::Arith { op, left, right } => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                match (left, right) {
                    (Value::Int(left), Value::Int(right)) => Value::Int(arith(*op, left.into(), right.into())?),
                    (Value::Null | Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::List(_), _) => Value::Null,
                }
            }
            Expr::Negate(inner) => match self.value(inner)? {
                Value::Int(number) => Value::Int(i64::try_from(-i128::from(number)).ok()?),
                Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) => Value::Null,
            },
            Expr::Each { all, name, set, holds } => {
                let mut result = *all;
                for member in self.members(set)? {
                    if let Value::Text(element) = member {
                        self.elements.push((name.clone(), element));
                        let truth = self.truth(holds);
                        self.elements.pop();
                        result = if *all { result & truth? } else { result | truth? };
                    }
                }
                Value::Bool(result)
            }
        })
    }

    fn members(&mut self, set: &Set) -> Option<Vec<Value>> {
        Some(match set {
            Set::Listed(literals) => literals.iter().map(Value::from).collect(),
            Set::Of(list) => match self.value(list)? {
                Value::List(list) => list.iter().cloned().map(Value::Text).collect(),
                Value::Null | Value::Bool(_) | Value::Int(_) | Value::Text(_) => Vec::new(),
            },
        })
    }

    fn put(&mut self, name: &Text, value: Value) -> Option<()> {
        let kind = &self.variables.iter().find(|it| it.name == *name)?.kind;
        let value = match (kind, value) {
            (Kind::Set { .. }, Value::List(list)) => {
                let sorted: alloc::collections::BTreeSet<Text> = list.iter().cloned().collect();
                Value::List(Arc::new(sorted.into_iter().collect()))
            }
            (_, value) => value,
        };
        if !can_hold(kind, &value) {
            return None;
        }
        self.entity.values.insert(name.clone(), value);
        Some(())
    }

    fn list(&self, name: &Text) -> Vec<Text> {
        match &self.entity.values[name] {
            Value::List(list) => list.to_vec(),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Text(_) => Vec::new(),
        }
    }

    fn append(&mut self, name: &Text, text: Text) -> Option<()> {
        let mut list = self.list(name);
        let is_set = matches!(self.variables.iter().find(|it| it.name == *name)?.kind, Kind::Set { .. });
        if is_set && list.contains(&text) {
            return Some(());
        }
        list.push(text);
        self.put(name, Value::List(Arc::new(list)))
    }

    fn happen(&mut self, effect: &Effect, fresh: &mut core::slice::Iter<'_, Text>, begun: &mut usize) -> Option<()> {
        if let Some(when) = &effect.when
            && !self.truth(when)?
        {
            return Some(());
        }
        match &effect.deed {
            Deed::Assign { variable, how: Assign::Set, value } => {
                let value = self.value(value)?;
                self.put(variable, value)
            }
            Deed::Assign { variable, how, value } => {
                let (Value::Int(by), Value::Int(now)) = (self.value(value)?, self.entity.values[variable].clone()) else {
                    return None;
                };
                let by = i128::from(by) * if *how == Assign::Add { 1 } else { -1 };
                let sum = i64::try_from(i128::from(now) + by).ok()?;
                let is_counter = self.variables.iter().any(|it| it.name == *variable && it.kind == Kind::Counter);
                let stops = is_counter && *how == Assign::Subtract && sum < 0;
                self.put(variable, Value::Int(if stops { 0 } else { sum }))
            }
            Deed::Append { list, value } => match self.value(value)? {
                Value::Text(text) => self.append(list, text),
                Value::Null | Value::Bool(_) | Value::Int(_) | Value::List(_) => None,
            },
            Deed::Remove { list, value } => {
                let value = self.value(value)?;
                let left = self.list(list).into_iter().filter(|it| Value::Text(it.clone()) != value).collect();
                self.put(list, Value::List(Arc::new(left)))
            }
            Deed::RemoveAt { list, index } => {
                let (index, mut left) = (self.value(index)?, self.list(list));
                if let Value::Int(index) = index
                    && let Ok(index) = usize::try_from(index)
                    && index < left.len()
                {
                    left.remove(index);
                }
                self.put(list, Value::List(Arc::new(left)))
            }
            Deed::Schedule { .. } | Deed::ScheduleAt { .. } => {
                *begun += 1;
                Some(())
            }
            Deed::Spawn { store, id, .. } => {
                let id = match id {
                    None => Value::Text(fresh.next()?.clone()),
                    Some(id) => self.value(id)?,
                };
                let Value::Text(id) = id else { return None };
                if id.is_empty() {
                    return None;
                }
                *begun += 1;
                let Some(store) = store else { return Some(()) };
                let kind = &self.variables.iter().find(|it| it.name == *store)?.kind;
                if kind.most().is_some() { self.append(store, id) } else { self.put(store, Value::Text(id)) }
            }
        }
    }
}

fn compare(order: Order, left: &Value, right: &Value) -> bool {
    let (Value::Int(one), Value::Int(other)) = (left, right) else {
        return match order {
            Order::Equal => left == right,
            Order::Unequal => left != right,
            Order::Less | Order::AtMost | Order::More | Order::AtLeast => false,
        };
    };
    match order {
        Order::Equal => one == other,
        Order::Unequal => one != other,
        Order::Less => one < other,
        Order::AtMost => one <= other,
        Order::More => one > other,
        Order::AtLeast => one >= other,
    }
}

/// In 128 bits, where nothing overflows; nothing where the result does not fit into 64.
fn arith(op: Arith, left: i128, right: i128) -> Option<i64> {
    // The quotient whose remainder is neither negative nor as large as the divisor.
    let quotient = || {
        let down = left.checked_div(right)?;
        let rest = left - down * right;
        Some(if rest >= 0 {
            down
        } else if right > 0 {
            down - 1
        } else {
            down + 1
        })
    };
    let result = match op {
        Arith::Plus => left + right,
        Arith::Minus => left - right,
        Arith::Times => left * right,
        Arith::Divide => quotient()?,
        Arith::Modulo => left - quotient()? * right,
    };
    i64::try_from(result).ok()
}
