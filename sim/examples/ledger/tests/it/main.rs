//! The subject `ledger`, tested at its boundary: what scenarios may say, that sound keepers pass, and that each oracle can fail.

mod campaign;
mod flawed;
mod shown;
mod words;
