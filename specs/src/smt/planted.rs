//! Bugs that can be planted in the encoding. Tests plant each of them and see that what they hold does not hold any more.

/// A bug. Nothing but tests plants one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Planted {
    /// Guards and constraints are not part of a step: what they keep out is let in.
    GuardDropped,
    /// Nobody asks whether an invariant holds at first.
    BaseDropped,
    /// Actions that stay in their state are not looked at.
    LoopsSkipped,
    /// Taking from a counter does not stop at 0, and is refused below it.
    CountersGoOn,
    /// Integers are looked at from -2 to 2 only.
    NumbersBounded,
}

impl Planted {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::GuardDropped, Self::BaseDropped, Self::LoopsSkipped, Self::CountersGoOn, Self::NumbersBounded];
}
