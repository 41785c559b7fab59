//! A machine that signs is replayed by who has no secret.

use antfarm_identity::{Digest, Domain, Made, Recalled, Signer};
use antfarm_machine::{Clock, Driver, Effects, Input, Machine, Network, Now, Observer, PeerId, Request, Span, Storage};
use antfarm_recording::{Header, Recording, Replayed, Scribe, replay, replay_while};
use std::sync::{Arc, Mutex};

const DOMAIN: Domain = Domain::new("antfarm 2026 test recording notary");

/// Signs what it is asked to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Notary {
    signer: Signer,
    /// What it adds before it signs.
    bias: u64,
}

impl Machine for Notary {
    type Ask = u64;
    type Message = Vec<u8>;
    type Timer = ();
    type Notice = ();

    fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        if let Input::Asked(number) = input {
            let signature = self.signer.sign(DOMAIN, Digest::ZERO, &(number + self.bias).to_le_bytes());
            let salt = self.signer.salt(DOMAIN, number);
            out.send(PeerId::new(1), [&signature.as_bytes()[..], &salt.0].concat());
        }
    }
}

struct Nowhere;

impl Clock<()> for Nowhere {
    fn now(&mut self) -> Now {
        Now::ZERO
    }
    fn arm(&mut self, (): (), _: Span) {}
    fn disarm(&mut self, (): &()) {}
}

impl Network<Vec<u8>> for Nowhere {
    fn send(&mut self, _: PeerId, _: Vec<u8>) {}
}

impl Storage for Nowhere {
    fn submit(&mut self, _: Request) {}
}

impl Observer<()> for Nowhere {
    fn tell(&mut self, (): ()) {}
}

/// The recording of three asks.
fn recorded() -> Vec<u8> {
    let made: Arc<Mutex<Vec<Made>>> = Arc::default();
    let (notes, theirs) = (made.clone(), made);
    let signer = Signer::insecure(1).watched(Arc::new(move |it| notes.lock().expect("nobody panicked").push(it)));
    let mut bytes = Vec::new();
    let take = move || std::mem::take(&mut *theirs.lock().expect("nobody panicked"));
    let mut scribe = Scribe::new(&Header { machine: "notary".to_owned(), setup: vec![] }, &mut bytes);
    scribe.witness(take);
    let (mut driver, mut machine) = (Driver::new(), Notary { signer, bias: 0 });
    for number in [5, 6, 5] {
        scribe.turn(&mut driver, &mut machine, &mut Nowhere, Input::Asked(number), &mut bytes);
    }
    scribe.stopped(&mut bytes);
    bytes
}

/// How a replay without the secret ends, and how often something else was signed than was recorded.
fn replayed(bytes: &[u8], bias: u64) -> (Replayed<Notary>, usize) {
    let recording = Recording::open(bytes).expect("it is one");
    let recalled = Arc::new(Recalled::new(recording.made::<Notary>()));
    let machine = Notary { signer: Signer::recalling(Signer::insecure(1).public(), recalled.clone()), bias };
    (replay(&machine, &recording, |_| ()), recalled.misses())
}

#[test]
fn who_has_no_secret_replays_a_machine_that_signs() {
    assert_eq!(replayed(&recorded(), 0), (Replayed::Stopped { steps: 3 }, 0));
}

#[test]
fn a_machine_that_signs_something_else_parts_and_it_is_known_why() {
    let (ended, misses) = replayed(&recorded(), 7);
    assert!(matches!(&ended, Replayed::Parted { step: 0, recorded, .. } if recorded.made.len() == 2), "{ended:?}");
    assert_eq!(misses, 1);
    // It signs 6 in place of 5, which was signed too, but not then: what is looked up is there, and is not the same.
    let (ended, misses) = replayed(&recorded(), 1);
    assert!(matches!(ended, Replayed::Parted { step: 0, .. }), "{ended:?}");
    assert_eq!(misses, 0);
}

#[test]
fn who_has_seen_enough_leaves() {
    let bytes = recorded();
    let recording = Recording::open(&bytes).expect("it is one");
    let machine = Notary { signer: Signer::insecure(1), bias: 0 };
    let mut seen = Vec::new();
    let ended = replay_while(&machine, &recording, |turn| {
        seen.push(turn.number);
        turn.number < 1
    });
    assert_eq!((ended, seen), (Replayed::Left { steps: 2 }, vec![0, 1]));
}
