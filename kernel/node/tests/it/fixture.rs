//! Keys, values and operations, briefly.

use antfarm_authority::{Name, Tenant};
use antfarm_node::{Delta, DeltaRefusal, Expected, Key, Op, Value, WorldState};

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

pub(crate) fn tenant(text: &str) -> Tenant {
    Tenant(name(text))
}

pub(crate) fn key(id: &str) -> Key {
    Key::new(&tenant("acme"), &name("well"), id).expect("short")
}

pub(crate) fn value(text: &str) -> Value {
    Value::new(text.as_bytes()).expect("short")
}

pub(crate) fn create(id: &str, text: &str) -> Op {
    Op::Create { key: key(id), value: value(text) }
}

pub(crate) fn replace(id: &str, expected_version: u64, text: &str) -> Op {
    Op::Replace { key: key(id), expected_version, value: value(text) }
}

pub(crate) fn retract(id: &str, expected_version: u64) -> Op {
    Op::Retract { key: key(id), expected_version }
}

pub(crate) fn expect(id: &str, version: u64) -> Op {
    Op::Expect { key: key(id), found: Expected::Version(version) }
}

pub(crate) fn absent(id: &str) -> Op {
    Op::Expect { key: key(id), found: Expected::Absent }
}

/// Applies one delta at position 1.
pub(crate) fn apply(world: &mut WorldState, ops: &[Op]) -> Result<(), DeltaRefusal> {
    world.apply(&Delta::new(ops.to_vec()).expect("a delta"), 1)
}
