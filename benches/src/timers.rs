//! Timers: many sleepers that sleep again and again.

use antfarm_identity::Fold;
use antfarm_machine::{Effects, Input, Machine, Now, Span};
use antfarm_sim::{Recorder, Simulation};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Sleeper {
    me: u64,
    sleeps: u64,
    left: u64,
}

impl Sleeper {
    fn sleep(&self, out: &mut Effects<'_, Self>) {
        let mut jitter = Fold::new();
        jitter.absorb_u64(self.me);
        jitter.absorb_u64(self.left);
        out.arm((), Span::from_nanos(1_000_000 + jitter.value() % 9_000_000));
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
    let machines = (0..sleepers).map(|me| Sleeper { me, sleeps, left: 0 });
    let mut sim = Simulation::seeded(seed, machines).record(Recorder::Off);
    sim.run_for(Span::from_millis(10 * sleeps + 10));
    assert!(sim.world().ids().all(|node| sim.machine(node).left == 0), "every sleeper woke");
    sleepers * sleeps
}
