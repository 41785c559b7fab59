//! A recorded run of a host replays to the same effects, however it ends.

use crate::kit::{Notes, Order, Probe, Rig, on_one_thread, receipt, settle};
use antfarm_host::{Limits, MAX_UNWRITTEN, Recorder};
use antfarm_machine::{Input, PeerId, Span};
use antfarm_recording::{Header, Recording, Replayed, replay};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

const PEER: PeerId = PeerId::new(1);

fn header() -> Header {
    Header { machine: "probe".to_owned(), setup: b"restless".to_vec() }
}

/// A file that does not exist yet.
fn fresh(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if let Err(error) = fs::remove_file(&path) {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    path
}

/// Something of every kind.
async fn busy(rig: &Rig) {
    for order in [Order::Store(1), Order::Say(2), Order::Arm(1, Span::from_secs(1)), Order::Disarm(7)] {
        rig.inbox.asked(order).unwrap();
    }
    rig.inbox.heard(PEER, 3).unwrap();
    settle().await;
    rig.inbox.stored(receipt(1));
    rig.time.pass(Span::from_secs(1));
    settle().await;
}

#[test]
fn a_recorded_run_replays_to_the_same_effects() {
    let path = fresh("run.recording");
    let inputs = 1 + 4 + 1 + 1 + 1;
    on_one_thread(async {
        let recorder = Recorder::create(&path, &header()).unwrap();
        assert_eq!(Recorder::<Probe>::create(&path, &header()).unwrap_err().kind(), ErrorKind::AlreadyExists);
        let rig = Rig::recorded(Probe::default(), Limits::default(), Some(recorder));
        busy(&rig).await;
        rig.handle.stop();
        let stopped = rig.running.await.unwrap().unwrap();
        stopped.recorder.expect("there was one").finish().unwrap();
        assert_eq!((rig.handle.counts().unrecorded, stopped.machine.inputs), (0, inputs));
    });
    let bytes = fs::read(&path).unwrap();
    let recording = Recording::open(&bytes).unwrap();
    assert_eq!(recording.header(), &header());
    assert_eq!(replay(&Probe::default(), &recording, |_| ()), Replayed::Stopped { steps: inputs });
    // Another machine parts from it, at the first alarm that rings.
    let ended = replay(&Probe { restless: true, ..Probe::default() }, &recording, |_| ());
    assert!(
        matches!(&ended, Replayed::Parted { step, recorded, .. } if *step == 7 && recorded.input == Input::Rang(1)),
        "{ended:?}"
    );
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "what a machine was told is its owner's business");
    }
}

#[test]
fn a_panic_is_the_last_thing_in_its_recording() {
    let path = fresh("panic.recording");
    on_one_thread(async {
        let recorder = Recorder::create(&path, &header()).unwrap();
        let rig = Rig::recorded(Probe::default(), Limits::default(), Some(recorder));
        rig.inbox.asked(Order::Say(1)).unwrap();
        rig.inbox.asked(Order::Panic).unwrap();
        rig.inbox.asked(Order::Say(2)).unwrap();
        rig.running.await.unwrap().unwrap_err();
    });
    let bytes = fs::read(&path).unwrap();
    let ended = replay(&Probe::default(), &Recording::open(&bytes).unwrap(), |_| ());
    assert!(matches!(&ended, Replayed::Panicked { steps: 2, input: Input::Asked(Order::Panic), .. }), "{ended:?}");
}

#[test]
fn a_host_that_is_dropped_leaves_a_recording_without_an_end() {
    let path = fresh("dropped.recording");
    on_one_thread(async {
        let recorder = Recorder::create(&path, &header()).unwrap();
        let rig = Rig::recorded(Probe::default(), Limits::default(), Some(recorder));
        busy(&rig).await;
        rig.running.abort();
        assert!(rig.running.await.unwrap_err().is_cancelled());
    });
    let bytes = fs::read(&path).unwrap();
    let ended = replay(&Probe::default(), &Recording::open(&bytes).unwrap(), |_| ());
    assert!(matches!(ended, Replayed::Torn { steps: 8, .. }), "{ended:?}");
}

