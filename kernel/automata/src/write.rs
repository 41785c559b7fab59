//! A spec written as a file, in the newest grammar. Equal specs are written alike, which is what a table's digest is of; what is read
//! from such a file is the spec again.

use crate::expr::Expr;
use crate::spec::{
    Action, Composite, Goal, Home, Liveness, Mode, Outside, Promise, Property, Spec, Started, Target, Timeout, Trigger, Variable,
};
use crate::{Kind, Text, Value};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

/// A text as TOML writes it.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                c if c.is_control() => write!(f, "\\u{:04X}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

struct Texts<'a>(&'a [Text]);

impl Display for Texts<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (nth, text) in self.0.iter().enumerate() {
            write!(f, "{}{}", if nth > 0 { ", " } else { "" }, Quoted(text))?;
        }
        f.write_str("]")
    }
}

/// Names and values as a table in one line.
fn pairs<'a>(f: &mut Formatter<'_>, key: &str, pairs: impl Iterator<Item = (&'a str, Value)>) -> fmt::Result {
    let mut written = 0;
    for (name, value) in pairs {
        if written == 0 {
            write!(f, "{key} = {{ ")?;
        }
        write!(f, "{}{} = {}", if written > 0 { ", " } else { "" }, Quoted(name), Plain(&value))?;
        written += 1;
    }
    if written == 0 { Ok(()) } else { writeln!(f, " }}") }
}

struct Plain<'a>(&'a Value);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("\"\""),
            Value::Bool(truth) => truth.fmt(f),
            Value::Int(number) => number.fmt(f),
            Value::Text(text) => Quoted(text).fmt(f),
            Value::List(list) => Texts(list).fmt(f),
        }
    }
}

impl Display for Spec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "[automaton]\nname = {}\nstates = {}", Quoted(&self.entity), Texts(&self.states))?;
        writeln!(f, "initial = {}", Quoted(&self.initial))?;
        texts(f, "terminal", &self.terminal)?;
        texts(f, "allow_indefinite_states", &self.indefinite)?;
        if self.strict_params {
            writeln!(f, "strict_action_params = true")?;
        }
        for part in self.variables.iter().filter(|it| !it.implied) {
            variable(part, f)?;
        }
        for part in &self.actions {
            action(part, f)?;
        }
        for part in &self.invariants {
            property("invariant", part, f)?;
        }
        for part in &self.field_invariants {
            property("field_invariant", part, f)?;
            text(f, "message", part.message.as_ref())?;
        }
        for part in &self.liveness {
            liveness(part, f)?;
        }
        for part in &self.timeouts {
            timeout(part, f)?;
        }
        for part in &self.outside {
            outside(part, f)?;
        }
        if let Some(broken) = &self.broken {
            writeln!(f, "\n[broken]\nlevel = {}\nproperty = {}", Quoted(&broken.level), Quoted(&broken.property))?;
            writeln!(f, "because = {}", Quoted(&broken.because))?;
            if let Some(steps) = broken.steps {
                writeln!(f, "steps = {steps}")?;
            }
        }
        Ok(())
    }
}

fn texts(f: &mut Formatter<'_>, key: &str, texts: &[Text]) -> fmt::Result {
    if texts.is_empty() { Ok(()) } else { writeln!(f, "{key} = {}", Texts(texts)) }
}

fn text(f: &mut Formatter<'_>, key: &str, text: Option<&Text>) -> fmt::Result {
    text.map_or(Ok(()), |text| writeln!(f, "{key} = {}", Quoted(text)))
}

fn flag(f: &mut Formatter<'_>, key: &str, flag: bool) -> fmt::Result {
    if flag { writeln!(f, "{key} = true") } else { Ok(()) }
}

/// `type = "money"`, and what belongs to it.
fn kind(kind: &Kind, separator: &str, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "type = {}", Quoted(kind.word()))?;
    match kind {
        Kind::Money { unit } => write!(f, "{separator}unit = {}", Quoted(unit)),
        Kind::Ref { entity } => write!(f, "{separator}entity = {}", Quoted(entity)),
        Kind::List { entity, most } | Kind::Set { entity, most } => {
            if let Some(entity) = entity {
                write!(f, "{separator}entity = {}", Quoted(entity))?;
            }
            if *most == crate::MOST_ELEMENTS { Ok(()) } else { write!(f, "{separator}most = {most}") }
        }
        Kind::Bool | Kind::Counter | Kind::Int | Kind::Duration | Kind::Text | Kind::Open => Ok(()),
    }
}

