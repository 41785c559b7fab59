//! The two works, and how the command line names them.
//!
//! The third, model checking, has one peer only and its own binary.

use std::fmt;

/// What a simulator is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// Node `i` sends an 8-byte request to node `(i + 1) mod nodes`, waits for the reply, and sends the next: one outstanding
    /// request per node, one-way latency of 1 to 10 ms (or the tool's nearest shape). Ends when every node has its replies.
    Echo {
        /// How many nodes, at least 2.
        nodes: u32,
        /// Requests of each node, at least 1.
        rounds: u32,
    },
    /// Each task sleeps 1 to 10 ms ([`Pace`](crate::Pace)), again and again, on one node. Ends when every task has.
    Timers {
        /// How many tasks, at least 1.
        tasks: u32,
        /// Sleeps of each task, at least 1.
        sleeps: u32,
    },
}

/// The arguments name no work. Displays what would.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage;

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("echo NODES ROUNDS | timers TASKS SLEEPS   (NODES from 2, the others from 1)")
    }
}

impl Work {
    /// Parses `echo NODES ROUNDS` or `timers TASKS SLEEPS`.
    ///
    /// # Errors
    ///
    /// [`Usage`] for anything else: another word, a number out of range, too few or too many arguments.
    pub fn from_args(args: impl IntoIterator<Item = String>) -> Result<Self, Usage> {
        let args: Vec<_> = args.into_iter().collect();
        let [name, many, times] = args.as_slice() else {
            return Err(Usage);
        };
        let many: u32 = many.parse().map_err(|_| Usage)?;
        let times: u32 = times.parse().map_err(|_| Usage)?;
        match name.as_str() {
            "echo" if many >= 2 && times >= 1 => Ok(Self::Echo { nodes: many, rounds: times }),
            "timers" if many >= 1 && times >= 1 => Ok(Self::Timers { tasks: many, sleeps: times }),
            _ => Err(Usage),
        }
    }

    /// `echo` or `timers`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Echo { .. } => "echo",
            Self::Timers { .. } => "timers",
        }
    }

    /// Simulated nodes.
    #[must_use]
    pub fn nodes(self) -> u32 {
        match self {
            Self::Echo { nodes, .. } => nodes,
            Self::Timers { .. } => 1,
        }
    }

    /// What is counted: messages (a request and its reply are two) or sleeps.
    #[must_use]
    pub fn count(self) -> u64 {
        match self {
            Self::Echo { nodes, rounds } => 2 * u64::from(nodes) * u64::from(rounds),
            Self::Timers { tasks, sleeps } => u64::from(tasks) * u64::from(sleeps),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Result<Work, Usage>) {
        assert_eq!(Work::from_args(line.split_whitespace().map(str::to_owned)), expected, "`{line}`");
    }

    #[test]
    fn a_command_line_names_one_work_or_is_refused() {
        check("echo 10 10000", Ok(Work::Echo { nodes: 10, rounds: 10_000 }));
        check("timers 1000 1000", Ok(Work::Timers { tasks: 1_000, sleeps: 1_000 }));
        for line in ["", "echo", "echo 10", "echo 1 10", "echo 10 0", "echo 10 10 10", "echo ten 10", "timers 0 1", "sleep 1 1"] {
            check(line, Err(Usage));
        }
    }

    #[test]
    fn a_request_and_its_reply_count_as_two() {
        assert_eq!(Work::Echo { nodes: 10, rounds: 10_000 }.count(), 200_000);
        assert_eq!(Work::Timers { tasks: 1_000, sleeps: 1_000 }.count(), 1_000_000);
    }
}
