//! Entities as scenarios know them: specs from files, and actions in words.
//!
//! Files are named as they lie under the folder in which the tool runs, or one above it, so that a scenario that was saved elsewhere says
//! the same. Members stand for homes: `order-1@scout` is the order of that name that lives at `scout`.

use crate::cast::signer;
use crate::errand::{Errand, nonce_of};
use crate::said::{self, Written};
use antfarm_authority::{Bytes, Name, Nonce};
use antfarm_automata::entities::Suite;
use antfarm_automata::{Text, Value};
use antfarm_identity::to_bytes;
use antfarm_machine::{PeerId, Span};
use antfarm_node::{EntityArgs, EntityWrite, home_name};
use antfarm_sim::Dice;
use antfarm_sim::scenario::{Recipe, Section, Trouble};
use std::path::PathBuf;
use std::sync::Arc;

/// The suite of these files, named with spaces between them; a name that holds spaces stands in single quotes.
///
/// # Errors
///
/// The first file that cannot be read or is none, or the first thing that does not fit.
pub fn suite(files: &str) -> Result<Suite, String> {
    let mut read = Vec::new();
    for name in said::parts(files, char::is_whitespace) {
        let name = name.trim_matches('\'');
        read.push((name, text_of(name)?));
    }
    let files: Vec<(&str, &str)> = read.iter().map(|(name, text)| (*name, text.as_str())).collect();
    antfarm_automata_reader::suite(&files).map(|(suite, _)| suite).map_err(|troubles| troubles.to_string())
}

/// Why entities of these types cannot live in a colony; nothing where they can.
pub fn unfit(suite: &Suite) -> Option<String> {
    let specs = suite.tables().iter().map(antfarm_automata::Table::spec);
    let tools = specs.flat_map(|spec| {
        let actions = spec.actions.iter().map(|it| it.name.as_str());
        actions.chain(["Create"]).map(|action| format!("{}.{action}", spec.entity))
    });
    tools.into_iter().find_map(|tool| Name::new(&tool).err().map(|bad| format!("`{tool}`: {bad}")))
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
    let params = said::params(&row.text("with").unwrap_or_default()).map_err(|why| row.refuse("with", why))?;
    let writes = said::writes(&row.text("writes").unwrap_or_default()).map_err(|why| row.refuse("writes", why))?;
    let among = row.count("among");
    let series = row.text("series").unwrap_or_else(|| match writes.as_slice() {
        [] => format!("{under} {said} {on} {params:?}"),
        writes => format!("{under} {said} {on} {params:?} {writes:?}"),
    });
    Ok(Arc::new(move |dice: &mut Dice, nth| {
        let number = among.map_or(nth, |most| dice.between(1, most));
        let number = number.to_string();
        let given = |params: &[(Text, Value)]| -> Vec<(Text, Value)> {
            params.iter().map(|(name, it)| (name.clone(), each_text(it, |text| numbered(text, &number)))).collect()
        };
        let write = |it: &Written| Written { tool: it.tool.clone(), id: numbered(&it.id, &number), params: given(&it.params) };
        let (params, writes) = (given(&params), writes.iter().map(write).collect());
        let nonce: Nonce = nonce_of(&format!("{series} {nth}"));
        let id = numbered(&on, &number);
        Errand::Act { under: under.clone(), nonce, lasts, tool: tool.clone(), id, params, writes }
    }))
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

/// A text with a number for each `#`; a `#` that is written twice is one.
fn numbered(text: &str, number: &str) -> Text {
    text.split("##").map(|it| it.replace('#', number)).collect::<Vec<_>>().join("#").into()
}

/// A value with another text for each of its texts.
fn each_text(value: &Value, text: impl Fn(&str) -> Text) -> Value {
    match value {
        Value::Text(it) => Value::Text(text(it)),
        Value::List(list) => Value::List(list.iter().map(|it| text(it)).collect::<Vec<_>>().into()),
        Value::Null | Value::Bool(_) | Value::Int(_) => value.clone(),
    }
}

/// The arguments of an action that `me` is asked for, with members' names for homes. Arguments that are too long are none.
pub(crate) fn args(
    params: &[(Text, Value)],
    writes: &[Written],
    names: &[String],
    me: PeerId,
) -> Bytes<{ antfarm_authority::MAX_ARGS }> {
    let given = |params: &[(Text, Value)]| -> Vec<(Text, Value)> {
        params.iter().map(|(name, it)| (name.clone(), each_text(it, |text| resolved(text, names)))).collect()
    };
    let write = |it: &Written| {
        let (entity, action) = it.tool.rsplit_once('.').unwrap_or((&it.tool, ""));
        let (entity, action, id) = (entity.into(), action.into(), placed(&it.id, names, me));
        EntityWrite { entity, id, action, params: given(&it.params) }
    };
    let args = EntityArgs { params: given(params), writes: writes.iter().map(write).collect() };
    Bytes::new(&to_bytes(&args)).unwrap_or_default()
}

/// A text with the names of members for homes: for people.
pub fn told(text: &str, names: &[String]) -> String {
    let mut text = text.to_owned();
    for (peer, name) in (0..).map(PeerId::new).zip(names) {
        text = text.replace(home_name(&signer(peer).public()).as_str(), name);
    }
    text
}

/// The same of a message of an oracle, in which the first digits of a key may stand for it, too.
pub(crate) fn named(message: &str, names: &[String]) -> String {
    let mut message = told(message, names);
    for (peer, name) in (0..).map(PeerId::new).zip(names) {
        message = message.replace(&format!("{:?}", signer(peer).public()), name);
    }
    message
}
