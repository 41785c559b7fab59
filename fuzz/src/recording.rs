//! Target `recording`: recordings that were cut, damaged or made up.
//!
//! The first byte says of which machine the entries are: a small one of this file, Raft's or the colony's node; the second what the rest
//! is: the bytes of a recording, payloads that are framed here with checks that hold, or what the small machine is asked while it is
//! recorded. Held:
//!
//! - Reading ends in entries and, unless the last of them ends the recording, in one typed tail, which says where it stands.
//! - Every prefix reads as a prefix of the entries; a cut header as no recording.
//! - One changed byte: the entries before it are the same, and the tail stands where it is.
//! - An entry has one encoding. What was recorded replays to the same effects, up to where it was cut.

use crate::Met;
use crate::draw::Draw;
use antfarm_identity::{Fold, to_bytes};
use antfarm_machine::{Clock, Driver, Effects, Input, Machine, Network, Now, Observer, PeerId, Request, Span, Storage};
use antfarm_recording::{Entry, Header, Recordable, Recording, Replayed, Scribe, Tail, Why, replay};

/// Bytes of a frame before its payload.
const HEAD: usize = 12;

/// Prefixes that are read at most, of each input.
const PREFIXES: usize = 40;

/// Reads a recording.
///
/// Panics when a guarantee of the reader is broken.
pub fn recording(input: &[u8]) -> Met {
    let [machine, kind, rest @ ..] = input else { return Met::Refused };
    let bytes = match kind % 3 {
        0 => rest.to_vec(),
        1 => made_up(rest),
        _ => return recorded(rest),
    };
    match machine % 3 {
        0 => read::<Small>(&bytes),
        1 => read::<antfarm_raft::Node>(&bytes),
        _ => read::<antfarm_node::Node>(&bytes),
    }
}

fn read<M: Recordable>(bytes: &[u8]) -> Met {
    let recording = match Recording::open(bytes) {
        Ok(recording) => recording,
        Err(unreadable) => {
            assert!(!unreadable.to_string().is_empty(), "{unreadable:?} says nothing");
            return Met::Refused;
        }
    };
    let (entries, tail) = all::<M>(&recording, bytes);
    // Where each frame begins, the header's included.
    let header = 8 + HEAD + to_bytes(recording.header()).len();
    let mut starts = vec![8, header];
    for entry in &entries {
        let payload = to_bytes(entry);
        let start = starts[starts.len() - 1];
        assert_eq!(bytes.get(start + HEAD..start + HEAD + payload.len()), Some(&payload[..]), "{entry:?} has two encodings");
        starts.push(start + HEAD + payload.len());
    }
    if let Some(tail) = tail {
        assert_eq!(Some(&tail.offset), starts.last(), "a tail stands behind the last entry");
    }
    for nth in 0..=PREFIXES {
        let cut = if bytes.len() <= PREFIXES { nth.min(bytes.len()) } else { bytes.len() * nth / PREFIXES };
        same_up_to::<M>(&bytes[..cut], &entries, &starts, cut);
        // What lies behind was no entry; a change may make it one.
        if let Some(byte) = bytes.get(cut).filter(|_| starts.last().is_some_and(|end| cut < *end)) {
            let mut damaged = bytes.to_vec();
            damaged[cut] = byte.wrapping_add(1 + u8::try_from(nth).unwrap_or(0));
            same_up_to::<M>(&damaged, &entries, &starts, cut);
        }
    }
    if entries.is_empty() { Met::Refused } else { Met::Taken }
}

/// All entries, and how they stop where no entry says it.
fn all<M: Recordable>(recording: &Recording<'_>, bytes: &[u8]) -> (Vec<Entry<M>>, Option<Tail>) {
    let mut entries: Vec<Entry<M>> = Vec::new();
    let mut read = recording.entries::<M>();
    let mut tail = None;
    for entry in read.by_ref() {
        assert_eq!(tail, None, "nothing follows a tail");
        match entry {
            Ok(entry) => entries.push(entry),
            Err(why) => tail = Some(why),
        }
    }
    assert!(read.next().is_none(), "what is over is over");
    let ended = matches!(entries.last(), Some(Entry::Panicked { .. } | Entry::Overrun | Entry::Stopped));
    match tail {
        None => assert!(ended, "a recording without an end has a tail"),
        Some(Tail { entries: number, offset, why }) => {
            assert_eq!(number, entries.len() as u64, "a tail counts the entries before it");
            assert_eq!(ended, why == Why::Trailing, "{why:?}");
            assert_eq!(offset == bytes.len(), why == Why::Ended, "{why:?} at {offset} of {}", bytes.len());
            assert!(!Tail { entries: number, offset, why }.to_string().is_empty(), "{why:?} says nothing");
        }
    }
    (entries, tail)
}

/// `bytes` are the recording up to `same`, and then end or are others.
fn same_up_to<M: Recordable>(bytes: &[u8], entries: &[Entry<M>], starts: &[usize], same: usize) {
    let whole = starts.iter().skip(1).filter(|start| **start <= same).count();
    let Ok(recording) = Recording::open(bytes) else {
        return assert_eq!(whole, 0, "the header is whole, and refused");
    };
    assert!(whole > 0, "the header is not whole, and taken");
    let (found, tail) = all::<M>(&recording, bytes);
    let same_entries = whole - 1;
    assert_eq!(found.get(..same_entries), entries.get(..same_entries), "what is whole reads as it did");
    assert_eq!(found.len(), same_entries, "what is not whole is no entry");
    if starts.last() != Some(&same) {
        assert!(tail.is_some(), "part of an entry is lost, and nobody says so");
    }
}

