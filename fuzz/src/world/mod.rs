//! Target `world`: bytes as the choices of a world, by the walk [`Wander`].
//!
//! The first byte says which world: three Raft servers and a client, or two keepers of ledgers. The next bytes are asks and a budget
//! of trouble, the rest picks. Held in both:
//!
//! - No machine panics, and no oracle objects.
//! - What happened can be recorded, and the recording replays in a new world, digest by digest.
//! - Every message under way encodes and decodes to itself.

mod keepers;
mod raft;

use crate::Met;
use crate::draw::Draw;
use antfarm_identity::{from_bytes, to_bytes};
use antfarm_sim::{Budget, Choice, Failure, Nobody, Recorder, Replay, Simulated, Verdict, Wander, World};

/// The most choices of one input.
const PICKS: usize = 600;

/// What a pick of this or more means: no choice of its own, but some ordinary steps, so that few bytes lead far.
const ORDINARY: u8 = 240;

/// Lets the bytes choose what happens in a world.
///
/// Panics when a guarantee of the world, or of the machines in it, is broken.
pub fn world(input: &[u8]) -> Met {
    let mut draw = Draw::new(input);
    match draw.byte() % 2 {
        0 => raft::wander(draw),
        _ => keepers::wander(draw),
    }
}

/// Trouble enough for interesting walks, too little to drown in.
fn budget(draw: &mut Draw<'_>) -> Budget {
    let (first, second) = (draw.byte(), draw.byte());
    Budget { crashes: first % 8, losses: first / 8, copies: second % 8, failures: second / 8 % 8, ..Budget::default() }
}

/// Walks as the bytes say; `holds` is asked after each step.
fn walk<M: Simulated>(
    mut wander: Wander<M, Nobody>,
    draw: &mut Draw<'_>,
    holds: impl Fn(&World<M, Nobody>),
) -> Wander<M, Nobody> {
    let mut left = PICKS;
    while left > 0 && !draw.is_empty() {
        let pick = draw.byte();
        let steps = usize::from(pick.saturating_sub(ORDINARY)) + 1;
        for _ in 0..steps.min(left) {
            let at = match pick {
                ORDINARY.. => ordinary(wander.open()),
                pick => Some(u64::from(pick)),
            };
            let Some(at) = at else { break };
            match wander.pick(at) {
                Ok(true) => holds(wander.world()),
                Ok(false) => return wander,
                Err(failure) => broken(&wander, &failure),
            }
        }
        left -= steps.min(left);
    }
    wander
}

/// The first choice that is neither trouble nor an alarm.
fn ordinary(open: &[Choice]) -> Option<u64> {
    let is_ordinary = |choice: &Choice| match choice {
        Choice::Deliver(_) | Choice::Sync(_, _, Verdict::Honest) | Choice::Ask(_) | Choice::Start(_) => true,
        Choice::Lose(_)
        | Choice::Copy(_)
        | Choice::Corrupt(..)
        | Choice::Ring(..)
        | Choice::Sync(..)
        | Choice::Crash(_)
        | Choice::Tear(..)
        | Choice::Replace(_)
        | Choice::Rot(..)
        | Choice::Clock(..) => false,
    };
    // Disks first, as they are faster than messages.
    let sync = open.iter().position(|choice| matches!(choice, Choice::Sync(_, _, Verdict::Honest)));
    sync.or_else(|| open.iter().position(is_ordinary)).map(|at| at as u64)
}

fn broken<M: Simulated>(wander: &Wander<M, Nobody>, failure: &Failure) -> ! {
    panic!("{failure}\n{}", wander.story())
}

/// What holds of any walk at its end. `start` is the world as the walk found it.
fn conclude<M: Simulated>(wander: &Wander<M, Nobody>, start: World<M, Nobody>, booted: usize) -> Met {
    for (_, flight) in wander.world().flights() {
        let again = from_bytes::<M::Message>(&to_bytes(&flight.message));
        assert_eq!(again.as_ref(), Ok(&flight.message), "a message is not what its encoding says");
    }
    let recording = wander.recording();
    let steps = recording.steps.len();
    if let Err(parting) = Replay::new(start, recording, Recorder::Off).run(None) {
        panic!("a walk does not replay: {parting}\n{}", wander.story());
    }
    if steps > booted { Met::Taken } else { Met::Refused }
}
