//! Every file below `/scenarios` is a test.

use std::process::ExitCode;

fn main() -> ExitCode {
    antfarm_cli::test(antfarm_cli::registry(), concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios"))
}
