//! One line for each port. Each clause that is broken says what the rule is and where to look.

mod rigs;

#[test]
fn the_storage_keeps_its_contract() {
    antfarm_conformance::storage(rigs::Disk::fresh);
}

#[test]
fn the_network_keeps_its_contract() {
    antfarm_conformance::network(rigs::Wires::fresh);
}

#[test]
fn the_clock_keeps_its_contract() {
    antfarm_conformance::clock(rigs::Time::fresh);
}
