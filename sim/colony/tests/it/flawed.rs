//! A member that is wrong in one way: what stands between it and the world spoils one thing.

use antfarm_authority::EffectKey;
use antfarm_colony::{Colonist, Errand, Member, MemberTimer, Told, Tool};
use antfarm_identity::{Digest, from_bytes, to_bytes};
use antfarm_ledger::segment_object;
use antfarm_machine::{Effect, Effects, Input, Machine, Now, Operation, Request, Ticket};
use antfarm_node::{Answer, Asked, Body, Declined, Message, Node, Notice, Outcome, Reason, Timer};

/// How it is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Flaw {
    /// In no way.
    None,
    /// It writes other bytes than it hashed.
    Scribbles,
    /// It throws its log away when it starts.
    Forgets,
    /// It says that what nobody wished was done.
    Boasts,
    /// It says that what nobody wished was refused.
    Denies,
    /// It says that what nobody asked was declined.
    Shrugs,
    /// It goes on talking after it found that its log is not what it was.
    Babbles,
    /// It hears nothing of what others remember of it.
    Stubborn,
    /// Its state stays what it was after a while.
    Freezes,
    /// It hears nothing of who is dead.
    Ignores,
    /// It hears of no writ.
    Declines,
    /// It never asks a tool again.
    Gives,
    /// It answers nobody.
    Mute,
    /// It never opens a log that stopped.
    Sulks,
    /// After a while it asks nothing of its disk.
    Rests,
    /// It takes every ask for the beginning of another pulse.
    Hurries,
    /// As a tool it answers with a secret.
    Leaks,
    /// It finds another log on its disk when it starts for the first time.
    Bewitched,
    /// It finds a log of its own there, that says what no honest node says.
    Addled,
    /// It hears nothing of what other homes send.
    Deaf,
    /// It never hears that others have what it sent.
    Unsure,
    /// No alarm of an entity wakes it.
    Sleeps,
    /// It says that it has what it was not sent.
    Assures,
    /// It sends other things than it recorded.
    Invents,
}

/// What a leaking tool says.
pub(crate) const SECRET: &[u8] = b"sk-colony-5e1f";

/// The machine.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Flawed {
    flaw: Flaw,
    inner: Member,
    /// What it shows of itself.
    shown: Member,
    receipts: u64,
    /// What is on its disk when it starts for the first time.
    forged: Vec<u8>,
}

impl Flawed {
    pub(crate) fn new(flaw: Flaw, inner: Member, forged: Vec<u8>) -> Self {
        Self { flaw, shown: inner.clone(), inner, receipts: 0, forged }
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    /// Whether an input does not reach it.
    fn misses(&self, input: &Input<Self>) -> bool {
        match input {
            Input::Heard { message, .. } => match message.body {
                Body::Recall(_) | Body::Seen { .. } => self.is(Flaw::Stubborn),
                Body::Revoked { .. } | Body::Sets { .. } => self.is(Flaw::Ignores),
                Body::Present { .. } => self.is(Flaw::Declines),
                Body::Deliver(_) => self.is(Flaw::Deaf),
                Body::Delivered { .. } => self.is(Flaw::Unsure),
                Body::Presented { .. }
                | Body::Inquire { .. }
                | Body::Standing(_)
                | Body::Passed { .. }
                | Body::Closed(_)
                | Body::Reclaimed(_)
                | Body::Forked(_)
                | Body::Call(_)
                | Body::Close { .. }
                | Body::Report(_)
                | Body::Reported { .. }
                | Body::Outcome { .. } => false,
            },
            Input::Rang(MemberTimer::Node(Timer::Retry(_))) => self.is(Flaw::Gives),
            Input::Rang(MemberTimer::Node(Timer::Alarm(_))) => self.is(Flaw::Sleeps),
            Input::Rang(MemberTimer::Node(Timer::Reopen)) => self.is(Flaw::Sulks),
            Input::Stored(_) | Input::Rang(_) | Input::Woke { .. } | Input::Asked(_) => false,
        }
    }

    fn feed(&mut self, now: Now, input: Input<Member>, out: &mut Effects<'_, Self>) {
        let mut effects = Vec::new();
        self.inner.step(now, input, &mut Effects::new(&mut effects));
        for effect in effects {
            let effect = effect.map(|it| self.garble(it), |it| it, |it| it, |it| self.scribble(it));
            let is_answer = matches!(effect, Effect::Tell(Told::Node(Notice::Answered { .. })));
            let is_request = matches!(effect, Effect::Store(_));
            if is_answer && self.is(Flaw::Mute) || is_request && self.is(Flaw::Rests) && self.receipts > 50 {
                continue;
            }
            out.emit(effect);
        }
    }

    fn garble(&self, mut message: Message) -> Message {
        if let Body::Outcome { outcome: Outcome::Done { result, .. }, .. } = &mut message.body
            && self.is(Flaw::Leaks)
        {
            *result = antfarm_authority::Bytes::new(SECRET).unwrap_or_default();
        }
        if let Body::Delivered { below } = &mut message.body
            && self.is(Flaw::Assures)
        {
            *below += 1;
        }
        if let Body::Deliver(it) = &mut message.body
            && self.is(Flaw::Invents)
        {
            it.delivery.params.clear();
        }
        message
    }

    fn scribble(&self, mut request: Request) -> Request {
        if let Operation::AppendAt { bytes, .. } = &mut request.operation
            && let Some(last) = bytes.last_mut()
            && self.is(Flaw::Scribbles)
            && self.receipts > 20
        {
            *last ^= 1;
        }
        request
    }

    fn made_up(answer: Answer) -> Told {
        let key: EffectKey = from_bytes(&to_bytes(&Digest::ZERO)).expect("a key is any digest");
        Told::Node(Notice::Answered { nonce: antfarm_authority::Nonce([7; 16]), key, answer })
    }
}

impl Machine for Flawed {
    type Ask = Errand;
    type Message = Message;
    type Timer = MemberTimer;
    type Notice = Told;

