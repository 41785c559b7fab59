//! What older grammars wrote, lowered to the newest: guards in words and tables, invariants with `when`, effects in words and tables,
//! `[[integration]]`, and the meaning that a name once had.
//!
//! Rule kept: a lowered form means what it meant, or it is refused; what is dropped is warned of.

mod effect;
mod guard;
mod integration;
mod invariant;

pub(crate) use effect::{effect, statement};
pub(crate) use guard::{clause, guard, trigger_guard};
pub(crate) use integration::Loose;
pub(crate) use invariant::{field_invariant, invariant};

use crate::reading::Reading;
use antfarm_automata::{Assign, Deed, Effect, Expr, Kind, Literal, Site, Spec, Text};

/// In older files an action named like `AddItem` or `RemoveItem`, without an effect, counted every counter up or down. Where the file
/// is an old one, this is written out; otherwise it is only warned of.
pub(crate) fn name_magic(reading: &mut Reading, spec: &mut Spec) {
    let counters: Vec<Text> = spec.variables.iter().filter(|it| it.kind == Kind::Counter).map(|it| it.name.clone()).collect();
    for (index, action) in spec.actions.iter_mut().enumerate() {
        let name = action.name.to_lowercase();
        let says = |words: [&str; 2]| words.iter().any(|word| name.contains(word));
        let how = match (says(["additem", "add_item"]), says(["removeitem", "remove_item"])) {
            (true, _) => Assign::Add,
            (false, true) => Assign::Subtract,
            (false, false) => continue,
        };
        if !action.effects.is_empty() || counters.is_empty() {
            continue;
        }
        let words = if reading.is_old {
            let one = Expr::Literal(Literal::Int(1));
            let assign = |variable: &Text| Effect::always(Deed::Assign { variable: variable.clone(), how, value: one.clone() });
            action.effects = counters.iter().map(assign).collect();
            "counts every counter, as older files had it by its name; write the effects out"
        } else {
            "has no effect; older files took its name to count every counter"
        };
        let place = reading.place(Site::Action(index), 0);
        reading.warn(&place, format!("`{}` {words}", action.name));
    }
}
