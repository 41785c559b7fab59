//! Ledgers that somebody else wrote, read without trusting them.
//!
//! [`folder`] finds them and reads them in constant memory; [`survey`] learns who keeps which and whom their writs come from;
//! [`trial`] folds each and judges every fact; [`finding`] says what is wrong, [`sentence`] what happened, in [`words`].

pub(crate) mod finding;
pub(crate) mod folder;
pub(crate) mod names;
pub(crate) mod sentence;
pub(crate) mod survey;
pub(crate) mod trial;
pub(crate) mod words;
