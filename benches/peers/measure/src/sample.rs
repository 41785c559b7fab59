//! The line that every benchmark prints, ours too: one JSON object.

use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::time::Duration;

/// One measured run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// Which tool.
    pub tool: String,
    /// Which work: `echo`, `timers`, or a model checker's.
    pub work: String,
    /// Simulated nodes.
    pub nodes: u32,
    /// Messages, sleeps or unique states.
    pub count: u64,
    /// CPU seconds, user and system, all threads.
    pub cpu_s: f64,
    /// Seconds on the wall.
    pub wall_s: f64,
    /// `count / cpu_s`.
    pub per_cpu_s: f64,
    /// Simulated seconds that passed, where the tool has a clock. Equal in every run of one tool and seed, or the tool is not
    /// deterministic on this work; never compared between tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated_s: Option<f64>,
}

impl Sample {
    /// A sample of one run; the rate follows from the rest.
    #[must_use]
    pub fn new(
        tool: &str,
        work: &str,
        nodes: u32,
        count: u64,
        cpu: Duration,
        wall: Duration,
        simulated: Option<Duration>,
    ) -> Self {
        let cpu_s = cpu.as_secs_f64();
        assert!(cpu_s > 0.0, "work too small for the CPU clock");
        let per_cpu_s = count as f64 / cpu_s;
        Self {
            tool: tool.to_owned(),
            work: work.to_owned(),
            nodes,
            count,
            cpu_s,
            wall_s: wall.as_secs_f64(),
            per_cpu_s,
            simulated_s: simulated.map(|time| time.as_secs_f64()),
        }
    }

    /// Prints the sample as one JSON line.
    pub fn print(&self) {
        let line = serde_json::to_string(self).expect("plain data always serialises");
        writeln!(std::io::stdout(), "{line}").expect("standard output is open");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_survives_its_own_line() {
        let (cpu, wall) = (Duration::from_millis(250), Duration::from_millis(300));
        let sample = Sample::new("madsim", "echo", 10, 200_000, cpu, wall, Some(Duration::from_secs(110)));
        assert_eq!(sample.per_cpu_s.to_string(), "800000");
        let line = serde_json::to_string(&sample).expect("serialises");
        assert_eq!(serde_json::from_str::<Sample>(&line).expect("parses"), sample);
    }

    #[test]
    fn simulated_time_is_optional() {
        let line = r#"{"tool":"t","work":"w","nodes":3,"count":5,"cpu_s":0.5,"wall_s":1.0,"per_cpu_s":10.0}"#;
        assert_eq!(serde_json::from_str::<Sample>(line).expect("parses").simulated_s, None);
    }
}
