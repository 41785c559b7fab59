//! Scenario files: strict TOML that says what runs, what goes wrong, and what must hold.
//!
//! A [`Scenario`] is what a file says; a [`Registry`] gives it its machine; [`Staged::run`] runs one seed of it and gives a
//! [`Report`]; a [`Tally`] over many of them says whether all held, and whether that was worth anything. To bring a machine,
//! implement [`Subject`].
//!
//! Everything that can be wrong with a file is found before anything runs, with file, line, column and the nearest valid name.
//! Ranges are drawn per seed from streams named by what their row says, so that rows do not disturb each other.

mod ask_row;
mod draft;
mod echo;
mod fault_row;
mod head;
mod key;
mod nodes;
mod ordinals;
mod print;
mod quantity;
mod read;
mod registry;
mod report;
mod saved;
mod schema;
mod search;
mod section;
mod shrink;
mod simpler;
mod staged;
mod subject;
mod tally;
mod verb;

pub use antfarm_strict::{Complaint, Trouble, Troubles};
pub use echo::Echoes;
pub use head::{Saved, Scenario};
pub use key::{Form, Key, Unit};
pub use nodes::Nodes;
pub use print::{fault_row, fault_rows};
pub use quantity::Spread;
pub use read::{Group, Swarm, When};
pub use registry::{Known, Registry};
pub use report::{Count, Report, RowCount, Violated};
pub use schema::schema;
pub use search::{Bounds, Search};
pub use section::Section;
pub use shrink::{Shrunk, Size, Unshrinkable, shrink};
pub use staged::{Followed, Look, Staged};
pub use subject::{Cast, Recipe, Subject, Teller};
pub use tally::{Conclusion, Inert, Tally, Unshown};
