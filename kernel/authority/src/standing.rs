//! Standing: each giver's word that a writ was not revoked, and how long that may be relied on.
//!
//! Rule kept: *revocation has a bound*. Whoever gave a writ, or one that it descends from, can revoke it. An effect under it
//! is sent only while each of these givers has answered an inquiry about this very writ that was made less than the writ's
//! freshness ago. Whatever the network does, a revoked writ's last effect is sent at most [`revocation_bound`] after the
//! revocation, in true time, as long as the holder's monotonic clock drifts at most [`MAX_DRIFT`].
//!
//! The age is counted from the *inquiry*, which nobody can have answered before. It is measured by the holder's
//! monotonic clock, whose readings never leave the node: an inquiry is sent as a number, and the reading is kept beside it.
//! A restart begins a new epoch, in which nothing was asked yet.

use crate::chain::Granted;
use crate::revocation::Revocations;
use crate::writ::WritId;
use alloc::collections::{BTreeMap, VecDeque};
use antfarm_identity::{Codec, Domain, PublicKey, Signature, Signer, to_bytes};
use antfarm_machine::{MAX_DRIFT, MAX_SKEW, Mono, Now, Span, Wall, reached};

const STANDING: Domain = Domain::new("antfarm 2026 authority standing");

/// The most standings that a node follows: one for each giver of each writ.
pub const MAX_WATCHED: usize = 1 << 16;

/// The most inquiries to one giver about one writ that may wait for an answer. A further one replaces the one that stands closest between
/// its neighbours, so that those that wait reach far back: however long an answer is under way, some inquiry waits for it.
pub const MAX_INQUIRIES: usize = 8;

/// A question to who gave a writ, or one that it descends from: does it stand?
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Inquiry {
    /// The writ.
    pub writ: WritId,
    /// Who is asked.
    pub giver: PublicKey,
    /// The key of the node that asks.
    pub holder: PublicKey,
    /// Which of that node's starts it is.
    pub epoch: u64,
    /// Which inquiry since that start.
    pub number: u64,
}

/// That a writ stood, as far as its giver knew, when this inquiry was answered: signed by that giver.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Standing {
    /// What was asked.
    pub inquiry: Inquiry,
    /// Of the inquiry's encoding, in the colony.
    pub signature: Signature,
}

impl Standing {
    /// Answers, for a giver who knows of these revocations.
    ///
    /// # Errors
    ///
    /// See [`NotStanding`].
    pub fn answer(inquiry: Inquiry, writ: &Granted, dead: &Revocations, signer: &Signer) -> Result<Self, NotStanding> {
        if inquiry.writ != writ.id() {
            return Err(NotStanding::OtherWrit);
        }
        if signer.public() != inquiry.giver || !writ.gives(&inquiry.giver) {
            return Err(NotStanding::NotGiver);
        }
        match dead.first_dead(writ) {
            Some(writ) => Err(NotStanding::Revoked { writ }),
            // INVARIANT(forgotten-is-over): a revocation that was forgotten gives no standing.
            None if dead.is_over(writ) => {
                reached!("authority.standing_after_end");
                Err(NotStanding::Over)
            }
            None if dead.is_full() => {
                reached!("authority.revocations_full");
                Err(NotStanding::Full)
            }
            None => Ok(Self { inquiry, signature: signer.sign(STANDING, writ.body().grant.colony, &to_bytes(&inquiry)) }),
        }
    }
}

/// Why an inquiry gets no standing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum NotStanding {
    /// It asks about another writ.
    OtherWrit,
    /// Somebody else is asked, or whoever is asked gave neither the writ nor one that it descends from.
    NotGiver,
    /// The writ, or one that it descends from, is dead.
    Revoked {
        /// That one.
        writ: WritId,
    },
    /// The writ's window ended so long ago that the giver may have forgotten a revocation.
    Over,
    /// The giver knows of so many revocations that it cannot take another.
    Full,
}

/// What the holder of writs knows about their standing, since its start.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Standings {
    holder: PublicKey,
    epoch: u64,
    next: u64,
    watched: BTreeMap<(WritId, PublicKey), Watch>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Watch {
    /// Inquiries that were not answered, the oldest first: their numbers, and when they were made.
    asked: VecDeque<(u64, Mono)>,
    /// When the newest inquiry was made that was answered.
    stood: Option<Mono>,
}

impl Watch {
    /// INVARIANT(answers-are-awaited): were the oldest replaced, and inquiries made faster than answers come, none would ever be taken.
    fn make_room(&mut self, now: Mono) {
        if self.asked.len() < MAX_INQUIRIES {
            return;
        }
        let made = |nth: usize| self.asked.get(nth).map_or(now, |(_, made)| *made);
        let crowded = (1..self.asked.len()).min_by_key(|nth| made(nth + 1).since(made(nth - 1)));
        crowded.and_then(|nth| self.asked.remove(nth));
    }
}