fn variable(it: &Variable, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "\n[[state]]\nname = {}\n", Quoted(&it.name))?;
    kind(&it.kind, "\n", f)?;
    writeln!(f)?;
    if it.initial != Value::Null {
        writeln!(f, "initial = {}", Plain(&it.initial))?;
    }
    flag(f, "given", it.given)?;
    flag(f, "ghost", it.ghost)?;
    match it.home {
        Home::Unstated => {}
        Home::Same => writeln!(f, "home = \"same\"")?,
        Home::Reserved => writeln!(f, "home = \"reserved\"")?,
    }
    for (key, value) in &it.stored {
        writeln!(f, "{key} = {}", Plain(value))?;
    }
    Ok(())
}

fn action(it: &Action, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\n[[action]]\nname = {}", Quoted(&it.name))?;
    match it.mode {
        Mode::Internal => {}
        Mode::Input => writeln!(f, "kind = \"input\"")?,
        Mode::Output => writeln!(f, "kind = \"output\"")?,
        Mode::Composite => writeln!(f, "kind = \"Composite\"")?,
    }
    texts(f, "from", &it.from)?;
    text(f, "to", it.to.as_ref())?;
    let guard = it.whole_guard();
    if guard != Expr::ALWAYS {
        writeln!(f, "guard = {}", Quoted(&format(&guard)))?;
    }
    if !it.effects.is_empty() {
        let effects: Vec<Text> = it.effects.iter().map(|effect| Text::from(format(effect))).collect();
        writeln!(f, "effect = {}", Texts(&effects))?;
    }
    if !it.params.is_empty() {
        write!(f, "params = [")?;
        for (nth, param) in it.params.iter().enumerate() {
            f.write_str(if nth > 0 { ", " } else { "" })?;
            match &param.kind {
                None => Quoted(&param.name).fmt(f)?,
                Some(of) => {
                    write!(f, "{{ name = {}, ", Quoted(&param.name))?;
                    kind(of, ", ", f)?;
                    f.write_str(" }")?;
                }
            }
        }
        writeln!(f, "]")?;
    }
    text(f, "hint", it.hint.as_ref())?;
    if let Some(Composite { record_parent_event, gate, writes }) = &it.composite {
        if !record_parent_event {
            writeln!(f, "record_parent_event = false")?;
        }
        if let Some((principal, resource, action)) = gate {
            let (principal, resource, action) = (Quoted(principal), Quoted(resource), Quoted(action));
            writeln!(f, "cedar_gate = {{ principal = {principal}, resource = {resource}, action = {action} }}")?;
        }
        for (entity, action, from) in writes {
            writeln!(f, "\n[[action.sub_writes]]\ntarget_entity = {}\naction = {}", Quoted(entity), Quoted(action))?;
            text(f, "generated_from", from.as_ref())?;
        }
    }
    it.triggers.iter().try_for_each(|it| trigger(it, f))
}

fn format(it: &impl Display) -> String {
    alloc::format!("{it}")
}

