//! Entities as scenarios know them: specs from files, and actions in words.
//!
//! Files are named as they lie under the folder in which the tool runs, or one above it, so that a scenario that was saved elsewhere says
//! the same. Members stand for homes: `order-1@scout` is the order of that name that lives at `scout`.

use crate::cast::signer;
use crate::errand::{Errand, nonce_of};
use antfarm_authority::{Bytes, Name, Nonce};
use antfarm_automata::entities::Suite;
use antfarm_automata::{Assign, Deed, Expr, Text, Value, parse_effect};
use antfarm_identity::to_bytes;
use antfarm_machine::{PeerId, Span};
use antfarm_node::{EntityArgs, home_name};
use antfarm_sim::Dice;
use antfarm_sim::scenario::{Recipe, Section, Trouble};
use std::path::PathBuf;
use std::sync::Arc;

/// The suite of these files, named with spaces between them.
///
/// # Errors
///
/// The first file that cannot be read or is none, or the first thing that does not fit.
pub fn suite(files: &str) -> Result<Suite, String> {
    let mut read = Vec::new();
    for name in files.split_whitespace() {
        let text = text_of(name)?;
        read.push((name, text));
    }
    let files: Vec<(&str, &str)> = read.iter().map(|(name, text)| (*name, text.as_str())).collect();
    antfarm_automata_reader::suite(&files).map(|(suite, _)| suite).map_err(|troubles| troubles.to_string())
}

fn text_of(name: &str) -> Result<String, String> {
    let here = std::env::current_dir().map_err(|error| format!("`{name}`: {error}"))?;
    let found = here.ancestors().map(|folder| folder.join(name)).find(|path: &PathBuf| path.is_file());
    let path = found.ok_or_else(|| format!("there is no file `{name}` in this folder or one above it"))?;
    std::fs::read_to_string(&path).map_err(|error| format!("`{}`: {error}", path.display()))
}

/// An action of an entity, as a scenario says it.
pub(crate) fn recipe(row: &Section, under: Name, lasts: Option<Span>) -> Result<Recipe<Errand>, Trouble> {
    let said = row.text("act").unwrap_or_default();
    let tool = Name::new(&said).map_err(|bad| row.refuse("act", bad.to_string()))?;
    if !said.contains('.') {
        return Err(row.refuse("act", "say a type and an action, such as `Order.Place`"));
    }
    let on = row.text("on").ok_or_else(|| row.refuse("act", "say of which entity: `on`"))?;
    let params = params(&row.text("with").unwrap_or_default()).map_err(|why| row.refuse("with", why))?;
    let among = row.count("among");
    let series = row.text("series").unwrap_or_else(|| format!("{under} {said} {on} {params:?}"));
    Ok(Arc::new(move |dice: &mut Dice, nth| {
        let number = among.map_or(nth, |most| dice.between(1, most));
        let numbered = |text: &str| text.replace('#', &number.to_string());
        let value = |value: &Value| if let Value::Text(text) = value { Value::text(&numbered(text)) } else { value.clone() };
        let params = params.iter().map(|(name, it)| (name.clone(), value(it))).collect();
        let nonce: Nonce = nonce_of(&format!("{series} {nth}"));
        let id = Text::from(numbered(&on));
        Errand::Act { under: under.clone(), nonce, lasts, tool: tool.clone(), id, params }
    }))
}

/// What `a = 1; b = 'text'` says.
fn params(text: &str) -> Result<Vec<(Text, Value)>, String> {
    let statements = text.split(';').map(str::trim).filter(|it| !it.is_empty());
    let param = |statement: &str| {
        let (effect, _) = parse_effect(statement).map_err(|wrong| format!("`{statement}`: {wrong}"))?;
        let Deed::Assign { variable, how: Assign::Set, value: Expr::Literal(literal) } = effect.deed else {
            return Err(format!("`{statement}` is not a name, `=` and a value"));
        };
        Ok((variable, Value::from(&literal)))
    };
    statements.map(param).collect()
}

/// An id with the name of a member behind its last `@` as that of an entity that lives there; without an `@`, at `home`.
pub(crate) fn placed(id: &str, names: &[String], home: PeerId) -> Text {
    match id.rsplit_once('@') {
        None => Text::from(format!("{id}@{}", home_name(&signer(home).public()))),
        Some(_) => resolved(id, names),
    }
}

/// A text that ends in `@` and the name of a member as the id of an entity that lives there; any other as it is.
fn resolved(text: &str, names: &[String]) -> Text {
    let member = text.rsplit_once('@').and_then(|(id, home)| Some((id, names.iter().position(|it| it == home)?)));
    let peer = member.and_then(|(id, at)| Some((id, PeerId::new(u32::try_from(at).ok()?))));
    peer.map_or_else(|| text.into(), |(id, peer)| Text::from(format!("{id}@{}", home_name(&signer(peer).public()))))
}

/// The arguments of an action, with members' names for homes.
pub(crate) fn args(params: Vec<(Text, Value)>, names: &[String]) -> Bytes<{ antfarm_authority::MAX_ARGS }> {
    let value = |value: Value| if let Value::Text(text) = value { Value::Text(resolved(&text, names)) } else { value };
    let args = EntityArgs::new(params.into_iter().map(|(name, it)| (name, value(it))));
    Bytes::new(&to_bytes(&args)).expect("a row of a scenario is short")
}

/// A text with the names of members for homes: for people.
pub(crate) fn told(text: &str, names: &[String]) -> String {
    let mut text = text.to_owned();
    for (peer, name) in (0..).map(PeerId::new).zip(names) {
        text = text.replace(home_name(&signer(peer).public()).as_str(), name);
    }
    text
}
