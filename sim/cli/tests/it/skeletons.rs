//! `antfarm new`: what it writes works as it stands.

use crate::tool::Bench;
use std::process::Command;

#[test]
fn a_new_scenario_passes() {
    let bench = Bench::new("new_scenario");
    bench.check("new scenario deep/mine", 0, &["antfarm run deep/mine.toml"]);
    bench.check("run deep/mine.toml", 0, &["all held"]);
    bench.check("new scenario deep/mine", 2, &["is there already"]);
}

/// The crate that is copied is a member of this workspace: its own tests run with all others, and only what is written for
/// the copy is left to check here. `.ci/run` builds and tests a copy.
#[test]
fn a_new_machine_is_a_crate_that_cargo_understands() {
    let bench = Bench::new("new_machine");
    bench.check("new machine ping_pong", 0, &["cd ping_pong"]);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version=1"]).current_dir(bench.path("ping_pong"));
    let output = cargo.output().expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stdout);
    for part in ["\"ping_pong\"", "\"scenarios\"", "antfarm-machine", "antfarm-identity", "antfarm-sim", "antfarm-cli"] {
        assert!(told.contains(part), "no {part} in {told}");
    }
    assert!(bench.read("ping_pong/src/lib.rs").contains("struct PingPong"));
    bench.check("new machine ping_pong", 2, &["is there already"]);
}
