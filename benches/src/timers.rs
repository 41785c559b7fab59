//! Timers: many sleepers that sleep again and again.

use antfarm_machine::{Effects, Input, Machine, Now, Span};
use antfarm_sim::{Recorder, Simulation};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Sleeper {
    draw: u64,
    sleeps: u64,
    left: u64,
}

impl Sleeper {
    /// Sleeps for 1 to 10 ms, drawn by a linear congruential generator (Knuth's MMIX).
    fn sleep(&mut self, out: &mut Effects<'_, Self>) {
        self.draw = self.draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.arm((), Span::from_nanos(1_000_000 + (self.draw >> 32) * 9_000_000 / (1 << 32)));
    }
}

impl Machine for Sleeper {
    type Ask = ();
    type Message = ();
    type Timer = ();
    type Notice = ();

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Woke { .. } => {
                self.left = self.sleeps;
                self.sleep(out);
            }
            Input::Rang(()) => {
                self.left -= 1;
                if self.left > 0 {
                    self.sleep(out);
                }
            }
            Input::Asked(()) | Input::Heard { .. } | Input::Stored(_) => {}
        }
    }
}

/// `sleepers` nodes sleep `sleeps` times each for 1 to 10 ms; the number of alarms that rang.
pub fn timers(seed: u64, sleepers: u64, sleeps: u64) -> u64 {
    let machines = (0..sleepers).map(|draw| Sleeper { draw, sleeps, left: 0 });
    let mut sim = Simulation::seeded(seed, machines).record(Recorder::Off);
    sim.run_for(Span::from_millis(10 * sleeps + 10));
    assert!(sim.world().ids().all(|node| sim.machine(node).left == 0), "every sleeper woke");
    sleepers * sleeps
}