fn trigger(it: &Trigger, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\n[[action.triggers]]\nname = {}", Quoted(&it.name))?;
    let via = match &it.deed {
        Started::Entity { .. } => "entity",
        Started::Outside { via, .. } => via,
    };
    writeln!(f, "kind = {}", Quoted(via))?;
    text(f, "principal", it.principal.as_ref())?;
    text(f, "to_state", it.to_state.as_ref())?;
    if let Some(guard) = &it.guard {
        writeln!(f, "guard = {}", Quoted(&format(guard)))?;
    }
    match it.liveness {
        Promise::BestEffort => {}
        Promise::Nothing => writeln!(f, "liveness = \"none\"")?,
        Promise::Required => writeln!(f, "liveness = \"required\"")?,
    }
    flag(f, "drop_ok", it.drop_ok)?;
    flag(f, "llm", it.llm)?;
    match &it.deed {
        Started::Entity { entity, action, target, params, params_from } => {
            writeln!(f, "target_entity = {}\ntarget_action = {}", Quoted(entity), Quoted(action))?;
            match target {
                Target::Field(field) => writeln!(f, "resolve_target = {{ type = \"field\", field = {} }}", Quoted(field))?,
                Target::SameId => writeln!(f, "resolve_target = {{ type = \"same_id\" }}")?,
                Target::Fixed(id) => writeln!(f, "resolve_target = {{ type = \"static\", entity_id = {} }}", Quoted(id))?,
                Target::CreateIfMissing(field) => {
                    writeln!(f, "resolve_target = {{ type = \"create_if_missing\", id_field = {} }}", Quoted(field))?;
                }
                Target::Create => writeln!(f, "resolve_target = {{ type = \"create\" }}")?,
            }
            pairs(f, "params", params.iter().map(|(name, value)| (name.as_str(), value.clone())))?;
            pairs(f, "params_from", params_from.iter().map(|(name, field)| (name.as_str(), Value::Text(field.clone()))))
        }
        Started::Outside { on_success, on_failure, settings, .. } => {
            text(f, "on_success", on_success.as_ref())?;
            text(f, "on_failure", on_failure.as_ref())?;
            nested(settings, f)
        }
    }
}

/// Settings: `key` on a line of its own; `table.key` in a table of one line.
fn nested(settings: &[(Text, Value)], f: &mut Formatter<'_>) -> fmt::Result {
    let mut tables: Vec<&str> = Vec::new();
    for (key, value) in settings {
        match key.split_once('.') {
            None => writeln!(f, "{key} = {}", Plain(value))?,
            Some((table, _)) if tables.contains(&table) => {}
            Some((table, _)) => tables.push(table),
        }
    }
    for table in tables {
        let within = |(key, value): &'_ (Text, Value)| key.split_once('.').filter(|(of, _)| *of == table).map(|_| value.clone());
        let names = settings.iter().filter_map(|(key, _)| key.split_once('.').filter(|(of, _)| *of == table).map(|(_, key)| key));
        pairs(f, table, names.zip(settings.iter().filter_map(within)))?;
    }
    Ok(())
}

fn property(table: &str, it: &Property, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\n[[{table}]]\nname = {}\nassert = {}", Quoted(&it.name), Quoted(&format(&it.assert)))
}

fn liveness(it: &Liveness, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\n[[liveness]]\nname = {}", Quoted(&it.name))?;
    texts(f, "from", &it.from)?;
    match &it.goal {
        Goal::Reaches(states) => texts(f, "reaches", states)?,
        Goal::HasActions => writeln!(f, "has_actions = true")?,
    }
    it.fair.as_ref().map_or(Ok(()), |fair| writeln!(f, "fair = {}", Texts(fair)))
}

fn timeout(it: &Timeout, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\n[[state_timeout]]\nstate = {}", Quoted(&it.state))?;
    match it.after % 1000 {
        0 => writeln!(f, "after_seconds = {}", it.after / 1000)?,
        _ => writeln!(f, "after = {}", Quoted(&format(&crate::Literal::Span(it.after))))?,
    }
    writeln!(f, "on_timeout = {}", Quoted(&it.action))?;
    if it.most != 1 {
        writeln!(f, "max_occurrences = {}", it.most)?;
    }
    texts(f, "reset_on", &it.reset_on)?;
    pairs(f, "params", it.params.iter().map(|(name, value)| (name.as_str(), Value::Text(value.clone()))))
}

fn outside(it: &Outside, f: &mut Formatter<'_>) -> fmt::Result {
    let single = it.table == "admission";
    if single {
        writeln!(f, "\n[{}]", it.table)?
    } else {
        writeln!(f, "\n[[{}]]", it.table)?
    }
    if !it.name.is_empty() {
        writeln!(f, "name = {}", Quoted(&it.name))?;
    }
    text(f, "action", it.action.as_ref())?;
    nested(&it.settings, f)
}