impl Standings {
    /// Nothing is known: the state after each start. `epoch` must differ between any two starts of this node.
    pub const fn new(holder: PublicKey, epoch: u64) -> Self {
        Self { holder, epoch, next: 0, watched: BTreeMap::new() }
    }

    /// The node.
    pub const fn holder(&self) -> PublicKey {
        self.holder
    }

    /// Makes an inquiry about a writ, to be sent to one of [`Granted::givers`].
    ///
    /// # Errors
    ///
    /// When [`MAX_WATCHED`] are followed already, and this is another.
    pub fn inquire(&mut self, writ: WritId, giver: PublicKey, now: Mono) -> Result<Inquiry, TooManyWatched> {
        let pair = (writ, giver);
        if self.watched.len() >= MAX_WATCHED && !self.watched.contains_key(&pair) {
            return Err(TooManyWatched);
        }
        let watch = self.watched.entry(pair).or_default();
        watch.make_room(now);
        let number = self.next;
        self.next += 1;
        watch.asked.push_back((number, now));
        Ok(Inquiry { writ, giver, holder: self.holder, epoch: self.epoch, number })
    }

    /// Whether an inquiry to this giver about this writ waits for an answer.
    pub fn awaits(&self, writ: WritId, giver: PublicKey) -> bool {
        self.watched.get(&(writ, giver)).is_some_and(|it| !it.asked.is_empty())
    }

    /// Takes an answer in; `writ` is the one that it is about.
    ///
    /// # Errors
    ///
    /// See [`StandingRefusal`].
    pub fn take(&mut self, standing: &Standing, writ: &Granted) -> Result<(), StandingRefusal> {
        let Inquiry { writ: about, giver, holder, epoch, number } = standing.inquiry;
        if about != writ.id() {
            return Err(StandingRefusal::OtherWrit);
        }
        if holder != self.holder {
            return Err(StandingRefusal::OtherHolder);
        }
        if epoch != self.epoch {
            return Err(StandingRefusal::OtherEpoch);
        }
        if !writ.gives(&giver) {
            return Err(StandingRefusal::NotGiver);
        }
        let watch = self.watched.get_mut(&(about, giver)).ok_or(StandingRefusal::NotAsked)?;
        let (_, made) = *watch.asked.iter().find(|(it, _)| *it == number).ok_or(StandingRefusal::NotAsked)?;
        let statement = to_bytes(&standing.inquiry);
        let verified = giver.verify(STANDING, writ.body().grant.colony, &statement, &standing.signature);
        verified.map_err(|_| StandingRefusal::Signature)?;
        // Older inquiries are of no more use; so `stood` never goes back.
        watch.asked.retain(|(it, _)| *it > number);
        assert!(watch.stood.is_none_or(|it| it <= made), "inquiries are made in order");
        watch.stood = Some(made);
        Ok(())
    }

    /// Whether an effect under this writ may be sent now. To be asked in the very step that sends it.
    ///
    /// # Errors
    ///
    /// The first of [`Granted::givers`] whose word is missing or too old.
    pub fn check(&self, writ: &Granted, now: Mono) -> Result<(), NoStanding> {
        self.left(writ, now).map(drop)
    }

    /// Until when an effect under this writ may still *happen*, if it is sent now and no giver is heard again: the time that is
    /// left of the oldest word, from the node's wall clock on, and never past the end of the writ's window.
    ///
    /// [`Standings::check`] bounds when an effect is sent; a message may be under way for any time after that. A tool that does
    /// nothing past the deadline, by its own wall clock, bounds the effect itself: a revoked writ's last one happens at most
    /// [`deadline_bound`] after the revocation, in true time, and at most twice [`MAX_SKEW`] after the end of the window.
    ///
    /// # Errors
    ///
    /// As [`Standings::check`].
    pub fn deadline(&self, writ: &Granted, now: Now) -> Result<Wall, NoStanding> {
        let left = self.left(writ, now.mono)?;
        Ok(ending(writ, now.wall + left))
    }

    /// How long each giver's word can still be relied on, by the node's monotonic clock.
    fn left(&self, writ: &Granted, now: Mono) -> Result<Span, NoStanding> {
        let usable = usable(writ.body().grant.freshness);
        let mut left = usable;
        for giver in writ.givers() {
            match self.watched.get(&(writ.id(), giver)).and_then(|it| it.stood) {
                None => return Err(NoStanding { giver, lapsed: false }),
                Some(made) if now.since(made) > usable => return Err(NoStanding { giver, lapsed: true }),
                Some(made) => left = left.min(usable - now.since(made)),
            }
        }
        Ok(left)
    }

