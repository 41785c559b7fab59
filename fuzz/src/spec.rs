//! Target `spec`: bytes as the text of a file of a specified state machine.
//!
//! Held:
//!
//! - Reading ends in a table or in troubles, as [`crate::troubles`] wants them; what is warned of stands at a place of the file.
//! - A table is written as a file that reads back to a table with the same digest, and is written alike then.
//! - Beside itself a type is there twice, which is refused; alone it makes a suite or misfits, and the written file the same suite.
//! - From where its entities begin, the interpreter and the naive one allow and refuse the same and come to the same entity, whose
//!   invariants they judge alike. The calls are drawn from the table's digest.

use crate::Met;
use crate::troubles::sound;
use antfarm_automata::entities::Suite;
use antfarm_automata::reference::{self, Crowd, Entity};
use antfarm_automata::{Call, Table, Text};
use antfarm_automata_reader::{Read, read, read_together};

const FILE: &str = "fuzz.ioa.toml";

/// How many actions are asked for.
const CALLS: usize = 32;

/// Reads a file, writes it anew, and runs what it says. Bytes that are no text are replaced first: whoever opens files refuses them.
///
/// Panics when a guarantee is broken.
pub fn spec(input: &[u8]) -> Met {
    let text = String::from_utf8_lossy(input);
    let table = match read(FILE, &text) {
        Ok(read) => {
            warned(&read, &text);
            read.table
        }
        Err(troubles) => {
            sound(&troubles, FILE, &text);
            return Met::Refused;
        }
    };
    let printed = table.spec().to_string();
    let again = match read(FILE, &printed) {
        Ok(read) => read.table,
        Err(troubles) => panic!("what is written of a spec is no spec: {troubles:#}\n{printed}"),
    };
    assert_eq!(again.spec().to_string(), printed, "what is written reads back as another spec");
    assert_eq!(again.digest(), table.digest(), "a digest is of what is written\n{printed}");
    together(&text, &table, &again);
    runs(&table);
    Met::Taken
}

fn warned(read: &Read, text: &str) {
    for warning in &read.warnings {
        let line = text.split('\n').nth(warning.line - 1).unwrap_or_else(|| panic!("a warning beside the file: {warning}"));
        assert!((1..=line.chars().count() + 1).contains(&warning.column), "column {} of `{line}`: {warning}", warning.column);
    }
}

fn together(text: &str, table: &Table, again: &Table) {
    if let Err(troubles) = read_together(&[(FILE, text)]) {
        sound(&troubles, FILE, text);
    }
    let twice = read_together(&[(FILE, text), (FILE, text)]).map(drop);
    assert!(twice.is_err(), "a type is there twice");
    match (Suite::new(vec![table.clone()]), Suite::new(vec![again.clone()])) {
        (Ok(one), Ok(other)) => {
            assert_eq!(one.digest(), other.digest(), "a suite is what its tables are");
            assert!(Suite::new(vec![table.clone(), again.clone()]).is_err(), "a suite has each type once");
        }
        (Err(one), Err(other)) => assert_eq!((one.is_empty(), one.len()), (false, other.len()), "misfits are of what is written"),
        (Ok(_), Err(misfits)) | (Err(misfits), Ok(_)) => panic!("one of two equal tables is no suite: {misfits:?}"),
    }
}

/// Takes drawn actions from where an entity begins, in both interpreters.
fn runs(table: &Table) {
    let Ok(mut state) = table.create(&[]) else { return };
    let mut noise = table.digest().as_bytes().iter().fold(0_u64, |sum, byte| sum.rotate_left(8) ^ u64::from(*byte));
    let draw = &mut |below: usize| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(noise >> 33).unwrap_or(0) % below
    };
    let mut crowd = Crowd::default();
    crowd.add(table, "a", state.clone());
    let (actions, fresh) = (&table.spec().actions, [Text::from("fresh")]);
    for _ in 0..CALLS.min(CALLS * actions.len()) {
        let action = draw(actions.len());
        let params = reference::arguments(draw, table, action);
        let entity = Entity::new(table, &state);
        let ours = table.evaluate(&state, Call { action, params: &params, fresh: &fresh }, &crowd);
        let naive = reference::run(table, &entity, &actions[action].name, &params, &fresh, &crowd);
        match (ours, naive) {
            (Ok(transition), Ok((after, begun))) => {
                state = transition.after(&state);
                assert!(table.holds(&state), "{state:?}");
                assert_eq!((Entity::new(table, &state), transition.begun().len()), (after, begun), "{}", table.spec());
            }
            (Err(_), Err(_)) => {}
            (ours @ Ok(_), naive @ Err(_)) | (ours @ Err(_), naive @ Ok(_)) => panic!("{ours:?} and {naive:?}\n{}", table.spec()),
        }
        let entity = Entity::new(table, &state);
        for (nth, property) in table.spec().invariants.iter().enumerate() {
            let naive = reference::holds(table, &entity, &property.assert, &crowd);
            assert_eq!(table.invariant(nth, &state, &crowd).ok(), naive, "{}", property.assert);
        }
    }
}
