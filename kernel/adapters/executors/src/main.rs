//! `antfarm-exec`: restricts itself, then becomes the command that a manifest names. See `sandbox` in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    antfarm_executors::sandbox_main()
}
