//! `peer-report RUNS COMMAND...`: runs every command once per round, `RUNS` rounds, and prints a table of medians.
//!
//! In rounds, so that a busy minute of the machine falls on every tool alike. A command is split at spaces, and every line it
//! prints must be a [`Sample`]: that is how a benchmark of ours joins the table.

mod table;

use peer_measure::Sample;
use std::io::Write as _;
use std::process::{Command, ExitCode, Stdio};

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let table = rounds(&args).and_then(|samples| table::render(&samples));
    match table {
        Ok(table) => {
            let _ = write!(std::io::stdout(), "{table}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "peer-report: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn rounds(args: &[String]) -> Result<Vec<Sample>, String> {
    let usage = "usage: peer-report RUNS COMMAND...";
    let (runs, commands) = args.split_first().ok_or(usage)?;
    let runs: u32 = runs.parse().map_err(|_| usage)?;
    let mut samples = Vec::new();
    for round in 1..=runs {
        for command in commands {
            let _ = writeln!(std::io::stderr(), "round {round} of {runs}: {command}");
            samples.extend(run(command)?);
        }
    }
    Ok(samples)
}

fn run(command: &str) -> Result<Vec<Sample>, String> {
    let mut words = command.split_whitespace();
    let program = words.next().ok_or("an empty command")?;
    let output = Command::new(program).args(words).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("`{command}` does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{command}` failed: {}", output.status));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(|error| format!("`{command}` printed `{line}`: {error}")))
        .collect()
}
