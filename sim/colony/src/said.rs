//! What scenarios say of actions, as text: parameters (`amount = 20; tags = ['a', 'b']`), what a composite action writes elsewhere
//! (`Vote.Cast vote-1: by = 'ann' & Vote.Cast vote-2`), and the names of files. What stands in quotes is nobody's separator.

use antfarm_automata::{Assign, Deed, Expr, Literal, Set, Text, Value, parse, parse_effect};
use std::fmt::Write as _;

/// What a composite action writes elsewhere, as a scenario says it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, antfarm_identity::Codec)]
pub struct Written {
    /// The type and the action, with a dot between them.
    pub tool: Text,
    /// The entity.
    pub id: Text,
    /// Its parameters, by name.
    pub params: Vec<(Text, Value)>,
}

/// The parts of a text between separators that stand outside of quotes, without blanks around them; empty ones are none.
pub(crate) fn parts(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<&str> {
    let mut is_quoted = false;
    let parts = text.split(|it: char| {
        is_quoted ^= it == '\'';
        !is_quoted && is_separator(it)
    });
    parts.map(str::trim).filter(|it| !it.is_empty()).collect()
}

/// What `a = 1; b = 'text'; c = ['x', 'y']` says.
pub(crate) fn params(text: &str) -> Result<Vec<(Text, Value)>, String> {
    parts(text, |it| it == ';').into_iter().map(param).collect()
}

fn param(statement: &str) -> Result<(Text, Value), String> {
    let refused = || format!("`{statement}` is not a name, `=` and a value");
    let (name, value) = statement.split_once('=').ok_or_else(refused)?;
    if value.trim_start().starts_with('[') {
        let (expr, _) = parse(&format!("{name} in {value}")).map_err(|wrong| format!("`{statement}`: {wrong}"))?;
        let Expr::In { item, set: Set::Listed(literals), negated: false } = expr else { return Err(refused()) };
        let Expr::Name(name) = *item else { return Err(refused()) };
        let text = |it: &Literal| if let Literal::Text(text) = it { Ok(text.clone()) } else { Err(refused()) };
        let texts: Vec<Text> = literals.iter().map(text).collect::<Result<_, _>>()?;
        return Ok((name, Value::List(texts.into())));
    }
    let (effect, _) = parse_effect(statement).map_err(|wrong| format!("`{statement}`: {wrong}"))?;
    let Deed::Assign { variable, how: Assign::Set, value: Expr::Literal(literal) } = effect.deed else { return Err(refused()) };
    Ok((variable, Value::from(&literal)))
}

/// What `Type.Action id: a = 1 & Type.Action id` says.
pub(crate) fn writes(text: &str) -> Result<Vec<Written>, String> {
    let written = |part: &str| {
        let (act, said) = part.split_once(": ").unwrap_or((part, ""));
        let (tool, id) = act.split_once(' ').ok_or_else(|| format!("`{part}` is not a type and an action, and an entity"))?;
        Ok(Written { tool: tool.into(), id: id.trim().trim_end_matches(':').into(), params: params(said)? })
    };
    parts(text, |it| it == '&').into_iter().map(written).collect()
}

/// Parameters as rows say them (`with`), with each `#` twice: one alone stands for a number.
pub fn with(params: &[(Text, Value)]) -> String {
    let mut said = String::new();
    for (nth, (name, value)) in params.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(said, "{}{name} = {}", if nth == 0 { "" } else { "; " }, written(value));
    }
    said.replace('#', "##")
}

fn written(value: &Value) -> String {
    match value {
        Value::Null => Literal::Null.to_string(),
        Value::Bool(it) => Literal::Bool(*it).to_string(),
        Value::Int(it) => Literal::Int(*it).to_string(),
        Value::Text(it) => Literal::Text(it.clone()).to_string(),
        Value::List(list) => Set::Listed(list.iter().cloned().map(Literal::Text).collect()).to_string(),
    }
}

/// What a composite action writes elsewhere, as rows say it (`writes`).
pub fn writing(writes: &[Written]) -> String {
    let one = |it: &Written| format!("{} {}: {}", it.tool, it.id.replace('#', "##"), with(&it.params));
    writes.iter().map(one).collect::<Vec<_>>().join(" & ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let list = |texts: &[&str]| Value::List(texts.iter().map(|it| Text::from(*it)).collect::<Vec<_>>().into());
        let all: Vec<(Text, Value)> = [
            ("a", Value::Null),
            ("b", Value::Bool(true)),
            ("c", Value::Int(i64::MIN)),
            ("d", Value::text("it's; 100% & `so`: [x] = 'y'")),
            ("e", Value::text("")),
            ("f", list(&[])),
            ("g", list(&["x", "y, z'; w", ""])),
        ]
        .into_iter()
        .map(|(name, value)| (Text::from(name), value))
        .collect();
        assert_eq!(params(&with(&all)), Ok(all.clone()));
        let both = [
            Written { tool: "Vote.Cast".into(), id: "vote-1".into(), params: all },
            Written { tool: "Vote.Cast".into(), id: "vote-2@scout".into(), params: Vec::new() },
        ];
        assert_eq!(writes(&writing(&both)), Ok(both.to_vec()));
    }

    #[test]
    fn what_is_no_parameter_is_refused() {
        for wrong in ["a", "a == 1", "a += 1", "a = b", "a = [1]", "a = ['x'", "a = 'x' || true", "1 = ['x']", "a not = ['x']"] {
            assert!(params(wrong).is_err(), "{wrong}");
        }
        assert!(writes("Vote.Cast").is_err());
    }
}
