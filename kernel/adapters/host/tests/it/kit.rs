//! A machine that does as it is told, ports that take notes, and a time that passes when a test says so.

use antfarm_host::{Ended, Handle, Host, Inbox, Limits, Recorder, Timekeeper, lanes};
use antfarm_identity::Codec;
use antfarm_machine::{
    Effects, Input, Machine, Mono, Network, Now, Object, Observer, Operation, Outcome, PeerId, Ports, Receipt, Request, Span,
    Storage, Ticket, Wall,
};
use std::future::Future;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Tells each input to its observer, and does what it is asked.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Probe {
    /// What it does when it wakes.
    pub(crate) opening: Vec<Order>,
    /// Whether each alarm arms itself again, for no time at all.
    pub(crate) restless: bool,
    pub(crate) inputs: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub(crate) enum Order {
    Note(u64),
    /// Only bytes.
    Carry(Vec<u8>),
    Arm(u8, Span),
    Disarm(u8),
    Store(u64),
    Say(u64),
    Panic,
}

impl Probe {
    fn obey(order: Order, out: &mut Effects<'_, Self>) {
        match order {
            Order::Note(_) | Order::Carry(_) => {}
            Order::Arm(timer, after) => out.arm(timer, after),
            Order::Disarm(timer) => out.disarm(timer),
            Order::Store(ticket) => out.store(Ticket(ticket), Operation::List),
            Order::Say(message) => out.send(PeerId::new(9), message),
            Order::Panic => panic!("as ordered"),
        }
    }
}

impl Machine for Probe {
    type Ask = Order;
    type Message = u64;
    type Timer = u8;
    type Notice = String;

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        self.inputs += 1;
        out.tell(match &input {
            Input::Woke { incarnation } => format!("woke {incarnation}"),
            Input::Asked(Order::Carry(bytes)) => format!("asked to carry {} bytes", bytes.len()),
            Input::Asked(order) => format!("asked {order:?}"),
            Input::Heard { from, message } => format!("heard {message} from {from}"),
            Input::Stored(receipt) => format!("stored {}", receipt.ticket.0),
            Input::Rang(timer) => format!("rang {timer}"),
        });
        match input {
            Input::Woke { .. } => std::mem::take(&mut self.opening).into_iter().for_each(|order| Self::obey(order, out)),
            Input::Asked(order) => Self::obey(order, out),
            Input::Rang(timer) if self.restless => out.arm(timer, Span::ZERO),
            Input::Heard { message, .. } if message >= DISARM => out.disarm(u8::try_from(message - DISARM).unwrap_or(0)),
            Input::Heard { .. } | Input::Stored(_) | Input::Rang(_) => {}
        }
    }
}

/// A message of so much or more disarms the alarm whose name is the rest.
pub(crate) const DISARM: u64 = 1_000_000;

/// What reached the ports, in order: notices as they are, `submit 7`, `send 3`.
#[derive(Clone, Default, Debug)]
pub(crate) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub(crate) fn write(&self, line: String) {
        self.0.lock().expect("no test panics while it writes").push(line);
    }

    /// What was written since the last look.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no test panics while it writes"))
    }
}

impl Network<u64> for Notes {
    fn send(&mut self, _: PeerId, message: u64) {
        self.write(format!("send {message}"));
    }
}

impl Storage for Notes {
    fn submit(&mut self, request: Request) {
        self.write(format!("submit {}", request.ticket.0));
    }
}

impl Observer<String> for Notes {
    fn tell(&mut self, notice: String) {
        self.write(notice);
    }
}

pub(crate) fn receipt(ticket: u64) -> Receipt {
    Receipt { ticket: Ticket(ticket), outcome: Outcome::Done }
}

/// An append of one byte to an object of its own.
pub(crate) fn append(ticket: u64) -> Request {
    let object = Object::new(&format!("o{ticket}")).expect("a letter and a number are a name");
    Request { ticket: Ticket(ticket), operation: Operation::AppendAt { object, expected_end: 0, bytes: vec![7] } }
}

/// Time that a test moves. Sleepers feel only the time in which the machine is awake.
#[derive(Clone, Default)]
pub(crate) struct Manual(Arc<Mutex<Passed>>);

#[derive(Default)]
struct Passed {
    mono: u64,
    awake: u64,
    sleepers: Vec<(u64, oneshot::Sender<()>)>,
}

impl Manual {
    /// Time passes.
    pub(crate) fn pass(&self, span: Span) {
        let mut passed = self.0.lock().expect("no test panics while it reads the time");
        passed.mono += span.as_nanos();
        passed.awake += span.as_nanos();
        let awake = passed.awake;
        let (due, asleep) = std::mem::take(&mut passed.sleepers).into_iter().partition(|(until, _)| *until <= awake);
        passed.sleepers = asleep;
        let due: Vec<(u64, oneshot::Sender<()>)> = due;
        due.into_iter().for_each(|(_, wake)| wake.send(()).unwrap_or_default());
    }

    /// The machine is suspended for so long, and resumes.
    pub(crate) fn suspend(&self, span: Span) {
        self.0.lock().expect("no test panics while it reads the time").mono += span.as_nanos();
    }
}

impl Timekeeper for Manual {
    fn mono(&self) -> Mono {
        Mono::from_nanos(self.0.lock().expect("no test panics while it reads the time").mono)
    }

    fn wall(&self) -> Wall {
        Wall::ZERO
    }

    fn sleep(&self, span: Span) -> impl Future<Output = ()> + Send + use<> {
        let (wake, woken) = oneshot::channel();
        let mut passed = self.0.lock().expect("no test panics while it reads the time");
        let until = passed.awake.saturating_add(span.as_nanos());
        passed.sleepers.push((until, wake));
        drop(passed);
        async { drop(woken.await) }
    }
}

/// A probe on a host whose ports take notes.
pub(crate) struct Rig {
    pub(crate) inbox: Inbox<Probe>,
    pub(crate) handle: Handle,
    pub(crate) notes: Notes,
    pub(crate) time: Manual,
    pub(crate) running: JoinHandle<Ended<Probe, Notes, Notes, Notes>>,
}

impl Rig {
    /// Started, but not polled yet: what is put into the lanes before the first [`settle`] waits there together.
    pub(crate) fn start(probe: Probe, limits: Limits) -> Self {
        Self::recorded(probe, limits, None)
    }

    /// The same with a recorder.
    pub(crate) fn recorded(probe: Probe, limits: Limits, recorder: Option<Recorder<Probe>>) -> Self {
        let (inbox, lanes) = lanes(limits);
        let (notes, time) = (Notes::default(), Manual::default());
        let ports = Ports { clock: time.clone(), network: notes.clone(), storage: notes.clone(), observer: notes.clone() };
        let host = Host::new(probe, 3, ports);
        let host = match recorder {
            None => host,
            Some(recorder) => host.recorded(recorder),
        };
        let (handle, running) = host.start(lanes);
        Self { inbox, handle, notes, time, running: tokio::spawn(running) }
    }
}

/// Lets all tasks go as far as they can.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// Runs a test on one thread, on a runtime without timers and without a reactor.
pub(crate) fn on_one_thread(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime without drivers needs nothing").block_on(test);
}
