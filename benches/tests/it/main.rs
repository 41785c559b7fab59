//! Every work is done, at a size that takes no time: whoever measures finds that it does what it says.

use antfarm_benches as works;

#[test]
fn the_colony_works() {
    assert_eq!(works::commits(1, 8_000, false), 8_000);
    assert_eq!(works::commits(1, 500, true), 512, "sixteen at a time");
    assert_eq!(works::in_world(100, 200), 200);
    assert_eq!(works::in_world(100, 8_000), 8_000, "in the same world, later");
    assert!(works::hive(1, 20, 36_000) > 0);
}

#[test]
fn pasts_are_read() {
    assert!(works::reopen(2_000) > 4_000);
    assert!(works::restart(6_000, 5_000) > 12_000);
    assert_eq!(works::derive(2_000), 2_000);
}

#[test]
fn the_simulator_and_the_ledger_work() {
    assert_eq!(works::echo(1, 4, 100), 800, "there and back");
    assert_eq!(works::timers(1, 10, 100), 1_000);
    assert!(works::raft(1, 60) > 100);
    assert!(works::check(2_000) > 100);
    assert_eq!(works::ledger(200), 201, "and its opening");
    assert_eq!(works::clones(10), 10);
}

#[test]
fn specs_are_proved() {
    assert_eq!(works::cascade(1), 1);
    assert!(works::small(&["issue"]) > 10);
}
