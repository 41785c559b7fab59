//! Echo: each node asks its neighbour, waits for the answer, and asks again.

use antfarm_identity::Codec;
use antfarm_machine::{Effects, Input, Machine, Now, PeerId, Span};
use antfarm_sim::{Recorder, Shape, Simulation};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Pinger {
    next: PeerId,
    rounds: u64,
    done: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
enum Message {
    Request(u64),
    Reply(u64),
}

impl Machine for Pinger {
    type Ask = ();
    type Message = Message;
    type Timer = ();
    type Notice = ();

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Woke { .. } => out.send(self.next, Message::Request(0)),
            Input::Heard { from, message: Message::Request(number) } => out.send(from, Message::Reply(number)),
            Input::Heard { message: Message::Reply(number), .. } => {
                self.done += 1;
                if self.done < self.rounds {
                    out.send(self.next, Message::Request(number + 1));
                }
            }
            Input::Asked(()) | Input::Rang(()) | Input::Stored(_) => {}
        }
    }
}

/// `nodes` nodes ask `rounds` times each, over links of 1 to 10 ms; the number of messages delivered.
pub fn echo(seed: u64, nodes: u32, rounds: u64) -> u64 {
    let machines = (0..nodes).map(|node| Pinger { next: PeerId::new((node + 1) % nodes), rounds, done: 0 });
    let shape = Shape::Uniform { low: Span::from_millis(1), high: Span::from_millis(10) };
    let mut sim = Simulation::seeded(seed, machines).links(shape).record(Recorder::Off);
    sim.run_for(Span::from_secs(rounds));
    for node in sim.world().ids() {
        assert_eq!(sim.machine(node).done, rounds, "every request was answered");
    }
    2 * u64::from(nodes) * rounds
}
