//! Ids that a spec writes out as values, in proofs, where all entities have one home.
//!
//! Whoever lives at a node has an id that ends in the node's name, so an id that is written out without an `@` names nobody there: what
//! asks it is refused, as what asks another home is. In a proof, entities have ids without an `@`; so there such a text gets the name of
//! a home that nobody has, and loses it again where a run is told.

use crate::small::class::Classes;
use crate::trace::Trace;
use antfarm_automata::entities::home_of;
use antfarm_automata::{MOST_TEXT, Sites, Table, Text};
use std::collections::BTreeSet;

/// What is put behind such an id.
const ELSEWHERE: &str = "@?";

/// An id that has no room for it stays as it is.
const LONGEST: usize = MOST_TEXT - ELSEWHERE.len();

/// The tables with the ids that they write out as those of another home. Not so the names of states, which are values of their own.
pub(crate) fn homed(tables: Vec<Table>) -> Vec<Table> {
    let states: BTreeSet<&Text> = tables.iter().flat_map(|it| &it.spec().states).collect();
    let classes = Classes::of(&tables);
    let ids = classes.numbers().map(|it| classes.class(it)).filter(|it| it.has_ids());
    let is_bare = |it: &&Text| !it.is_empty() && home_of(it).is_empty() && !states.contains(it) && it.len() <= LONGEST;
    let bare: BTreeSet<Text> = ids.flat_map(|it| &it.texts).filter(is_bare).cloned().collect();
    if bare.is_empty() {
        return tables;
    }
    let rename = |text: &Text| bare.contains(text).then(|| Text::from(format!("{text}{ELSEWHERE}")));
    let homed = |table: &Table| Table::new(table.spec().renamed(&mut { rename }), &Sites::new()).map(|it| it.0);
    let all: Result<Vec<Table>, _> = tables.iter().map(homed).collect();
    all.unwrap_or(tables)
}

/// A text as the spec writes it.
pub(crate) fn written(text: &Text) -> Text {
    text.strip_suffix(ELSEWHERE).map_or_else(|| text.clone(), Text::from)
}

/// A run with texts as the spec writes them; but where somebody here has such an id, what is written out is told from it.
pub(crate) fn as_written(mut trace: Trace) -> Trace {
    let all = trace.marks.iter().flat_map(|it| &it.after).chain(&trace.first);
    let here: BTreeSet<Text> = all.map(|it| it.id.clone()).collect();
    let name = |text: &Text| Some(written(text)).filter(|it| !here.contains(it)).unwrap_or_else(|| text.clone());
    trace.rename(0, &name);
    // What is quoted of a spec is what it writes out.
    for dropped in trace.marks.iter_mut().flat_map(|it| &mut it.dropped) {
        *dropped = dropped.replace(&format!("{ELSEWHERE}'"), "'");
    }
    trace
}

/// Whether a text of a run is one that the spec writes out, though somebody here has such an id.
pub(crate) fn is_told_apart(text: &str) -> bool {
    text.ends_with(ELSEWHERE)
}

/// A line for people, the same way.
pub(crate) fn line(line: &str) -> String {
    line.replace(ELSEWHERE, "")
}
