//! What an action writes, and what it sets going.
//!
//! ```text
//! effect = [ "if" expr ":" ] ( assign | call )
//! assign = name ( "=" | "+=" | "-=" ) expr
//! call   = "append" "(" name "," expr ")" | "remove" "(" name "," expr ")" | "remove_at" "(" name "," expr ")"
//!        | "schedule" "(" 'Action' "," ( seconds | span ) ")" | "schedule_at" "(" 'Action' "," name ")"
//!        | "spawn" "(" 'Type' "," 'Action' [ "," name [ "," expr ] ] ")"
//! ```
//!
//! The effects of an action happen one after the other, each in view of those before it; all of them or none.

use crate::expr::{Expr, Literal};
use crate::lex::Word;
use crate::misread::{Misread, Misreading};
use crate::parse::Parser;
use crate::{Marks, Text};
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

/// One effect statement.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Effect {
    /// `if CONDITION:`. Where it does not hold, nothing happens.
    pub when: Option<Expr>,
    /// What happens.
    pub deed: Deed,
}

/// What an effect does.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Deed {
    /// `var = value`, `var += value`, `var -= value`. A counter stops at 0 when it is taken from.
    Assign {
        /// The variable.
        variable: Text,
        /// How.
        how: Assign,
        /// The value.
        value: Expr,
    },
    /// `append(list, value)`. A set that holds the value stays as it is.
    Append {
        /// The list or set.
        list: Text,
        /// The text.
        value: Expr,
    },
    /// `remove(list, value)`: each occurrence; nothing where there is none.
    Remove {
        /// The list or set.
        list: Text,
        /// The text.
        value: Expr,
    },
    /// `remove_at(list, index)`, from 0; nothing where the list is shorter.
    RemoveAt {
        /// The list or set.
        list: Text,
        /// The index.
        index: Expr,
    },
    /// `schedule('Action', 30)`: an action of this entity, later.
    Schedule {
        /// The action.
        action: Text,
        /// How much later, in milliseconds.
        after: i64,
    },
    /// `schedule_at('Action', field)`: an action of this entity at the time that a variable holds.
    ScheduleAt {
        /// The action.
        action: Text,
        /// The variable.
        field: Text,
    },
    /// `spawn('Type', 'Action', field, id)`: a new entity, and an action on it.
    Spawn {
        /// The type of the new entity.
        entity: Text,
        /// The action.
        action: Text,
        /// The variable that takes the new entity's id.
        store: Option<Text>,
        /// The id; otherwise a fresh one.
        id: Option<Expr>,
    },
}

/// How a variable is assigned to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Assign {
    /// `=`.
    Set,
    /// `+=`.
    Add,
    /// `-=`.
    Subtract,
}

impl Assign {
    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Set => "=",
            Self::Add => "+=",
            Self::Subtract => "-=",
        }
    }
}

impl Effect {
    /// An effect without a condition.
    pub const fn always(deed: Deed) -> Self {
        Self { when: None, deed }
    }

    /// The condition and the values, in the order in which they are written.
    pub fn parts(&self) -> Vec<&Expr> {
        let value = match &self.deed {
            Deed::Assign { value, .. } | Deed::Append { value, .. } | Deed::Remove { value, .. } => Some(value),
            Deed::RemoveAt { index, .. } => Some(index),
            Deed::Spawn { id, .. } => id.as_ref(),
            Deed::Schedule { .. } | Deed::ScheduleAt { .. } => None,
        };
        self.when.iter().chain(value).collect()
    }

    /// That what is written of this can be read, as [`crate::parse::reads_back`] says.
    pub(crate) fn reads_back(&self) -> Result<(), Misread> {
        exactly(&self.to_string()).map(drop).map_err(|wrong| Misread { at: 0, ..wrong })
    }

    /// The variable that is written, if any.
    pub fn writes(&self) -> Option<&Text> {
        match &self.deed {
            Deed::Assign { variable, .. } => Some(variable),
            Deed::Append { list, .. } | Deed::Remove { list, .. } | Deed::RemoveAt { list, .. } => Some(list),
            Deed::Spawn { store, .. } => store.as_ref(),
            Deed::Schedule { .. } | Deed::ScheduleAt { .. } => None,
        }
    }
}

/// Reads an effect. Its marks have the shape of [`Effect::parts`], and stand where the deed begins.
///
/// # Errors
///
/// The text is not exactly one effect, or what would be written of it is beyond what is read.
pub fn parse_effect(source: &str) -> Result<(Effect, Marks), Misread> {
    let found = exactly(source)?;
    found.0.reads_back()?;
    Ok(found)
}

