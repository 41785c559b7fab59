//! Seeds of target `recording`: of which machine, what the rest is, the rest.

use crate::recording::{Small, frame};
use antfarm_identity::{Digest, Domain, Made, Signer, to_bytes};
use antfarm_machine::{Input, Now, PeerId};
use antfarm_recording::{Entry, Header, Step};

const DOMAIN: Domain = Domain::new("antfarm 2026 fuzz seeds");

const RAW: u8 = 0;
const MADE_UP: u8 = 1;
const RECORDED: u8 = 2;

pub(crate) fn recording() -> Vec<(String, Vec<u8>)> {
    let header = to_bytes(&Header { machine: "small".to_owned(), setup: vec![1, 2, 3] });
    let of = Digest::of(DOMAIN, b"what was signed");
    let made = Made::Signature { of, signature: Signer::insecure(1).sign(DOMAIN, of, b"message") };
    let step = |input, made| to_bytes(&Entry::<Small>::Step(Step { input, now: Now::ZERO, effects: 7, made }));
    let asked = step(Input::Asked(b"hello".to_vec()), vec![made]);
    let heard = step(Input::Heard { from: PeerId::new(2), message: 9 }, Vec::new());
    let woke = step(Input::Woke { incarnation: 1 }, Vec::new());
    let stopped = to_bytes(&Entry::<Small>::Stopped);
    let overrun = to_bytes(&Entry::<Small>::Overrun);
    let panicked = to_bytes(&Entry::<Small>::Panicked { input: Input::Rang(3), now: Now::ZERO });
    let raw = |payloads: &[&[u8]]| -> Vec<u8> {
        let mut bytes = b"antfarm>".to_vec();
        (0..).zip(payloads).for_each(|(number, payload)| frame(number, payload, &mut bytes));
        bytes
    };
    let whole = raw(&[&header, &woke, &asked, &heard, &stopped]);
    let seed = |name: &str, machine: u8, kind: u8, rest: &[u8]| (name.to_owned(), [&[machine, kind], rest].concat());
    let lengths = |payloads: &[&[u8]]| -> Vec<u8> {
        payloads.iter().flat_map(|it| [&[u8::try_from(it.len()).unwrap_or(u8::MAX)], *it].concat()).collect()
    };
    vec![
        seed("whole", 0, RAW, &whole),
        seed("panicked", 0, RAW, &raw(&[&header, &woke, &asked, &panicked])),
        seed("overrun", 0, RAW, &raw(&[&header, &asked, &overrun])),
        seed("killed", 0, RAW, &raw(&[&header, &woke, &heard])),
        seed("cut", 0, RAW, &whole[..whole.len() - 5]),
        seed("trailing", 0, RAW, &raw(&[&header, &woke, &stopped, &asked])),
        seed("flipped", 0, RAW, &[&whole[..120], &[whole[120] ^ 4], &whole[121..]].concat()),
        seed("no-magic", 0, RAW, b"antfarm<and more"),
        seed("huge-length", 0, RAW, &[&raw(&[&header, &woke])[..], &[0xff; 20]].concat()),
        seed("raft-woke", 1, RAW, &raw(&[&header, &woke, &stopped])),
        seed("node-woke", 2, RAW, &raw(&[&header, &woke, &stopped])),
        seed("made-up", 0, MADE_UP, &lengths(&[&header, &woke, &asked, &heard, &panicked])),
        seed("made-up-raft", 1, MADE_UP, &lengths(&[&header, &woke, &woke])),
        seed("made-up-node", 2, MADE_UP, &lengths(&[&header, &woke, &woke, &stopped])),
        seed("made-up-foreign", 0, MADE_UP, &lengths(&[&header, &woke, b"\x09what"])),
        seed("made-up-later-format", 0, MADE_UP, &lengths(&[b"\xff\0\0\0later", &woke])),
        seed("recorded", 0, RECORDED, &[0, 0, 0, 1, 3, 5, 1, 2, 3, 4, 5, 2, 9, 1, 0, 1, 77, 3, 0]),
        seed("recorded-and-cut", 0, RECORDED, &[40, 0, 0, 1, 3, 5, 1, 2, 3, 4, 5, 2, 9, 1, 0, 1, 77, 3, 0]),
    ]
}