    fn step(&mut self, now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        let is_node = Colonist::node(&self.inner).is_some();
        if self.misses(&input) {
            return;
        }
        let mut is_ask = false;
        let input = match input {
            Input::Woke { incarnation } => {
                if is_node && self.is(Flaw::Forgets) {
                    out.store(Ticket(u64::MAX), Operation::Remove { object: segment_object(1) });
                }
                if is_node && (self.is(Flaw::Bewitched) || self.is(Flaw::Addled)) {
                    let bytes = self.forged.clone();
                    out.store(Ticket(u64::MAX), Operation::AppendAt { object: segment_object(1), expected_end: 0, bytes });
                }
                Input::Woke { incarnation }
            }
            Input::Asked(errand) => {
                is_ask = true;
                Input::Asked(errand)
            }
            Input::Heard { from, message } => Input::Heard { from, message },
            Input::Stored(receipt) => {
                self.receipts += 1;
                Input::Stored(receipt)
            }
            Input::Rang(timer) => Input::Rang(timer),
        };
        self.feed(now, input, out);
        if is_ask && is_node {
            if self.is(Flaw::Boasts) {
                out.tell(Self::made_up(Answer::Failed));
            } else if self.is(Flaw::Denies) {
                out.tell(Self::made_up(Answer::Refused(Reason::UnknownWrit)));
            } else if self.is(Flaw::Shrugs) {
                let writ = from_bytes(&to_bytes(&Digest::ZERO)).expect("a writ's id is any digest");
                out.tell(Told::Node(Notice::Declined { asked: Asked::Revoke { writ }, why: Declined::Unknown }));
            } else if self.is(Flaw::Babbles) && self.inner.node().is_some_and(Node::is_rolled_back) {
                out.tell(Self::made_up(Answer::Busy));
            } else if self.is(Flaw::Hurries) {
                self.feed(now, Input::Rang(MemberTimer::Node(Timer::Pulse)), out);
            }
        }
        let ledger = self.shown.node().map(Node::ledger);
        let is_quiet =
            ledger.is_some_and(|it| it.durable().map(|head| head.records) == it.submitted().map(|(records, _)| records));
        if !self.is(Flaw::Freezes) || self.receipts < 60 || !is_quiet {
            self.shown = self.inner.clone();
        }
    }
}

impl Colonist for Flawed {
    fn node(&self) -> Option<&Node> {
        self.shown.node()
    }

    fn tool(&self) -> Option<&Tool> {
        self.shown.tool()
    }
}