/// Frames around payloads, the first of which is the header's: a length of one byte, and so many bytes.
fn made_up(rest: &[u8]) -> Vec<u8> {
    let mut draw = Draw::new(rest);
    let mut bytes = b"antfarm>".to_vec();
    for number in 0_u64.. {
        if draw.is_empty() {
            break;
        }
        let length = usize::from(draw.byte());
        frame(number, draw.bytes(length), &mut bytes);
    }
    bytes
}

/// A frame whose check holds.
pub(crate) fn frame(number: u64, payload: &[u8], out: &mut Vec<u8>) {
    let mut fold = Fold::new();
    fold.absorb_u64(number);
    fold.absorb(payload);
    out.extend_from_slice(&u32::try_from(payload.len()).expect("a short payload").to_le_bytes());
    out.extend_from_slice(&fold.value().to_le_bytes());
    out.extend_from_slice(payload);
}

/// Records the small machine, cuts what was recorded, and replays it: first what is cut off, then what is asked.
fn recorded(rest: &[u8]) -> Met {
    let mut draw = Draw::new(rest);
    let cut = usize::from(draw.word());
    let (mut driver, mut ports, mut machine) = (Driver::new(), Ports(0), Small::default());
    let mut bytes = Vec::new();
    let mut scribe = Scribe::new(&Header { machine: "small".to_owned(), setup: Vec::new() }, &mut bytes);
    let mut ends = vec![bytes.len()];
    while !draw.is_empty() {
        let input = match draw.byte() % 4 {
            0 => Input::Woke { incarnation: draw.byte().into() },
            1 => Input::Rang(draw.byte()),
            2 => Input::Heard { from: PeerId::new(draw.byte().into()), message: draw.word().into() },
            _ => {
                let length = draw.byte();
                Input::Asked(draw.bytes(length.into()).to_vec())
            }
        };
        scribe.turn(&mut driver, &mut machine, &mut ports, input, &mut bytes);
        ends.push(bytes.len());
    }
    let steps = ends.len() as u64 - 1;
    scribe.stopped(&mut bytes);
    let whole = Recording::open(&bytes).expect("a recording begins as one");
    let mut last = None;
    let replayed = replay(&Small::default(), &whole, |turn| last = Some(turn.machine.clone()));
    assert_eq!(replayed, Replayed::Stopped { steps }, "what was recorded replays");
    assert!(steps == 0 || last == Some(machine), "the replayed machine is the one that was recorded");
    let cut = bytes.len() - cut.min(bytes.len() - ends[0]);
    let part = Recording::open(&bytes[..cut]).expect("the header is whole");
    let left = ends.iter().filter(|end| **end <= cut).count() as u64 - 1;
    match replay(&Small::default(), &part, |_| ()) {
        Replayed::Stopped { steps } => assert!(cut == bytes.len() && left == steps, "{steps} of {left} steps"),
        Replayed::Torn { steps, tail } => {
            assert_eq!((steps, tail.entries), (left, left), "what is whole replays");
            assert!(matches!(tail.why, Why::Ended | Why::Cut), "{tail}");
        }
        other @ (Replayed::Panicked { .. } | Replayed::Overrun { .. } | Replayed::Left { .. } | Replayed::Parted { .. }) => {
            panic!("{other:?}")
        }
    }
    if steps == 0 { Met::Refused } else { Met::Taken }
}

/// A machine that takes anything, and does a little of everything.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Small(u64);

impl Machine for Small {
    type Ask = Vec<u8>;
    type Message = u64;
    type Timer = u8;
    type Notice = u64;

    fn step(&mut self, now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        self.0 = self.0.wrapping_mul(31).wrapping_add(now.mono.as_nanos());
        match input {
            Input::Woke { incarnation } => out.tell(incarnation),
            Input::Asked(bytes) => {
                for byte in bytes {
                    self.0 = self.0.wrapping_mul(31).wrapping_add(byte.into());
                    out.send(PeerId::new(byte.into()), self.0);
                }
            }
            Input::Heard { from, message } => {
                self.0 ^= message;
                out.send(from, self.0);
            }
            Input::Stored(_) => {}
            Input::Rang(timer) => {
                out.arm(timer, Span::from_nanos(self.0 % 1000));
                out.disarm(timer / 2);
            }
        }
    }
}

/// A clock that ticks, and nothing else.
struct Ports(u64);

impl Clock<u8> for Ports {
    fn now(&mut self) -> Now {
        self.0 += 1;
        Now { mono: antfarm_machine::Mono::from_nanos(self.0), ..Now::ZERO }
    }
    fn arm(&mut self, _: u8, _: Span) {}
    fn disarm(&mut self, _: &u8) {}
}
impl Network<u64> for Ports {
    fn send(&mut self, _: PeerId, _: u64) {}
}
impl Storage for Ports {
    fn submit(&mut self, _: Request) {}
}
impl Observer<u64> for Ports {
    fn tell(&mut self, _: u64) {}
}