#[test]
fn what_is_taken_out_of_inputs_is_neither_recorded_nor_fed() {
    let path = fresh("cleaned.recording");
    let secret = vec![0xa7; 64];
    on_one_thread(async {
        let clean = |probe: &Probe, input| match input {
            Input::Asked(Order::Carry(_)) => Input::Asked(Order::Note(probe.inputs)),
            other @ (Input::Woke { .. } | Input::Asked(_) | Input::Heard { .. } | Input::Stored(_) | Input::Rang(_)) => other,
        };
        let rig =
            Rig::recorded(Probe::default(), Limits::default(), Some(Recorder::create(&path, &header()).unwrap().cleaned(clean)));
        rig.inbox.asked(Order::Carry(secret.clone())).unwrap();
        rig.handle.stop();
        rig.running.await.unwrap().unwrap().recorder.expect("there was one").finish().unwrap();
        assert!(rig.notes.take().contains(&"asked Note(1)".to_owned()), "it is fed what is recorded");
    });
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.windows(secret.len()).all(|window| *window != *secret));
    assert_eq!(replay(&Probe::default(), &Recording::open(&bytes).unwrap(), |_| ()), Replayed::Stopped { steps: 2 });
}

#[test]
fn a_recording_that_grew_to_its_bound_ends_and_the_run_does_not() {
    let path = fresh("bound.recording");
    on_one_thread(async {
        let recorder = Recorder::create(&path, &header()).unwrap().at_most(1_000);
        let rig = Rig::recorded(Probe::default(), Limits::default(), Some(recorder));
        for _ in 0..4 {
            rig.inbox.asked(Order::Carry(vec![0; 400])).unwrap();
            settle().await;
        }
        assert_eq!((rig.handle.counts().unrecorded, rig.handle.counts().inputs.asked), (1, 4));
        rig.handle.stop();
        rig.running.await.unwrap().unwrap();
    });
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.len() < 1_500, "{} bytes", bytes.len());
    let ended = replay(&Probe::default(), &Recording::open(&bytes).unwrap(), |_| ());
    assert_eq!(ended, Replayed::Overrun { steps: 4 });
}

/// A file that takes a write only when it is let, and may break.
struct Stuck {
    let_go: Receiver<io::Result<()>>,
    written: Notes,
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.let_go.recv().unwrap_or(Ok(()))?;
        self.written.write(format!("{}", bytes.len()));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_file_that_cannot_keep_up_ends_the_recording_and_not_the_run() {
    on_one_thread(async {
        let (let_go, held) = channel();
        let written = Notes::default();
        let recorder = Recorder::into(&header(), Stuck { let_go: held, written: written.clone() }, |_| Ok(())).unwrap();
        let rig = Rig::recorded(Probe::default(), Limits::default(), Some(recorder));
        settle().await;
        // Each round is about a third of what may wait.
        for round in 0..6 {
            rig.inbox.asked(Order::Carry(vec![round; MAX_UNWRITTEN / 3])).unwrap();
            settle().await;
        }
        assert_eq!((rig.handle.counts().unrecorded, rig.handle.counts().inputs.asked), (3, 6));
        drop(let_go);
        rig.handle.stop();
        rig.running.await.unwrap().unwrap().recorder.expect("there was one").finish().unwrap();
        let bytes: usize = written.take().iter().map(|it| it.parse::<usize>().unwrap()).sum();
        assert!(bytes > MAX_UNWRITTEN && bytes < MAX_UNWRITTEN / 3 * 4, "{bytes} bytes, of the round that overran too");
    });
}

#[test]
fn a_file_that_breaks_ends_the_recording_and_says_so() {
    on_one_thread(async {
        let (let_go, held) = channel();
        let recorder = Recorder::into(&header(), Stuck { let_go: held, written: Notes::default() }, |_| Ok(())).unwrap();
        let rig = Rig::recorded(Probe::default(), Limits::default(), Some(recorder));
        settle().await;
        let_go.send(Err(ErrorKind::StorageFull.into())).unwrap();
        busy(&rig).await;
        rig.handle.stop();
        let stopped = rig.running.await.unwrap().unwrap();
        assert_eq!(stopped.machine.inputs, 8);
        assert_eq!(stopped.recorder.expect("there was one").finish().unwrap_err().kind(), ErrorKind::StorageFull);
    });
}
