//! All entities of one home, with what is on its way between them: the machine that production, simulator, model checker and property
//! tests run.
//!
//! A [`Suite`] is the tables of all types, checked together. [`Entities`] is a state; [`Entities::step`] says what a [`Move`] does to it,
//! as a [`Step`], which is plain data that can be recorded; [`Entities::apply`] folds it. Pure: times and fresh ids come in as data.
//!
//! What an action sets going, its *reactions* (entity triggers and spawns), happens in the same step where the target has the same home:
//! one after the other, in the order in which they fired, at most [`MOST_DEPTH`] deep. Beyond that depth the whole step is refused. A
//! reaction that its target refuses takes nothing back; it is [`Happened::Dropped`], with the refusal. A trigger for another home becomes a
//! [`Delivery`], which waits until that home says that it recorded it; that home applies each once, by its number.
//!
//! The home of an entity is what follows the last `@` of its id, and the empty home where there is none. An entity never moves. What
//! another home's entity says cannot be read here: a guard that does so refuses the action, and so does what would put the id of such an
//! entity into a variable with `home = "same"`.
//!
//! Which home an entity has is part of its id, so whether a guard asks another home is known when ids are, not when a suite is made: the
//! step decides it, by [`Refused::Apart`] and [`Refused::Placed`]. What a suite can know, it refuses ([`Suite::new`]): a variable with `home
//! = "reserved"`, since nothing reserves what an entity of another home says.
//!
//! A timeout is armed when its state is entered, disarmed when it is left, armed anew by `reset_on`, and rings at most `max_occurrences`
//! times in the life of an entity. An action without a `to`, or that leads to the state that it came from, neither leaves nor enters.
//! Scheduled actions are alarms, too: one for each entity and action, so that scheduling it again replaces it.
//!
//! Deliberately not here: clocks, who may take which action, and what triggers set going outside (which is noted, not run).

mod alarms;
mod fit;
mod held;
mod home;
mod react;
mod refused;
mod rename;
mod run;
mod step;
mod suite;

pub use fit::Misfit;
pub use held::{Armed, Held};
pub use home::{Entities, MOST_ENTITIES, MOST_KEYS, MOST_WAITING, Outbox, Remembered, Surroundings, home_of};
pub use refused::Refused;
pub use run::{MOST_DEPTH, MOST_FRESH, MOST_HAPPENED};
pub use step::{Act, Alarm, Asked, Cause, Delivery, Dropped, Happened, Key, Move, Ringing, Step, Who};
pub use suite::Suite;
