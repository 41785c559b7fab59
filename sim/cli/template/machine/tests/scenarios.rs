//! Every file below `scenarios` is a test.

use antfarm_sim::scenario::Registry;
use antfarm_template::Skeletons;
use std::process::ExitCode;

fn main() -> ExitCode {
    antfarm_cli::test(Registry::new().with(Skeletons), concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"))
}
