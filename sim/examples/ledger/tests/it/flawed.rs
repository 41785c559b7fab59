//! A keeper that is wrong in one way: what stands between it and the world spoils one thing.

use antfarm_keeper::{Keeping, Ledgers, Sizes, put};
use antfarm_ledger::{Ask, Depth, Keeper, KeeperConfig, Message, Notice, Timer, segment_object};
use antfarm_machine::{Effect, Effects, Input, Machine, Now, Operation, Request, Span, Ticket};

/// How it is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Flaw {
    /// In no way.
    None,
    /// It writes other bytes than it hashed.
    Scribbles,
    /// It acknowledges what the disk has not answered.
    Hurries,
    /// It records what nobody asked for.
    Invents,
    /// It records the same put twice, under two ids that count up.
    Repeats,
    /// It throws its log away when it starts.
    Forgets,
    /// It has one put more in its state than in its log.
    Miscounts,
    /// It leaves old segments unread, and claims to read all.
    Skims,
    /// It goes on acknowledging after it refused its log.
    Babbles,
    /// After a while it hears nothing of its disk.
    Deafens,
}

/// The machine.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Flawed {
    flaw: Flaw,
    inner: Keeper,
    /// What it shows of itself.
    shown: Keeper,
    receipts: u64,
}

impl Flawed {
    /// Keeper `nth` of `count`, whose log has one long segment and no checkpoints unless it skims.
    pub(crate) fn new(flaw: Flaw, nth: u32, count: u32) -> Self {
        let mut config: KeeperConfig = Ledgers::keeper(nth, count);
        config.ledger.depth = Depth::Whole;
        config.checkpoint_every = Span::from_secs(3_600);
        if flaw == Flaw::Skims {
            config.ledger.depth = Depth::Tail;
            config.ledger.segment_bytes = 2_048;
            config.checkpoint_every = Span::from_millis(100);
        }
        let keeper = Keeper::new(config);
        Self { flaw, inner: keeper.clone(), shown: keeper, receipts: 0 }
    }

    fn feed(&mut self, now: Now, input: Input<Keeper>, out: &mut Effects<'_, Self>) {
        let mut effects = Vec::new();
        self.inner.step(now, input, &mut Effects::new(&mut effects));
        for effect in effects {
            let effect = effect.map(|it| it, |it| it, |it| it, |it| self.spoil(it));
            let refused = matches!(effect, Effect::Tell(Notice::Refused(_)));
            out.emit(effect);
            if refused && self.flaw == Flaw::Babbles {
                out.tell(Notice::Acknowledged { id: 1, position: 1 });
            }
        }
    }

    fn spoil(&self, mut request: Request) -> Request {
        if let Operation::AppendAt { bytes, .. } = &mut request.operation
            && let Some(last) = bytes.last_mut()
            && self.flaw == Flaw::Scribbles
            && self.receipts > 20
        {
            *last ^= 1;
        }
        request
    }
}

impl Machine for Flawed {
    type Ask = Ask;
    type Message = Message;
    type Timer = Timer;
    type Notice = Notice;

    fn step(&mut self, now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        let mut asked = None;
        let input = match input {
            Input::Woke { incarnation } => {
                if self.flaw == Flaw::Forgets {
                    out.store(Ticket(u64::MAX), Operation::Remove { object: segment_object(1) });
                }
                Input::Woke { incarnation }
            }
            Input::Asked(Ask::Put { id, bytes }) => {
                asked = Some(id);
                Input::Asked(Ask::Put { id, bytes })
            }
            Input::Heard { from, message } => Input::Heard { from, message },
            Input::Stored(receipt) => {
                self.receipts += 1;
                if self.flaw == Flaw::Deafens && self.receipts > 50 {
                    return;
                }
                Input::Stored(receipt)
            }
            Input::Rang(timer) => Input::Rang(timer),
        };
        self.feed(now, input, out);
        if let Some(id) = asked {
            match self.flaw {
                Flaw::Hurries => {
                    if let Some(&position) = self.inner.kept().window.get(&id) {
                        out.tell(Notice::Acknowledged { id, position });
                    }
                }
                Flaw::Invents => self.feed(now, Input::Asked(Ask::Put { id: id + 1, bytes: b"psst".to_vec() }), out),
                Flaw::Repeats => {
                    let next = put((id >> 32) + 1_000_000, Sizes::new(8, 8).expect("upwards"));
                    self.feed(now, Input::Asked(next), out);
                }
                Flaw::None | Flaw::Scribbles | Flaw::Forgets | Flaw::Miscounts | Flaw::Skims | Flaw::Babbles | Flaw::Deafens => {}
            }
        }
        match self.flaw {
            // A keeper that was never opened names no checkpoint to begin from.
            Flaw::Skims => {}
            Flaw::Miscounts => {
                self.shown = self.inner.clone();
                let more = Ask::Put { id: u64::MAX, bytes: Vec::new() };
                self.shown.step(now, Input::Asked(more), &mut Effects::new(&mut Vec::new()));
            }
            Flaw::None
            | Flaw::Scribbles
            | Flaw::Hurries
            | Flaw::Invents
            | Flaw::Repeats
            | Flaw::Forgets
            | Flaw::Babbles
            | Flaw::Deafens => self.shown = self.inner.clone(),
        }
    }
}

impl Keeping for Flawed {
    fn keeper(&self) -> &Keeper {
        &self.shown
    }
}
