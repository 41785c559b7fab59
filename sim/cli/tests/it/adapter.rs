//! The skeleton of an adapter as it stands: each of its ports breaks its contract, and says how to mend it.

use std::panic::{AssertUnwindSafe, catch_unwind};

#[path = "../../template/adapter/tests/it/rigs.rs"]
mod rigs;

/// What a check of a contract says.
fn told(check: fn()) -> String {
    let panicked = catch_unwind(AssertUnwindSafe(check)).expect_err("nothing is filled in");
    *panicked.downcast::<String>().expect("a contract says what is broken")
}

#[test]
fn every_port_of_a_new_adapter_breaks_its_contract_and_says_where_to_look() {
    for (told, clause) in [
        (told(|| antfarm_conformance::storage(rigs::Disk::fresh)), "storage/"),
        (told(|| antfarm_conformance::network(rigs::Wires::fresh)), "network/"),
        (told(|| antfarm_conformance::clock(rigs::Time::fresh)), "clock/"),
    ] {
        let count = |what: &str| told.matches(what).count();
        assert!(count(&format!("\n\n{clause}")) > 0, "{told}");
        for part in ["rule: ", "saw:  ", "look: "] {
            assert_eq!(count(&format!("\n  {part}")), count(&format!("\n\n{clause}")), "{told}");
        }
    }
}
