//! Times stateright's own examples: `peer-stateright PATH-OF-PAXOS bfs|dfs CLIENTS`, `peer-stateright PATH-OF-2PC 2pc MANAGERS`.
//!
//! The first checks single-decree Paxos (three servers and the clients) exhaustively for linearizability, the second two-phase commit among
//! so many resource managers (depth first, without symmetry), both on as many threads as there are cores. Unique states are counted. Its reporter looks once a second, so wall time is rounded up; CPU time is not.

use peer_measure::{Sample, Stopwatch, Whose};
use std::io::Write as _;
use std::process::{Command, ExitCode};

/// Servers in the example.
const SERVERS: u32 = 3;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    match measure(&args) {
        Ok(sample) => {
            sample.print();
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "peer-stateright: {failure}");
            ExitCode::from(2)
        }
    }
}

fn measure(args: &[String]) -> Result<Sample, String> {
    let [example, order, clients] = args else {
        return Err("usage: peer-stateright PATH-OF-EXAMPLE bfs|dfs|2pc CLIENTS|MANAGERS".to_owned());
    };
    let clients_wanted: u32 = clients.parse().map_err(|_| format!("`{clients}` is not a number of clients"))?;
    let (subcommand, work, servers) = match order.as_str() {
        "bfs" => ("check-bfs", "paxos-bfs", SERVERS),
        "dfs" => ("check-dfs", "paxos-dfs", SERVERS),
        // Its transaction manager.
        "2pc" => ("check", "2pc", 1),
        _ => return Err(format!("`{order}` is neither a search order, `bfs` or `dfs`, nor `2pc`")),
    };
    let watch = Stopwatch::start(Whose::Children);
    let output = Command::new(example).args([subcommand, clients]).output();
    let (cpu, wall) = watch.stop();
    let output = output.map_err(|error| format!("`{example}` does not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("`{example}` failed: {}", output.status));
    }
    let unique = unique_states(&text).ok_or_else(|| format!("`{example}` did not say how many states it found:\n{text}"))?;
    Ok(Sample::new("stateright", work, servers + clients_wanted, unique, cpu, wall, None))
}

/// The number after `unique=` in the last line of a finished check.
fn unique_states(report: &str) -> Option<u64> {
    let done = report.lines().find(|line| line.starts_with("Done."))?;
    let (_, after) = done.split_once("unique=")?;
    after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_finished_check_counts() {
        let checking = "Checking. states=9, unique=7, depth=3\n";
        assert_eq!(unique_states(checking), None);
        let done = format!("{checking}Done. states=2420477, unique=1194428, depth=28, sec=49\nDiscovered \"value chosen\"");
        assert_eq!(unique_states(&done), Some(1_194_428));
        assert_eq!(unique_states("Done. states=1"), None);
    }
}
