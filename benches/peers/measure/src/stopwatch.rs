//! CPU and wall time of a piece of work.
//!
//! CPU time (user and system, all threads) is what tools are compared by: it holds still when the machine is busy with
//! something else. Wall time is kept beside it to show how busy.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::time::{Duration, Instant};

/// Whose CPU time counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// That of this process.
    Ours,
    /// That of its children, once they have been waited for.
    Children,
}

/// A started measurement.
#[derive(Debug)]
pub struct Stopwatch {
    whose: Whose,
    cpu: Duration,
    wall: Instant,
}

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start(whose: Whose) -> Self {
        Self { whose, cpu: cpu(whose), wall: Instant::now() }
    }

    /// CPU and wall time since the start.
    #[must_use]
    pub fn stop(self) -> (Duration, Duration) {
        let wall = self.wall.elapsed();
        (cpu(self.whose).saturating_sub(self.cpu), wall)
    }
}

fn cpu(whose: Whose) -> Duration {
    let who = match whose {
        Whose::Ours => UsageWho::RUSAGE_SELF,
        Whose::Children => UsageWho::RUSAGE_CHILDREN,
    };
    let usage = getrusage(who).expect("`getrusage` knows both callers");
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(micros).expect("CPU time is not negative"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_costs_cpu_time_and_waiting_does_not() {
        let watch = Stopwatch::start(Whose::Ours);
        let until = Instant::now() + Duration::from_millis(300);
        let mut spins = 0_u64;
        while Instant::now() < until {
            spins = std::hint::black_box(spins + 1);
        }
        let (busy, wall) = watch.stop();
        assert!(busy > Duration::from_millis(20), "{busy:?}");
        assert!(wall >= Duration::from_millis(300), "{wall:?}");
        let watch = Stopwatch::start(Whose::Children);
        assert!(watch.stop().0.is_zero(), "no child ran");
    }
}
