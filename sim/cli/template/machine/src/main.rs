//! The tool with this machine: `cargo run -- run scenarios`.

use antfarm_sim::scenario::Registry;
use antfarm_template::Skeletons;
use std::process::ExitCode;

fn main() -> ExitCode {
    antfarm_cli::main(Registry::new().with(Skeletons))
}
