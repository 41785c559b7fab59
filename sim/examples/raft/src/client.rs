//! A client: turns what a workload asks of it into requests, one at a time, and asks until it is answered.
//!
//! INVARIANT(one-outstanding): a sequence is higher than all before it, and is sent only after its predecessor was answered
//! or its client crashed; the session table rests on this. A client stores nothing: the upper half of a sequence
//! is the incarnation, so a restarted client repeats none. What was outstanding then stays open for ever, and may have been
//! executed or not.

use crate::{Body, Command, Config, Message, Node, Notice, Refusal, Timer, Verdict};
use alloc::collections::VecDeque;
use antfarm_machine::{Effects, Input, PeerId};

/// The client's state.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Client {
    config: Config,
    id: PeerId,
    sequence: u64,
    outstanding: Option<Command>,
    queue: VecDeque<Command>,
    server: PeerId,
    /// How many redirections may still be followed before the next retry.
    patience: u32,
}

impl Client {
    pub(crate) const fn new(config: Config, id: PeerId) -> Self {
        let server = PeerId::new(id.number() % config.servers);
        Self { config, id, sequence: 0, outstanding: None, queue: VecDeque::new(), server, patience: 0 }
    }

    /// The operation that is not answered yet, with its sequence.
    pub fn outstanding(&self) -> Option<(u64, Command)> {
        self.outstanding.map(|command| (self.sequence, command))
    }

    /// How many operations wait behind it.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn step(&mut self, input: Input<Node>, out: &mut Effects<'_, Node>) {
        match input {
            Input::Woke { incarnation } => {
                *self = Self::new(self.config, self.id);
                self.sequence = incarnation << 32;
            }
            Input::Asked(command) if self.outstanding.is_none() => self.invoke(command, out),
            Input::Asked(command) if self.queue.len() < self.config.queue => self.queue.push_back(command),
            Input::Asked(command) => out.tell(Notice::Refused { command, refusal: Refusal::QueueFull }),
            Input::Heard { from, message } if self.config.is_server(from) => {
                if let Some(Body::Reply { sequence, verdict }) = message.open()
                    && sequence == self.sequence
                    && self.outstanding.is_some()
                {
                    self.hear(from, verdict, out);
                }
            }
            Input::Rang(Timer::Retry) if self.outstanding.is_some() => {
                self.server = PeerId::new((self.server.number() + 1) % self.config.servers);
                self.request(out);
            }
            Input::Heard { .. } | Input::Stored(_) | Input::Rang(_) => {}
        }
    }

    fn hear(&mut self, from: PeerId, verdict: Verdict, out: &mut Effects<'_, Node>) {
        match verdict {
            Verdict::Answered(answer) => {
                self.outstanding = None;
                self.server = from;
                out.disarm(Timer::Retry);
                out.tell(Notice::Returned { client: self.id, sequence: self.sequence, answer });
                if let Some(next) = self.queue.pop_front() {
                    self.invoke(next, out);
                }
            }
            Verdict::Redirect { leader: Some(leader) } if self.patience > 0 && from == self.server => {
                self.patience -= 1;
                self.server = leader;
                self.send(out);
            }
            // The retry will ask again.
            Verdict::Redirect { .. } | Verdict::Busy => {}
        }
    }

    fn invoke(&mut self, command: Command, out: &mut Effects<'_, Node>) {
        assert!(self.outstanding.is_none(), "a client is busy with one operation at a time");
        self.sequence += 1;
        self.outstanding = Some(command);
        out.tell(Notice::Invoked { client: self.id, sequence: self.sequence, command });
        self.request(out);
    }

    fn request(&mut self, out: &mut Effects<'_, Node>) {
        self.patience = self.config.servers;
        self.send(out);
        out.arm(Timer::Retry, self.config.retry);
    }

    fn send(&self, out: &mut Effects<'_, Node>) {
        if let Some(command) = self.outstanding {
            out.send(self.server, Message::seal(Body::Request { sequence: self.sequence, command }));
        }
    }
}
