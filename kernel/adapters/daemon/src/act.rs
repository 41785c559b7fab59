//! What an entity is asked to do, as it is typed: values are read by the kinds that the spec gives to parameters.
//!
//! The specs are those that the configuration names by now. Where the daemon has others, it says so by refusing.

use antfarm_automata::entities::{Refused, Suite};
use antfarm_automata::{Assign, Deed as Effects, Effect, Expr, Kind, Literal, Text, Value, parse_effect};
use antfarm_daemon::{Config, Specs};
use antfarm_node::creates;
use antfarm_strict::nearest;

/// An action of a type, or its creation.
pub(crate) struct Deed {
    suite: Suite,
    entity: u16,
    /// None: the creation.
    action: Option<usize>,
}

impl Deed {
    /// What is called so in the specs of this configuration.
    pub(crate) fn read(config: &Config, entity: &str, action: &str) -> Result<Self, String> {
        let specs = Specs::read(config).map_err(|trouble| trouble.to_string())?;
        let suite = specs.ok_or("no entities live there: its configuration names no `specs`")?.suite().clone();
        let types = || suite.tables().iter().map(|it| it.spec().entity.as_str());
        let number = suite.entity(entity).ok_or_else(|| unknown("type", entity, types()))?;
        let table = suite.table(number).ok_or_else(|| unknown("type", entity, types()))?;
        let creates = creates(&suite, number);
        let found = table.action(action);
        if found.is_none() && action != creates {
            let actions = table.spec().actions.iter().map(|it| it.name.as_str());
            return Err(unknown("action", action, actions.chain([creates])));
        }
        Ok(Self { entity: number, action: found, suite: suite.clone() })
    }

    /// What parameters, of a creation variables, are given by `name=value`. `placed` says where ids live.
    pub(crate) fn params(
        &self,
        typed: &[String],
        placed: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<Vec<(Text, Value)>, String> {
        let known = self.kinds();
        let mut params = Vec::new();
        for typed in typed {
            let (name, value) = typed.split_once('=').ok_or_else(|| format!("`{typed}` is not a name, `=` and a value"))?;
            let (name, kind) = known
                .iter()
                .find(|(it, _)| it.as_str() == name)
                .ok_or_else(|| unknown("parameter", name, known.iter().map(|(it, _)| it.as_str())))?;
            params.push((name.clone(), read(kind, value, placed).map_err(|why| format!("`{name}`: {why}"))?));
        }
        Ok(params)
    }

    fn kinds(&self) -> Vec<(Text, Kind)> {
        let Some(table) = self.suite.table(self.entity) else { return Vec::new() };
        match self.action.and_then(|it| Some((it, table.spec().actions.get(it)?))) {
            Some((number, action)) => {
                action.params.iter().map(|it| it.name.clone()).zip(table.params(number).iter().cloned()).collect()
            }
            None => table.spec().variables.iter().filter(|it| it.given).map(|it| (it.name.clone(), it.kind.clone())).collect(),
        }
    }

    /// Why it is not done.
    pub(crate) fn explain(&self, refused: &Refused) -> String {
        self.suite.explain(self.action.map(|it| (self.entity, it)), refused).to_string()
    }
}

fn unknown<'a>(of: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    match nearest(name, known.iter().copied()) {
        Some(it) => format!("there is no {of} `{name}`; did you mean `{it}`?"),
        None if known.is_empty() => format!("there is no {of} `{name}`: there is none"),
        None => format!("there is no {of} `{name}`; there are `{}`", known.join("`, `")),
    }
}

fn read(kind: &Kind, typed: &str, placed: &mut dyn FnMut(&str) -> Result<String, String>) -> Result<Value, String> {
    let value = match kind {
        Kind::Text => Value::text(typed),
        Kind::Ref { .. } if typed == "null" => Value::Null,
        Kind::Ref { .. } => Value::text(&placed(typed)?),
        Kind::List { entity, .. } | Kind::Set { entity, .. } => {
            let parts = typed.split(',').map(str::trim).filter(|_| !typed.is_empty());
            let mut parts: Vec<String> = match entity {
                Some(_) => parts.map(placed).collect::<Result<_, _>>()?,
                None => parts.map(str::to_owned).collect(),
            };
            if matches!(kind, Kind::Set { .. }) {
                parts.sort_unstable();
                parts.dedup();
            }
            Value::list(parts.iter().map(String::as_str))
        }
        Kind::Open => literal(typed).map_or_else(|| Value::text(typed), |it| Value::from(&it)),
        Kind::Bool | Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration => literal(typed)
            .filter(|it| says(kind, it))
            .map(|it| Value::from(&it))
            .ok_or_else(|| format!("`{typed}` is no {kind}"))?,
    };
    if kind.holds(&value) { Ok(value) } else { Err(format!("`{typed}` is no {kind}")) }
}

/// Whether a literal is written as one of a kind is. Of an amount the unit may be left out.
fn says(kind: &Kind, literal: &Literal) -> bool {
    match literal {
        Literal::Bool(_) => *kind == Kind::Bool,
        Literal::Int(_) => matches!(kind, Kind::Counter | Kind::Int | Kind::Money { .. }),
        Literal::Money(_, unit) => matches!(kind, Kind::Money { unit: own } if own == unit),
        Literal::Span(_) => *kind == Kind::Duration,
        Literal::Null | Literal::Text(_) => false,
    }
}

/// What is written as specs write it.
fn literal(typed: &str) -> Option<Literal> {
    match parse_effect(&format!("it = {typed}")).ok()?.0 {
        Effect { when: None, deed: Effects::Assign { how: Assign::Set, value: Expr::Literal(literal), .. } } => Some(literal),
        Effect { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_by_its_kind() {
        let money = Kind::Money { unit: Text::from("usdc") };
        let (list, set) = (Kind::LIST, Kind::Set { entity: None, most: 3 });
        let lamp = Kind::Ref { entity: Text::from("Lamp") };
        for (kind, typed, expected) in [
            (&Kind::Counter, "5", Some(Value::Int(5))),
            (&Kind::Counter, "-5", None),
            (&Kind::Int, "-5", Some(Value::Int(-5))),
            (&Kind::Int, "5s", None),
            (&Kind::Duration, "1m30s", Some(Value::Int(90_000))),
            (&Kind::Duration, "90", None),
            (&money, "5 usdc", Some(Value::Int(5))),
            (&money, "5 eur", None),
            (&Kind::Bool, "true", Some(Value::Bool(true))),
            (&Kind::Bool, "yes", None),
            (&Kind::Text, "it's 5", Some(Value::text("it's 5"))),
            (&lamp, "a@queen", Some(Value::text("a@queen@home"))),
            (&lamp, "null", Some(Value::Null)),
            (&lamp, "", None),
            (&list, "b, a,b", Some(Value::list(["b", "a", "b"]))),
            (&list, "", Some(Value::list([]))),
            (&set, "b,a,b", Some(Value::list(["a", "b"]))),
            (&set, "a,b,c,d", None),
            (&Kind::Open, "7", Some(Value::Int(7))),
            (&Kind::Open, "seven", Some(Value::text("seven"))),
        ] {
            let placed = &mut |id: &str| Ok(if id.is_empty() { String::new() } else { format!("{id}@home") });
            assert_eq!(read(kind, typed, placed).ok(), expected, "{kind} `{typed}`");
        }
    }
}
