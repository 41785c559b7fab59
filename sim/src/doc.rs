//! A machine for examples: it pings whom it is asked to ping, and answers pings.

use antfarm_identity::Codec;
use antfarm_machine::{Effects, Input, Machine, Now, PeerId};

/// Pings whom it is asked to ping, and answers pings.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Echo {
    /// Pings answered.
    pub answered: u64,
    /// Answers heard.
    pub heard: u64,
}

/// What echoes say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Message {
    /// Answer me.
    Ping(u64),
    /// An answer.
    Pong(u64),
}

impl Machine for Echo {
    type Ask = PeerId;
    type Message = Message;
    type Timer = ();
    type Notice = ();

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match input {
            Input::Asked(to) => out.send(to, Message::Ping(self.heard)),
            Input::Heard { from, message: Message::Ping(number) } => {
                self.answered += 1;
                out.send(from, Message::Pong(number));
            }
            Input::Heard { message: Message::Pong(_), .. } => self.heard += 1,
            Input::Woke { .. } | Input::Rang(()) | Input::Stored(_) => {}
        }
    }
}
