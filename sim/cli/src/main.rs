//! The binary `antfarm`: the tool with the machines that ship with it.

use std::process::ExitCode;

fn main() -> ExitCode {
    antfarm_cli::main(antfarm_cli::registry())
}