fn exactly(source: &str) -> Result<(Effect, Marks), Misread> {
    let mut parser = Parser::new(source)?;
    let mut marks = Vec::new();
    let when = if parser.take_named("if") {
        let (when, marked) = parser.expr()?;
        parser.expect(&Word::Colon, "`:` and an effect")?;
        marks.push(marked);
        Some(when)
    } else {
        None
    };
    let at = parser.at();
    let deed = deed(&mut parser, &mut marks)?;
    parser.finish()?;
    Ok((Effect { when, deed }, Marks::new(at, marks)))
}

fn deed(parser: &mut Parser, marks: &mut Vec<Marks>) -> Result<Deed, Misread> {
    let before = Misread { at: parser.at(), what: Misreading::Expected("an effect") };
    let name = parser.name("an effect")?;
    let mut value = |parser: &mut Parser| {
        let (value, marked) = parser.expr()?;
        marks.push(marked);
        Ok(value)
    };
    let how = match parser.peek() {
        Some(Word::Assign) => Some(Assign::Set),
        Some(Word::Add) => Some(Assign::Add),
        Some(Word::Subtract) => Some(Assign::Subtract),
        Some(_) | None => None,
    };
    if let Some(how) = how {
        parser.skip();
        return Ok(Deed::Assign { variable: name, how, value: value(parser)? });
    }
    parser.expect(&Word::Open, "`=`, `+=`, `-=` or `(`")?;
    let deed = match name.as_str() {
        "append" | "remove" | "remove_at" => {
            let list = parser.name("a list")?;
            parser.expect(&Word::Comma, "`,`")?;
            let value = value(parser)?;
            match name.as_str() {
                "append" => Deed::Append { list, value },
                "remove" => Deed::Remove { list, value },
                _ => Deed::RemoveAt { list, index: value },
            }
        }
        "schedule" => {
            let action = quoted(parser)?;
            parser.expect(&Word::Comma, "`,`")?;
            let wanted = Misreading::Expected("a number of seconds, or a span such as 1m30s");
            let after = match parser.literal()? {
                Some(Literal::Int(seconds)) if seconds >= 0 => seconds.checked_mul(1000),
                Some(Literal::Span(span)) if span >= 0 => Some(span),
                Some(_) | None => None,
            };
            Deed::Schedule { action, after: after.ok_or(Misread { at: parser.at(), what: wanted })? }
        }
        "schedule_at" => {
            let action = quoted(parser)?;
            parser.expect(&Word::Comma, "`,`")?;
            Deed::ScheduleAt { action, field: parser.name("a variable")? }
        }
        "spawn" => {
            let entity = quoted(parser)?;
            parser.expect(&Word::Comma, "`,`")?;
            let action = quoted(parser)?;
            let store = if parser.take(&Word::Comma) { Some(parser.name("a variable")?) } else { None };
            let id = if store.is_some() && parser.take(&Word::Comma) { Some(value(parser)?) } else { None };
            Deed::Spawn { entity, action, store, id }
        }
        _ => return Err(Misread { what: Misreading::Effect(name), ..before }),
    };
    parser.expect(&Word::Close, "`)`")?;
    Ok(deed)
}

fn quoted(parser: &mut Parser) -> Result<Text, Misread> {
    match parser.peek() {
        Some(Word::Text(name)) if !name.is_empty() => {
            let name = name.clone();
            parser.skip();
            Ok(name)
        }
        Some(_) | None => parser.refuse(Misreading::Expected("a name in single quotes")),
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |name: &Text| Literal::Text(name.clone());
        if let Some(when) = &self.when {
            write!(f, "if {when}: ")?;
        }
        match &self.deed {
            Deed::Assign { variable, how, value } => write!(f, "{variable} {} {value}", how.sign()),
            Deed::Append { list, value } => write!(f, "append({list}, {value})"),
            Deed::Remove { list, value } => write!(f, "remove({list}, {value})"),
            Deed::RemoveAt { list, index } => write!(f, "remove_at({list}, {index})"),
            Deed::Schedule { action, after } => match after % 1000 {
                0 => write!(f, "schedule({}, {})", quoted(action), after / 1000),
                _ => write!(f, "schedule({}, {})", quoted(action), Literal::Span(*after)),
            },
            Deed::ScheduleAt { action, field } => write!(f, "schedule_at({}, {field})", quoted(action)),
            Deed::Spawn { entity, action, store, id } => {
                write!(f, "spawn({}, {}", quoted(entity), quoted(action))?;
                if let Some(store) = store {
                    write!(f, ", {store}")?;
                }
                if let Some(id) = id {
                    write!(f, ", {id}")?;
                }
                f.write_str(")")
            }
        }
    }
}