    /// Follows a writ no longer.
    pub fn forget(&mut self, writ: &Granted) {
        for giver in writ.givers() {
            self.watched.remove(&(writ.id(), giver));
        }
    }
}

impl Standings {
    /// Follows only those writs any more of which `keep` is true. What is asked for again later is asked anew.
    pub fn retain(&mut self, keep: impl Fn(WritId) -> bool) {
        self.watched.retain(|(writ, _), _| keep(*writ));
    }

    /// How many writs and givers are followed.
    pub fn watched(&self) -> usize {
        self.watched.len()
    }
}

/// Which writs stand, to whoever compiles: what the holder heard, or what a record says that it heard.
pub trait Stands {
    /// The node whose word it is.
    fn holder(&self) -> PublicKey;

    /// See [`Standings::deadline`].
    ///
    /// # Errors
    ///
    /// The first giver whose word is missing or too old.
    fn deadline(&self, writ: &Granted, now: Now) -> Result<Wall, NoStanding>;
}

impl Stands for Standings {
    fn holder(&self) -> PublicKey {
        self.holder()
    }

    fn deadline(&self, writ: &Granted, now: Now) -> Result<Wall, NoStanding> {
        self.deadline(writ, now)
    }
}

/// [`MAX_WATCHED`] are followed already.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct TooManyWatched;

/// A writ does not stand, as far as is known here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct NoStanding {
    /// Whose word is missing.
    pub giver: PublicKey,
    /// Whether there once was one, since the start of this node.
    pub lapsed: bool,
}

/// Why an answer was not taken. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub enum StandingRefusal {
    /// It is about another writ.
    OtherWrit,
    /// Another node asked.
    OtherHolder,
    /// It was asked before this node's last start.
    OtherEpoch,
    /// Whoever says so gave neither the writ nor one that it descends from.
    NotGiver,
    /// It was not asked, or was answered, or a newer inquiry was.
    NotAsked,
    /// The giver did not sign it.
    Signature,
}

/// The longest that a writ of this freshness can act after it was revoked, in true time: freshness x (1 + [`MAX_DRIFT`]).
///
/// ```
/// use antfarm_authority::revocation_bound;
/// use antfarm_machine::Span;
/// assert_eq!(revocation_bound(Span::from_secs(10)), Span::from_millis(10_010));
/// ```
pub const fn revocation_bound(freshness: Span) -> Span {
    scaled(freshness, PPM + drift(), PPM)
}

/// The longest that a writ of this freshness can have irreversible effects after it was revoked, in true time, if its tools keep
/// their deadlines ([`Standings::deadline`]): [`revocation_bound`] and twice [`MAX_SKEW`], since the deadline is written by one
/// wall clock and read by another.
///
/// ```
/// use antfarm_authority::deadline_bound;
/// use antfarm_machine::Span;
/// assert_eq!(deadline_bound(Span::from_secs(10)), Span::from_millis(11_010));
/// ```
pub fn deadline_bound(freshness: Span) -> Span {
    revocation_bound(freshness) + MAX_SKEW.times(2)
}

/// The latest that [`Standings::deadline`] can be at this wall time, whatever was heard.
pub fn latest_deadline(writ: &Granted, at: Wall) -> Wall {
    ending(writ, at + usable(writ.body().grant.freshness))
}

/// Not past the end of the writ's window.
fn ending(writ: &Granted, until: Wall) -> Wall {
    until.min(writ.body().grant.window.expires_at())
}

/// How old a standing may be, by the holder's clock: freshness x (1 - [`MAX_DRIFT`]^2). The slowest clock, which runs at
/// 1 - [`MAX_DRIFT`], then still keeps to freshness x (1 + [`MAX_DRIFT`]) of true time. Rounded down.
const fn usable(freshness: Span) -> Span {
    scaled(freshness, PPM * PPM - drift() * drift(), PPM * PPM)
}

const PPM: u128 = 1_000_000;

const fn drift() -> u128 {
    MAX_DRIFT.0.unsigned_abs() as u128
}

const fn scaled(span: Span, by: u128, over: u128) -> Span {
    let scaled = span.as_nanos() as u128 * by / over;
    if scaled > u64::MAX as u128 {
        return Span::MAX;
    }
    #[expect(clippy::cast_possible_truncation, reason = "compared just above; `try_from` is not const")]
    Span::from_nanos(scaled as u64)
}
